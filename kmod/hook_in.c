// SPDX-License-Identifier: GPL-2.0
/*
 * Direction in: verify what carries a hop label, stop what comes bare. Runs in
 * the netdev ingress hook, under RCU with bottom halves off, before the
 * kernel's MPLS input. protocol.rst, "The receiver", numbers the steps.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include "compat.h"
#include "hook.h"
#include "net.h"
#include "packet.h"
#include "port.h"

/*
 * A stack is looked for below so many priority tags, besides the outermost, and
 * then below so many explicit nulls. The kernel takes nulls off one by one, and
 * the hook sees the frame each time: without an end one frame would be walked
 * through hundreds of times.
 */
#define ABOVE_MAX	128

/**
 * struct stack_in - a label stack whose top is one of ours
 * @top: the label that is ours
 * @at: its offset from skb->data; explicit nulls are above it
 * @tags: the tag labels
 * @payload: offset of the payload
 * @payload_len: its true length
 */
struct stack_in {
	struct lh_lse top;
	unsigned int at;
	u32 tags[LABELHOP_TAGS_MAX];
	unsigned int payload;
	size_t payload_len;
};

/*
 * Priority tags (VLAN id 0) are stripped after this hook: the outermost by
 * hardware or before it, all others at once, with no device in between that
 * would bring the frame here again. Find what they hide.
 *
 * Return: offset of the label stack, -ENOENT if there is none, or -E2BIG.
 */
static int hidden_stack(const struct sk_buff *skb)
{
	__be16 proto = skb->protocol;
	int offset;

	for (offset = 0; eth_type_vlan(proto); offset += VLAN_HLEN) {
		const struct vlan_hdr *vlan;
		struct vlan_hdr buffer;

		if (offset == ABOVE_MAX * VLAN_HLEN)
			return -E2BIG;
		vlan = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!vlan || ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK)
			return -ENOENT;
		proto = vlan->h_vlan_encapsulated_proto;
	}
	return proto == htons(ETH_P_MPLS_UC) ? offset : -ENOENT;
}

/* Frames that come past the hook again, on the device that they are for. */
static bool returns_above(const struct sk_buff *skb)
{
	const struct net_device *dev = skb->dev;

	if (netif_is_lag_port(dev) || netif_is_bridge_port(dev) ||
	    netif_is_ovs_port(dev))
		return true;
	if (!skb_vlan_tag_present(skb))
		return false;
	return skb_vlan_tag_get_id(skb) ||
	       __vlan_find_dev_deep_rcu((struct net_device *)dev,
					skb->vlan_proto, 0);
}

/*
 * Find the first label of a stack that is not an explicit null. However many
 * there are, the kernel pops them all by way of lo.
 *
 * Return: 0, -ENOENT if the frame ends before, or -E2BIG.
 */
static int find_top(const struct sk_buff *skb, int at, struct stack_in *st)
{
	u8 buffer[LH_LSE_LEN];
	int nulls;

	st->at = at;
	for (nulls = 0; nulls <= ABOVE_MAX; nulls++, st->at += LH_LSE_LEN) {
		const u8 *bytes = lh_packet_bytes(skb, st->at, LH_LSE_LEN,
						  buffer);

		if (!bytes)
			return -ENOENT;
		st->top = lh_lse_get(bytes);
		if (st->top.bos || !lh_label_is_null(st->top.label))
			return 0;
	}
	return -E2BIG;
}

/*
 * No label was found. What is below more than is looked through can't be left
 * to the kernel, which would find it.
 */
static unsigned int not_found(struct sk_buff *skb, int err)
{
	if (err == -E2BIG)
		return lh_verdict_drop(NULL, skb, LABELHOP_REASON_MALFORMED);
	return NF_ACCEPT;
}

static bool read_entries(const struct lh_session *s, const struct sk_buff *skb,
			 struct stack_in *st)
{
	unsigned int tags = s->gen.rule.tags;
	u8 buffer[LABELHOP_TAGS_MAX * LH_LSE_LEN];
	const u8 *bytes;

