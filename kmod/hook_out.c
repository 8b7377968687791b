// SPDX-License-Identifier: GPL-2.0
/*
 * Direction out: stamp what this router encapsulated. Runs in the netdev
 * egress hook, under RCU with bottom halves off, after the kernel has pushed
 * the label stack. protocol.rst, "The sender".
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/l3mdev.h>
#include <net/lwtunnel.h>
#include <net/route.h>
#include <net/sch_generic.h>
#include "compat.h"
#include "frag.h"
#include "hook.h"
#include "mtu.h"
#include "net.h"
#include "packet.h"
#include "port.h"

#define STACK_MAX	32

/**
 * struct stack_out - a label stack that is about to leave
 * @vpn: its bottom entry
 * @outer: label just above @vpn, 0 if there is none
 * @at: offset of @vpn from skb->data
 */
struct stack_out {
	struct lh_lse vpn;
	u32 outer;
	unsigned int at;
};

/*
 * A packet that this router encapsulated still has the route that says so; one
 * that it forwards by label has none. stamp() takes the route away, so that
 * no device below stamps a packet again.
 */
static bool encapsulated_here(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst && dst->lwtstate &&
	       dst->lwtstate->type == LWTUNNEL_ENCAP_MPLS;
}

static bool find_bottom(const struct sk_buff *skb, struct stack_out *st)
{
	u8 buffer[LH_LSE_LEN];
	int i;

	st->outer = 0;
	st->at = skb_network_offset(skb);
	for (i = 0; i < STACK_MAX; i++, st->at += LH_LSE_LEN) {
		const u8 *bytes = lh_packet_bytes(skb, st->at, LH_LSE_LEN,
						  buffer);

		if (!bytes)
			return false;
		st->vpn = lh_lse_get(bytes);
		if (st->vpn.bos)
			return true;
		st->outer = st->vpn.label;
	}
	return false;
}

/*
 * A packet of another router came in by the VRF. One that this router made, an
 * ICMP error for instance, shows the VRF by the route that was found for it.
 */
static bool from_vrf(const struct sk_buff *skb, int ifindex)
{
	struct net *net = dev_net(skb->dev);
	const struct dst_entry *dst = skb_dst(skb);
	const struct fib6_info *from;

	if (!ifindex)
		return false;
	if (skb->skb_iif)
		return skb->skb_iif == ifindex ||
		       l3mdev_master_ifindex_by_index(net, skb->skb_iif) ==
		       ifindex;
	if (dst->ops->family == AF_INET)
		return skb_rtable(skb)->rt_iif == ifindex;
	from = rcu_dereference(((const struct rt6_info *)dst)->from);
	return from && from->fib6_table->tb6_id ==
		       l3mdev_fib_table_by_index(net, ifindex);
}

static bool matches(const struct lh_session *s, const struct sk_buff *skb,
		    const struct stack_out *st)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	if (s->outer && s->outer != st->outer)
		return false;
	if (s->dev.name[0] && READ_ONCE(s->dev.ifindex) != skb->dev->ifindex)
		return false;
	if (s->vrf.name[0] && !from_vrf(skb, READ_ONCE(s->vrf.ifindex)))
		return false;
	if (!s->n_prefixes)
		return true;
	len = lh_packet_head(skb, st->at + LH_LSE_LEN, buffer, &head);
	return lh_session_takes_dst(s, head, len);
}

static unsigned int growth(const struct lh_session *s)
{
	return s->gen.rule.tags * LH_LSE_LEN;
}

static void write_stack(struct sk_buff *skb, const struct lh_session *s,
			const struct lh_lse *vpn, unsigned int at, u32 hop,
			const u32 *tags)
{
	u8 n = s->gen.rule.tags, i;
	u8 *bytes = skb->data + at;
	struct lh_lse lse = *vpn;

	lse.label = hop;
	lse.bos = false;
	lh_lse_put(bytes, lse);
	for (i = 0; i < n; i++) {
		lse = (struct lh_lse) { .label = tags[i], .bos = i == n - 1 };
		lh_lse_put(bytes + (1 + i) * LH_LSE_LEN, lse);
	}
}

