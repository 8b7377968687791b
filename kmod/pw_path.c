// SPDX-License-Identifier: GPL-2.0
/*
 * The way to a pseudowire's remote PE: the kernel's route, with the labels that it
 * pushes, whoever made it. From it come the device's carrier and MTU.
 */
#include <linux/hash.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/route.h>
#include "compat.h"
#include "netlink.h"
#include "pw.h"
#include "stamp.h"

/* How often carrier and MTU are looked after. */
#define PERIOD	HZ

/*
 * The kernel hashes this number once more, and shares the results out among the next
 * hops. It must not be 0. With the same numbers for all, all pseudowires to a PE
 * would prefer the same next hop.
 */
static struct dst_entry *ask4(const struct lh_pw_setup *setup, unsigned int i)
{
	struct flowi4 fl4 = {
		.daddr = setup->remote.ip4,
		.flowi4_multipath_hash = (hash32_ptr(setup->pw) + i) | BIT(31),
	};
	struct rtable *rt = ip_route_output_key(setup->pw->ln->net, &fl4);

	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_type != RTN_UNICAST) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

static struct dst_entry *ask6(const struct lh_pw_setup *setup, unsigned int i)
{
	struct flowi6 fl6 = {
		.daddr = setup->remote.ip6,
		/* 0 would be made of the addresses. The hash has 31 bits. */
		.mp_hash = 1 + i * (S32_MAX / LH_PATHS),
	};
	struct dst_entry *dst = ip6_route_output(setup->pw->ln->net, NULL, &fl6);

	if (dst->error || ((struct rt6_info *)dst)->rt6i_flags &
			  (RTF_REJECT | RTF_LOCAL | RTF_ANYCAST)) {
		dst_release(dst);
		return NULL;
	}
	return dst;
}

static struct lh_route *ask(const struct lh_pw_setup *setup, unsigned int i)
{
	struct lh_route *route = kmalloc(sizeof(*route), GFP_ATOMIC);
	bool ip4 = setup->remote.family == AF_INET;

	if (!route)
		return ERR_PTR(-ENOMEM);
	route->dst = ip4 ? ask4(setup, i) : ask6(setup, i);
	if (!route->dst) {
		kfree(route);
		return ERR_PTR(-ENETUNREACH);
	}
	route->cookie = ip4 ? 0 : rt6_get_cookie((struct rt6_info *)route->dst);
	return route;
}

/*
 * Packets may still be on their way by the one that was there: it stays for a grace
 * period, and so does what dst_release() frees.
 */
static void replace(struct lh_route __rcu **where, struct lh_route *route)
{
	struct lh_route *before;

	before = unrcu_pointer(xchg(where, RCU_INITIALIZER(route)));
	if (!before)
		return;
	dst_release(before->dst);
	kfree_rcu(before, rcu);
}

static struct dst_entry *find(struct lh_pw_setup *setup, unsigned int i)
{
	struct lh_route *route = rcu_dereference(setup->routes[i]);

	if (route && dst_check(route->dst, route->cookie))
		return route->dst;
	route = ask(setup, i);
	replace(&setup->routes[i], IS_ERR(route) ? NULL : route);
	return IS_ERR(route) ? ERR_CAST(route) : route->dst;
}

static void nexthop4(const struct lh_pw_setup *setup, const struct rtable *rt,
		     struct lh_path *path)
{
	path->table = rt->rt_gw_family == AF_INET6 ? NEIGH_ND_TABLE :
						     NEIGH_ARP_TABLE;
	if (rt->rt_gw_family == AF_INET6)
		path->nexthop = &rt->rt_gw6;
	else if (rt->rt_gw_family == AF_INET)
		path->nexthop = &rt->rt_gw4;
	else
		path->nexthop = &setup->remote.ip4;
}

static void nexthop6(const struct lh_pw_setup *setup, const struct rt6_info *rt,
		     struct lh_path *path)
{
	const struct in6_addr *via = rt6_nexthop(rt, &setup->remote.ip6);

	/* The next hop of an IPv6 route may be an IPv4 one, RFC 4798. */
	if (ipv6_addr_v4mapped(via)) {
		path->table = NEIGH_ARP_TABLE;
		path->nexthop = &via->s6_addr32[3];
		return;
	}
	path->table = NEIGH_ND_TABLE;
	path->nexthop = via;
}

/*
 * Is the next hop the remote PE itself? What the kernel knows of it is the address:
 * that of another of its interfaces can't be told from a router's.
 */
static bool is_next_door(const struct lh_pw_setup *setup,
			 const struct lh_path *path)
{
	if (setup->remote.family == AF_INET)
		return path->table == NEIGH_ARP_TABLE &&
		       !memcmp(path->nexthop, &setup->remote.ip4, sizeof(__be32));
	return path->table == NEIGH_ND_TABLE &&
	       ipv6_addr_equal(path->nexthop, &setup->remote.ip6);
}

