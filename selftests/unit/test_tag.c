// SPDX-License-Identifier: GPL-2.0
/* tag.c */
#include "ktap.h"
#include "tag.h"
#include "vec.h"

static void test_vectors(void)
{
	struct json_object *doc = vec_load("tags.json");
	struct json_object *cases = vec_get(doc, "cases");
	size_t i, j;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = vec_at(cases, i);
		struct json_object *labels = vec_get(c, "labels");
		bool gather = json_object_object_get_ex(c, "select", NULL);
		u32 got[LABELHOP_TAGS_MAX];
		struct lh_tag_rule rule;

		ktap_context("%s", json_object_get_string(c));
		lh_tag_init(&rule,
			    gather ? LABELHOP_SELECT_GATHER : LABELHOP_SELECT_AND,
			    vec_bits(c, gather ? "select" : "and"),
			    vec_u64(c, "tags"));
		lh_tag_labels(&rule, vec_bits(c, "digest"), got);
		for (j = 0; j < json_object_array_length(labels); j++)
			CHECK_U64(got[j], vec_u64_at(labels, j));
	}
	json_object_put(doc);
}

/* Bits of x at the ones of mask, lowest first, one bit after the other. */
static u64 naive_pext(u64 x, u64 mask)
{
	unsigned int bit, n = 0;
	u64 out = 0;

	for (bit = 0; bit < 64; bit++)
		if (mask >> bit & 1)
			out |= (x >> bit & 1) << n++;
	return out;
}

static void test_random(void)
{
	u64 state = 1;
	int round;

	for (round = 0; round < 20000; round++) {
		u8 tags = 1 + vec_random(&state) % 3, j;
		bool gather = vec_random(&state) & 1;
		u64 digest = vec_random(&state), mask = 0, packed;
		unsigned int width = 20, bits;
		u32 got[LABELHOP_TAGS_MAX] = {};
		struct lh_tag_rule rule;

		if (gather) {
			bits = 16 * tags +
			       vec_random(&state) % (65 - 16 * tags);
			mask = vec_random_mask(&state, bits, 0, 64);
			packed = naive_pext(digest, mask);
			width = bits / tags < 20 ? bits / tags : 20;
		} else {
			for (j = 0; j < tags; j++)
				mask |= vec_random_mask(&state,
						16 + vec_random(&state) % 5,
						20 * j, 20);
			packed = digest & mask;
		}
		ktap_context("%s %#llx of %#llx, %u tags",
			     gather ? "select" : "and", mask, digest, tags);
		lh_tag_init(&rule, gather ? LABELHOP_SELECT_GATHER :
					    LABELHOP_SELECT_AND, mask, tags);
		lh_tag_labels(&rule, digest, got);
		for (j = 0; j < tags; j++) {
			u32 v = packed >> j * width & ((1u << width) - 1);

			CHECK_U64(got[j], v < 16 ? v + 524288 : v);
		}
		for (; j < LABELHOP_TAGS_MAX; j++)
			CHECK_U64(got[j], 0);
	}
}

static void test_bits(void)
{
	static const struct {
		u8 select;
		u64 mask;
		u8 tags;
		unsigned int bits;
	} cases[] = {
		{ LABELHOP_SELECT_GATHER, 0, 1, 0 },
		{ LABELHOP_SELECT_GATHER, 0x7fff, 1, 15 },
		{ LABELHOP_SELECT_GATHER, 0xffff, 1, 16 },
		{ LABELHOP_SELECT_GATHER, 0x8000000000007fff, 1, 16 },
		{ LABELHOP_SELECT_GATHER, 0x7fffffff, 2, 15 },
		{ LABELHOP_SELECT_GATHER, 0x1ffffffff, 2, 16 },
		{ LABELHOP_SELECT_GATHER, 0x7fffffffffff, 3, 15 },
		{ LABELHOP_SELECT_GATHER, 0x1fffffffff8000, 3, 12 },
		{ LABELHOP_SELECT_GATHER, ~0ULL, 1, 20 },
		{ LABELHOP_SELECT_GATHER, ~0ULL, 2, 20 },
		{ LABELHOP_SELECT_GATHER, ~0ULL, 3, 20 },
		{ LABELHOP_SELECT_AND, 0, 1, 0 },
		{ LABELHOP_SELECT_AND, 0xffff, 1, 16 },
		{ LABELHOP_SELECT_AND, 0xffff0, 1, 16 },
		{ LABELHOP_SELECT_AND, 0x1fffe0, 1, 15 },
		{ LABELHOP_SELECT_AND, 0xfffff, 2, 0 },
		{ LABELHOP_SELECT_AND, 0x7ffffffff, 2, 15 },
		{ LABELHOP_SELECT_AND, 0xffff7ffff, 2, 16 },
		{ LABELHOP_SELECT_AND, 0xff7fffffffffff, 3, 15 },
		{ LABELHOP_SELECT_AND, 0xf000000000000000, 3, 0 },
		{ LABELHOP_SELECT_AND, ~0ULL, 3, 20 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ktap_context("case %zu", i);
		CHECK_U64(lh_tag_bits(cases[i].select, cases[i].mask,
				      cases[i].tags), cases[i].bits);
	}
}

static void test_equal(void)
{
	u64 state = 2;
	int round;

	for (round = 0; round < 1000; round++) {
		u8 tags = 1 + round % 3, j;
		u32 *a, *b, same[LABELHOP_TAGS_MAX];

		for (j = 0; j < tags; j++)
			same[j] = vec_random(&state) & 0xfffff;
		a = vec_copy(same, tags * sizeof(*a));
		b = vec_copy(same, tags * sizeof(*b));
		ktap_context("round %d", round);
		CHECK(lh_tag_equal(a, b, tags), "not equal");
		for (j = 0; j < tags; j++) {
			unsigned int bit = vec_random(&state) % 20;

			b[j] ^= 1u << bit;
			CHECK(!lh_tag_equal(a, b, tags), "tag %u, bit %u", j,
			      bit);
			/* Two differences must not cancel each other out. */
			b[(j + 1) % tags] ^= 1u << bit;
			CHECK(tags == 1 || !lh_tag_equal(a, b, tags),
			      "tag %u and the next, bit %u", j, bit);
			b[(j + 1) % tags] ^= 1u << bit;
			b[j] ^= 1u << bit;
		}
		free(a);
		free(b);
	}
}

const struct test tag_tests[] = {
	{ "tag.vectors", test_vectors },
	{ "tag.random", test_random },
	{ "tag.bits", test_bits },
	{ "tag.equal", test_equal },
	{}
};
