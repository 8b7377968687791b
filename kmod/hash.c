// SPDX-License-Identifier: GPL-2.0
/* The list A of keyed 64-bit hashes: protocol.rst, "Hashes". */
#include <linux/string.h>
#include <linux/labelhop.h>
#include "hash.h"

static const char * const names[LABELHOP_HASH_MAX + 1] = {
	[LABELHOP_HASH_SIPHASH24] = "siphash-2-4",
};

/**
 * lh_hash_name - name of a hash
 * @hash: enum labelhop_hash, unchecked
 *
 * Return: the name, or NULL if there is no such hash.
 */
const char *lh_hash_name(u8 hash)
{
	return hash <= LABELHOP_HASH_MAX ? names[hash] : NULL;
}

/**
 * lh_hash_index - hash of a name
 * @name: the name
 *
 * Return: enum labelhop_hash, LABELHOP_HASH_UNSPEC if there is none.
 */
u8 lh_hash_index(const char *name)
{
	u8 i;

	for (i = 0; i <= LABELHOP_HASH_MAX; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return LABELHOP_HASH_UNSPEC;
}

/**
 * lh_hash_digest - digest of a tag input
 * @hash: enum labelhop_hash, of a valid parameter set
 * @key: the slot's
 * @data: the tag input
 * @len: its length
 *
 * Return: the digest.
 */
u64 lh_hash_digest(u8 hash, const struct lh_key *key, const void *data,
		   size_t len)
{
	switch (hash) {
	case LABELHOP_HASH_SIPHASH24:
	default:
		return lh_siphash(key, data, len);
	}
}
