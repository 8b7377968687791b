// SPDX-License-Identifier: GPL-2.0
/* hop.c */
#include "cases.h"
#include "hash.h"
#include "hop.h"
#include "stack.h"
#include "vectors/derive.h"
#include "vectors/window.h"

/* Too large for the stack. */
static struct lh_gen *gen_of(struct kunit *test, const struct lh_params *p)
{
	struct lh_gen *gen = kunit_kzalloc(test, sizeof(*gen), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gen);
	lh_gen_init(gen, p);
	return gen;
}

static void expect_key(struct kunit *test, const struct lh_key *got,
		       const struct lh_key *wanted)
{
	KUNIT_EXPECT_EQ(test, got->k[0], wanted->k[0]);
	KUNIT_EXPECT_EQ(test, got->k[1], wanted->k[1]);
}

static void expect_tags(struct kunit *test, const struct lh_gen *gen,
			const struct lh_hop *hop, const struct derive_case *c)
{
	size_t head_len = min_t(size_t, c->present, LH_PAYLOAD_HEAD_MAX);
	u32 tags[LABELHOP_TAGS_MAX];
	size_t len = 0, n;
	unsigned int i;
	u8 *input;

	KUNIT_ASSERT_TRUE(test, lh_payload_len(LABELHOP_PAYLOAD_IP, c->payload,
					       head_len, c->present, &len));
	n = lh_hop_input_len(gen, len);
	input = kunit_kmalloc(test, LH_INPUT_PREFIX + n, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, input);
	lh_hop_input_prefix(input, len);
	memcpy(input + LH_INPUT_PREFIX, c->payload, n);

	lh_hop_tags(gen, hop, input, LH_INPUT_PREFIX + n, tags);

	KUNIT_EXPECT_EQ(test, lh_hash_digest(gen->hash, &hop->key, input,
					     LH_INPUT_PREFIX + n), c->digest);
	for (i = 0; i < gen->rule.tags; i++)
		KUNIT_EXPECT_EQ_MSG(test, tags[i], c->tags[i], "tag %u", i);
}

KUNIT_ARRAY_PARAM_DESC(derive, derive_groups, name);

static void hop_gen_vectors(struct kunit *test)
{
	const struct derive_group *group = test->param_value;
	struct lh_gen *gen = gen_of(test, group->params);

	expect_key(test, &gen->hop_key, &group->hop_key);
	expect_key(test, &gen->tag_key, &group->tag_key);
}

static void hop_at_vectors(struct kunit *test)
{
	const struct derive_group *group = test->param_value;
	struct lh_gen *gen = gen_of(test, group->params);
	const struct derive_case *c;

	for (c = group->cases; c < group->cases + group->n; c++) {
		struct lh_hop hop;

		lh_hop_at(gen, c->at, &hop);

		KUNIT_EXPECT_EQ_MSG(test, hop.slot.number, c->slot, "at %llu", c->at);
		KUNIT_EXPECT_EQ_MSG(test, hop.label, c->label, "at %llu", c->at);
		expect_key(test, &hop.key, &c->key);
		expect_tags(test, gen, &hop, c);
	}
}

/* Slots whose numbers add up to *sum, over all labels of the set. */
static unsigned int match_all(struct lh_hop_cache *cache, const struct lh_gen *gen,
			      const struct lh_window *w, u64 *sum)
{
	const struct lh_hop *match[LH_HOPS_MAX];
	unsigned int found = 0, n;
	u32 i;

	*sum = 0;
	for (i = 0; i < gen->n_labels; i++) {
		n = lh_hop_match(cache, gen, w, gen->labels[i], match);
		found += n;
		while (n--)
			*sum += match[n]->slot.number;
	}
	return found;
}

KUNIT_ARRAY_PARAM_DESC(window, window_groups, name);

/* Each valid slot is found under one label, whatever was looked up before. */
static void hop_match_vectors(struct kunit *test)
{
	const struct window_group *group = test->param_value;
	struct lh_gen *gen = gen_of(test, group->params);
	struct lh_hop_cache used = {};
	const struct window_case *c;

	for (c = group->cases; c < group->cases + group->n; c++) {
		unsigned int wanted = c->last - c->first + 1;
		u64 wanted_sum = c->first, sum;
		struct lh_hop_cache fresh = {};
		struct lh_window w;

		if (lh_slot_window(&gen->slots, c->now, c->delay, c->tolerance, &w))
			continue;
		if (wanted == 2)
			wanted_sum += c->last;

		KUNIT_EXPECT_EQ_MSG(test, match_all(&fresh, gen, &w, &sum), wanted,
				    "fresh cache, now %llu", c->now);
		KUNIT_EXPECT_EQ_MSG(test, sum, wanted_sum,
				    "fresh cache, now %llu", c->now);
		KUNIT_EXPECT_EQ_MSG(test, match_all(&used, gen, &w, &sum), wanted,
				    "used cache, now %llu", c->now);
		KUNIT_EXPECT_EQ_MSG(test, sum, wanted_sum,
				    "used cache, now %llu", c->now);
	}
}

/* A set of one label: every slot has it. */
static const u32 one_label[] = { 300 };
static const u64 one_slot[] = { 1000 };
static const struct lh_params one_set = {
	.epoch = 10000, .generation = 1, .label = 200, .mask = ~0ULL, .tags = 1,
	.labels = one_label, .n_labels = 1, .slots = one_slot, .n_slots = 1,
	.hash = LABELHOP_HASH_SIPHASH24, .select = LABELHOP_SELECT_GATHER,
};

