// SPDX-License-Identifier: GPL-2.0
/* stack.c */
#include "cases.h"
#include "stack.h"
#include "vectors/payload.h"

KUNIT_ARRAY_PARAM_DESC(vector, payload_vectors, name);

static void stack_payload_vectors(struct kunit *test)
{
	const struct payload_case *c = test->param_value;
	size_t head_len = min_t(size_t, c->present, LH_PAYLOAD_HEAD_MAX);
	size_t len = 0;
	bool good;

	good = lh_payload_len(c->kind, c->head, head_len, c->present, &len);

	KUNIT_EXPECT_EQ(test, good, c->good);
	KUNIT_EXPECT_EQ(test, len, c->len);
}

static const u8 nothing[] = { 0 };
static const u8 ipv4_20[20] = { 0x45, 0, 0, 20 };
static const u8 ipv4_19[20] = { 0x45, 0, 0, 19 };
static const u8 ipv4_most[20] = { 0x45, 0, 0xff, 0xff };
static const u8 ipv6_0[40] = { 0x60 };
static const u8 ipv6_1[40] = { 0x60, 0, 0, 0, 0, 1 };
static const u8 ipv6_most[40] = { 0x60, 0, 0, 0, 0xff, 0xff };
static const u8 other[1] = { 0x10 };

/* Of the head less may be there than of the payload, or the other way round. */
static const struct {
	const char *name;
	const u8 *head;
	size_t head_len;
	size_t present;
	bool good;
	size_t len;
} length_cases[] = {
	{ "nothing", nothing, 0, 0, true, 0 },
	{ "no head of something", nothing, 0, 7, true, 7 },
	{ "a head of nothing", ipv4_20, 20, 0, false },
	{ "neither IPv4 nor IPv6", other, 1, 1, true, 1 },
	{ "more of it than IP has", other, 1, 65576, false },
	{ "as much as IPv6 has", other, 1, 65575, true, 65575 },
	{ "IPv4, no payload", ipv4_20, 20, 20, true, 20 },
	{ "IPv4, head cut", ipv4_20, 19, 20, false },
	{ "IPv4, padding", ipv4_20, 20, 46, true, 20 },
	{ "IPv4, shorter than its header", ipv4_19, 20, 46, false },
	{ "IPv4, longest", ipv4_most, 20, 65535, true, 65535 },
	{ "IPv4, longest but one byte", ipv4_most, 20, 65534, false },
	{ "IPv6, no payload", ipv6_0, 40, 40, true, 40 },
	{ "IPv6, head cut", ipv6_0, 39, 40, false },
	{ "IPv6, padding", ipv6_0, 40, 46, true, 40 },
	{ "IPv6, a byte missing", ipv6_1, 40, 40, false },
	{ "IPv6, longest", ipv6_most, 40, 65575, true, 65575 },
	{ "IPv6, longest but one byte", ipv6_most, 40, 65574, false },
};

KUNIT_ARRAY_PARAM_DESC(length, length_cases, name);

static void stack_payload_len(struct kunit *test)
{
	typeof(length_cases[0]) *c = test->param_value;
	size_t len = 0;
	bool good;

	good = lh_payload_len(LABELHOP_PAYLOAD_IP, c->head, c->head_len, c->present, &len);

	KUNIT_EXPECT_EQ(test, good, c->good);
	KUNIT_EXPECT_EQ(test, len, c->len);
}

static const struct {
	const char *name;
	const u8 *head;
	size_t head_len;
	size_t len;
	size_t at;
} destination_cases[] = {
	{ "nothing", nothing, 0, 0 },
	{ "neither IPv4 nor IPv6", other, 1, 0 },
	{ "IPv4", ipv4_20, 20, 4, 16 },
	{ "IPv4, cut", ipv4_20, 19, 0 },
	{ "IPv6", ipv6_0, 40, 16, 24 },
	{ "IPv6, cut", ipv6_0, 39, 0 },
};

KUNIT_ARRAY_PARAM_DESC(destination, destination_cases, name);

static void stack_payload_dst(struct kunit *test)
{
	typeof(destination_cases[0]) *c = test->param_value;
	const u8 *dst = c->head;
	size_t len;

	len = lh_payload_dst(c->head, c->head_len, &dst);

	KUNIT_EXPECT_EQ(test, len, c->len);
	KUNIT_EXPECT_PTR_EQ(test, dst, c->head + c->at);
}