static int find_path(struct lh_pw_setup *setup, unsigned int i,
		     struct lh_path *path)
{
	struct dst_entry *dst = find(setup, i);
	const struct lwtunnel_state *state;

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	state = dst->lwtstate;
	path->dst = dst;
	path->dev = dst_dev(dst);
	/* Any other encapsulation is none of a label switched path. */
	if ((state && state->type != LWTUNNEL_ENCAP_MPLS) ||
	    !(path->dev->flags & IFF_UP) || !netif_carrier_ok(path->dev))
		return -EHOSTUNREACH;
	path->labels = state ? mpls_lwtunnel_encap(dst->lwtstate) : NULL;
	path->mtu = dst_mtu(dst);
	if (setup->remote.family == AF_INET)
		nexthop4(setup, (struct rtable *)dst, path);
	else
		nexthop6(setup, (struct rt6_info *)dst, path);
	/*
	 * To the router in between, the pseudowire's label means something else,
	 * or somebody else's pseudowire.
	 */
	if (!path->labels && setup->tunnel == LABELHOP_TUNNEL_REQUIRED &&
	    !is_next_door(setup, path))
		return -ENOLINK;
	return 0;
}

/*
 * The way of flows whose own can't be used: the one that was found last, or another.
 * Routes are cached, so that this costs little until the carrier goes.
 */
static int spare_path(struct lh_pw_setup *setup, int err, struct lh_path *path)
{
	unsigned int i;

	if (!find_path(setup, READ_ONCE(setup->usable), path))
		return 0;
	for (i = 0; i < LH_PATHS; i++) {
		if (find_path(setup, i, path))
			continue;
		WRITE_ONCE(setup->usable, i);
		return 0;
	}
	return err;
}

/**
 * lh_pw_path - find the way for a flow
 * @setup: the pseudowire
 * @hash: of the flow
 * @path: receives the way
 *
 * To be called under RCU. What is cached is dropped when the kernel's routes change.
 * A flow whose way can't be used takes one that can.
 *
 * Return: 0, -ENETUNREACH if there is no route, -EHOSTUNREACH if it can't be used,
 * -ENOLINK if it has no transport label, or -ENOMEM.
 */
int lh_pw_path(struct lh_pw_setup *setup, u32 hash, struct lh_path *path)
{
	int err = find_path(setup, reciprocal_scale(hash, LH_PATHS), path);

	if (err == -ENOLINK || err == -EHOSTUNREACH)
		return spare_path(setup, err, path);
	return err;
}

/**
 * lh_pw_forget - let go of all routes to the remote PE
 * @setup: the pseudowire, which no packet finds any more
 */
void lh_pw_forget(struct lh_pw_setup *setup)
{
	unsigned int i;

	for (i = 0; i < LH_PATHS; i++)
		replace(&setup->routes[i], NULL);
}

/*
 * A neighbour that never was asked is taken for one that answers. One that does
 * not is asked again: so that several paths can have it, @before is what one that
 * is being asked did before.
 */
static bool answers(const struct lh_path *path, bool *before)
{
	struct neigh_table *table = path->table == NEIGH_ARP_TABLE ? &arp_tbl :
								     &nd_tbl;
	struct neighbour *n = neigh_lookup(table, path->nexthop, path->dev);
	bool yes = true;
	u8 state;

	if (!n)
		return true;
	state = READ_ONCE(n->nud_state);
	if (state & NUD_FAILED) {
		neigh_event_send(n, NULL);
		*before = false;
		yes = false;
	} else if (state & NUD_INCOMPLETE) {
		yes = *before;
	}
	neigh_release(n);
	return yes;
}

/* What a path is good for. */
static enum labelhop_pw_state judge_path(const struct lh_path *path, int err,
					 bool *before)
{
	if (err == -ENOLINK)
		return LABELHOP_PW_NO_TUNNEL;
	if (err)
		return LABELHOP_PW_NO_ROUTE;
	return answers(path, before) ? LABELHOP_PW_UP :
				       LABELHOP_PW_NO_NEIGHBOUR;
}

static int rank(enum labelhop_pw_state state)
{
	static const u8 ranks[] = {
		[LABELHOP_PW_NO_TUNNEL] = 1,
		[LABELHOP_PW_NO_NEIGHBOUR] = 2,
		[LABELHOP_PW_UP] = 3,
	};

	return ranks[state];
}

/*
 * The best of all paths, and the least MTU of those that can be used. Where one
 * flow has no route no other has.
 */
static enum labelhop_pw_state look(struct lh_pw_setup *setup,
				   unsigned int *mtu)
{
	enum labelhop_pw_state state, best = LABELHOP_PW_NO_ROUTE;
	bool before = setup->pw->state != LABELHOP_PW_NO_NEIGHBOUR;
	const struct dst_entry *last = NULL;
	struct lh_path path = {};
	unsigned int i;
	int err;

	*mtu = U32_MAX;
	for (i = 0; i < LH_PATHS; i++) {
		err = find_path(setup, i, &path);
		if (err == -ENETUNREACH)
			break;
		if (err == -ENOMEM || path.dst == last)
			continue;
		last = path.dst;
		if (!err)
			*mtu = min(*mtu, path.mtu);
		state = judge_path(&path, err, &before);
		if (rank(state) > rank(best))
			best = state;
	}
	return best;
}

