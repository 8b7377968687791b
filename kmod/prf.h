/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two cryptographic primitives that labelhop uses. It implements neither:
 * prf.c takes them from the kernel's library, tools/prf.c from libsodium.
 */
#ifndef LABELHOP_PRF_H
#define LABELHOP_PRF_H

#include <linux/types.h>

#define LH_HMAC_MSG_MAX	64
#define LH_SHA256_LEN	32

/**
 * struct lh_key - key of SipHash
 * @k: k0 and k1; secret
 */
struct lh_key {
	u64 k[2];
};

u64 lh_siphash(const struct lh_key *key, const void *data, size_t len);
void lh_hmac_sha256(const u8 key[LH_SHA256_LEN], const void *msg, size_t len,
		    u8 mac[LH_SHA256_LEN]);

#endif /* LABELHOP_PRF_H */
