// SPDX-License-Identifier: GPL-2.0
/*
 * Keys, hop labels and tags: protocol.rst, "Keys" to "Tag labels". Everything
 * is a function of the parameter set and of a time that the caller gives.
 */
#include <linux/string.h>
#include "hash.h"
#include "hop.h"

#define INFO_LEN	30
#define PURPOSE_LEN	14

static void put_be32(u8 *bytes, u32 x)
{
	bytes[0] = x >> 24;
	bytes[1] = x >> 16;
	bytes[2] = x >> 8;
	bytes[3] = x;
}

static void put_le64(u8 *bytes, u64 x)
{
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = x >> 8 * i;
}

static u64 get_le64(const u8 *bytes)
{
	u64 x = 0;
	int i;

	for (i = 7; i >= 0; i--)
		x = x << 8 | bytes[i];
	return x;
}

static void derive_key(const struct lh_params *p,
		       const char purpose[PURPOSE_LEN + 1], struct lh_key *key)
{
	u8 info[INFO_LEN + 1], mac[LH_SHA256_LEN];

	memcpy(info, purpose, PURPOSE_LEN);
	put_be32(info + 14, p->id >> 32);
	put_be32(info + 18, p->id);
	put_be32(info + 22, p->generation);
	put_be32(info + 26, p->label);
	info[INFO_LEN] = 1;
	lh_hmac_sha256(p->seed, info, sizeof(info), mac);
	key->k[0] = get_le64(mac);
	key->k[1] = get_le64(mac + 8);
	memzero_explicit(mac, sizeof(mac));
}

/**
 * lh_gen_init - make a parameter set ready for packets
 * @gen: receives the generation; the caller wipes it before it is freed
 * @p: a valid set; its label set must live as long as @gen
 */
void lh_gen_init(struct lh_gen *gen, const struct lh_params *p)
{
	lh_slots_init(&gen->slots, p->epoch, p->lifetime, p->slots, p->n_slots);
	lh_tag_init(&gen->rule, p->select, p->mask, p->tags);
	derive_key(p, "labelhop-1 hop", &gen->hop_key);
	derive_key(p, "labelhop-1 tag", &gen->tag_key);
	gen->labels = p->labels;
	gen->n_labels = p->n_labels;
	gen->label = p->label;
	gen->hash_len = p->hash_len;
	gen->hash = p->hash;
}

/**
 * lh_hop_at - derive slot, hop label and slot key
 * @gen: the generation
 * @t: TAI ns, not before the epoch
 * @hop: receives them
 */
void lh_hop_at(const struct lh_gen *gen, u64 t, struct lh_hop *hop)
{
	u8 msg[16] = {};

	lh_slot_at(&gen->slots, t, &hop->slot);
	put_le64(msg, hop->slot.number);
	hop->label = gen->labels[lh_siphash(&gen->hop_key, msg, 8) %
				 gen->n_labels];
	hop->key.k[0] = lh_siphash(&gen->tag_key, msg, 16);
	msg[8] = 1;
	hop->key.k[1] = lh_siphash(&gen->tag_key, msg, 16);
}

/**
 * lh_hop_find - lh_hop_at() through a cache
 * @cache: the caller's own
 * @gen: the generation that @cache belongs to
 * @t: TAI ns, not before the epoch
 *
 * Return: the entry, still valid after the next call and no longer: as many as
 * LH_HOPS_MAX are in use at once.
 */
const struct lh_hop *lh_hop_find(struct lh_hop_cache *cache,
				 const struct lh_gen *gen, u64 t)
{
	struct lh_hop *hop;
	int i;

	for (i = 0; i < LH_HOPS_CACHED; i++)
		if (lh_slot_holds(&cache->hops[i].slot, t)) {
			/* A miss that follows must not replace this one. */
			cache->next = (i + 1) % LH_HOPS_CACHED;
			return &cache->hops[i];
		}

	hop = &cache->hops[cache->next];
	cache->next = (cache->next + 1) % LH_HOPS_CACHED;
	lh_hop_at(gen, t, hop);
	return hop;
}

/**
 * lh_hop_match - the valid slots that have a given hop label
 * @cache: the caller's own
 * @gen: the generation
 * @window: when the packet may have been stamped, of lh_slot_window()
 * @label: the packet's
 * @match: receives the slots, as long-lived as those of lh_hop_find()
 *
 * Return: their number.
 */
unsigned int lh_hop_match(struct lh_hop_cache *cache, const struct lh_gen *gen,
			  const struct lh_window *window, u32 label,
			  const struct lh_hop *match[LH_HOPS_MAX])
{
	u64 t = window->first;
	unsigned int n = 0;
	int i;

	for (i = 0; i < LH_HOPS_MAX && t <= window->last; i++) {
		const struct lh_hop *hop = lh_hop_find(cache, gen, t);

		if (hop->label == label)
			match[n++] = hop;
		if (lh_slot_holds(&hop->slot, window->last))
			break;
		t = hop->slot.end;
	}
	return n;
}

/**
 * lh_hop_input_len - bytes of a payload that are hashed
 * @gen: the generation
 * @payload_len: the payload's true length
 *
 * Return: their number.
 */
size_t lh_hop_input_len(const struct lh_gen *gen, size_t payload_len)
{
	if (gen->hash_len == LABELHOP_HASH_FULL || gen->hash_len > payload_len)
		return payload_len;
	return gen->hash_len;
}

/**
 * lh_hop_input_prefix - what precedes the payload in the tag input
 * @input: receives it
 * @payload_len: the payload's true length
 */
void lh_hop_input_prefix(u8 input[LH_INPUT_PREFIX], u64 payload_len)
{
	put_le64(input, payload_len);
}

/**
 * lh_hop_tags - tag labels of a packet
 * @gen: the generation
 * @hop: the slot it is, or was, stamped in
 * @input: the tag input: prefix, then lh_hop_input_len() bytes of payload
 * @len: length of both
 * @tags: receives the labels
 */
void lh_hop_tags(const struct lh_gen *gen, const struct lh_hop *hop,
		 const u8 *input, size_t len, u32 tags[LABELHOP_TAGS_MAX])
{
	lh_tag_labels(&gen->rule,
		      lh_hash_digest(gen->hash, &hop->key, input, len), tags);
}
