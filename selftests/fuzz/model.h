/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What protocol.rst says, done the slow way: bit by bit, in 128 bits, without a
 * cache. Only the two primitives of prf.h are the core's own.
 */
#ifndef LABELHOP_FUZZ_MODEL_H
#define LABELHOP_FUZZ_MODEL_H

#include "hop.h"

bool model_valid(const struct lh_params *p);
void model_keys(const struct lh_params *p, struct lh_key *hop,
		struct lh_key *tag);
void model_slot(const struct lh_params *p, u64 t, struct lh_slot *slot);
void model_hop(const struct lh_params *p, u64 t, struct lh_hop *hop);
enum labelhop_reason model_state(const struct lh_params *p, u64 t);
enum labelhop_reason model_window(const struct lh_params *p, u64 now,
				  u64 delay, u64 tolerance,
				  struct lh_window *w);
void model_tags(const struct lh_params *p, u64 digest, u32 *tags);
bool model_payload_len(u8 kind, const u8 *head, size_t head_len,
		       size_t present, size_t *len);
u32 model_be(const u8 *bytes, unsigned int n);
const char *model_verify(const struct lh_params *p, u64 now, u64 tolerance,
			 u64 delay, const u8 *packet, size_t len);

#endif /* LABELHOP_FUZZ_MODEL_H */