	st->payload = st->at + (1 + tags) * LH_LSE_LEN;
	bytes = lh_packet_bytes(skb, st->at + LH_LSE_LEN, tags * LH_LSE_LEN,
				buffer);
	return !st->top.bos && bytes && lh_tag_entries(bytes, tags, st->tags);
}

static bool read_payload(const struct sk_buff *skb, struct stack_in *st)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	/* A tag is for one packet on the wire, so no sender made this one. */
	if (skb_is_gso(skb))
		return false;
	len = lh_packet_head(skb, st->payload, buffer, &head);
	return lh_payload_len(head, len, skb->len - st->payload,
			      &st->payload_len);
}

static enum labelhop_reason check_tag(const struct lh_session *s,
				      const struct sk_buff *skb,
				      const struct stack_in *st,
				      const struct lh_hop **match,
				      unsigned int n)
{
	u32 tags[LABELHOP_TAGS_MAX];
	const u8 *input;
	bool good = false;
	size_t len;

	input = lh_packet_input(&s->gen, skb, st->payload, st->payload_len,
				&len);
	if (!input)
		return LABELHOP_REASON_MALFORMED;
	while (n--) {
		lh_hop_tags(&s->gen, match[n], input, len, tags);
		good |= lh_tag_equal(tags, st->tags, s->gen.rule.tags);
	}
	return good ? LABELHOP_REASON_UNSPEC : LABELHOP_REASON_BAD_TAG;
}

static enum labelhop_reason check(const struct lh_net *ln,
				  const struct lh_session *s,
				  const struct sk_buff *skb,
				  struct stack_in *st)
{
	const struct lh_hop *match[LH_HOPS_MAX];
	enum labelhop_reason reason;
	struct lh_window window;
	struct lh_time t;
	unsigned int n;

	if (!read_payload(skb, st))
		return LABELHOP_REASON_MALFORMED;
	reason = lh_session_time(s, &ln->clock, &t);
	if (reason)
		return reason;
	reason = lh_slot_window(&s->gen.slots, t.tai, READ_ONCE(s->delay),
				READ_ONCE(s->tolerance) + t.error, &window);
	if (reason)
		return reason;
	n = lh_hop_match(&this_cpu_ptr(s->cpu)->cache, &s->gen, &window,
			 st->top.label, match);
	if (!n)
		return LABELHOP_REASON_BAD_HOP;
	return check_tag(s, skb, st, match, n);
}

/*
 * A packet that passes with explicit nulls on top comes by again on lo, when the
 * kernel has taken one off: then it is counted.
 */
static bool returns_on_lo(const struct lh_session *s,
			  const struct stack_in *st)
{
	return st->at && !s->dev.name[0];
}

/* What no VPN label can be put back into. */
static unsigned int malformed_in(const struct lh_session *s,
				 struct sk_buff *skb)
{
	if (READ_ONCE(s->policy) != LABELHOP_POLICY_MONITOR)
		return lh_verdict_drop(s, skb, LABELHOP_REASON_MALFORMED);
	lh_verdict_pass(s, LABELHOP_REASON_MALFORMED);
	return NF_ACCEPT;
}

static unsigned int hop_in(const struct lh_net *ln, const struct lh_session *s,
			   struct sk_buff *skb, struct stack_in *st)
{
	bool monitor = READ_ONCE(s->policy) == LABELHOP_POLICY_MONITOR;
	enum labelhop_reason reason;
	struct lh_lse vpn = {
		.label = s->gen.label,
		.tc = st->top.tc,
		.bos = true,
		.ttl = st->top.ttl,
	};

	if (!read_entries(s, skb, st)) {
		if (monitor && returns_on_lo(s, st))
			return NF_ACCEPT;
		return malformed_in(s, skb);
	}
	reason = check(ln, s, skb, st);
	if (reason && !lh_session_passes(s, reason))
		return lh_verdict_drop(s, skb, reason);
	if (lh_packet_shrink(skb, st->payload - LH_LSE_LEN, vpn))
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	if (reason)
		lh_verdict_pass(s, reason);
	else
		lh_verdict_count(s, LH_COUNT_VERIFIED);
	return NF_ACCEPT;
}

