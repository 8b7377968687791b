// SPDX-License-Identifier: GPL-2.0
/*
 * Which remote PE does a packet go to? The kernel does not say, but the labels above the
 * VPN label are those of its own route to that PE. Those routes are looked after here:
 * once a second, and at once when a packet goes a way that is not known.
 */
#include <linux/slab.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/lwtunnel.h>
#include <net/mpls_iptunnel.h>
#include <net/nexthop.h>
#include <net/route.h>
#include "compat.h"
#include "way.h"

#define PERIOD		HZ
/* Labels that a route can push, MAX_NEW_LABELS of the kernel less the VPN label. */
#define WAY_LABELS_MAX	29
#define WAYS_MAX	256

/**
 * struct lh_way - the labels and the device by which packets go to a remote PE
 * @node: in lh_net.ways
 * @list: in lh_session.ways; under lh_net.lock
 * @rcu: frees it after the last packet
 * @session: the session that names the PE; immutable
 * @key: the session's VPN label and VRF, the innermost of @labels and the device; immutable
 * @seen: is it still there? under lh_net.lock
 * @gateway: of the next hop, if there are no labels to tell the PE by; immutable
 * @family: of @gateway, 0 if it does not matter; immutable
 * @n_labels: number of @labels; immutable
 * @labels: what the route pushes; immutable
 */
struct lh_way {
	struct rhlist_head node;
	struct hlist_node list;
	struct rcu_head rcu;
	const struct lh_session *session;
	struct lh_match_key key;
	bool seen;
	struct in6_addr gateway;
	u8 family;
	u8 n_labels;
	u32 labels[WAY_LABELS_MAX];
};

static const struct rhashtable_params way_params = {
	.key_len = sizeof(struct lh_match_key),
	.key_offset = offsetof(struct lh_way, key),
	.head_offset = offsetof(struct lh_way, node),
	.automatic_shrinking = true,
};

static bool same_way(const struct lh_way *a, const struct lh_way *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key)) &&
	       a->n_labels == b->n_labels && a->family == b->family &&
	       !memcmp(a->labels, b->labels, a->n_labels * sizeof(u32)) &&
	       (!a->family || ipv6_addr_equal(&a->gateway, &b->gateway));
}

static void way_set_gateway(struct lh_way *way, int family, const void *addr)
{
	way->family = family;
	way->gateway = (struct in6_addr) {};
	memcpy(&way->gateway, addr, family == AF_INET ? 4 : 16);
}

/* Without labels the next hop is the PE, or the only way to tell. */
static void way_next_hop(struct lh_way *way, const struct fib_nh_common *nhc,
			 const struct lh_remote *remote)
{
	if (nhc->nhc_gw_family == AF_INET)
		way_set_gateway(way, AF_INET, &nhc->nhc_gw.ipv4);
	else if (nhc->nhc_gw_family == AF_INET6)
		way_set_gateway(way, AF_INET6, &nhc->nhc_gw.ipv6);
	else if (remote->family == AF_INET)
		way_set_gateway(way, AF_INET, &remote->ip4);
	else
		way_set_gateway(way, AF_INET6, &remote->ip6);
}

static bool way_make(struct lh_way *way, const struct lh_session *s,
		     const struct lh_remote *remote,
		     const struct fib_nh_common *nhc)
{
	const struct lwtunnel_state *state = nhc->nhc_lwtstate;
	const struct mpls_iptunnel_encap *encap;

	*way = (struct lh_way) { .session = s, .key = s->key, .seen = true };
	if (!nhc->nhc_dev || (state && state->type != LWTUNNEL_ENCAP_MPLS))
		return false;
	way->key.dev = nhc->nhc_dev->ifindex;
	if (!state) {
		way_next_hop(way, nhc, remote);
		return true;
	}
	encap = mpls_lwtunnel_encap((struct lwtunnel_state *)state);
	if (encap->labels > WAY_LABELS_MAX)
		return false;
	way->n_labels = encap->labels;
	memcpy(way->labels, encap->label, encap->labels * sizeof(u32));
	way->key.outer = way->labels[way->n_labels - 1];
	return true;
}

