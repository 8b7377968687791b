// SPDX-License-Identifier: GPL-2.0
/*
 * Direction in: verify what carries a hop label, stop what comes bare. Runs in
 * the netdev ingress hook, under RCU with bottom halves off, before the
 * kernel's MPLS input. protocol.rst, "The receiver", numbers the steps.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include "bare.h"
#include "compat.h"
#include "hook.h"
#include "net.h"
#include "note.h"
#include "link.h"
#include "packet.h"
#include "port.h"
#include "pw.h"
#include "verify.h"

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

		if (offset == LH_ABOVE_MAX * VLAN_HLEN)
			return -E2BIG;
		vlan = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!vlan || ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK)
			return -ENOENT;
		proto = vlan->h_vlan_encapsulated_proto;
	}
	return proto == htons(ETH_P_MPLS_UC) ? offset : -ENOENT;
}

/* The VLAN device of id 0 that is right above, as vlan_do_receive() finds it. */
static bool on_priority_vlan(const struct sk_buff *skb)
{
	const struct net_device *vlan;

	if (!skb_vlan_tag_present(skb))
		return false;
	/* It looks above the master too, where the kernel does not. */
	vlan = __vlan_find_dev_deep_rcu(skb->dev, skb->vlan_proto, 0);
	return vlan && vlan_dev_priv(vlan)->real_dev == skb->dev;
}

/*
 * Does a device above take the frame, so that it comes by again there? The handler
 * is looked for where the kernel looks next, in the same RCU section. If it goes
 * in between, the kernel's MPLS input meets a label of K, for which it has no
 * route. If it comes in between, the device above gets a bare packet. Both end in
 * a drop, and so does a wrong answer: no forgery passes by it.
 */