static const struct {
	const char *name;
	struct lh_window window;
	u32 label;
	unsigned int n;
	u64 first;
} match_cases[] = {
	{ "one instant", { 10500, 10500 }, 300, 1, 0 },
	{ "all of a slot", { 11000, 11999 }, 300, 1, 1 },
	{ "first instant of the next", { 11000, 12000 }, 300, 2, 1 },
	{ "last instant of the one before", { 10999, 11000 }, 300, 2, 0 },
	{ "more slots than can be valid", { 10000, 13000 }, 300, 2, 0 },
	{ "another label", { 10500, 11500 }, 301, 0, 0 },
	{ "the VPN label", { 10500, 11500 }, 200, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(match, match_cases, name);

static void hop_match(struct kunit *test)
{
	typeof(match_cases[0]) *c = test->param_value;
	struct lh_gen *gen = gen_of(test, &one_set);
	const struct lh_hop *match[LH_HOPS_MAX];
	struct lh_hop_cache cache = {};
	unsigned int n, i;

	n = lh_hop_match(&cache, gen, &c->window, c->label, match);

	KUNIT_ASSERT_EQ(test, n, c->n);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ_MSG(test, match[i]->slot.number, c->first + i,
				    "match %u", i);
}

/* Times that are looked up one after the other; does the last one hit? */
static const struct {
	const char *name;
	u64 times[6];
	size_t n;
	bool hit;
} cache_cases[] = {
	{ "nothing yet", { 10000 }, 1, false },
	{ "the same instant", { 10000, 10000 }, 2, true },
	{ "the same slot", { 10000, 10999 }, 2, true },
	{ "the next slot", { 10000, 11000 }, 2, false },
	{ "the slot before", { 11000, 10999 }, 2, false },
	{ "one between", { 10000, 11000, 10000 }, 3, true },
	{ "three between", { 10000, 11000, 12000, 13000, 10000 }, 5, true },
	{ "four between", { 10000, 11000, 12000, 13000, 14000, 10000 }, 6, false },
	{ "used between", { 10000, 11000, 12000, 10000, 13000, 10000 }, 6, true },
};

KUNIT_ARRAY_PARAM_DESC(cache, cache_cases, name);

static void hop_find(struct kunit *test)
{
	typeof(cache_cases[0]) *c = test->param_value;
	struct lh_gen *gen = gen_of(test, &one_set);
	struct lh_hop_cache cache = {}, before;
	const struct lh_hop *hop = NULL;
	struct lh_hop fresh;
	bool known = false;
	size_t i;

	for (i = 0; i < c->n; i++) {
		before = cache;
		hop = lh_hop_find(&cache, gen, c->times[i]);
	}

	for (i = 0; i < LH_HOPS_CACHED; i++)
		known |= lh_slot_holds(&before.hops[i].slot, c->times[c->n - 1]);
	KUNIT_EXPECT_EQ(test, known, c->hit);
	/* A hit writes no entry. */
	KUNIT_EXPECT_EQ(test, !memcmp(before.hops, cache.hops, sizeof(cache.hops)),
			c->hit);
	lh_hop_at(gen, c->times[c->n - 1], &fresh);
	KUNIT_EXPECT_EQ(test, hop->slot.number, fresh.slot.number);
	KUNIT_EXPECT_EQ(test, hop->label, fresh.label);
	expect_key(test, &hop->key, &fresh.key);
}

static const struct {
	const char *name;
	u16 hash_len;
	size_t payload_len;
	size_t n;
} input_cases[] = {
	{ "full, of none", LABELHOP_HASH_FULL, 0, 0 },
	{ "full, of 1", LABELHOP_HASH_FULL, 1, 1 },
	{ "full, of the most", LABELHOP_HASH_FULL, 65575, 65575 },
	{ "1 of none", 1, 0, 0 },
	{ "1 of 2", 1, 2, 1 },
	{ "64 of 63", 64, 63, 63 },
	{ "64 of 64", 64, 64, 64 },
	{ "64 of 65", 64, 65, 64 },
	{ "65535 of 65534", 65535, 65534, 65534 },
	{ "65535 of 65536", 65535, 65536, 65535 },
};

KUNIT_ARRAY_PARAM_DESC(input, input_cases, name);

static void hop_input_len(struct kunit *test)
{
	typeof(input_cases[0]) *c = test->param_value;
	struct lh_gen *gen = gen_of(test, &one_set);
	size_t n;

	gen->hash_len = c->hash_len;

	n = lh_hop_input_len(gen, c->payload_len);

	KUNIT_EXPECT_EQ(test, n, c->n);
}

static void hop_input_prefix(struct kunit *test)
{
	u8 prefix[LH_INPUT_PREFIX];
	unsigned int i;

	lh_hop_input_prefix(prefix, 0x0706050403020100);

	for (i = 0; i < LH_INPUT_PREFIX; i++)
		KUNIT_EXPECT_EQ_MSG(test, prefix[i], i, "byte %u", i);
}

static struct kunit_case hop_cases[] = {
	KUNIT_CASE_PARAM(hop_gen_vectors, derive_gen_params),
	KUNIT_CASE_PARAM(hop_at_vectors, derive_gen_params),
	KUNIT_CASE_PARAM(hop_match_vectors, window_gen_params),
	KUNIT_CASE_PARAM(hop_match, match_gen_params),
	KUNIT_CASE_PARAM(hop_find, cache_gen_params),
	KUNIT_CASE_PARAM(hop_input_len, input_gen_params),
	KUNIT_CASE(hop_input_prefix),
	{}
};

static struct kunit_suite hop_suite = {
	.name = "hop",
	.test_cases = hop_cases,
};

kunit_test_suite(hop_suite);
