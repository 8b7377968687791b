// SPDX-License-Identifier: GPL-2.0
/* slot.c */
#include "cases.h"
#include "slot.h"
#include "vectors/derive.h"
#include "vectors/window.h"

#define TIME_MAX	U64_MAX
#define DAY		LABELHOP_SLOT_NS_MAX

/* Too large for the stack. */
static struct lh_slots *slots_of(struct kunit *test, const struct lh_params *p)
{
	struct lh_slots *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	lh_slots_init(s, p->epoch, p->lifetime, p->slots, p->n_slots);
	return s;
}

static struct lh_slots *slots_of_one(struct kunit *test, u64 epoch, u64 lifetime,
				     u64 duration)
{
	const struct lh_params p = {
		.epoch = epoch, .lifetime = lifetime,
		.slots = &duration, .n_slots = 1,
	};

	return slots_of(test, &p);
}

KUNIT_ARRAY_PARAM_DESC(derive, derive_groups, name);

static void slot_at_vectors(struct kunit *test)
{
	const struct derive_group *group = test->param_value;
	struct lh_slots *s = slots_of(test, group->params);
	const struct derive_case *c;

	for (c = group->cases; c < group->cases + group->n; c++) {
		struct lh_slot slot;

		lh_slot_at(s, c->at, &slot);

		KUNIT_EXPECT_EQ_MSG(test, slot.number, c->slot, "at %llu", c->at);
		KUNIT_EXPECT_EQ_MSG(test, slot.start, c->start, "at %llu", c->at);
		KUNIT_EXPECT_EQ_MSG(test, slot.end, c->end, "at %llu", c->at);
		KUNIT_EXPECT_TRUE_MSG(test, lh_slot_holds(&slot, c->at),
				      "at %llu", c->at);
	}
}

KUNIT_ARRAY_PARAM_DESC(window, window_groups, name);

static void slot_window_vectors(struct kunit *test)
{
	const struct window_group *group = test->param_value;
	struct lh_slots *s = slots_of(test, group->params);
	const struct window_case *c;

	for (c = group->cases; c < group->cases + group->n; c++) {
		enum labelhop_reason reason;
		struct lh_slot first, last;
		struct lh_window w;

		reason = lh_slot_window(s, c->now, c->delay, c->tolerance, &w);

		KUNIT_EXPECT_EQ_MSG(test, reason, c->reason, "now %llu, +-%llu, -%llu",
				    c->now, c->tolerance, c->delay);
		if (reason)
			continue;
		KUNIT_EXPECT_EQ(test, lh_slot_state(s, w.first), 0);
		KUNIT_EXPECT_EQ(test, lh_slot_state(s, w.last), 0);
		lh_slot_at(s, w.first, &first);
		lh_slot_at(s, w.last, &last);
		KUNIT_EXPECT_EQ_MSG(test, first.number, c->first, "now %llu, +-%llu, -%llu",
				    c->now, c->tolerance, c->delay);
		KUNIT_EXPECT_EQ_MSG(test, last.number, c->last, "now %llu, +-%llu, -%llu",
				    c->now, c->tolerance, c->delay);
	}
}

/* The window itself, where the arithmetic is at its limits. */
static const struct {
	const char *name;
	u64 epoch;
	u64 lifetime;
	u64 now;
	u64 delay;
	u64 tolerance;
	enum labelhop_reason reason;
	u64 first;
	u64 last;
} edge_cases[] = {
	{ "nothing allowed", 0, 0, 5000, 0, 0, 0, 5000, 5000 },
	{ "tolerance on both sides", 0, 0, 5000, 0, 500, 0, 4500, 5500 },
	{ "delay moves the window", 0, 0, 5000, 2000, 500, 0, 2500, 3500 },
	{ "cut at the epoch", 4900, 0, 5000, 0, 500, 0, 4900, 5500 },
	{ "cut at the end", 0, 5101, 5000, 0, 500, 0, 4500, 5100 },
	{ "cut on both sides", 4900, 201, 5000, 0, 500, 0, 4900, 5100 },
	{ "last instant before the epoch", 5501, 0, 5000, 0, 500,
	  LABELHOP_REASON_NOT_YET },
	{ "first instant is the epoch", 5500, 0, 5000, 0, 500, 0, 5500, 5500 },
	{ "last instant of the set", 0, 4501, 5000, 0, 500, 0, 4500, 4500 },
	{ "first instant after the end", 0, 4500, 5000, 0, 500,
	  LABELHOP_REASON_EXPIRED },
	{ "long before a short life", 1000, 1, 0, 0, 0,
	  LABELHOP_REASON_NOT_YET },
	{ "tolerance below 0 is cut", 0, 0, 100, 0, 500, 0, 0, 600 },
	{ "delay below 0 is cut", 0, 0, 100, 400, 500, 0, 0, 200 },
	{ "all of the window below 0", 1, 0, 100, 700, 500,
	  LABELHOP_REASON_NOT_YET },
	{ "all of it below 0, epoch 0", 0, 0, 100, 700, 500, 0, 0, 0 },
	{ "delay plus tolerance overflow", 0, 0, 5000, TIME_MAX, TIME_MAX, 0,
	  0, 5000 },
	{ "tolerance beyond 2^64 is cut", 0, 0, TIME_MAX - 100, 0, 500, 0,
	  TIME_MAX - 600, TIME_MAX },
	{ "the last instant that there is", TIME_MAX, 0, TIME_MAX, 0, 0, 0,
	  TIME_MAX, TIME_MAX },
	{ "an end at 2^64 - 1", TIME_MAX - 1, 1, TIME_MAX, 0, 0,
	  LABELHOP_REASON_EXPIRED },
};