static const struct {
	const char *name;
	struct lh_lse lse;
	u8 bytes[LH_LSE_LEN];
} entry_cases[] = {
	{ "all zero", { 0, 0, false, 0 }, { 0, 0, 0, 0 } },
	{ "all ones", { 0xfffff, 7, true, 255 }, { 0xff, 0xff, 0xff, 0xff } },
	{ "label 1", { 1, 0, false, 0 }, { 0, 0, 0x10, 0 } },
	{ "label 2^19", { 0x80000, 0, false, 0 }, { 0x80, 0, 0, 0 } },
	{ "label alone", { 0xfffff, 0, false, 0 }, { 0xff, 0xff, 0xf0, 0 } },
	{ "TC alone", { 0, 7, false, 0 }, { 0, 0, 0x0e, 0 } },
	{ "TC 4", { 0, 4, false, 0 }, { 0, 0, 0x08, 0 } },
	{ "S alone", { 0, 0, true, 0 }, { 0, 0, 0x01, 0 } },
	{ "TTL alone", { 0, 0, false, 255 }, { 0, 0, 0, 0xff } },
	{ "RFC 3032's order", { 0x12345, 5, true, 64 }, { 0x12, 0x34, 0x5b, 0x40 } },
};

KUNIT_ARRAY_PARAM_DESC(entry, entry_cases, name);

static void stack_entry(struct kunit *test)
{
	typeof(entry_cases[0]) *c = test->param_value;
	u8 bytes[LH_LSE_LEN] = {};
	struct lh_lse lse;
	unsigned int i;

	lse = lh_lse_get(c->bytes);
	lh_lse_put(bytes, c->lse);

	KUNIT_EXPECT_EQ(test, lse.label, c->lse.label);
	KUNIT_EXPECT_EQ(test, lse.tc, c->lse.tc);
	KUNIT_EXPECT_EQ(test, lse.bos, c->lse.bos);
	KUNIT_EXPECT_EQ(test, lse.ttl, c->lse.ttl);
	for (i = 0; i < LH_LSE_LEN; i++)
		KUNIT_EXPECT_EQ_MSG(test, bytes[i], c->bytes[i], "byte %u", i);
}

static const struct {
	const char *name;
	u32 label;
	bool null;
} null_cases[] = {
	{ "0, IPv4's", 0, true },
	{ "1, router alert", 1, false },
	{ "2, IPv6's", 2, true },
	{ "3, implicit null", 3, false },
	{ "7, entropy label indicator", 7, false },
	{ "15, extension", 15, false },
	{ "16, the first that can be given", 16, false },
	{ "the last one", LABELHOP_LABEL_MAX, false },
	{ "2 with a bit above the label's", 0x100002, false },
};

KUNIT_ARRAY_PARAM_DESC(null, null_cases, name);

static void stack_label_is_null(struct kunit *test)
{
	typeof(null_cases[0]) *c = test->param_value;

	KUNIT_EXPECT_EQ(test, lh_label_is_null(c->label), c->null);
}

/* What follows a hop label; S is the lowest bit of an entry's third byte. */
static const struct {
	const char *name;
	u8 tags;
	u8 bytes[LABELHOP_TAGS_MAX * LH_LSE_LEN];
	bool good;
	u32 labels[LABELHOP_TAGS_MAX];
} stack_rows[] = {
	{ "one", 1, { 0, 1, 0x01, 0 }, true, { 16 } },
	{ "one, TC and TTL", 1, { 0, 1, 0x0f, 255 }, true, { 16 } },
	{ "one without S", 1, { 0, 1, 0x00, 0 }, false },
	{ "one, a reserved label", 1, { 0, 0, 0x11, 0 }, true, { 1 } },
	{ "two", 2, { 0, 1, 0, 0, 0, 2, 1, 0 }, true, { 16, 32 } },
	{ "two, S on the first", 2, { 0, 1, 1, 0, 0, 2, 0, 0 }, false },
	{ "two, S on both", 2, { 0, 1, 1, 0, 0, 2, 1, 0 }, false },
	{ "two, no S", 2, { 0, 1, 0, 0, 0, 2, 0, 0 }, false },
	{ "three", 3, { 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 0 }, true, { 16, 32, 48 } },
	{ "three, S on the first", 3, { 0, 1, 1, 0, 0, 2, 0, 0, 0, 3, 1, 0 }, false },
	{ "three, S on the second", 3, { 0, 1, 0, 0, 0, 2, 1, 0, 0, 3, 1, 0 }, false },
	{ "three, S too early", 3, { 0, 1, 0, 0, 0, 2, 1, 0, 0, 3, 0, 0 }, false },
	{ "three, no S", 3, { 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0 }, false },
};

