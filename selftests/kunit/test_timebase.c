// SPDX-License-Identifier: GPL-2.0
/* timebase.c; what it makes of a clock that is simulated is in selftests/unit. */
#include "cases.h"
#include "timebase.h"

#define MS	NSEC_PER_MSEC
#define S	NSEC_PER_SEC
#define HOUR	(3600LL * S)
#define ONE	LH_RATE_ONE
#define Y2100	(4102444800ULL * S)
#define END	U64_MAX
/* What any time may be off by, for whole ns. */
#define WHOLE	2

static const struct {
	const char *name;
	struct lh_timebase base;
	u64 raw;
	struct lh_time time;
	enum labelhop_state state;
} time_cases[] = {
	{ "at the sample", { { 5 * S, 100, 7, ONE, 0 } },
	  5 * S, { 100, 7 + WHOLE, 0 }, LABELHOP_STATE_LOCKED },
	{ "before it", { { 5 * S, 100, 7, ONE, ONE } },
	  4 * S, { 100, 7 + WHOLE, 0 }, LABELHOP_STATE_LOCKED },
	{ "1 ns after", { { 5 * S, 100, 0, ONE, 0 } },
	  5 * S + 1, { 101, WHOLE, 1 }, LABELHOP_STATE_LOCKED },
	{ "half as fast again", { { 0, Y2100, 0, ONE / 2 * 3, 0 } },
	  999 * MS, { Y2100 + 999 * MS / 2 * 3, WHOLE, 999 * MS },
	  LABELHOP_STATE_LOCKED },
	{ "half as fast", { { 0, 0, 0, ONE / 2, 0 } },
	  999 * MS, { 999 * MS / 2, WHOLE, 999 * MS }, LABELHOP_STATE_LOCKED },
	{ "the bound grows", { { 0, 0, 10, ONE, ONE / 1024 } },
	  1024 * 1000, { 1024 * 1000, 10 + WHOLE + 1000, 1024 * 1000 },
	  LABELHOP_STATE_LOCKED },
	{ "last instant of locked", { { 0, 0, 0, ONE, 0 } },
	  S - 1, { S - 1, WHOLE, S - 1 }, LABELHOP_STATE_LOCKED },
	{ "first of holdover", { { 0, 0, 0, ONE, 0 } },
	  S, { S, WHOLE, S }, LABELHOP_STATE_HOLDOVER },
	{ "last of holdover", { { 0, 0, 0, ONE, 0 } },
	  10ULL * S - 1, { 10ULL * S - 1, WHOLE, 10ULL * S - 1 },
	  LABELHOP_STATE_HOLDOVER },
	{ "first of failed", { { 0, 0, 0, ONE, 0 } },
	  10ULL * S, { 10ULL * S, WHOLE, 10ULL * S }, LABELHOP_STATE_FAILED },
	{ "the time ends", { { 0, END - 5, 0, ONE, 0 } },
	  6, { END, WHOLE, 6 }, LABELHOP_STATE_LOCKED },
	{ "the bound ends", { { 0, 0, END - 5, ONE, 0 } },
	  0, { 0, END - 3, 0 }, LABELHOP_STATE_LOCKED },
	{ "and does not wrap", { { 0, 0, END - 1, ONE, ONE } },
	  100, { 100, END, 100 }, LABELHOP_STATE_LOCKED },
	{ "on the way to the line",
	  { { 0, 1000, 0, ONE, 0 }, { 0, 0, 0, ONE * 2, 0 }, 1000, 1000 },
	  500, { 1000, WHOLE + 1000, 500 }, LABELHOP_STATE_LOCKED },
	{ "there",
	  { { 0, 1000, 0, ONE, 0 }, { 0, 0, 0, ONE * 2, 0 }, 1000, 1000 },
	  1000, { 2000, WHOLE, 1000 }, LABELHOP_STATE_LOCKED },
};

KUNIT_ARRAY_PARAM_DESC(time, time_cases, name);

static void timebase_at(struct kunit *test)
{
	typeof(time_cases[0]) *c = test->param_value;
	struct lh_time t;

	lh_timebase_at(&c->base, c->raw, &t);

	KUNIT_EXPECT_EQ(test, t.tai, c->time.tai);
	KUNIT_EXPECT_EQ(test, t.error, c->time.error);
	KUNIT_EXPECT_EQ(test, t.age, c->time.age);
	KUNIT_EXPECT_EQ(test, (int)lh_time_state(&t), (int)c->state);
}

#define SLOW	(LH_BRACKET_NS_MAX + 1)

