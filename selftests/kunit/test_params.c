// SPDX-License-Identifier: GPL-2.0
/* params.c */
#include "cases.h"
#include "params.h"
#include "vectors/params.h"

#define GATHER	LABELHOP_SELECT_GATHER
#define AND	LABELHOP_SELECT_AND
#define ALL	(~0ULL)
#define A(name)	LABELHOP_A_PARAMS_##name
#define GOOD	0
#define MOST	U64_MAX

#define UNTOUCHED	(-1)

static void expect_fault(struct kunit *test, const struct lh_params *p, int attr,
			 u32 index)
{
	struct lh_params_fault fault = { .attr = UNTOUCHED };
	bool valid = lh_params_valid(p, &fault);

	KUNIT_EXPECT_EQ(test, valid, attr == GOOD);
	if (valid) {
		KUNIT_EXPECT_EQ(test, fault.attr, UNTOUCHED);
		return;
	}
	KUNIT_EXPECT_EQ(test, fault.attr, attr);
	KUNIT_EXPECT_EQ(test, fault.index, index);
	KUNIT_EXPECT_NOT_NULL(test, fault.text);
}

KUNIT_ARRAY_PARAM_DESC(vector, params_vectors, name);

static void params_vectors_valid(struct kunit *test)
{
	const struct params_case *c = test->param_value;
	struct lh_params_fault fault = { .attr = UNTOUCHED };
	bool valid;

	valid = lh_params_valid(c->params, &fault);

	KUNIT_EXPECT_EQ(test, valid, !c->attr);
	KUNIT_EXPECT_EQ(test, fault.attr, c->attr ?: UNTOUCHED);
}

KUNIT_ARRAY_PARAM_DESC(tolerance, tolerance_vectors, name);

static void params_fit_window_vectors(struct kunit *test)
{
	const struct tolerance_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, lh_params_fit_window(c->params, c->tolerance), c->fits);
	/* Twice the tolerance does not fit in 64 bits. */
	KUNIT_EXPECT_FALSE(test, lh_params_fit_window(c->params, 1ULL << 63));
	KUNIT_EXPECT_FALSE(test, lh_params_fit_window(c->params, U64_MAX));
}

/* The numbers of a set, at their limits and beyond. */
static const struct {
	const char *name;
	u32 generation;
	u32 label;
	u64 epoch;
	u64 lifetime;
	u8 hash;
	u8 tags;
	u8 select;
	u64 mask;
	int attr;
} number_cases[] = {
	{ "as small as can be", 1, 16, 0, 0, 1, 1, GATHER, 0xffff, GOOD },
	{ "as large as can be", ~0U, 1048575, 0, MOST, 1, 3, AND, ALL, GOOD },
	{ "generation 0", 0, 16, 0, 0, 1, 1, GATHER, ALL, A(GENERATION) },
	{ "label 0", 1, 0, 0, 0, 1, 1, GATHER, ALL, A(LABEL) },
	{ "label 15", 1, 15, 0, 0, 1, 1, GATHER, ALL, A(LABEL) },
	{ "label 2^20", 1, 1048576, 0, 0, 1, 1, GATHER, ALL, A(LABEL) },
	{ "label 2^32 - 1", 1, ~0U, 0, 0, 1, 1, GATHER, ALL, A(LABEL) },
	{ "end at 2^64 - 1", 1, 16, 1, MOST - 1, 1, 1, GATHER, ALL, GOOD },
	{ "end at 2^64", 1, 16, 1, MOST, 1, 1, GATHER, ALL, A(LIFETIME) },
	{ "epoch 2^64 - 1, for ever", 1, 16, MOST, 0, 1, 1, GATHER, ALL, GOOD },
	{ "epoch 2^64 - 1, 1 ns", 1, 16, MOST, 1, 1, 1, GATHER, ALL, A(LIFETIME) },
	{ "hash 0", 1, 16, 0, 0, 0, 1, GATHER, ALL, A(HASH) },
	{ "hash 2", 1, 16, 0, 0, 2, 1, GATHER, ALL, A(HASH) },
	{ "hash 255", 1, 16, 0, 0, 255, 1, GATHER, ALL, A(HASH) },
	{ "no tags", 1, 16, 0, 0, 1, 0, GATHER, ALL, A(TAGS) },
	{ "4 tags", 1, 16, 0, 0, 1, 4, GATHER, ALL, A(TAGS) },
	{ "255 tags", 1, 16, 0, 0, 1, 255, GATHER, ALL, A(TAGS) },
	{ "select 2", 1, 16, 0, 0, 1, 1, 2, ALL, A(SELECT) },
	{ "select 255", 1, 16, 0, 0, 1, 1, 255, ALL, A(SELECT) },
	{ "select without bits", 1, 16, 0, 0, 1, 1, GATHER, 0, A(MASK) },
	{ "15 bits", 1, 16, 0, 0, 1, 1, GATHER, 0x7fff, A(MASK) },
	{ "47 bits for 3", 1, 16, 0, 0, 1, 3, GATHER, ALL >> 17, A(MASK) },
	{ "48 bits for 3", 1, 16, 0, 0, 1, 3, GATHER, ALL >> 16, GOOD },
	{ "and without bits", 1, 16, 0, 0, 1, 1, AND, 0, A(MASK) },
	{ "and with those above the label", 1, 16, 0, 0, 1, 1, AND, ALL << 20, A(MASK) },
	{ "and, 16 bits for each of 3", 1, 16, 0, 0, 1, 3, AND, ALL >> 8, GOOD },
	{ "and, 15 bits for the third", 1, 16, 0, 0, 1, 3, AND, ALL >> 9, A(MASK) },
	/* The first fault is told, in the order of the page. */
	{ "all wrong", 0, 0, MOST, MOST, 0, 0, 2, 0, A(GENERATION) },
	{ "hash and tags", 1, 16, 0, 0, 0, 0, GATHER, 0, A(HASH) },
};