/*
 * Nobody has to be told of what a device is when it is registered. The kernel does
 * not hurry with carriers of devices that are not up: a hundred a second.
 */
static bool is_new(const struct lh_pw *pw)
{
	return pw->dev->reg_state == NETREG_UNINITIALIZED;
}

/**
 * lh_pw_growth - bytes below the transport labels that are not the frame's
 * @setup: the pseudowire
 *
 * To be called under RCU.
 *
 * Return: their number.
 */
unsigned int lh_pw_growth(const struct lh_pw_setup *setup)
{
	const void *out = rcu_dereference(setup->ends[LABELHOP_DIR_OUT].entry);
	bool stamps = !xa_is_value(out) && !IS_ERR(out);

	return (stamps ? lh_stamp_len(out) : LH_LSE_LEN) +
	       (setup->flow_label ? LH_LSE_LEN : 0) +
	       (setup->control_word ? LH_CW_LEN : 0);
}

/* A frame of it may have a VLAN tag more, as on any Ethernet. */
static void follow_mtu(struct lh_pw *pw, unsigned int mtu, unsigned int growth)
{
	growth += ETH_HLEN + VLAN_HLEN;
	mtu = mtu > growth ? mtu - growth : 0;
	mtu = clamp_t(unsigned int, mtu, LABELHOP_PW_MTU_MIN,
		      LABELHOP_PW_MTU_MAX);
	if (pw->own_mtu || pw->dev->mtu == mtu)
		return;
	if (is_new(pw)) {
		pw->dev->mtu = mtu;
		return;
	}
	pw->following = true;
	dev_set_mtu(pw->dev, mtu);
	pw->following = false;
}

static void set_state(struct lh_pw *pw, enum labelhop_pw_state state)
{
	if (pw->state == state)
		return;
	mutex_lock(&pw->ln->lock);
	pw->state = state;
	if (!is_new(pw))
		lh_nl_pw_tell(pw, LABELHOP_CMD_PW_STATE_NTF);
	mutex_unlock(&pw->ln->lock);
	if (state == LABELHOP_PW_UP)
		netif_carrier_on(pw->dev);
	else
		netif_carrier_off(pw->dev);
}

static bool is_idle(const struct lh_pw_setup *setup)
{
	return !setup->ends[LABELHOP_DIR_IN].label ||
	       !setup->ends[LABELHOP_DIR_OUT].label;
}

static bool lacks_session(const struct lh_pw_setup *setup)
{
	return rcu_access_pointer(setup->ends[LABELHOP_DIR_IN].entry) ==
	       LH_MISSING ||
	       rcu_access_pointer(setup->ends[LABELHOP_DIR_OUT].entry) ==
	       LH_MISSING;
}

/**
 * lh_pw_update - let carrier and MTU follow the way to the remote PE
 * @pw: the pseudowire; RTNL is held
 */
void lh_pw_update(struct lh_pw *pw)
{
	struct lh_pw_setup *setup = lh_pw_setup(pw);
	enum labelhop_pw_state state;
	unsigned int mtu, growth;

	ASSERT_RTNL();
	if (is_idle(setup)) {
		set_state(pw, LABELHOP_PW_IDLE);
		return;
	}
	rcu_read_lock();
	state = look(setup, &mtu);
	growth = lh_pw_growth(setup);
	rcu_read_unlock();

	if (mtu != U32_MAX)
		follow_mtu(pw, mtu, growth);
	if (lacks_session(setup))
		state = LABELHOP_PW_NO_SESSION;
	set_state(pw, state);
}

static struct lh_pw *next_look(struct lh_net *ln)
{
	struct lh_pw *pw;

	mutex_lock(&ln->lock);
	pw = list_first_entry_or_null(&ln->pw_looks, struct lh_pw, look);
	if (pw)
		list_del_init(&pw->look);
	mutex_unlock(&ln->lock);
	return pw;
}

static void look_at_all(struct lh_net *ln)
{
	struct lh_pw *pw;

	list_for_each_entry(pw, &ln->pws, list)
		lh_pw_update(pw);
	ln->pw_due = jiffies + PERIOD;
}

/**
 * lh_pw_work - look after pseudowires of a namespace
 * @work: lh_net.pw_work
 *
 * After those that have changed at once, and after all of them once a second.
 */
void lh_pw_work(struct work_struct *work)
{
	struct lh_net *ln = container_of(to_delayed_work(work), struct lh_net,
					 pw_work);
	struct lh_pw *pw;

	rtnl_lock();
	while ((pw = next_look(ln)))
		lh_pw_update(pw);
	/* It may be from long ago, when there were pseudowires last. */
	if (!time_in_range(ln->pw_due, jiffies + 1, jiffies + PERIOD))
		look_at_all(ln);
	if (!list_empty(&ln->pws))
		queue_delayed_work(lh_queue, &ln->pw_work,
				   clamp_t(long, ln->pw_due - jiffies, 0,
					   PERIOD));
	rtnl_unlock();
}