static const struct {
	const char *name;
	struct lh_reading readings[3];
	u32 n;
	u32 rate;
	bool good;
	struct lh_sample sample;
} sample_cases[] = {
	{ "one", { { 1000, 1200, 5000 } }, 1, ONE,
	  true, { 1100, 5000, 101, 0 } },
	{ "no time at all", { { 1000, 1000, 5000 } }, 1, ONE,
	  true, { 1000, 5000, 1, 0 } },
	{ "of a clock twice as fast", { { 1000, 1200, 5000 } }, 1, ONE * 2,
	  true, { 1100, 5000, 201, 0 } },
	{ "as long as allowed", { { 0, LH_BRACKET_NS_MAX, 5 } }, 1, ONE,
	  true, { LH_BRACKET_NS_MAX / 2, 5, LH_BRACKET_NS_MAX / 2 + 1, 0 } },
	{ "too long", { { 0, SLOW, 5 } }, 1, ONE, false },
	{ "all too long", { { 0, SLOW, 5 }, { S, S + SLOW, 5 } }, 2, ONE,
	  false },
	{ "the tightest",
	  { { 0, 300, 150 }, { 1000, 1100, 1050 }, { 2000, 2300, 2150 } }, 3,
	  ONE, true, { 1050, 1050, 51, 0 } },
	{ "one of them is slow, and says nothing of jitter",
	  { { 0, SLOW, 77 * S }, { S, S + 100, 9 }, { 0 } }, 2, ONE,
	  true, { S + 50, 9, 51, 0 } },
	{ "jitter is what their errors don't explain",
	  { { 1000, 1200, 5000 }, { 2000, 2200, 6400 } }, 2, ONE,
	  true, { 1100, 5000, 101, 400 - 2 * 101 } },
	{ "and what they do is none",
	  { { 1000, 1200, 5000 }, { 2000, 2200, 6202 } }, 2, ONE,
	  true, { 1100, 5000, 101, 0 } },
	{ "the tightest came later",
	  { { 1000, 1200, 5000 }, { 2000, 2100, 6350 } }, 2, ONE,
	  true, { 2050, 6350, 51, 400 - 101 - 51 } },
	{ "jitter has an end",
	  { { 1000, 1200, 5000 }, { 2000, 2200, END } }, 2, ONE,
	  true, { 1100, 5000, 101, LH_BRACKET_NS_MAX } },
};

KUNIT_ARRAY_PARAM_DESC(sample, sample_cases, name);

static void sample_make(struct kunit *test)
{
	typeof(sample_cases[0]) *c = test->param_value;
	struct lh_sample s = {};

	KUNIT_ASSERT_EQ(test, lh_sample_make(&s, c->readings, c->n, c->rate),
			c->good);

	KUNIT_EXPECT_EQ(test, s.raw, c->sample.raw);
	KUNIT_EXPECT_EQ(test, s.clock, c->sample.clock);
	KUNIT_EXPECT_EQ(test, s.error, c->sample.error);
	KUNIT_EXPECT_EQ(test, s.jitter, c->sample.jitter);
}

/* Between two samples the clock shows so much more. */
static const struct {
	const char *name;
	u64 raw;
	s64 clock;
	bool begins;
} start_cases[] = {
	{ "as fast as the raw clock", 3 * MS, 3 * MS, true },
	{ "500 ppm too fast", 3 * MS, 3 * MS + 1500, true },
	{ "twice as fast", 3 * MS, 6 * MS, true },
	{ "nearly four times as fast", 1000 * MS, 3999 * MS, true },
	{ "four times as fast", 1000 * MS, 4000 * MS, false },
	{ "a quarter as fast", 1000 * MS, 250 * MS, true },
	{ "less", 1000 * MS, 249 * MS, false },
	{ "it stands still", 3 * MS, 0, false },
	{ "it runs backwards", 3 * MS, -3 * MS, false },
	{ "both at once", 0, 3 * MS, false },
	{ "8 s apart", 8000 * MS, 8000 * MS, true },
	{ "too far apart", 9000 * MS, 9000 * MS, false },
	{ "far too fast", 8000 * MS, 35000LL * MS, false },
};

KUNIT_ARRAY_PARAM_DESC(start, start_cases, name);

static void fit_start(struct kunit *test)
{
	typeof(start_cases[0]) *c = test->param_value;
	struct lh_sample first = { S, Y2100, 100, 0 }, second = first;
	struct lh_fit *fit = kunit_kzalloc(test, sizeof(*fit), GFP_KERNEL);
	struct lh_time t;

	KUNIT_ASSERT_NOT_NULL(test, fit);
	second.raw += c->raw;
	second.clock += c->clock;

	KUNIT_ASSERT_EQ(test, lh_fit_start(fit, &first, &second), c->begins);

	if (!c->begins)
		return;
	lh_timebase_at(&fit->base, second.raw, &t);
	KUNIT_EXPECT_EQ(test, t.tai, second.clock);
	KUNIT_EXPECT_GE(test, t.error, second.error);
	KUNIT_EXPECT_EQ(test, fit->period, LH_PERIOD_NS_MIN);
}