/**
 * struct lh_look - a look at the routes to a remote PE
 * @ln: the namespace, locked
 * @s: the session
 * @remote: the PE's address
 * @n: ways that were seen
 */
struct lh_look {
	struct lh_net *ln;
	struct lh_session *s;
	const struct lh_remote *remote;
	unsigned int n;
};

static void way_saw(struct lh_look *look, const struct fib_nh_common *nhc)
{
	struct lh_way *way, made;

	if (look->n == WAYS_MAX ||
	    !way_make(&made, look->s, look->remote, nhc))
		return;
	look->n++;
	hlist_for_each_entry(way, &look->s->ways, list)
		if (same_way(way, &made)) {
			way->seen = true;
			return;
		}
	way = kmemdup(&made, sizeof(made), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!way)
		return;
	if (rhltable_insert(&look->ln->ways, &way->node, way_params))
		kfree(way);
	else
		hlist_add_head(&way->list, &look->s->ways);
}

static void look4(struct lh_look *look)
{
	struct flowi4 fl4 = { .daddr = look->remote->ip4 };
	struct fib_result res;
	int i;

	if (fib_lookup(look->ln->net, &fl4, &res, FIB_LOOKUP_NOREF) ||
	    res.type != RTN_UNICAST)
		return;
	for (i = 0; i < fib_info_num_path(res.fi); i++)
		way_saw(look, fib_info_nhc(res.fi, i));
}

static int saw6(struct fib6_nh *nh, void *look)
{
	way_saw(look, &nh->nh_common);
	return 0;
}

static void look6(struct lh_look *look)
{
	struct flowi6 fl6 = { .daddr = look->remote->ip6 };
	struct dst_entry *dst = ip6_route_output(look->ln->net, NULL, &fl6);
	struct fib6_info *from, *sibling;

	from = dst->error ? NULL :
	       rcu_dereference(((struct rt6_info *)dst)->from);
	if (from && from->nh) {
		nexthop_for_each_fib6_nh(from->nh, saw6, look);
	} else if (from) {
		saw6(from->fib6_nh, look);
		list_for_each_entry_rcu(sibling, &from->fib6_siblings,
					fib6_siblings)
			saw6(sibling->fib6_nh, look);
	}
	dst_release(dst);
}

static void way_free(struct lh_net *ln, struct lh_way *way)
{
	hlist_del(&way->list);
	rhltable_remove(&ln->ways, &way->node, way_params);
	kfree_rcu(way, rcu);
}

/**
 * lh_way_look - look for the ways to the remote PE of a session
 * @ln: the namespace, locked
 * @s: the session, with its key
 *
 * New ways are there before old ones go.
 */
void lh_way_look(struct lh_net *ln, struct lh_session *s)
{
	struct lh_look look = { .ln = ln, .s = s };
	struct hlist_node *next;
	struct lh_way *way;
	u32 i;

	lockdep_assert_held(&ln->lock);
	hlist_for_each_entry(way, &s->ways, list)
		way->seen = false;
	local_bh_disable();
	rcu_read_lock();
	for (i = 0; i < s->n_remotes; i++) {
		look.remote = &s->remotes[i];
		if (look.remote->family == AF_INET)
			look4(&look);
		else
			look6(&look);
	}
	rcu_read_unlock();
	local_bh_enable();
	hlist_for_each_entry_safe(way, next, &s->ways, list)
		if (!way->seen)
			way_free(ln, way);
}

/**
 * lh_way_del - follow them no longer
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_way_del(struct lh_net *ln, struct lh_session *s)
{
	struct hlist_node *next;
	struct lh_way *way;

	hlist_del(&s->way_node);
	hlist_for_each_entry_safe(way, next, &s->ways, list)
		way_free(ln, way);
}

/* Another session of the VPN label whose packets go the same way. */
static const struct lh_session *way_rival(struct lh_net *ln,
					  const struct lh_session *s)
{
	const struct lh_session *rival = NULL;
	struct rhlist_head *list, *at;
	struct lh_way *way, *other;

	rcu_read_lock();
	hlist_for_each_entry(way, &s->ways, list) {
		list = rhltable_lookup(&ln->ways, &way->key, way_params);
		rhl_for_each_entry_rcu(other, at, list, node)
			if (other->session != s && same_way(other, way))
				rival = other->session;
	}
	rcu_read_unlock();
	return rival;
}

