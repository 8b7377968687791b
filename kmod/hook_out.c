// SPDX-License-Identifier: GPL-2.0
/*
 * Direction out: stamp what this router encapsulated. Runs in the netdev
 * egress hook, under RCU, after the kernel has pushed the label stack. protocol.rst,
 * "The sender".
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/lwtunnel.h>
#include <net/sch_generic.h>
#include "compat.h"
#include "frag.h"
#include "hook.h"
#include "link.h"
#include "match.h"
#include "mtu.h"
#include "net.h"
#include "packet.h"
#include "port.h"
#include "stamp.h"
#include "tell.h"

#define STACK_MAX	32

/*
 * A packet that this router encapsulated still has the route that says so; one
 * that it forwards by label has none. stamp_edge() takes the route away, so that
 * no device below stamps a packet again.
 */
static bool encapsulated_here(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst && dst->lwtstate &&
	       dst->lwtstate->type == LWTUNNEL_ENCAP_MPLS;
}

static bool find_bottom(const struct sk_buff *skb, struct lh_stack_out *st)
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

/**
 * struct outgoing - what is to be put on a packet that leaves
 * @ln: the namespace
 * @edge: session whose labels replace the bottom entry, NULL if none does
 * @link: link whose labels go above the stack, NULL if there is none
 * @over: its session
 * @st: the stack
 * @here: did this router encapsulate the packet?
 */
struct outgoing {
	const struct lh_net *ln;
	const struct lh_session *edge;
	const struct lh_link *link;
	const struct lh_session *over;
	struct lh_stack_out st;
	bool here;
};

static unsigned int edge_growth(const struct outgoing *o)
{
	return o->edge ? lh_stamp_len(o->edge) - LH_LSE_LEN : 0;
}

static unsigned int growth(const struct outgoing *o)
{
	return edge_growth(o) +
	       (o->link ? lh_link_growth(o->link, o->over) : 0);
}

/*
 * On a reason the packet is still the caller's, with nothing but its checksum
 * changed.
 */
static enum labelhop_reason stamp_edge(const struct outgoing *o,
				       struct sk_buff *skb)
{
	const struct lh_stack_out *st = &o->st;
	enum labelhop_reason reason;
	struct lh_stamp labels;

	reason = lh_stamp_make(o->ln, o->edge, skb, st->at + LH_LSE_LEN,
			       &labels);
	if (reason)
		return reason;
	if (lh_packet_grow(skb, st->at, edge_growth(o)))
		return LABELHOP_REASON_NO_MEMORY;
	lh_stamp_write(skb->data + st->at, o->edge, &labels, &st->vpn);
	qdisc_skb_cb(skb)->pkt_len += edge_growth(o);
	skb_dst_drop(skb);
	lh_verdict_count(o->edge, LH_COUNT_STAMPED);
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

/* Stamp one packet that is as it will be on the wire. */
static unsigned int stamp(const struct outgoing *o, struct sk_buff *skb)
{
	unsigned int v = NF_ACCEPT;

	if (o->edge)
		v = verdict(o->edge, skb, stamp_edge(o, skb));
	if (v == NF_ACCEPT && o->link)
		v = verdict(o->over, skb,
			    lh_link_stamp(o->ln, o->link, o->over, skb));
	return v;
}

/* A packet that neither session can stamp. */
static unsigned int refuse(const struct outgoing *o, struct sk_buff *skb,
			   enum labelhop_reason reason)
{
	unsigned int v = NF_ACCEPT;