KUNIT_ARRAY_PARAM_DESC(edge, edge_cases, name);

static void slot_window_edges(struct kunit *test)
{
	typeof(edge_cases[0]) *c = test->param_value;
	struct lh_slots *s = slots_of_one(test, c->epoch, c->lifetime, 1000);
	enum labelhop_reason reason;
	struct lh_window w = {};

	reason = lh_slot_window(s, c->now, c->delay, c->tolerance, &w);

	KUNIT_EXPECT_EQ(test, reason, c->reason);
	KUNIT_EXPECT_EQ(test, w.first, c->first);
	KUNIT_EXPECT_EQ(test, w.last, c->last);
}

static const struct {
	const char *name;
	u64 epoch;
	u64 lifetime;
	u64 t;
	enum labelhop_reason reason;
} state_cases[] = {
	{ "1 ns before the epoch", 1000, 0, 999, LABELHOP_REASON_NOT_YET },
	{ "at the epoch", 1000, 0, 1000, 0 },
	{ "for ever", 1000, 0, TIME_MAX, 0 },
	{ "last instant", 1000, 10, 1009, 0 },
	{ "at the end", 1000, 10, 1010, LABELHOP_REASON_EXPIRED },
	{ "a life of 1 ns", 1000, 1, 1000, 0 },
	{ "after a life of 1 ns", 1000, 1, 1001, LABELHOP_REASON_EXPIRED },
	{ "epoch 0, at 0", 0, 0, 0, 0 },
	{ "the longest life", 0, TIME_MAX, TIME_MAX - 1, 0 },
	{ "after the longest life", 0, TIME_MAX, TIME_MAX,
	  LABELHOP_REASON_EXPIRED },
	{ "at 0, epoch at the end of time", TIME_MAX, 0, 0,
	  LABELHOP_REASON_NOT_YET },
};

KUNIT_ARRAY_PARAM_DESC(state, state_cases, name);

static void slot_state(struct kunit *test)
{
	typeof(state_cases[0]) *c = test->param_value;
	struct lh_slots *s = slots_of_one(test, c->epoch, c->lifetime, 1000);

	KUNIT_EXPECT_EQ(test, lh_slot_state(s, c->t), c->reason);
}

static const struct {
	const char *name;
	u64 start;
	u64 duration;
	u64 t;
	bool holds;
} hold_cases[] = {
	{ "no slot, at 0", 0, 0, 0, false },
	{ "no slot, at the end of time", 0, 0, TIME_MAX, false },
	{ "1 ns before", 1000, 500, 999, false },
	{ "start", 1000, 500, 1000, true },
	{ "last instant", 1000, 500, 1499, true },
	{ "end", 1000, 500, 1500, false },
	{ "at 0, not held", 1000, 500, 0, false },
	{ "a slot that ends beyond 2^64", TIME_MAX - 10, 500, TIME_MAX, true },
	{ "before it", TIME_MAX - 10, 500, 0, false },
};

KUNIT_ARRAY_PARAM_DESC(hold, hold_cases, name);

static void slot_holds(struct kunit *test)
{
	typeof(hold_cases[0]) *c = test->param_value;
	const struct lh_slot slot = {
		.start = c->start, .duration = c->duration,
	};

	KUNIT_EXPECT_EQ(test, lh_slot_holds(&slot, c->t), c->holds);
}