KUNIT_ARRAY_PARAM_DESC(number, number_cases, name);

static void params_numbers(struct kunit *test)
{
	typeof(number_cases[0]) *c = test->param_value;
	const u64 slots[] = { 1000 };
	const u32 labels[] = { 300 };
	const struct lh_params p = {
		.generation = c->generation, .label = c->label,
		.epoch = c->epoch, .lifetime = c->lifetime,
		.hash = c->hash, .tags = c->tags,
		.select = c->select, .mask = c->mask,
		.labels = labels, .n_labels = ARRAY_SIZE(labels),
		.slots = slots, .n_slots = ARRAY_SIZE(slots),
	};

	expect_fault(test, &p, c->attr, 0);
}

/* As many labels and slots as can be, the last ones as given. */
static const struct {
	const char *name;
	u32 n_labels;
	u32 last_label;
	u32 n_slots;
	u64 last_slot;
	int attr;
	u32 index;
} list_cases[] = {
	{ "the most of both", 4096, 1048575, 256, 86400000000000, GOOD },
	{ "one of both", 1, 17, 1, 1000, GOOD },
	{ "no labels", 0, 17, 1, 1000, A(LABELS), 0 },
	{ "4097 labels", 4097, 1048575, 1, 1000, A(LABELS), 0 },
	{ "2^32 - 1 labels", ~0U, 1048575, 1, 1000, A(LABELS), 0 },
	{ "the last label reserved", 4096, 15, 1, 1000, A(LABELS), 4095 },
	{ "the last label too large", 4096, 1048576, 1, 1000, A(LABELS), 4095 },
	{ "the last label is the first", 4096, 17, 1, 1000, A(LABELS), 4095 },
	{ "the last label twice", 4096, 4111, 1, 1000, A(LABELS), 4095 },
	{ "the last label is the VPN's", 4096, 16, 1, 1000, A(LABELS), 4095 },
	{ "no slots", 1, 17, 0, 1000, A(SLOTS), 0 },
	{ "257 slots", 1, 17, 257, 1000, A(SLOTS), 0 },
	{ "2^32 - 1 slots", 1, 17, ~0U, 1000, A(SLOTS), 0 },
	{ "the last slot 0", 1, 17, 256, 0, A(SLOTS), 255 },
	{ "the last slot too short", 1, 17, 256, 999, A(SLOTS), 255 },
	{ "the last slot too long", 1, 17, 256, 86400000000001, A(SLOTS), 255 },
	{ "the last slot 2^64 - 1", 1, 17, 256, MOST, A(SLOTS), 255 },
};

KUNIT_ARRAY_PARAM_DESC(list, list_cases, name);

static void params_lists(struct kunit *test)
{
	const u32 n_labels = LABELHOP_LABELS_MAX, n_slots = LABELHOP_SLOTS_MAX;
	u32 *labels = kunit_kcalloc(test, n_labels, sizeof(*labels), GFP_KERNEL);
	u64 *slots = kunit_kcalloc(test, n_slots, sizeof(*slots), GFP_KERNEL);
	typeof(list_cases[0]) *c = test->param_value;
	struct lh_params p = {
		.generation = 1, .label = 16, .hash = LABELHOP_HASH_SIPHASH24,
		.tags = 1, .select = GATHER, .mask = ALL,
		.labels = labels, .n_labels = c->n_labels,
		.slots = slots, .n_slots = c->n_slots,
	};
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, labels);
	KUNIT_ASSERT_NOT_NULL(test, slots);
	for (i = 0; i < n_labels; i++)
		labels[i] = 17 + i;
	for (i = 0; i < n_slots; i++)
		slots[i] = LABELHOP_SLOT_NS_MIN;
	if (c->n_labels && c->n_labels <= n_labels)
		labels[c->n_labels - 1] = c->last_label;
	if (c->n_slots && c->n_slots <= n_slots)
		slots[c->n_slots - 1] = c->last_slot;

	expect_fault(test, &p, c->attr, c->index);
}

static struct kunit_case params_cases[] = {
	KUNIT_CASE_PARAM(params_vectors_valid, vector_gen_params),
	KUNIT_CASE_PARAM(params_numbers, number_gen_params),
	KUNIT_CASE_PARAM(params_lists, list_gen_params),
	KUNIT_CASE_PARAM(params_fit_window_vectors, tolerance_gen_params),
	{}
};

static struct kunit_suite params_suite = {
	.name = "params",
	.test_cases = params_cases,
};

kunit_test_suite(params_suite);
