// SPDX-License-Identifier: GPL-2.0
/*
 * Which VRF has a packet left that this router encapsulated? The kernel does not say:
 * the device that it came by tells it mostly; routes that are cached for several VRFs,
 * rules and packets that came by label don't. Then the routes are asked.
 */
#include <linux/netdevice.h>
#include <net/ip_fib.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/lwtunnel.h>
#include <net/mpls_iptunnel.h>
#include <net/route.h>
#include <net/sock.h>
#include "note.h"
#include "origin.h"
#include "packet.h"

/* Does a route push the labels that the packet's own route has pushed? */
static bool pushes_same(const struct lwtunnel_state *state,
			const struct sk_buff *skb)
{
	const struct mpls_iptunnel_encap *x, *y;

	if (!state || state->type != LWTUNNEL_ENCAP_MPLS)
		return false;
	x = mpls_lwtunnel_encap((struct lwtunnel_state *)state);
	y = mpls_lwtunnel_encap(skb_dst(skb)->lwtstate);
	return x->labels == y->labels &&
	       !memcmp(x->label, y->label, x->labels * sizeof(x->label[0]));
}

static bool is_dst4(const struct sk_buff *skb)
{
	return skb_dst(skb)->ops->family == AF_INET;
}

/* Has the main table a route to the packet's destination that pushes its labels? */
static bool main_has4(const struct sk_buff *skb, const struct lh_stack_out *st)
{
	struct net *net = dev_net(skb->dev);
	struct fib_table *table = rcu_dereference(net->ipv4.fib_main);
	const struct iphdr *iph;
	struct fib_result res;
	struct iphdr buffer;
	struct flowi4 fl4;
	int i;

	iph = skb_header_pointer(skb, st->at + LH_LSE_LEN, sizeof(buffer),
				 &buffer);
	if (!iph || !table)
		return false;
	fl4 = (struct flowi4) { .daddr = iph->daddr, .saddr = iph->saddr };
	if (fib_table_lookup(table, &fl4, &res, FIB_LOOKUP_NOREF))
		return false;
	for (i = 0; i < fib_info_num_path(res.fi); i++)
		if (pushes_same(fib_info_nhc(res.fi, i)->nhc_lwtstate, skb))
			return true;
	return false;
}

/* Does the kernel route the packet by a VRF, or by none, as it did? */
static bool routes4(const struct sk_buff *skb, const struct lh_stack_out *st,
		    int vrf)
{
	const struct iphdr *iph;
	struct iphdr buffer;
	struct flowi4 fl4;
	struct rtable *rt;
	bool same;

	iph = skb_header_pointer(skb, st->at + LH_LSE_LEN, sizeof(buffer),
				 &buffer);
	if (!iph)
		return false;
	fl4 = (struct flowi4) {
		.flowi4_oif = vrf,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.daddr = iph->daddr,
		.saddr = iph->saddr,
	};
	rt = ip_route_output_key(dev_net(skb->dev), &fl4);
	if (IS_ERR(rt))
		return false;
	same = pushes_same(rt->dst.lwtstate, skb);
	ip_rt_put(rt);
	return same;
}

static bool routes6(const struct sk_buff *skb, const struct lh_stack_out *st,
		    int vrf)
{
	const struct ipv6hdr *iph;
	struct ipv6hdr buffer;
	struct dst_entry *dst;
	struct flowi6 fl6;
	bool same;

	iph = skb_header_pointer(skb, st->at + LH_LSE_LEN, sizeof(buffer),
				 &buffer);
	if (!iph)
		return false;
	fl6 = (struct flowi6) {
		.flowi6_oif = vrf,
		.daddr = iph->daddr,
		.saddr = iph->saddr,
	};
	dst = ip6_route_output(dev_net(skb->dev), NULL, &fl6);
	same = !dst->error && pushes_same(dst->lwtstate, skb);
	dst_release(dst);
	return same;
}

/*
 * The table of an IPv6 route, or 0 if it can't be told: a next hop object has the route,
 * which several tables may share, or it was replaced meanwhile.
 */
static u32 table6(const struct sk_buff *skb)
{
	const struct rt6_info *rt = (const struct rt6_info *)skb_dst(skb);
	const struct fib6_info *from = rcu_dereference(rt->from);

	return from && !from->nh ? from->fib6_table->tb6_id : 0;
}

static bool is_main6(const struct sk_buff *skb, const struct lh_stack_out *st)
{
	u32 table = table6(skb);

	return table ? table == RT6_TABLE_MAIN : routes6(skb, st, 0);
}

/* A VRF's ifindex, or that of the VRF that a device is in, or 0. */
static int vrf_of(struct net *net, int ifindex)
{
	return ifindex ? l3mdev_master_ifindex_by_index(net, ifindex) : 0;
}

/* A socket that is bound to a VRF sends out of it. */
static int socket_vrf(const struct sk_buff *skb)
{
	return skb->sk ? vrf_of(dev_net(skb->dev), skb->sk->sk_bound_dev_if) :
			 0;
}

/**
 * lh_origin - which VRF has a packet left?
 * @skb: a packet in the egress hook that this router encapsulated
 * @st: its label stack
 *
 * What came by label through a VRF device, or by a device of a VRF, left that VRF, and so
 * did what its sockets sent. All others, the router's own, what came by rule and
 * what was segmented or fragmented since, are asked for by route.
 *
 * Context: under RCU.
 *
 * Return: the VRF's ifindex, LH_ORIGIN_MAIN or LH_ORIGIN_UNKNOWN.
 */
int lh_origin(const struct sk_buff *skb, const struct lh_stack_out *st)
{
	int vrf = lh_note_vrf(skb);

	if (!vrf)
		vrf = vrf_of(dev_net(skb->dev), skb->skb_iif);
	if (!vrf && !skb->skb_iif)
		vrf = socket_vrf(skb);
	if (vrf > 0)
		return vrf;
	if (is_dst4(skb) ? main_has4(skb, st) : is_main6(skb, st))
		return LH_ORIGIN_MAIN;
	return LH_ORIGIN_UNKNOWN;
}

/**
 * lh_origin_fits - may a packet of unknown origin have left a VRF?
 * @skb: the packet, of lh_origin()
 * @st: its label stack
 * @vrf: ifindex of the VRF
 *
 * Context: under RCU.
 *
 * Return: positive if the VRF's routes give the packet the labels that it has, negative
 * if its route is another table's, and 0 if it can't be told.
 */
int lh_origin_fits(const struct sk_buff *skb, const struct lh_stack_out *st,
		   int vrf)
{
	u32 table;

	if (is_dst4(skb))
		return routes4(skb, st, vrf);
	table = table6(skb);
	if (!table)
		return routes6(skb, st, vrf);
	return table == l3mdev_fib_table_by_index(dev_net(skb->dev), vrf) ?
	       1 : -1;
}