/**
 * lh_way_add - follow the routes to the remote PE of a session
 * @ln: the namespace, locked
 * @s: the session, with its key
 * @extack: receives the reason
 *
 * Return: 0, or -EEXIST and nothing is changed.
 */
int lh_way_add(struct lh_net *ln, struct lh_session *s,
	       struct netlink_ext_ack *extack)
{
	const struct lh_session *rival;

	hlist_add_head(&s->way_node, &ln->remotes);
	lh_way_look(ln, s);
	rival = way_rival(ln, s);
	if (rival) {
		lh_way_del(ln, s);
		lh_extack_format(extack,
				 "it matches the same packets as session %s",
				 rival->name);
		return -EEXIST;
	}
	queue_delayed_work(lh_queue, &ln->way_work, PERIOD);
	return 0;
}

/**
 * lh_way_kick - a packet goes a way that is not known: look at once
 * @ln: the namespace
 *
 * Context: any.
 */
void lh_way_kick(struct lh_net *ln)
{
	/* Not more often than ten times a second, whatever customers send. */
	if (time_before(jiffies, READ_ONCE(ln->way_next)))
		return;
	WRITE_ONCE(ln->way_next, jiffies + HZ / 10);
	mod_delayed_work(lh_queue, &ln->way_work, 0);
}

/**
 * lh_way_work - look after the ways to all remote PEs
 * @work: lh_net.way_work
 */
void lh_way_work(struct work_struct *work)
{
	struct lh_net *ln = container_of(to_delayed_work(work), struct lh_net,
					 way_work);
	struct lh_session *s;

	mutex_lock(&ln->lock);
	hlist_for_each_entry(s, &ln->remotes, way_node)
		lh_way_look(ln, s);
	if (!hlist_empty(&ln->remotes))
		queue_delayed_work(lh_queue, &ln->way_work, PERIOD);
	mutex_unlock(&ln->lock);
}

static bool goes_way(const struct sk_buff *skb, const struct lh_way *way)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct mpls_iptunnel_encap *encap;
	const struct in6_addr *via;

	encap = mpls_lwtunnel_encap((struct lwtunnel_state *)dst->lwtstate);
	if (encap->labels != way->n_labels + 1 ||
	    memcmp(encap->label, way->labels, way->n_labels * sizeof(u32)))
		return false;
	if (!way->family)
		return true;
	if (dst->ops->family == AF_INET) {
		const struct rtable *rt = skb_rtable(skb);

		return rt->rt_gw_family != way->family ||
		       !memcmp(&rt->rt_gw4, &way->gateway,
			       way->family == AF_INET ? 4 : 16);
	}
	via = &((const struct rt6_info *)dst)->rt6i_gateway;
	return way->family != AF_INET6 || ipv6_addr_equal(via, &way->gateway);
}

/**
 * lh_way_find - the session whose remote PE a packet goes to
 * @ln: the namespace
 * @skb: a packet in the egress hook that this router encapsulated
 * @key: its VPN label and VRF, the label above and its device
 *
 * Context: under RCU.
 *
 * Return: the session, or NULL if the way is not known.
 */
const struct lh_session *lh_way_find(const struct lh_net *ln,
				     const struct sk_buff *skb,
				     const struct lh_match_key *key)
{
	struct rhlist_head *list, *at;
	struct lh_way *way;

	list = rhltable_lookup((struct rhltable *)&ln->ways, key, way_params);
	rhl_for_each_entry_rcu(way, at, list, node)
		if (goes_way(skb, way))
			return way->session;
	return NULL;
}

/**
 * lh_way_init - begin, without sessions
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_way_init(struct lh_net *ln)
{
	INIT_DELAYED_WORK(&ln->way_work, lh_way_work);
	return rhltable_init(&ln->ways, &way_params);
}

/**
 * lh_way_exit - end, when all sessions are gone
 * @ln: the namespace
 */
void lh_way_exit(struct lh_net *ln)
{
	rhltable_destroy(&ln->ways);
}