/* What is left to a device: the internet's checksum, or the CRC32c of SCTP. */
static int finish_checksum(struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_PARTIAL ?
	       skb_csum_hwoffload_help(skb, 0) : 0;
}

/*
 * Stamp one packet that is as it will be on the wire. On a reason the packet
 * is still the caller's, with nothing but its checksum changed.
 */
static enum labelhop_reason stamp(const struct lh_net *ln,
				  const struct lh_session *s,
				  struct sk_buff *skb,
				  const struct stack_out *st)
{
	unsigned int payload = st->at + LH_LSE_LEN;
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	u32 tags[LABELHOP_TAGS_MAX];
	enum labelhop_reason reason;
	const struct lh_hop *hop;
	size_t len, payload_len;
	const u8 *bytes;
	struct lh_time t;

	reason = lh_session_time(s, &ln->clock, &t);
	if (!reason)
		reason = lh_slot_state(&s->gen.slots, t.tai);
	if (reason)
		return reason;
	if (finish_checksum(skb))
		return LABELHOP_REASON_NO_MEMORY;

	len = lh_packet_head(skb, payload, buffer, &bytes);
	if (!lh_payload_len(bytes, len, skb->len - payload, &payload_len))
		return LABELHOP_REASON_MALFORMED;
	bytes = lh_packet_input(&s->gen, skb, payload, payload_len, &len);
	if (!bytes)
		return LABELHOP_REASON_MALFORMED;
	hop = lh_hop_find(&this_cpu_ptr(s->cpu)->cache, &s->gen, t.tai);
	lh_hop_tags(&s->gen, hop, bytes, len, tags);

	if (lh_packet_grow(skb, st->at, growth(s)))
		return LABELHOP_REASON_NO_MEMORY;
	write_stack(skb, s, &st->vpn, st->at, hop->label, tags);
	qdisc_skb_cb(skb)->pkt_len += growth(s);
	skb_dst_drop(skb);
	lh_verdict_count(s, LH_COUNT_STAMPED);
	return LABELHOP_REASON_UNSPEC;
}

/* Policy monitor sends what can't be stamped as it is. */
static unsigned int verdict(const struct lh_session *s, struct sk_buff *skb,
			    enum labelhop_reason reason)
{
	if (!reason)
		return NF_ACCEPT;
	if (!lh_session_passes(s, reason))
		return lh_verdict_drop(s, skb, reason);
	lh_verdict_pass(s, reason);
	return NF_ACCEPT;
}

static bool too_big(const struct sk_buff *skb, const struct lh_session *s)
{
	unsigned int mtu = READ_ONCE(skb->dev->mtu);

	mtu = mtu > growth(s) ? mtu - growth(s) : 0;
	if (skb_is_gso(skb))
		return !skb_gso_validate_network_len(skb, mtu);
	return skb->len - skb_network_offset(skb) > mtu;
}

/* It was in this hook, and before it in all others. */
static void send_on(struct sk_buff *skb)
{
	nf_skip_egress(skb, true);
	dev_queue_xmit(skb);
}

static void send_one(const struct lh_net *ln, const struct lh_session *s,
		     struct sk_buff *skb, const struct stack_out *st)
{
	enum labelhop_reason reason = LABELHOP_REASON_TOO_BIG;

	if (!too_big(skb, s))
		reason = stamp(ln, s, skb, st);
	if (verdict(s, skb, reason) == NF_ACCEPT)
		send_on(skb);
}