/* Ten and twenty ms on, two more samples are off by so much. */
static const struct {
	const char *name;
	s64 off[2];
	enum lh_fitted fitted[2];
} add_cases[] = {
	{ "as expected", { 0, 0 }, { LH_FITTED, LH_FITTED } },
	{ "within the bound", { 50, -50 }, { LH_FITTED, LH_FITTED } },
	{ "one that is not", { 2 * MS, 0 }, { LH_FITTED_DOUBT, LH_FITTED } },
	{ "a step forward", { 2 * MS, 2 * MS },
	  { LH_FITTED_DOUBT, LH_FITTED_STEP } },
	{ "a step back", { -2 * MS, -2 * MS },
	  { LH_FITTED_DOUBT, LH_FITTED_STEP } },
	{ "an hour forward", { HOUR, HOUR },
	  { LH_FITTED_DOUBT, LH_FITTED_STEP } },
	{ "a day back", { -24 * HOUR, -24 * HOUR },
	  { LH_FITTED_DOUBT, LH_FITTED_STEP } },
	{ "two that don't agree", { HOUR, -HOUR },
	  { LH_FITTED_DOUBT, LH_FITTED_DOUBT } },
	{ "a servo's slew is no step", { 4000, 4000 },
	  { LH_FITTED_DOUBT, LH_FITTED } },
};

KUNIT_ARRAY_PARAM_DESC(add, add_cases, name);

static void fit_add(struct kunit *test)
{
	typeof(add_cases[0]) *c = test->param_value;
	struct lh_sample s = { S, Y2100, 100, 0 }, first = s;
	struct lh_fit *fit = kunit_kzalloc(test, sizeof(*fit), GFP_KERNEL);
	u64 last = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fit);
	s.raw += 3 * MS;
	s.clock += 3 * MS;
	KUNIT_ASSERT_TRUE(test, lh_fit_start(fit, &first, &s));
	for (i = 0; i < 2; i++) {
		struct lh_sample next = s;
		enum lh_fitted fitted;
		struct lh_time t;

		next.raw += 10 * MS * (i + 1);
		next.clock += 10 * MS * (i + 1) + c->off[i];
		fitted = lh_fit_add(fit, &next, next.raw);
		KUNIT_EXPECT_EQ_MSG(test, (int)fitted, (int)c->fitted[i],
				    "sample %d", i);
		lh_timebase_at(&fit->base, next.raw, &t);
		if (fitted == LH_FITTED_STEP) {
			KUNIT_EXPECT_EQ(test, t.tai, next.clock);
			KUNIT_EXPECT_LT(test, abs(fit->step - c->off[i]), 2000);
		} else {
			KUNIT_EXPECT_GE(test, t.tai, last);
		}
		last = t.tai;
	}
}

/* Samples of more than 8 s ago say nothing of the rate any more. */
static void fit_keeps(struct kunit *test)
{
	struct lh_sample s = { S, Y2100, 100, 0 }, first = s;
	struct lh_fit *fit = kunit_kzalloc(test, sizeof(*fit), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fit);
	s.raw += 3 * MS;
	s.clock += 3 * MS;
	KUNIT_ASSERT_TRUE(test, lh_fit_start(fit, &first, &s));
	for (i = 0; i < 20; i++) {
		s.raw += S;
		s.clock += S;
		KUNIT_EXPECT_EQ(test, (int)lh_fit_add(fit, &s, s.raw),
				(int)LH_FITTED);
		KUNIT_EXPECT_LE(test, fit->n, LH_SAMPLES_KEPT);
	}
	KUNIT_EXPECT_EQ(test, fit->n, LH_SAMPLES_KEPT);
	KUNIT_EXPECT_EQ(test, fit->base.line.rate, ONE);

	s.raw += 20ULL * S;
	s.clock += 20ULL * S;
	KUNIT_EXPECT_EQ(test, (int)lh_fit_add(fit, &s, s.raw), (int)LH_FITTED);
	KUNIT_EXPECT_EQ(test, fit->n, 1);
	KUNIT_EXPECT_EQ(test, fit->base.line.rate, ONE);
}

static struct kunit_case timebase_cases[] = {
	KUNIT_CASE_PARAM(timebase_at, time_gen_params),
	KUNIT_CASE_PARAM(sample_make, sample_gen_params),
	KUNIT_CASE_PARAM(fit_start, start_gen_params),
	KUNIT_CASE_PARAM(fit_add, add_gen_params),
	KUNIT_CASE(fit_keeps),
	{}
};

static struct kunit_suite timebase_suite = {
	.name = "timebase",
	.test_cases = timebase_cases,
};

kunit_test_suite(timebase_suite);