KUNIT_ARRAY_PARAM_DESC(row, stack_rows, name);

static void stack_tag_entries(struct kunit *test)
{
	typeof(stack_rows[0]) *c = test->param_value;
	u32 labels[LABELHOP_TAGS_MAX] = {};
	unsigned int i;
	bool good;

	good = lh_tag_entries(c->bytes, c->tags, true, labels);

	KUNIT_ASSERT_EQ(test, good, c->good);
	if (!good)
		return;
	for (i = 0; i < LABELHOP_TAGS_MAX; i++)
		KUNIT_EXPECT_EQ_MSG(test, labels[i], c->labels[i], "label %u", i);
}

static const struct {
	const char *name;
	u8 prefix[16];
	u8 bits;
	u8 addr[16];
	bool holds;
} prefix_cases[] = {
	{ "0 bits", { 192, 168, 1, 0 }, 0, { 10, 0, 0, 1 }, true },
	{ "1 bit, equal", { 0x80 }, 1, { 0xff }, true },
	{ "1 bit, different", { 0x80 }, 1, { 0x7f }, false },
	{ "7 bits, the eighth differs", { 0x0a }, 7, { 0x0b }, true },
	{ "7 bits, the seventh differs", { 0x0a }, 7, { 0x08 }, false },
	{ "8 bits", { 10, 1 }, 8, { 10, 2 }, true },
	{ "9 bits", { 10, 0x80 }, 9, { 10, 0x7f }, false },
	{ "24 bits", { 192, 168, 1, 0 }, 24, { 192, 168, 1, 255 }, true },
	{ "24 bits, the net beside", { 192, 168, 1, 0 }, 24, { 192, 168, 0, 255 }, false },
	{ "31 bits, both hosts", { 10, 0, 0, 2 }, 31, { 10, 0, 0, 3 }, true },
	{ "31 bits, the next", { 10, 0, 0, 2 }, 31, { 10, 0, 0, 4 }, false },
	{ "32 bits, equal", { 10, 0, 0, 2 }, 32, { 10, 0, 0, 2 }, true },
	{ "32 bits, different", { 10, 0, 0, 2 }, 32, { 10, 0, 0, 3 }, false },
	{ "bits of the prefix beyond its length", { 10, 0, 0, 255 }, 24, { 10, 0, 0, 1 },
	  true },
	{ "127 bits", { [0] = 0xfd, [15] = 2 }, 127, { [0] = 0xfd, [15] = 3 }, true },
	{ "128 bits, equal", { [0] = 0xfd, [15] = 2 }, 128, { [0] = 0xfd, [15] = 2 }, true },
	{ "128 bits, different", { [0] = 0xfd, [15] = 2 }, 128, { [0] = 0xfd, [15] = 3 },
	  false },
	{ "the first byte counts", { [0] = 0xfd, [15] = 2 }, 128, { [0] = 0xfc, [15] = 2 },
	  false },
};

KUNIT_ARRAY_PARAM_DESC(prefix, prefix_cases, name);

static void stack_prefix_holds(struct kunit *test)
{
	typeof(prefix_cases[0]) *c = test->param_value;

	KUNIT_EXPECT_EQ(test, lh_prefix_holds(c->prefix, c->bits, c->addr), c->holds);
}

static struct kunit_case stack_cases[] = {
	KUNIT_CASE_PARAM(stack_payload_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(stack_payload_len, length_gen_params),
	KUNIT_CASE_PARAM(stack_payload_dst, destination_gen_params),
	KUNIT_CASE_PARAM(stack_entry, entry_gen_params),
	KUNIT_CASE_PARAM(stack_label_is_null, null_gen_params),
	KUNIT_CASE_PARAM(stack_tag_entries, row_gen_params),
	KUNIT_CASE_PARAM(stack_prefix_holds, prefix_gen_params),
	{}
};

static struct kunit_suite stack_suite = {
	.name = "stack",
	.test_cases = stack_cases,
};

kunit_test_suite(stack_suite);
