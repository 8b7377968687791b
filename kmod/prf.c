// SPDX-License-Identifier: GPL-2.0
/* The primitives of prf.h from the kernel's library. */
#include <crypto/sha2.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include "prf.h"

#define HMAC_IPAD	0x36
#define HMAC_OPAD	0x5c

/**
 * lh_siphash - SipHash-2-4
 * @key: the key
 * @data: the message
 * @len: its length
 *
 * Return: the 64-bit output.
 */
u64 lh_siphash(const struct lh_key *key, const void *data, size_t len)
{
	static_assert(sizeof(*key) == sizeof(siphash_key_t));

	/* The same two words: no copy of a secret on the stack. */
	return siphash(data, len, (const siphash_key_t *)key->k);
}

/**
 * lh_hmac_sha256 - HMAC-SHA-256, RFC 2104
 * @key: the key
 * @msg: the message
 * @len: its length, at most LH_HMAC_MSG_MAX
 * @mac: receives the MAC
 *
 * The library has sha256() in every supported kernel, hmac_sha256() only in
 * the newest.
 */
void lh_hmac_sha256(const u8 key[LH_SHA256_LEN], const void *msg, size_t len,
		    u8 mac[LH_SHA256_LEN])
{
	u8 buf[SHA256_BLOCK_SIZE + LH_HMAC_MSG_MAX] = {};
	size_t i;

	if (WARN_ON_ONCE(len > LH_HMAC_MSG_MAX))
		len = LH_HMAC_MSG_MAX;

	memcpy(buf, key, LH_SHA256_LEN);
	for (i = 0; i < SHA256_BLOCK_SIZE; i++)
		buf[i] ^= HMAC_IPAD;
	memcpy(buf + SHA256_BLOCK_SIZE, msg, len);
	sha256(buf, SHA256_BLOCK_SIZE + len, mac);

	for (i = 0; i < SHA256_BLOCK_SIZE; i++)
		buf[i] ^= HMAC_IPAD ^ HMAC_OPAD;
	memcpy(buf + SHA256_BLOCK_SIZE, mac, SHA256_DIGEST_SIZE);
	sha256(buf, SHA256_BLOCK_SIZE + SHA256_DIGEST_SIZE, mac);
	memzero_explicit(buf, sizeof(buf));
}
