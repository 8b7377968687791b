// SPDX-License-Identifier: GPL-2.0
/* A packet that labelhop makes too big: tell its source. */
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include "mtu.h"

/*
 * Let the clone look as it did when it was routed: IP header first, on the
 * device, usually a VRF, whose routes lead back to its source.
 */
static bool unlabel(struct sk_buff *skb, unsigned int payload)
{
	struct net_device *from;

	if (!pskb_may_pull(skb, payload + sizeof(struct iphdr)))
		return false;
	__skb_pull(skb, payload);
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
	from = dev_get_by_index_rcu(dev_net(skb->dev), skb->skb_iif);
	if (from)
		skb->dev = from;
	return true;
}

/**
 * lh_mtu_signal - tell a packet's source the MTU of the path
 * @skb: the packet in the egress hook, with its route
 * @payload: offset of the IP packet from skb->data
 * @growth: bytes that labelhop adds
 *
 * The route learns the MTU, so that the IP layer fragments or refuses the next
 * packet by itself; a packet that came from elsewhere also gets its source the
 * ICMP error. RFC 1191, RFC 8201.
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
		/* The IP layer takes the route's own labels off by itself. */
		skb_dst_update_pmtu_no_confirm(clone, mtu - growth);
		mtu -= labels + growth;
		if (clone->protocol == htons(ETH_P_IPV6)) {
			/* With its route, the VRF is sought on the route's device. */
			skb_dst_drop(clone);
			icmpv6_ndo_send(clone, ICMPV6_PKT_TOOBIG, 0, mtu);
		} else if (ip_hdr(clone)->frag_off & htons(IP_DF)) {
			icmp_ndo_send(clone, ICMP_DEST_UNREACH,
				      ICMP_FRAG_NEEDED, htonl(mtu));
		}
	}
	kfree_skb(clone);
}
