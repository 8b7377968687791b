/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_HASH_H
#define LABELHOP_HASH_H

#include "prf.h"

const char *lh_hash_name(u8 hash);
u8 lh_hash_index(const char *name);
u64 lh_hash_digest(u8 hash, const struct lh_key *key, const void *data,
		   size_t len);

#endif /* LABELHOP_HASH_H */
