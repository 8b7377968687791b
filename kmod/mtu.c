// SPDX-License-Identifier: GPL-2.0
/* A packet that labelhop makes too big: tell its source. */
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include <net/route.h>
#include "mtu.h"

/*
 * Where the packet was routed: a packet of another router came in by a device,
 * usually a VRF. One that this router made was looked up for one.
 */
static struct net_device *routed_from(const struct sk_buff *skb)
{
	int ifindex = skb->skb_iif;

	if (!ifindex && skb_dst(skb)->ops->family == AF_INET)
		ifindex = skb_rtable(skb)->rt_iif;
	return dev_get_by_index_rcu(dev_net(skb->dev), ifindex);
}

/* Let the clone look as it did when it was routed: IP header first. */
static bool unlabel(struct sk_buff *skb, unsigned int payload)
{
	struct net_device *from = routed_from(skb);

	if (!pskb_pull(skb, payload) ||
	    !pskb_may_pull(skb, sizeof(struct iphdr)))
		return false;
	skb_reset_network_header(skb);
	switch (ip_hdr(skb)->version) {
	case 4:
		skb->protocol = htons(ETH_P_IP);
		break;
	case 6:
		if (!pskb_may_pull(skb, sizeof(struct ipv6hdr)))
			return false;
		skb->protocol = htons(ETH_P_IPV6);
		break;
	default:
		return false;
	}
	if (from)
		skb->dev = from;
	return true;
}

static void send_error(struct sk_buff *skb, unsigned int mtu)
{
	if (skb->protocol == htons(ETH_P_IP)) {
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
		return;
	}
	/* With its route, the VRF is sought on the route's device. */
	skb_dst_drop(skb);
	icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/*
 * A route takes its own labels off what it learns, but not off what it compares
 * that with: what is learnt is smaller than need be, as more it would refuse.
 */
static void teach_route(struct sk_buff *skb, unsigned int mtu,
			unsigned int growth)
{
	mtu = min(mtu, dst_mtu(skb_dst(skb)));
	if (mtu > growth)
		skb_dst_update_pmtu_no_confirm(skb, mtu - growth);
}

/**
 * lh_mtu_signal - tell a packet's source the MTU of the path
 * @skb: the packet in the egress hook, with its route
 * @payload: offset of the IP packet from skb->data
 * @growth: bytes that labelhop adds
 *
 * The source of a packet that came from elsewhere gets the ICMP error. For one
 * that this router made, the route learns the MTU, so that the IP layer refuses
 * or fragments the next. RFC 1191, RFC 8201.
 */
void lh_mtu_signal(struct sk_buff *skb, unsigned int payload,
		   unsigned int growth)
{
	unsigned int labels = payload - skb_network_offset(skb);
	unsigned int mtu = READ_ONCE(skb->dev->mtu);
	struct sk_buff *clone;

	if (mtu <= labels + growth)
		return;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return;
	if (unlabel(clone, payload)) {
		if (skb->skb_iif)
			send_error(clone, mtu - labels - growth);
		else
			teach_route(clone, mtu, growth);
	}
	kfree_skb(clone);
}