static bool matches_dev(const struct lh_session *s, const struct sk_buff *skb)
{
	return !s->dev.name[0] || READ_ONCE(s->dev.ifindex) == skb->dev->ifindex;
}

static bool matches(const struct lh_session *s, const struct sk_buff *skb,
		    const struct stack_in *st)
{
	unsigned int payload = st->at + LH_LSE_LEN;
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head = buffer;
	size_t len = 0;

	if (!matches_dev(s, skb))
		return false;
	if (!s->n_prefixes)
		return true;
	if (st->top.bos)
		len = lh_packet_head(skb, payload, buffer, &head);
	return lh_session_takes_dst(s, head, len);
}

/* Of the sessions that share the VPN label, the strictest holds. */
static const struct lh_session *strictest(const struct lh_session *first,
					  const struct sk_buff *skb,
					  const struct stack_in *st)
{
	const struct lh_session *s, *found = NULL;

	for (s = first; s; s = rcu_dereference(s->same_label))
		if ((!st || matches(s, skb, st)) &&
		    (!found || READ_ONCE(s->policy) < READ_ONCE(found->policy)))
			found = s;
	return found;
}

static unsigned int bare_in(const struct lh_session *first,
			    struct sk_buff *skb, const struct stack_in *st)
{
	const struct lh_session *s = strictest(first, skb, st);
	u8 policy;

	if (!s)
		return NF_ACCEPT;
	policy = READ_ONCE(s->policy);
	if (policy != LABELHOP_POLICY_STRICT && returns_on_lo(s, st))
		return NF_ACCEPT;

	switch (policy) {
	case LABELHOP_POLICY_PERMISSIVE:
		lh_verdict_count(s, LH_COUNT_BARE);
		return NF_ACCEPT;
	case LABELHOP_POLICY_MONITOR:
		lh_verdict_pass(s, LABELHOP_REASON_BARE);
		return NF_ACCEPT;
	default:
		return lh_verdict_drop(s, skb, LABELHOP_REASON_BARE);
	}
}

/*
 * Somebody else holds the packet too, so it must not be changed: let a clone
 * come by instead.
 */
static unsigned int replace_shared(const struct lh_session *s,
				   struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone)
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	consume_skb(skb);
	netif_rx(clone);
	return NF_STOLEN;
}

static unsigned int stack_in(struct lh_net *ln, struct sk_buff *skb)
{
	struct stack_in st;
	void *entry;
	int err;

	err = find_top(skb, 0, &st);
	if (err)
		return not_found(skb, err);
	entry = xa_load(&ln->in, st.top.label);
	if (!entry)
		return NF_ACCEPT;
	if (xa_pointer_tag(entry) == LH_BARE)
		return bare_in(xa_untag_pointer(entry), skb, &st);
	if (!matches_dev(entry, skb))
		return NF_ACCEPT;
	if (unlikely(skb_shared(skb)))
		return replace_shared(entry, skb);
	return hop_in(ln, entry, skb, &st);
}

/* No sender hides a stack: one whose top is ours has no good reason to be. */
static unsigned int hidden_in(struct lh_net *ln, struct sk_buff *skb)
{
	int at = hidden_stack(skb);
	struct stack_in st;
	void *entry;
	int err;

	err = at < 0 ? at : find_top(skb, at, &st);
	if (err)
		return not_found(skb, err);
	entry = xa_load(&ln->in, st.top.label);
	if (!entry)
		return NF_ACCEPT;
	if (xa_pointer_tag(entry) == LH_BARE)
		return malformed_in(strictest(xa_untag_pointer(entry), skb,
					      NULL), skb);
	return malformed_in(entry, skb);
}

/**
 * lh_hook_in - the ingress hook
 * @priv: struct lh_dev
 * @skb: the packet, skb->data behind the MAC header
 * @state: not used
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_in(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	const struct lh_dev *d = priv;

	bool hidden = eth_type_vlan(skb->protocol);

	if (skb->pkt_type != PACKET_HOST ||
	    (skb->protocol != htons(ETH_P_MPLS_UC) && !hidden) ||
	    returns_above(skb))
		return NF_ACCEPT;
	return unlikely(hidden) ? hidden_in(d->ln, skb) : stack_in(d->ln, skb);
}
