/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_HOP_H
#define LABELHOP_HOP_H

#include "params.h"
#include "prf.h"
#include "slot.h"
#include "tag.h"

#define LH_INPUT_PREFIX	8	/* the payload's length, before its bytes */
#define LH_HOPS_MAX	2	/* slots that can be valid at once */
#define LH_HOPS_CACHED	4	/* those, and one to come */

/**
 * struct lh_gen - a generation: a parameter set made ready for packets
 * @slots: its time line
 * @hop_key: k_hop; secret
 * @tag_key: k_tag; secret
 * @rule: how digests become tag labels
 * @labels: K; the owner keeps it as long as the generation
 * @n_labels: n(K)
 * @label: VPN label
 * @hash_len: bytes of payload that are hashed, LABELHOP_HASH_FULL for all
 * @hash: enum labelhop_hash
 *
 * Immutable once lh_gen_init() has returned.
 */
struct lh_gen {
	struct lh_slots slots;
	struct lh_key hop_key;
	struct lh_key tag_key;
	struct lh_tag_rule rule;
	const u32 *labels;
	u32 n_labels;
	u32 label;
	u16 hash_len;
	u8 hash;
};

/**
 * struct lh_hop - what is derived from one slot
 * @slot: the slot
 * @key: the slot key; secret
 * @label: the hop label
 */
struct lh_hop {
	struct lh_slot slot;
	struct lh_key key;
	u32 label;
};

/**
 * struct lh_hop_cache - the slots that were asked for last
 * @hops: the slots; one that is all zero is free
 * @next: the entry to be replaced next
 *
 * Written by whoever looks up: each user (a CPU) has one of its own.
 */
struct lh_hop_cache {
	struct lh_hop hops[LH_HOPS_CACHED];
	u8 next;
};

void lh_gen_init(struct lh_gen *gen, const struct lh_params *p);
void lh_hop_at(const struct lh_gen *gen, u64 t, struct lh_hop *hop);
const struct lh_hop *lh_hop_find(struct lh_hop_cache *cache,
				 const struct lh_gen *gen, u64 t);
unsigned int lh_hop_match(struct lh_hop_cache *cache, const struct lh_gen *gen,
			  const struct lh_window *window, u32 label,
			  const struct lh_hop *match[LH_HOPS_MAX]);
size_t lh_hop_input_len(const struct lh_gen *gen, size_t payload_len);
void lh_hop_input_prefix(u8 input[LH_INPUT_PREFIX], u64 payload_len);
void lh_hop_tags(const struct lh_gen *gen, const struct lh_hop *hop,
		 const u8 *input, size_t len, u32 tags[LABELHOP_TAGS_MAX]);

#endif /* LABELHOP_HOP_H */