static bool taken_above(const struct lh_dev *d, const struct sk_buff *skb)
{
	return on_priority_vlan(skb) || lh_dev_taken(d);
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

/*
 * A packet that passes with explicit nulls on top comes by again on lo, when the
 * kernel has taken one off: then it is counted.
 */
static bool returns_on_lo(const struct lh_session *s,
			  const struct lh_stack_in *st)
{
	return st->at && !s->dev.name[0] &&
	       s->payload != LABELHOP_PAYLOAD_LINK;
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

/* What the packet is to look like without hop and tag labels. */
static int take_off(const struct lh_session *s, struct sk_buff *skb,
		    struct lh_stack_in *st)
{
	int err;

	if (s->payload == LABELHOP_PAYLOAD_LINK)
		return lh_packet_shrink(skb, st->payload, NULL);
	st->top.label = s->gen.label;
	st->top.bos = true;
	err = lh_packet_shrink(skb, st->payload - LH_LSE_LEN, &st->top);
	st->at = 0;
	return err;
}

/**
 * lh_hook_hop - handle a packet with a hop label
 * @ln: the namespace
 * @s: the session whose label it is
 * @skb: the packet, not shared
 * @st: its stack; becomes what is left of it
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_hop(const struct lh_net *ln, const struct lh_session *s,
			 struct sk_buff *skb, struct lh_stack_in *st)
{
	bool monitor = READ_ONCE(s->policy) == LABELHOP_POLICY_MONITOR;
	enum labelhop_reason reason;

	if (!lh_verify_entries(s, skb, st)) {
		if (monitor && returns_on_lo(s, st))
			return NF_ACCEPT;
		return malformed_in(s, skb);
	}
	reason = lh_verify(ln, s, skb, st);
	if (reason && !lh_session_passes(s, reason))
		return lh_verdict_drop(s, skb, reason);
	if (take_off(s, skb, st))
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	if (reason) {
		lh_verdict_pass(s, reason);
		return NF_ACCEPT;
	}
	lh_verdict_count(s, LH_COUNT_VERIFIED);
	if (s->payload == LABELHOP_PAYLOAD_IP)
		lh_note_verify(skb);
	return NF_ACCEPT;
}

/* A session whose device is gone is for all: nothing opens because of a new name. */
static bool matches_dev(const struct lh_session *s, const struct sk_buff *skb)
{
	int ifindex = READ_ONCE(s->dev.ifindex);

	return !ifindex || ifindex == skb->dev->ifindex;
}

/**
 * lh_hook_bare - handle a packet that lacks a session's labels
 * @s: the session
 * @skb: the packet
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_bare(const struct lh_session *s, struct sk_buff *skb)
{
	switch (READ_ONCE(s->policy)) {
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

/* What passes is a frame of a pseudowire, or the kernel's. */
static unsigned int pass(const struct lh_dev *d, const struct lh_session *s,
			 bool bare, struct sk_buff *skb,
			 const struct lh_stack_in *st)
{
	const struct lh_pw_setup *to = xa_load(&d->ln->pw_labels,
					       st->top.label);

	if (!to || (!READ_ONCE(d->port) && lh_dev_customers(d)))
		return NF_ACCEPT;
	return lh_pw_receive(to, s, bare, skb, st->at);
}

static unsigned int bare_in(const struct lh_dev *d,
			    const struct lh_bare *bare,
			    struct sk_buff *skb, const struct lh_stack_in *st)
{
	const struct lh_session *s = lh_bare_find(d->ln, bare, skb, st);
	unsigned int verdict;

	if (!s)
		return pass(d, NULL, true, skb, st);
	if (READ_ONCE(s->policy) != LABELHOP_POLICY_STRICT &&
	    returns_on_lo(s, st))
		return NF_ACCEPT;
	verdict = lh_hook_bare(s, skb);
	return verdict == NF_ACCEPT ? pass(d, s, true, skb, st) : verdict;
}

/*
 * What a device above takes is counted there. But what a strict session drops
 * wherever it comes by is dropped now, as the device above may let go of this one.
 */
static bool left_above(const struct lh_session *s, bool bare)
{
	return !bare || !s || READ_ONCE(s->policy) != LABELHOP_POLICY_STRICT;
}

static unsigned int taken_in(const struct lh_dev *d, void *entry,
			     struct sk_buff *skb,
			     const struct lh_stack_in *st)
{
	const struct lh_session *s = NULL;
	bool bare = xa_pointer_tag(entry) == LH_BARE;

	if (bare)
		s = lh_bare_find(d->ln, xa_untag_pointer(entry), skb, st);
	return left_above(s, bare) ? NF_ACCEPT : lh_hook_bare(s, skb);
}

/* The clone that this CPU is receiving. Only compared; used with bottom halves off. */
static DEFINE_PER_CPU(const struct sk_buff *, replacement);

/**
 * lh_hook_replace - receive a clone instead of a shared packet
 * @s: the session, or NULL if the packet is none's
 * @skb: the packet, which somebody else holds too, so that it must not be changed
 *
 * A clone that is shared again is dropped: somebody keeps all packets, and there
 * would be no end of clones. The clone does not go to another CPU, where it
 * would not be known for one.
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_replace(const struct lh_session *s, struct sk_buff *skb)
{
	const struct sk_buff *outer = this_cpu_read(replacement);
	struct sk_buff *clone = NULL;

	if (skb != outer)
		clone = skb_clone(skb, GFP_ATOMIC);
	if (!clone)
		return lh_verdict_drop(s, skb, LABELHOP_REASON_NO_MEMORY);
	consume_skb(skb);
	this_cpu_write(replacement, clone);
	netif_receive_skb_core(clone);
	this_cpu_write(replacement, outer);
	return NF_STOLEN;
}

/* A link's hop label is right only on a device of the link. */
static bool is_hop(const struct lh_session *s, const struct sk_buff *skb)
{
	return s->payload != LABELHOP_PAYLOAD_LINK && matches_dev(s, skb);
}

static unsigned int stack_in(const struct lh_dev *d, struct sk_buff *skb)
{
	struct lh_net *ln = d->ln;
	struct lh_stack_in st;
	unsigned int verdict;
	void *entry;
	bool bare;
	int err;

	err = lh_verify_top(skb, 0, &st);
	if (err)
		return not_found(skb, err);
	lh_note_begin(skb, st.top.label);
	entry = xa_load(&ln->in, st.top.label);
	if (!entry && !xa_load(&ln->pw_labels, st.top.label))
		return NF_ACCEPT;
	bare = !entry || xa_pointer_tag(entry) == LH_BARE;
	if (!bare && !is_hop(entry, skb))
		return NF_ACCEPT;
	if (taken_above(d, skb))
		return taken_in(d, entry, skb, &st);
	if (unlikely(skb_shared(skb)))
		return lh_hook_replace(bare ? NULL : entry, skb);
	if (!entry)
		return pass(d, NULL, true, skb, &st);
	if (bare)
		return bare_in(d, xa_untag_pointer(entry), skb, &st);
	verdict = lh_hook_hop(ln, entry, skb, &st);
	return verdict == NF_ACCEPT ? pass(d, entry, false, skb, &st) : verdict;
}

/* No sender hides a stack: one whose top is ours has no good reason to be. */
static unsigned int hidden_in(const struct lh_dev *d, struct sk_buff *skb)
{
	int at = hidden_stack(skb);
	const struct lh_session *s;
	struct lh_stack_in st;
	unsigned int verdict;
	void *entry;
	bool bare;
	int err;

	verdict = at < 0 ? NF_ACCEPT : lh_link_hidden(d, skb);
	if (verdict != NF_ACCEPT)
		return verdict;
	err = at < 0 ? at : lh_verify_top(skb, at, &st);
	if (err)
		return not_found(skb, err);
	entry = xa_load(&d->ln->in, st.top.label);
	if (!entry)
		return NF_ACCEPT;
	bare = xa_pointer_tag(entry) == LH_BARE;
	s = bare ? lh_bare_find(d->ln, xa_untag_pointer(entry), skb, NULL) :
		   entry;
	if (!s)
		return NF_ACCEPT;
	if (taken_above(d, skb) && left_above(s, bare))
		return NF_ACCEPT;
	return malformed_in(s, skb);
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
	unsigned int verdict;
	bool hidden = eth_type_vlan(skb->protocol);

	if (!lh_dev_covered(d) || skb->pkt_type != PACKET_HOST ||
	    (skb->protocol != htons(ETH_P_MPLS_UC) && !hidden))
		return NF_ACCEPT;
	/* It comes by on the VLAN's device. Without one, it is nobody's here. */
	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		return NF_ACCEPT;
	if (unlikely(hidden)) {
		lh_note_begin(skb, 0);
		return hidden_in(d, skb);
	}
	verdict = lh_link_in(d, skb);
	return verdict == NF_ACCEPT ? stack_in(d, skb) : verdict;
}
