// SPDX-License-Identifier: GPL-2.0
/*
 * A device with a link, direction in: what comes must have the labels of its
 * session on top, which are taken off. protocol.rst, "Link mode".
 */
#include <linux/netfilter.h>
#include "hook.h"
#include "link.h"
#include "verify.h"

#define for_each_link(link, d) \
	hlist_for_each_entry_rcu(link, &(d)->links[LABELHOP_DIR_IN], node)

static bool is_transport(const struct lh_dev *d, const struct lh_lse *lse)
{
	const struct lh_link *link;

	if (lse->bos)
		return false;
	for_each_link(link, d)
		if (link->transport && link->transport == lse->label)
			return true;
	return false;
}

/* The session of a hop label, if there is a link on the device that has it. */
static const struct lh_session *hop_session(const struct lh_dev *d, u32 label)
{
	void *entry = xa_load(&d->ln->in, label);
	const struct lh_link *link;

	if (!entry || xa_pointer_tag(entry) == LH_BARE)
		return NULL;
	for_each_link(link, d)
		if (rcu_access_pointer(link->session) == entry)
			return entry;
	return NULL;
}

/*
 * What is not protected is judged by the strictest of the links that want it to be,
 * and one that has lost its session lets nothing pass. Any label is meant if there
 * is no @st.
 */
static const struct lh_link *judge(const struct lh_dev *d,
				   const struct lh_stack_in *st)
{
	const struct lh_link *link, *found = NULL;
	const struct lh_session *s;
	u8 strictest = 0;

	for_each_link(link, d) {
		if (st && !lh_link_takes(link, st->top.label))
			continue;
		s = rcu_dereference(link->session);
		if (!s)
			return link;
		if (!found || READ_ONCE(s->policy) < strictest) {
			strictest = READ_ONCE(s->policy);
			found = link;
		}
	}
	return found;
}

static unsigned int bare(const struct lh_dev *d, struct sk_buff *skb,
			 const struct lh_stack_in *st)
{
	const struct lh_link *link = judge(d, st);
	const struct lh_session *s;

	if (!link)
		return NF_ACCEPT;
	s = rcu_dereference(link->session);
	if (!s)
		return lh_link_closed(link, skb);
	return lh_hook_bare(s, skb);
}

/**
 * lh_link_hidden - a frame whose stack is behind priority tags
 * @d: the device
 * @skb: the frame
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_link_hidden(const struct lh_dev *d, struct sk_buff *skb)
{
	return bare(d, skb, NULL);
}

/**
 * lh_link_in - a labelled packet that has come
 * @d: the device
 * @skb: the packet
 *
 * Return: a netfilter verdict. NF_ACCEPT leaves the packet as it was without a link.
 */
unsigned int lh_link_in(const struct lh_dev *d, struct sk_buff *skb)
{
	const struct lh_session *s;
	struct lh_stack_in st;
	bool below = false;
	int err;

	if (hlist_empty(&d->links[LABELHOP_DIR_IN]))
		return NF_ACCEPT;
	err = lh_verify_top(skb, 0, &st);
	if (!err && is_transport(d, &st.top)) {
		err = lh_verify_top(skb, st.at + LH_LSE_LEN, &st);
		below = true;
	}
	/* The limit is for the nulls on both sides of the transport label. */
	if (st.at > (LH_ABOVE_MAX + below) * LH_LSE_LEN)
		return lh_verdict_drop(NULL, skb, LABELHOP_REASON_MALFORMED);
	s = err ? NULL : hop_session(d, st.top.label);
	if (!s)
		return bare(d, skb, err || below ? NULL : &st);
	if (unlikely(skb_shared(skb)))
		return lh_hook_replace(s, skb);
	return lh_hook_hop(d->ln, s, skb, &st);
}
