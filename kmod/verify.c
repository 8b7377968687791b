// SPDX-License-Identifier: GPL-2.0
/* Are hop and tag labels right? protocol.rst, "The receiver", steps 1.a to 1.e. */
#include "packet.h"
#include "verify.h"

/**
 * lh_verify_top - find the first label of a stack that is not an explicit null
 * @skb: the packet
 * @at: offset of the stack from skb->data
 * @st: receives the label and its offset
 *
 * However many nulls there are, the kernel pops them all by way of lo.
 *
 * Return: 0, -ENOENT if the frame ends before, or -E2BIG.
 */
int lh_verify_top(const struct sk_buff *skb, int at, struct lh_stack_in *st)
{
	u8 buffer[LH_LSE_LEN];
	int nulls;

	st->at = at;
	for (nulls = 0; nulls <= LH_ABOVE_MAX; nulls++, st->at += LH_LSE_LEN) {
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

/**
 * lh_verify_entries - read the entries that follow a hop label
 * @s: the session whose hop label it is
 * @skb: the packet
 * @st: its stack; receives tags and offset of the payload
 *
 * Return: false if their number or their S bits are wrong.
 */
bool lh_verify_entries(const struct lh_session *s, const struct sk_buff *skb,
		       struct lh_stack_in *st)
{
	bool bottom = s->payload != LABELHOP_PAYLOAD_LINK;
	unsigned int tags = s->gen.rule.tags;
	u8 buffer[LABELHOP_TAGS_MAX * LH_LSE_LEN];
	const u8 *bytes;

	st->payload = st->at + (1 + tags) * LH_LSE_LEN;
	bytes = lh_packet_bytes(skb, st->at + LH_LSE_LEN, tags * LH_LSE_LEN,
				buffer);
	return !st->top.bos && bytes &&
	       lh_tag_entries(bytes, tags, bottom, st->tags);
}

static bool read_payload(const struct lh_session *s, const struct sk_buff *skb,
			 struct lh_stack_in *st)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	/* A tag is for one packet on the wire, so no sender made this one. */
	if (skb_is_gso(skb))
		return false;
	len = lh_packet_head(skb, st->payload, buffer, &head);
	return lh_payload_len(s->payload, head, len, skb->len - st->payload,
			      &st->payload_len);
}

static enum labelhop_reason check_tag(const struct lh_session *s,
				      const struct sk_buff *skb,
				      const struct lh_stack_in *st,
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

/**
 * lh_verify - check a packet
 * @ln: the namespace
 * @s: the session
 * @skb: the packet
 * @st: its stack, of lh_verify_entries()
 *
 * To be called under RCU with bottom halves off.
 *
 * Return: LABELHOP_REASON_UNSPEC, or what is wrong.
 */
enum labelhop_reason lh_verify(const struct lh_net *ln,
			       const struct lh_session *s,
			       const struct sk_buff *skb,
			       struct lh_stack_in *st)
{
	const struct lh_hop *match[LH_HOPS_MAX];
	enum labelhop_reason reason;
	struct lh_window window;
	struct lh_time t;
	unsigned int n;

	if (!read_payload(s, skb, st))
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
