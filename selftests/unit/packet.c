// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

#define NULLS_MAX	128	/* of the page */
#define ETHERNET_LEAST	60

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
bool packet_payload_len(u8 kind, const u8 *payload, size_t present, size_t *len)
{
	size_t head_len = present < LH_PAYLOAD_HEAD_MAX ? present :
							  LH_PAYLOAD_HEAD_MAX;
	u8 *head = vec_copy(payload, head_len);
	bool ok = lh_payload_len(kind, head, head_len, present, len);

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

static bool is_link(const struct packet_how *how)
{
	return how->payload == LABELHOP_PAYLOAD_LINK;
}

static size_t growth(const struct packet_how *how, const struct lh_gen *gen)
{
	size_t entries = gen->rule.tags;

	if (is_link(how))
		entries += how->transport ? 2 : 1;
	return entries * LH_LSE_LEN;
}

/* What a short payload is padded to, before it is hashed. */
static size_t least(const struct packet_how *how, const struct lh_gen *gen)
{
	switch (how->payload) {
	case LABELHOP_PAYLOAD_PW_NO_CW:
		return ETHERNET_LEAST;
	case LABELHOP_PAYLOAD_LINK:
		return ETHERNET_LEAST - LH_FRAME_HEADER -
		       (1 + gen->rule.tags) * LH_LSE_LEN;
	default:
		return 0;
	}
}

static const char *cannot(const struct packet_how *how, const struct lh_gen *gen,
			  u64 t, size_t len)
{
	enum labelhop_reason reason = lh_slot_state(&gen->slots, t);

	if (how->mtu && len + growth(how, gen) > how->mtu)
		return reason_word(LABELHOP_REASON_TOO_BIG);
	if (gen->slots.shortest / 2 < how->error)
		return reason_word(LABELHOP_REASON_CLOCK_ERROR);
	return reason ? reason_word(reason) : NULL;
}

/* The entries, and what is above them. Returns their length. */
static size_t write_entries(const struct packet_how *how,
			    const struct lh_gen *gen, const struct lh_lse *like,
			    const struct lh_hop *hop, const u32 *tags, u8 *out)
{
	struct lh_lse lse = *like;
	u8 *at = out;
	u8 i;

	lse.bos = false;
	if (is_link(how) && how->transport) {
		lse.label = how->transport;
		lh_lse_put(at, lse);
		at += LH_LSE_LEN;
	}
	lse.label = hop->label;
	lh_lse_put(at, lse);
	for (i = 0; i < gen->rule.tags; i++) {
		lse = (struct lh_lse) {
			.label = tags[i],
			.bos = !is_link(how) && i == gen->rule.tags - 1,
		};
		at += LH_LSE_LEN;
		lh_lse_put(at, lse);
	}
	return at + LH_LSE_LEN - out;
}

/*
 * out has room for the packet, its padding and LABELHOP_TAGS_MAX + 1 more entries. On
 * a link the payload begins with the stack.
 */
const char *packet_stamp(const struct packet_how *how,
			 const struct lh_gen *gen, u64 t,
			 const u8 *stack, size_t stack_len,
			 const u8 *payload, size_t present,
			 u8 *out, size_t *out_len)
{
	size_t above = is_link(how) ? 0 : stack_len - LH_LSE_LEN, padded, len;
	size_t own = is_link(how) ? stack_len : 0;
	u32 tags[LABELHOP_TAGS_MAX];
	const char *word;
	struct lh_lse like;
	struct lh_hop hop;
	u8 *whole;

	padded = own + present;
	if (padded < least(how, gen))
		padded = least(how, gen);
	word = cannot(how, gen, t, how->payload == LABELHOP_PAYLOAD_PW_NO_CW ?
				   stack_len + padded : stack_len + present);
	if (word)
		return word;
	whole = calloc(1, padded + 1);
	if (!whole)
		ktap_bail("no memory");
	memcpy(whole, stack, own);
	if (present)
		memcpy(whole + own, payload, present);
	if (!packet_payload_len(how->payload, whole, padded, &len)) {
		free(whole);
		return reason_word(LABELHOP_REASON_MALFORMED);
	}
	lh_hop_at(gen, t, &hop);
	packet_digest(gen, &hop, whole, len, tags);

	memcpy(out, stack, above);
	like = lh_lse_get(is_link(how) ? stack : stack + above);
	*out_len = above;
	*out_len += write_entries(how, gen, &like, &hop, tags, out + above);
	memcpy(out + *out_len, whole, padded);
	*out_len += padded;
	free(whole);
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

/* Past explicit nulls and a transport label; NULL, or what is found instead. */
static const char *find_top(const struct packet_how *how, const u8 *packet,
			    size_t len, size_t *at, struct lh_lse *top)
{
	bool passed = !how->transport;
	unsigned int nulls = 0;

	for (*at = 0; len >= *at + LH_LSE_LEN; *at += LH_LSE_LEN) {
		*top = lh_lse_get(packet + *at);
		if (top->bos)
			return NULL;
		if (lh_label_is_null(top->label)) {
			if (++nulls > NULLS_MAX)
				return WORD_TOO_MANY;
		} else if (!passed && top->label == how->transport) {
			passed = true;
		} else {
			return NULL;
		}
	}
	return is_link(how) ? reason_word(LABELHOP_REASON_BARE) : WORD_NOT_OURS;
}

/* Whose label is it? NULL if it is a hop label. */
static const char *owner(const struct packet_how *how, const struct lh_gen *gen,
			 u32 label)
{
	if (in_set(gen, label))
		return NULL;
	if (is_link(how) || label == gen->label)
		return reason_word(LABELHOP_REASON_BARE);
	return WORD_NOT_OURS;
}

static void restore(const struct packet_how *how, const struct lh_gen *gen,
		    struct lh_lse lse, const u8 *payload, size_t len, u8 *out,
		    size_t *out_len)
{
	*out_len = 0;
	if (!is_link(how)) {
		lse.label = gen->label;
		lse.bos = true;
		lh_lse_put(out, lse);
		*out_len = LH_LSE_LEN;
	}
	if (len)
		memcpy(out + *out_len, payload, len);
	*out_len += len;
}

/*
 * out, with room for the packet, receives what goes on if the policy is
 * monitor.
 */
const char *packet_verify(const struct packet_how *how,
			  const struct lh_gen *gen, struct lh_hop_cache *cache,
			  u64 now, u64 tolerance, u64 delay,
			  const u8 *packet, size_t len,
			  u8 *out, size_t *out_len)
{
	u32 tags[LABELHOP_TAGS_MAX], computed[LABELHOP_TAGS_MAX];
	const size_t tags_len = gen->rule.tags * LH_LSE_LEN;
	const struct lh_hop *match[LH_HOPS_MAX];
	size_t at, payload_at, payload_len;
	enum labelhop_reason reason;
	struct lh_window window;
	unsigned int i, n;
	struct lh_lse lse;
	const char *word;

	if (len)
		memcpy(out, packet, len);
	*out_len = len;
	word = find_top(how, packet, len, &at, &lse);
	if (!word)
		word = owner(how, gen, lse.label);
	if (word)
		return word;
	payload_at = at + LH_LSE_LEN + tags_len;
	if (lse.bos || len < payload_at ||
	    !lh_tag_entries(packet + at + LH_LSE_LEN, gen->rule.tags,
			    !is_link(how), tags))
		return reason_word(LABELHOP_REASON_MALFORMED);

	restore(how, gen, lse, packet + payload_at, len - payload_at, out,
		out_len);
	if (!packet_payload_len(how->payload, packet + payload_at,
				len - payload_at, &payload_len))
		return reason_word(LABELHOP_REASON_MALFORMED);
	if (gen->slots.shortest / 2 < tolerance + how->error)
		return reason_word(LABELHOP_REASON_CLOCK_ERROR);
	reason = lh_slot_window(&gen->slots, now, delay, tolerance + how->error,
				&window);
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
