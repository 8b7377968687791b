// SPDX-License-Identifier: GPL-2.0
/* Hop and tag labels for a packet: protocol.rst, "The sender", steps 3 to 5. */
#include "packet.h"
#include "stamp.h"

/**
 * lh_stamp_len - length of the entries that a session writes
 * @s: the session
 *
 * Return: bytes of hop and tag labels.
 */
unsigned int lh_stamp_len(const struct lh_session *s)
{
	return (1 + s->gen.rule.tags) * LH_LSE_LEN;
}

/**
 * lh_stamp_make - make the labels of one packet that is as it will be on the wire
 * @ln: the namespace
 * @s: the session, direction out
 * @skb: the packet, of which nothing but the checksum is changed
 * @payload: offset of the payload from skb->data
 * @stamp: receives the labels
 *
 * To be called under RCU with bottom halves off.
 *
 * Return: LABELHOP_REASON_UNSPEC, or why there are none.
 */
enum labelhop_reason lh_stamp_make(const struct lh_net *ln,
				   const struct lh_session *s,
				   struct sk_buff *skb, unsigned int payload,
				   struct lh_stamp *stamp)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
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
	if (lh_packet_checksum(skb))
		return LABELHOP_REASON_NO_MEMORY;

	len = lh_packet_head(skb, payload, buffer, &bytes);
	if (!lh_payload_len(s->payload, bytes, len, skb->len - payload,
			    &payload_len))
		return LABELHOP_REASON_MALFORMED;
	bytes = lh_packet_input(&s->gen, skb, payload, payload_len, &len);
	if (!bytes)
		return LABELHOP_REASON_MALFORMED;
	hop = lh_hop_find(&this_cpu_ptr(s->cpu)->cache, &s->gen, t.tai);
	lh_hop_tags(&s->gen, hop, bytes, len, stamp->tags);
	stamp->hop = hop->label;
	return LABELHOP_REASON_UNSPEC;
}

/**
 * lh_stamp_write - write the entries
 * @bytes: receives lh_stamp_len() bytes
 * @s: the session
 * @stamp: the labels
 * @like: entry whose TC and TTL the hop label gets
 */
void lh_stamp_write(u8 *bytes, const struct lh_session *s,
		    const struct lh_stamp *stamp, const struct lh_lse *like)
{
	bool bottom = s->payload != LABELHOP_PAYLOAD_LINK;
	u8 n = s->gen.rule.tags, i;
	struct lh_lse lse = *like;

	lse.label = stamp->hop;
	lse.bos = false;
	lh_lse_put(bytes, lse);
	for (i = 0; i < n; i++) {
		lse = (struct lh_lse) {
			.label = stamp->tags[i],
			.bos = bottom && i == n - 1,
		};
		lh_lse_put(bytes + (1 + i) * LH_LSE_LEN, lse);
	}
}
