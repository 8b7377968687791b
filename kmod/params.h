/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PARAMS_H
#define LABELHOP_PARAMS_H

#include <linux/types.h>
#include <linux/labelhop.h>

/**
 * struct lh_params - a parameter set as it is exchanged
 * @id: identifies the set
 * @epoch: start of slot 0, TAI ns since 1970
 * @lifetime: ns from @epoch to the end of the set, 0 for ever
 * @mask: bit selection pattern
 * @labels: K, in order, @n_labels of them
 * @slots: TS, ns each, @n_slots of them
 * @generation: counts the rekeys of the set, from 1
 * @label: VPN label of the FEC
 * @n_labels: n(K)
 * @n_slots: n(TS)
 * @hash_len: bytes of payload that are hashed, LABELHOP_HASH_FULL for all
 * @hash: enum labelhop_hash
 * @tags: number of tag labels
 * @select: enum labelhop_select
 * @seed: the secret; whoever owns the set wipes it after lh_gen_init()
 *
 * See "The parameter set" in Documentation/protocol.rst for ranges.
 */
struct lh_params {
	u64 id;
	u64 epoch;
	u64 lifetime;
	u64 mask;
	const u32 *labels;
	const u64 *slots;
	u32 generation;
	u32 label;
	u32 n_labels;
	u32 n_slots;
	u16 hash_len;
	u8 hash;
	u8 tags;
	u8 select;
	u8 seed[LABELHOP_SEED_LEN];
};

/**
 * struct lh_params_fault - what is wrong with a parameter set
 * @attr: enum labelhop_attr_params of the member at fault
 * @index: entry of the array at fault, 0 for the others
 * @text: a sentence in lower case that says what is allowed
 */
struct lh_params_fault {
	int attr;
	u32 index;
	const char *text;
};

bool lh_params_valid(const struct lh_params *p, struct lh_params_fault *fault);
bool lh_params_fit_window(const struct lh_params *p, u64 tolerance);

#endif /* LABELHOP_PARAMS_H */
