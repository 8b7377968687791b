// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

/* In the order of the enumeration. */
#define REASON_WORD(id, word)	word,

static const char * const words[] = {
	"none",
	LABELHOP_REASONS(REASON_WORD)
};

const char *reason_word(enum labelhop_reason reason)
{
	return words[reason];
}

/* Only as much of the head is given as the function says it wants. */
bool packet_payload_len(const u8 *payload, size_t present, size_t *len)
{
	size_t head_len = present < LH_PAYLOAD_HEAD_MAX ? present :
							  LH_PAYLOAD_HEAD_MAX;
	u8 *head = vec_copy(payload, head_len);
	bool ok = lh_payload_len(LABELHOP_PAYLOAD_IP, head, head_len, present, len);

	free(head);
	return ok;
}

/* Digest and tags of a payload whose true length is len. */
u64 packet_digest(const struct lh_gen *gen, const struct lh_hop *hop,
		  const u8 *payload, size_t len, u32 tags[LABELHOP_TAGS_MAX])
{
	size_t n = lh_hop_input_len(gen, len);
	u8 *input = malloc(LH_INPUT_PREFIX + n);
	u64 digest;

	if (!input)
		ktap_bail("no memory");
	lh_hop_input_prefix(input, len);
	if (n)
		memcpy(input + LH_INPUT_PREFIX, payload, n);
	digest = lh_hash_digest(gen->hash, &hop->key, input,
				LH_INPUT_PREFIX + n);
	lh_hop_tags(gen, hop, input, LH_INPUT_PREFIX + n, tags);
	free(input);
	return digest;
}

/* out has room for the packet and LABELHOP_TAGS_MAX more entries. */
const char *packet_stamp(const struct lh_gen *gen, u64 t,
			 const u8 *stack, size_t stack_len,
			 const u8 *payload, size_t present,
			 u8 *out, size_t *out_len)
{
	enum labelhop_reason reason = lh_slot_state(&gen->slots, t);
	u32 tags[LABELHOP_TAGS_MAX];
	struct lh_lse lse;
	struct lh_hop hop;
	size_t len;
	u8 i;

	if (reason)
		return reason_word(reason);
	if (!packet_payload_len(payload, present, &len))
		return reason_word(LABELHOP_REASON_MALFORMED);
	lh_hop_at(gen, t, &hop);
	packet_digest(gen, &hop, payload, len, tags);

	*out_len = stack_len - LH_LSE_LEN;
	memcpy(out, stack, *out_len);
	lse = lh_lse_get(stack + *out_len);
	lse.label = hop.label;
	lse.bos = false;
	lh_lse_put(out + *out_len, lse);
	*out_len += LH_LSE_LEN;
	for (i = 0; i < gen->rule.tags; i++) {
		lse = (struct lh_lse) {
			.label = tags[i],
			.bos = i == gen->rule.tags - 1,
		};
		lh_lse_put(out + *out_len, lse);
		*out_len += LH_LSE_LEN;
	}
	if (present)
		memcpy(out + *out_len, payload, present);
	*out_len += present;
	return WORD_STAMPED;
}

static bool in_set(const struct lh_gen *gen, u32 label)
{
	u32 i;

	for (i = 0; i < gen->n_labels; i++)
		if (gen->labels[i] == label)
			return true;
	return false;
}

/*
 * out, with room for the packet, receives what goes on if the policy is
 * monitor.
 */
const char *packet_verify(const struct lh_gen *gen, struct lh_hop_cache *cache,
			  u64 now, u64 tolerance, u64 delay,
			  const u8 *packet, size_t len,
			  u8 *out, size_t *out_len)
{
	u32 tags[LABELHOP_TAGS_MAX], computed[LABELHOP_TAGS_MAX];
	const size_t tags_len = gen->rule.tags * LH_LSE_LEN;
	const struct lh_hop *match[LH_HOPS_MAX];
	size_t at = 0, payload_at, payload_len;
	enum labelhop_reason reason;
	struct lh_window window;
	unsigned int i, n;
	struct lh_lse lse;

	if (len)
		memcpy(out, packet, len);
	*out_len = len;
	for (;; at += LH_LSE_LEN) {
		if (len < at + LH_LSE_LEN)
			return WORD_NOT_OURS;
		lse = lh_lse_get(packet + at);
		if (!lh_label_is_null(lse.label) || lse.bos)
			break;
	}
	if (lse.label == gen->label)
		return reason_word(LABELHOP_REASON_BARE);
	if (!in_set(gen, lse.label))
		return WORD_NOT_OURS;
	payload_at = at + LH_LSE_LEN + tags_len;
	if (lse.bos || len < payload_at ||
	    !lh_tag_entries(packet + at + LH_LSE_LEN, gen->rule.tags, true, tags))
		return reason_word(LABELHOP_REASON_MALFORMED);

	lh_lse_put(out, (struct lh_lse) {
		.label = gen->label,
		.tc = lse.tc,
		.bos = true,
		.ttl = lse.ttl,
	});
	if (len > payload_at)
		memcpy(out + LH_LSE_LEN, packet + payload_at, len - payload_at);
	*out_len = LH_LSE_LEN + len - payload_at;
	if (!packet_payload_len(packet + payload_at, len - payload_at,
				&payload_len))
		return reason_word(LABELHOP_REASON_MALFORMED);
	reason = lh_slot_window(&gen->slots, now, delay, tolerance, &window);
	if (reason)
		return reason_word(reason);
	n = lh_hop_match(cache, gen, &window, lse.label, match);
	if (!n)
		return reason_word(LABELHOP_REASON_BAD_HOP);
	for (i = 0; i < n; i++) {
		packet_digest(gen, match[i], packet + payload_at, payload_len,
			      computed);
		if (lh_tag_equal(tags, computed, gen->rule.tags))
			return WORD_VERIFIED;
	}
	return reason_word(LABELHOP_REASON_BAD_TAG);
}