	if (o->edge)
		v = verdict(o->edge, skb, reason);
	if (v == NF_ACCEPT && o->link)
		v = verdict(o->over, skb, reason);
	return v;
}

/* A packet that is lost whatever the policies say. */
static unsigned int drop(const struct outgoing *o, struct sk_buff *skb,
			 enum labelhop_reason reason)
{
	return lh_verdict_drop(o->edge ?: o->over, skb, reason);
}

static bool too_big(const struct sk_buff *skb, const struct outgoing *o)
{
	unsigned int mtu = READ_ONCE(skb->dev->mtu);

	mtu = mtu > growth(o) ? mtu - growth(o) : 0;
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

static void send_one(const struct outgoing *o, struct sk_buff *skb)
{
	unsigned int v = too_big(skb, o) ?
			 refuse(o, skb, LABELHOP_REASON_TOO_BIG) :
			 stamp(o, skb);

	if (v == NF_ACCEPT)
		send_on(skb);
}

/* IPv4 that may be fragmented is, as any router would. */
static unsigned int send_fragments(const struct outgoing *o,
				   struct sk_buff *skb)
{
	unsigned int payload = o->st.at + LH_LSE_LEN;
	unsigned int taken = payload - skb_network_offset(skb) + growth(o);
	unsigned int mtu = READ_ONCE(skb->dev->mtu);
	struct sk_buff_head fragments;
	struct sk_buff *frag;

	if (mtu < taken + IPV4_MIN_MTU)
		return refuse(o, skb, LABELHOP_REASON_TOO_BIG);
	/* The IP layer would put the internet's checksum over a CRC. */
	if (lh_packet_checksum(skb) ||
	    lh_frag(skb, payload, mtu - taken, &fragments))
		return drop(o, skb, LABELHOP_REASON_NO_MEMORY);
	while ((frag = __skb_dequeue(&fragments)))
		send_one(o, frag);
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

static bool may_fragment(const struct outgoing *o, const struct sk_buff *skb)
{
	return o->here && lh_frag_allowed(skb, o->st.at + LH_LSE_LEN);
}

/* The tag is for a packet on the wire: segment now what hardware would. */
static unsigned int send_segments(const struct outgoing *o,
				  struct sk_buff *skb)
{
	netdev_features_t features = netif_skb_features(skb) &
				     ~(NETIF_F_GSO_MASK | NETIF_F_CSUM_MASK |
				       NETIF_F_SCTP_CRC);
	struct sk_buff *segments, *seg, *next;

	if (lh_packet_gso_room(skb))
		return drop(o, skb, LABELHOP_REASON_NO_MEMORY);
	segments = skb_gso_segment(skb, features);
	if (IS_ERR_OR_NULL(segments))
		return drop(o, skb, gso_reason(segments));
	skb_list_walk_safe(segments, seg, next) {
		skb_mark_not_on_list(seg);
		if (!too_big(seg, o) || !may_fragment(o, seg))
			send_one(o, seg);
		else if (send_fragments(o, seg) == NF_ACCEPT)
			send_on(seg);
	}
	consume_skb(skb);
	return NF_STOLEN;
}

/*
 * A router that forwards by label has no way back to a packet's source: what is too
 * big for a link is dropped as it would be by a smaller MTU.
 */
static void signal(const struct outgoing *o, struct sk_buff *skb)
{
	const struct lh_session *s = o->edge ?: o->over;

	if (o->here && READ_ONCE(s->policy) != LABELHOP_POLICY_MONITOR)
		lh_mtu_signal(skb, o->st.at + LH_LSE_LEN, growth(o));
}

static unsigned int send(const struct outgoing *o, struct sk_buff *skb)
{
	bool big = too_big(skb, o);

	if (big && !may_fragment(o, skb)) {
		signal(o, skb);
		return refuse(o, skb, LABELHOP_REASON_TOO_BIG);
	}
	if (skb_is_gso(skb))
		return send_segments(o, skb);
	if (big)
		return send_fragments(o, skb);
	return stamp(o, skb);
}

/* Somebody else holds the packet too: let a clone leave instead. */
static unsigned int replace_shared(const struct outgoing *o,
				   struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone)
		return drop(o, skb, LABELHOP_REASON_NO_MEMORY);
	consume_skb(skb);
	dev_queue_xmit(clone);
	return NF_STOLEN;
}

/* It carries the VPN label of sessions, and is for none of them. */
static unsigned int unmatched_out(struct lh_net *ln,
				  const struct lh_session *s,
				  struct sk_buff *skb, bool drop)
{
	lh_tell_unmatched(ln, s);
	if (drop)
		return lh_verdict_drop(s, skb, LABELHOP_REASON_UNMATCHED);
	lh_verdict_pass(s, LABELHOP_REASON_UNMATCHED);
	return NF_ACCEPT;
}

static unsigned int stack_out(const struct lh_dev *d, struct sk_buff *skb)
{
	const struct lh_session *unmatched = NULL;
	struct outgoing o = { .ln = d->ln };
	unsigned int v = NF_ACCEPT;
	bool drop;

	o.here = encapsulated_here(skb) && find_bottom(skb, &o.st);
	if (o.here)
		o.edge = lh_match_out(d->ln, skb, &o.st, &unmatched, &drop);
	o.link = lh_link_out(d, skb);
	if (!o.edge && !o.link && !unmatched)
		return NF_ACCEPT;
	if (o.link) {
		o.over = rcu_dereference(o.link->session);
		if (!o.over)
			return lh_link_closed(o.link, skb);
	}
	if (unlikely(skb_shared(skb)))
		return replace_shared(&o, skb);
	if (unmatched)
		v = unmatched_out(d->ln, unmatched, skb, drop);
	return v == NF_ACCEPT && (o.edge || o.link) ? send(&o, skb) : v;
}

/**
 * lh_hook_out - the egress hook
 * @priv: struct lh_dev
 * @skb: the packet, skb->data at the MAC header
 * @state: not used
 *
 * A packet socket with PACKET_QDISC_BYPASS sends with bottom halves on; the buffers
 * and caches of the CPU need them off.
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_out(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	const struct lh_dev *d = priv;
	unsigned int v;

	if (!lh_dev_covered(d) ||
	    (!encapsulated_here(skb) &&
	     hlist_empty(&d->links[LABELHOP_DIR_OUT])) ||
	    skb_vlan_tag_present(skb) ||
	    vlan_get_protocol(skb) != htons(ETH_P_MPLS_UC))
		return NF_ACCEPT;
	local_bh_disable();
	v = stack_out(d, skb);
	local_bh_enable();
	return v;
}