/* A cycle of 1000, 5000 and 1001 ns. */
static const struct {
	const char *name;
	u64 after;
	u64 number;
	u64 start;
	u64 end;
} cycle_cases[] = {
	{ "first instant", 0, 0, 0, 1000 },
	{ "last instant of slot 0", 999, 0, 0, 1000 },
	{ "first of slot 1", 1000, 1, 1000, 6000 },
	{ "last of slot 1", 5999, 1, 1000, 6000 },
	{ "first of slot 2", 6000, 2, 6000, 7001 },
	{ "last of the cycle", 7000, 2, 6000, 7001 },
	{ "first of the next cycle", 7001, 3, 7001, 8001 },
	{ "a million cycles on", 7001000000, 3000000, 7001000000, 7001001000 },
	{ "slot 1 of it", 7001001000, 3000001, 7001001000, 7001006000 },
};

KUNIT_ARRAY_PARAM_DESC(cycle, cycle_cases, name);

static void slot_at_cycle(struct kunit *test)
{
	typeof(cycle_cases[0]) *c = test->param_value;
	const u64 durations[] = { 1000, 5000, 1001 };
	const u64 epoch = 1704067200 * NSEC_PER_SEC;
	const struct lh_params p = {
		.epoch = epoch, .slots = durations, .n_slots = ARRAY_SIZE(durations),
	};
	struct lh_slots *s = slots_of(test, &p);
	struct lh_slot slot;

	lh_slot_at(s, epoch + c->after, &slot);

	KUNIT_EXPECT_EQ(test, slot.number, c->number);
	KUNIT_EXPECT_EQ(test, slot.start, epoch + c->start);
	KUNIT_EXPECT_EQ(test, slot.end, epoch + c->end);
	KUNIT_EXPECT_EQ(test, slot.duration, c->end - c->start);
}

static const struct {
	const char *name;
	u64 epoch;
	u64 duration;
	u64 t;
	u64 number;
	u64 start;
	u64 end;
} limit_cases[] = {
	{ "shortest slots up to the end of time", 0, 1000, TIME_MAX,
	  18446744073709551, TIME_MAX - 615, TIME_MAX },
	{ "longest slots up to the end of time", 0, DAY, TIME_MAX,
	  213503, 213503 * DAY, TIME_MAX },
	{ "a slot that ends at 2^64 - 1", TIME_MAX - 1000, 1000, TIME_MAX - 1,
	  0, TIME_MAX - 1000, TIME_MAX },
	{ "a slot of the last instant", TIME_MAX - 1000, 1000, TIME_MAX,
	  1, TIME_MAX, TIME_MAX },
	{ "epoch 2^64 - 1", TIME_MAX, 1000, TIME_MAX, 0, TIME_MAX, TIME_MAX },
};

KUNIT_ARRAY_PARAM_DESC(limit, limit_cases, name);

static void slot_at_limits(struct kunit *test)
{
	typeof(limit_cases[0]) *c = test->param_value;
	struct lh_slots *s = slots_of_one(test, c->epoch, 0, c->duration);
	struct lh_slot slot;

	lh_slot_at(s, c->t, &slot);

	KUNIT_EXPECT_EQ(test, slot.number, c->number);
	KUNIT_EXPECT_EQ(test, slot.start, c->start);
	KUNIT_EXPECT_EQ(test, slot.end, c->end);
	/* An end that is cut must not cut what the slot holds. */
	KUNIT_EXPECT_EQ(test, slot.duration, c->duration);
	KUNIT_EXPECT_TRUE(test, lh_slot_holds(&slot, c->t));
}

static struct kunit_case slot_cases[] = {
	KUNIT_CASE_PARAM(slot_at_vectors, derive_gen_params),
	KUNIT_CASE_PARAM(slot_at_cycle, cycle_gen_params),
	KUNIT_CASE_PARAM(slot_at_limits, limit_gen_params),
	KUNIT_CASE_PARAM(slot_window_vectors, window_gen_params),
	KUNIT_CASE_PARAM(slot_window_edges, edge_gen_params),
	KUNIT_CASE_PARAM(slot_state, state_gen_params),
	KUNIT_CASE_PARAM(slot_holds, hold_gen_params),
	{}
};

static struct kunit_suite slot_suite = {
	.name = "slot",
	.test_cases = slot_cases,
};

kunit_test_suite(slot_suite);
