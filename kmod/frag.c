// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments of an IPv4 packet below a label stack. The IP layer fragments by
 * itself what the route's mtu says; this is for routes that don't know what
 * labelhop adds. The draft, 2.3.2: "We can fragment the packet at PEfa".
 */
#include <linux/if_ether.h>
#include <linux/percpu.h>
#include <net/ip.h>
#include "frag.h"
#include "stack.h"

/* MAC header, VLAN tags and as many labels as a route can push. */
#define HEADERS_MAX	(64 + 32 * LH_LSE_LEN)

/*
 * Where ip_do_fragment() leaves the fragments of the packet that this CPU is
 * at: it hands its callback nothing of the caller's. Bottom halves are off.
 */
static DEFINE_PER_CPU(struct sk_buff_head *, collected);

static int collect(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	__skb_queue_tail(this_cpu_read(collected), skb);
	return 0;
}

static int put_headers(struct sk_buff *skb, const u8 *headers,
		       unsigned int len, unsigned int network)
{
	int err = skb_cow_head(skb, len);

	if (err)
		return err;
	memcpy(skb_push(skb, len), headers, len);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, network);
	skb->protocol = htons(ETH_P_MPLS_UC);
	return 0;
}

/**
 * lh_frag_allowed - is a payload IPv4 that may be fragmented?
 * @skb: the packet
 * @payload: its offset from skb->data
 *
 * Return: true if so.
 */
bool lh_frag_allowed(const struct sk_buff *skb, unsigned int payload)
{
	const struct iphdr *iph;
	struct iphdr buffer;

	iph = skb_header_pointer(skb, payload, sizeof(buffer), &buffer);
	return iph && iph->version == 4 && !(iph->frag_off & htons(IP_DF));
}

/* The IP layer copies the header into each fragment, and its options. */
static bool pull_ip_header(struct sk_buff *skb, unsigned int payload)
{
	if (!pskb_pull(skb, payload) ||
	    !pskb_may_pull(skb, sizeof(struct iphdr)))
		return false;
	skb_reset_network_header(skb);
	return pskb_may_pull(skb, ip_hdrlen(skb));
}

/**
 * lh_frag - fragment a packet in the egress hook
 * @skb: the packet, still the caller's afterwards
 * @payload: offset of the IPv4 packet from skb->data
 * @mtu: of the IPv4 packet
 * @fragments: receives the fragments, each with the headers of @skb
 *
 * Return: 0, or a negative errno and @fragments is empty.
 */
int lh_frag(struct sk_buff *skb, unsigned int payload, unsigned int mtu,
	    struct sk_buff_head *fragments)
{
	unsigned int network = skb_network_offset(skb);
	struct sk_buff *clone, *frag;
	u8 headers[HEADERS_MAX];
	int err;

	__skb_queue_head_init(fragments);
	if (payload > sizeof(headers) ||
	    skb_copy_bits(skb, 0, headers, payload))
		return -EINVAL;
	clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone || !pull_ip_header(clone, payload)) {
		kfree_skb(clone);
		return -ENOMEM;
	}
	clone->protocol = htons(ETH_P_IP);
	memset(IPCB(clone), 0, sizeof(*IPCB(clone)));
	IPCB(clone)->frag_max_size = mtu;

	this_cpu_write(collected, fragments);
	err = ip_do_fragment(dev_net(skb->dev), NULL, clone, collect);
	this_cpu_write(collected, NULL);
	skb_queue_walk(fragments, frag)
		if (!err)
			err = put_headers(frag, headers, payload, network);
	if (err)
		__skb_queue_purge(fragments);
	return err;
}