/* IPv4 that may be fragmented is, as any router would. */
static unsigned int send_fragments(const struct lh_net *ln,
				   const struct lh_session *s,
				   struct sk_buff *skb,
				   const struct stack_out *st)
{
	unsigned int payload = st->at + LH_LSE_LEN;
	unsigned int taken = payload - skb_network_offset(skb) + growth(s);
	unsigned int mtu = READ_ONCE(skb->dev->mtu);
	struct sk_buff_head fragments;
	struct sk_buff *frag;

	if (mtu < taken + IPV4_MIN_MTU)
		return verdict(s, skb, LABELHOP_REASON_TOO_BIG);
	/* The IP layer would put the internet's checksum over a CRC. */
	if (finish_checksum(skb) ||
	    lh_frag(skb, payload, mtu - taken, &fragments))
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	while ((frag = __skb_dequeue(&fragments)))
		send_one(ln, s, frag, st);
	consume_skb(skb);
	return NF_STOLEN;
}

/*
 * What skb_gso_segment() returned; NULL says that there is nothing to segment. It
 * may have changed the packet's headers, so monitor doesn't pass it either.
 */
static enum labelhop_reason gso_reason(const struct sk_buff *segments)
{
	return PTR_ERR(segments) == -ENOMEM ? LABELHOP_REASON_NO_MEMORY :
					      LABELHOP_REASON_MALFORMED;
}

/* The tag is for a packet on the wire: segment now what hardware would. */
static unsigned int send_segments(const struct lh_net *ln,
				  const struct lh_session *s,
				  struct sk_buff *skb,
				  const struct stack_out *st)
{
	netdev_features_t features = netif_skb_features(skb) &
				     ~(NETIF_F_GSO_MASK | NETIF_F_CSUM_MASK |
				       NETIF_F_SCTP_CRC);
	struct sk_buff *segments = skb_gso_segment(skb, features);
	struct sk_buff *seg, *next;

	if (IS_ERR_OR_NULL(segments))
		return lh_verdict_drop(s, skb, gso_reason(segments));
	skb_list_walk_safe(segments, seg, next) {
		skb_mark_not_on_list(seg);
		if (!too_big(seg, s) ||
		    !lh_frag_allowed(seg, st->at + LH_LSE_LEN))
			send_one(ln, s, seg, st);
		else if (send_fragments(ln, s, seg, st) == NF_ACCEPT)
			send_on(seg);
	}
	consume_skb(skb);
	return NF_STOLEN;
}

static unsigned int session_out(const struct lh_net *ln,
				const struct lh_session *s,
				struct sk_buff *skb,
				const struct stack_out *st)
{
	unsigned int payload = st->at + LH_LSE_LEN;
	bool big = too_big(skb, s);

	if (big && !lh_frag_allowed(skb, payload)) {
		if (READ_ONCE(s->policy) != LABELHOP_POLICY_MONITOR)
			lh_mtu_signal(skb, payload, growth(s));
		return verdict(s, skb, LABELHOP_REASON_TOO_BIG);
	}
	if (skb_is_gso(skb))
		return send_segments(ln, s, skb, st);
	if (big)
		return send_fragments(ln, s, skb, st);
	return verdict(s, skb, stamp(ln, s, skb, st));
}

/* Somebody else holds the packet too: let a clone leave instead. */
static unsigned int replace_shared(const struct lh_session *s,
				   struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone)
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	consume_skb(skb);
	dev_queue_xmit(clone);
	return NF_STOLEN;
}

/**
 * lh_hook_out - the egress hook
 * @priv: struct lh_dev
 * @skb: the packet, skb->data at the MAC header
 * @state: not used
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_out(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	const struct lh_dev *d = priv;
	const struct lh_session *s;
	struct stack_out st;

	if (!encapsulated_here(skb) || skb_vlan_tag_present(skb) ||
	    vlan_get_protocol(skb) != htons(ETH_P_MPLS_UC) ||
	    !find_bottom(skb, &st))
		return NF_ACCEPT;
	for (s = xa_load(&d->ln->out, st.vpn.label); s;
	     s = rcu_dereference(s->same_label)) {
		if (!matches(s, skb, &st))
			continue;
		if (unlikely(skb_shared(skb)))
			return replace_shared(s, skb);
		return session_out(d->ln, s, skb, &st);
	}
	return NF_ACCEPT;
}
