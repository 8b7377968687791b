// SPDX-License-Identifier: GPL-2.0
/* The primitives of kmod/prf.h from libsodium. */
#include <endian.h>
#include <sodium.h>
#include "../kmod/prf.h"

u64 lh_siphash(const struct lh_key *key, const void *data, size_t len)
{
	u64 k[2] = { htole64(key->k[0]), htole64(key->k[1]) };
	u64 out;

	crypto_shorthash_siphash24((unsigned char *)&out, data, len,
				   (const unsigned char *)k);
	sodium_memzero(k, sizeof(k));
	return le64toh(out);
}

void lh_hmac_sha256(const u8 key[LH_SHA256_LEN], const void *msg, size_t len,
		    u8 mac[LH_SHA256_LEN])
{
	crypto_auth_hmacsha256(mac, msg, len, key);
}
