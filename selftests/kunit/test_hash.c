// SPDX-License-Identifier: GPL-2.0
/* hash.c, and prf.c: the kernel's own library against published vectors. */
#include "cases.h"
#include "hash.h"

/* Of the paper and of its authors' vectors: key 00..0f, input 00 01 02 ... */
static const struct {
	const char *name;
	size_t len;
	u64 digest;
} siphash_cases[] = {
	{ "no bytes", 0, 0x726fdb47dd0e0e31 },
	{ "1 byte", 1, 0x74f839c593dc67fd },
	{ "a word but one byte", 7, 0xab0200f58b01d137 },
	{ "a word", 8, 0x93f5f5799a932462 },
	{ "two words but one byte", 15, 0xa129ca6149be45e5 },
	{ "two words", 16, 0x3f2acc7f57c29bdb },
	{ "63 bytes", 63, 0x958a324ceb064572 },
};

KUNIT_ARRAY_PARAM_DESC(siphash, siphash_cases, name);

static void siphash_digest(struct kunit *test)
{
	typeof(siphash_cases[0]) *c = test->param_value;
	const struct lh_key key = {
		{ 0x0706050403020100, 0x0f0e0d0c0b0a0908 }
	};
	u8 data[64];
	u64 digest;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i;

	digest = lh_hash_digest(LABELHOP_HASH_SIPHASH24, &key, data, c->len);

	KUNIT_EXPECT_EQ(test, digest, c->digest);
}

static const struct {
	const char *name;
	u8 key[LH_SHA256_LEN];
	u8 msg[LH_HMAC_MSG_MAX];
	size_t len;
	u8 mac[LH_SHA256_LEN];
} hmac_cases[] = {
	{
		.name = "RFC 4231, 1: a key of 20 bytes is one padded with zeros",
		.key = {
			0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
			0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
			0x0b, 0x0b, 0x0b, 0x0b,
		},
		.msg = "Hi There",
		.len = 8,
		.mac = {
			0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53,
			0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b,
			0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7,
			0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7,
		},
	},
	{
		.name = "RFC 4231, 2: a short key",
		.key = "Jefe",
		.msg = "what do ya want for nothing?",
		.len = 28,
		.mac = {
			0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
			0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
			0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
			0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
		},
	},
	{
		.name = "RFC 5869, A.1: info and a counter",
		.key = {
			0x07, 0x77, 0x09, 0x36, 0x2c, 0x2e, 0x32, 0xdf,
			0x0d, 0xdc, 0x3f, 0x0d, 0xc4, 0x7b, 0xba, 0x63,
			0x90, 0xb6, 0xc7, 0x3b, 0xb5, 0x0f, 0x9c, 0x31,
			0x22, 0xec, 0x84, 0x4a, 0xd7, 0xc2, 0xb3, 0xe5,
		},
		.msg = {
			0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
			0xf8, 0xf9, 0x01,
		},
		.len = 11,
		.mac = {
			0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a,
			0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a,
			0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c,
			0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf,
		},
	},
};

KUNIT_ARRAY_PARAM_DESC(hmac, hmac_cases, name);

static void hmac_sha256(struct kunit *test)
{
	typeof(hmac_cases[0]) *c = test->param_value;
	u8 mac[LH_SHA256_LEN] = {};
	size_t i;

	lh_hmac_sha256(c->key, c->msg, c->len, mac);

	for (i = 0; i < sizeof(mac); i++)
		KUNIT_EXPECT_EQ_MSG(test, mac[i], c->mac[i], "byte %zu", i);
}

static const struct {
	const char *name;
	u8 index;
} name_cases[] = {
	{ "siphash-2-4", LABELHOP_HASH_SIPHASH24 },
	{ "siphash-2-44", LABELHOP_HASH_UNSPEC },
	{ "siphash-2-", LABELHOP_HASH_UNSPEC },
	{ "SIPHASH-2-4", LABELHOP_HASH_UNSPEC },
	{ "", LABELHOP_HASH_UNSPEC },
};

KUNIT_ARRAY_PARAM_DESC(name, name_cases, name);

static void hash_index(struct kunit *test)
{
	typeof(name_cases[0]) *c = test->param_value;
	u8 index = lh_hash_index(c->name);

	KUNIT_EXPECT_EQ(test, index, c->index);
	if (index)
		KUNIT_EXPECT_STREQ(test, lh_hash_name(index), c->name);
}

static void hash_name_of_none(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i <= U8_MAX; i++)
		if (i != LABELHOP_HASH_SIPHASH24)
			KUNIT_EXPECT_NULL_MSG(test, lh_hash_name(i), "index %u", i);
}

static struct kunit_case hash_cases[] = {
	KUNIT_CASE_PARAM(siphash_digest, siphash_gen_params),
	KUNIT_CASE_PARAM(hmac_sha256, hmac_gen_params),
	KUNIT_CASE_PARAM(hash_index, name_gen_params),
	KUNIT_CASE(hash_name_of_none),
	{}
};

static struct kunit_suite hash_suite = {
	.name = "hash",
	.test_cases = hash_cases,
};

kunit_test_suite(hash_suite);
