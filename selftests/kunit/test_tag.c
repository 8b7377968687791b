// SPDX-License-Identifier: GPL-2.0
/* tag.c */
#include "cases.h"
#include "tag.h"
#include "vectors/tags.h"

#define GATHER	LABELHOP_SELECT_GATHER
#define AND	LABELHOP_SELECT_AND
#define ALL	(~0ULL)

static void check_labels(struct kunit *test, const struct tag_case *c)
{
	u32 labels[LABELHOP_TAGS_MAX] = {};
	struct lh_tag_rule rule;
	unsigned int i;

	lh_tag_init(&rule, c->select, c->mask, c->tags);
	lh_tag_labels(&rule, c->digest, labels);

	/* Those that there are not stay as they were, which is 0 in both. */
	for (i = 0; i < LABELHOP_TAGS_MAX; i++)
		KUNIT_EXPECT_EQ_MSG(test, labels[i], c->labels[i], "label %u", i);
}

KUNIT_ARRAY_PARAM_DESC(vector, tag_vectors, name);

static void tag_labels_vectors(struct kunit *test)
{
	check_labels(test, test->param_value);
}

/* Values that would be reserved labels, and those beside them. */
static const struct tag_case edge_cases[] = {
	{ "0 is mapped out", AND, ALL, 1, 0, { 524288 } },
	{ "15 is mapped out", AND, ALL, 1, 15, { 524303 } },
	{ "16 is not", AND, ALL, 1, 16, { 16 } },
	{ "the value it is mapped to stays", AND, ALL, 1, 524288, { 524288 } },
	{ "the largest label", AND, ALL, 1, 0xfffff, { 0xfffff } },
	{ "bits above are the next label's", AND, ALL, 1, 0x100000, { 524288 } },
	{ "three labels, lowest bits first", AND, ALL, 3, 0x3333322222111110,
	  { 0x11110, 0x22221, 0x33332 } },
	{ "the top 4 bits are of no label", AND, ALL, 3, 0xf000100001000010,
	  { 16, 16, 16 } },
	{ "masked away", AND, 0xffff0, 1, 0xf, { 524288 } },
	{ "gathered from the top", GATHER, 0xffff000000000000, 1, 0x8001ffffffffffff,
	  { 0x8001 } },
	{ "gathered from the ends", GATHER, 0xff000000000000ff, 1,
	  0xab000000000000cd, { 0xabcd } },
	{ "gathered, every second bit", GATHER, 0xaaaaaaaa, 1, 0x55555555, { 524288 } },
	{ "gathered, every other bit", GATHER, 0xaaaaaaaa, 1, 0xaaaaaaaa, { 0xffff } },
	{ "33 bits for two labels, 16 each", GATHER, 0x1ffffffff, 2, 0x1fffe0010,
	  { 16, 0xfffe } },
};

KUNIT_ARRAY_PARAM_DESC(edge, edge_cases, name);

static void tag_labels_edges(struct kunit *test)
{
	check_labels(test, test->param_value);
}

static const struct {
	const char *name;
	u8 select;
	u64 mask;
	u8 tags;
	unsigned int bits;
} bits_cases[] = {
	{ "select, none", GATHER, 0, 1, 0 },
	{ "select, 15", GATHER, 0x7fff, 1, 15 },
	{ "select, 16", GATHER, 0xffff, 1, 16 },
	{ "select, 16 with the top bit", GATHER, 0x8000000000007fff, 1, 16 },
	{ "select, 31 for 2", GATHER, 0x7fffffff, 2, 15 },
	{ "select, 33 for 2", GATHER, 0x1ffffffff, 2, 16 },
	{ "select, 47 for 3", GATHER, 0x7fffffffffff, 3, 15 },
	{ "select, all for 1", GATHER, ALL, 1, 20 },
	{ "select, all for 3", GATHER, ALL, 3, 20 },
	{ "and, none", AND, 0, 1, 0 },
	{ "and, 16", AND, 0xffff, 1, 16 },
	{ "and, high 16", AND, 0xffff0, 1, 16 },
	{ "and, one of them the next label's", AND, 0x1fffe0, 1, 15 },
	{ "and, none for the second", AND, 0xfffff, 2, 0 },
	{ "and, the second is the weakest", AND, 0x7ffffffff, 2, 15 },
	{ "and, the first is the weakest", AND, 0xfffff07fff, 2, 15 },
	{ "and, the third is the weakest", AND, 0x7fffffffffffff, 3, 15 },
	{ "and, bits of no label", AND, 0xf000000000000000, 3, 0 },
	{ "and, all for 3", AND, ALL, 3, 20 },
};

KUNIT_ARRAY_PARAM_DESC(bits, bits_cases, name);

static void tag_bits(struct kunit *test)
{
	typeof(bits_cases[0]) *c = test->param_value;

	KUNIT_EXPECT_EQ(test, lh_tag_bits(c->select, c->mask, c->tags), c->bits);
}

static const struct {
	const char *name;
	u8 tags;
	u32 a[LABELHOP_TAGS_MAX];
	u32 b[LABELHOP_TAGS_MAX];
	bool equal;
} equal_cases[] = {
	{ "one, equal", 1, { 700000 }, { 700000 }, true },
	{ "one, lowest bit", 1, { 700000 }, { 700001 }, false },
	{ "one, highest bit", 1, { 700000 }, { 175712 }, false },
	{ "one, what follows is not compared", 1, { 16, 17 }, { 16, 18 }, true },
	{ "three, equal", 3, { 16, 17, 18 }, { 16, 17, 18 }, true },
	{ "three, the first", 3, { 20, 17, 18 }, { 16, 17, 18 }, false },
	{ "three, the second", 3, { 16, 20, 18 }, { 16, 17, 18 }, false },
	{ "three, the last", 3, { 16, 17, 20 }, { 16, 17, 18 }, false },
	{ "two differences do not cancel out", 2, { 16, 17 }, { 17, 16 }, false },
	{ "nor do three", 3, { 16, 17, 18 }, { 17, 18, 17 }, false },
};

KUNIT_ARRAY_PARAM_DESC(equal, equal_cases, name);

static void tag_equal(struct kunit *test)
{
	typeof(equal_cases[0]) *c = test->param_value;

	KUNIT_EXPECT_EQ(test, lh_tag_equal(c->a, c->b, c->tags), c->equal);
	KUNIT_EXPECT_EQ(test, lh_tag_equal(c->b, c->a, c->tags), c->equal);
}

static struct kunit_case tag_cases[] = {
	KUNIT_CASE_PARAM(tag_labels_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(tag_labels_edges, edge_gen_params),
	KUNIT_CASE_PARAM(tag_bits, bits_gen_params),
	KUNIT_CASE_PARAM(tag_equal, equal_gen_params),
	{}
};

static struct kunit_suite tag_suite = {
	.name = "tag",
	.test_cases = tag_cases,
};

kunit_test_suite(tag_suite);
