// SPDX-License-Identifier: GPL-2.0
/* hash.c, and the two primitives of prf.h as user space has them. */
#include <string.h>
#include "hash.h"
#include "ktap.h"
#include "vec.h"

/* Of the paper and of its authors' vectors: key 00..0f, input 00 01 02 ... */
static const struct {
	size_t len;
	u64 out;
} siphash_cases[] = {
	{ 0, 0x726fdb47dd0e0e31 },
	{ 1, 0x74f839c593dc67fd },
	{ 7, 0xab0200f58b01d137 },
	{ 8, 0x93f5f5799a932462 },
	{ 15, 0xa129ca6149be45e5 },
	{ 16, 0x3f2acc7f57c29bdb },
	{ 63, 0x958a324ceb064572 },
};

static void test_siphash(void)
{
	const struct lh_key key = {
		{ 0x0706050403020100, 0x0f0e0d0c0b0a0908 }
	};
	u8 data[64];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i;
	for (i = 0; i < ARRAY_SIZE(siphash_cases); i++) {
		ktap_context("%zu bytes", siphash_cases[i].len);
		CHECK_U64(lh_siphash(&key, data, siphash_cases[i].len),
			  siphash_cases[i].out);
		CHECK_U64(lh_hash_digest(LABELHOP_HASH_SIPHASH24, &key, data,
					 siphash_cases[i].len),
			  siphash_cases[i].out);
	}
}

/* RFC 5869, A.1: PRK, the first 32 bytes of OKM, and below, info. */
static const char rfc5869_prk[] =
	"077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
static const char rfc5869_okm[] =
	"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";

static void test_hmac(void)
{
	size_t prk_len, okm_len;
	u8 *prk = vec_unhex(rfc5869_prk, &prk_len);
	u8 *okm = vec_unhex(rfc5869_okm, &okm_len);
	const u8 info[] = {
		0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 1
	};
	u8 mac[LH_SHA256_LEN];

	lh_hmac_sha256(prk, info, sizeof(info), mac);
	CHECK(!memcmp(mac, okm, sizeof(mac)), "not the RFC's");
	free(prk);
	free(okm);
}

static void test_names(void)
{
	unsigned int i;

	CHECK(!strcmp(lh_hash_name(LABELHOP_HASH_SIPHASH24), "siphash-2-4"),
	      "name of index 1");
	CHECK_U64(lh_hash_index("siphash-2-4"), LABELHOP_HASH_SIPHASH24);
	for (i = 0; i < 256; i++)
		if (i != LABELHOP_HASH_SIPHASH24)
			CHECK(!lh_hash_name(i), "index %u has a name", i);
	CHECK_U64(lh_hash_index(""), LABELHOP_HASH_UNSPEC);
	CHECK_U64(lh_hash_index("siphash-2-"), LABELHOP_HASH_UNSPEC);
	CHECK_U64(lh_hash_index("siphash-2-44"), LABELHOP_HASH_UNSPEC);
}

const struct test hash_tests[] = {
	{ "hash.siphash", test_siphash },
	{ "hash.hmac", test_hmac },
	{ "hash.names", test_names },
	{}
};
