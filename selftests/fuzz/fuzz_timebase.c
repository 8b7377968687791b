// SPDX-License-Identifier: GPL-2.0
/* timebase.c: a clock that does what the input says, and what is made of it. */
#include "fuzz.h"
#include "timebase.h"

#define MS	1000000ULL

/* Readings in a row, each of a length and with a time that the input gives. */
static bool sample(struct input *in, u64 *raw, u64 clock, u32 rate,
		   struct lh_sample *s)
{
	struct lh_reading r[3];
	u32 n = 1 + input_below(in, 3), i;
	u64 first = *raw;

	for (i = 0; i < n; i++) {
		r[i].before = *raw;
		*raw += input_number(in, 3);
		r[i].after = *raw;
		r[i].clock = clock + (*raw - first) + input_number(in, 2) -
			     input_number(in, 2);
	}
	if (!lh_sample_make(s, r, n, rate))
		return false;
	CHECK(s->raw >= first && s->raw <= *raw, "it is of another time");
	CHECK(s->error <= 4 * (LH_BRACKET_NS_MAX + 1),
	      "a bound of %llu ns", s->error);
	CHECK(s->jitter <= LH_BRACKET_NS_MAX, "jitter of %llu ns", s->jitter);
	return true;
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* At any instant from raw on: time and bound grow, and the age is right. */
static u64 look(const struct lh_fit *fit, u64 raw, u64 last)
{
	u64 later = raw;
	struct lh_time t;
	int i;

	for (i = 0; i < 64; i += 7) {
		u64 error;

		lh_timebase_at(&fit->base, later, &t);
		CHECK(t.tai >= last, "the time goes back");
		CHECK_U64(t.age, later - fit->base.line.raw);
		last = t.tai;
		error = t.error;
		lh_timebase_at(&fit->base, ~0ULL, &t);
		CHECK(t.error >= error || later < fit->base.until,
		      "the bound shrinks by itself");
		if (later + (1ULL << i) < later)
			break;
		later += 1ULL << i;
	}
	lh_timebase_at(&fit->base, raw, &t);
	return t.tai;
}

static void check_fitted(struct lh_fit *fit, const struct lh_sample *s, u64 raw,
			 u64 *last)
{
	struct lh_time before, t;
	enum lh_fitted fitted;

	lh_timebase_at(&fit->base, raw, &before);
	fitted = lh_fit_add(fit, s, raw);
	lh_timebase_at(&fit->base, raw, &t);
	CHECK(fit->period >= LH_PERIOD_NS_MIN && fit->period <= LH_PERIOD_NS_MAX,
	      "a period of %u ns", fit->period);
	switch (fitted) {
	case LH_FITTED_STEP:
		CHECK(before.tai != t.tai || !fit->step, "a step by nothing");
		break;
	case LH_FITTED:
		CHECK(t.tai >= before.tai, "the time goes back without a step");
		/* A ns each way is lost. */
		CHECK(distance(t.tai, before.tai) <= 2, "a step that is none");
		break;
	case LH_FITTED_DOUBT:
		CHECK_U64(t.tai, before.tai);
		return;
	}
	/* The sample is within the bound of what is now known. */
	CHECK_U64(fit->base.line.raw, s->raw);
	CHECK(distance(fit->base.line.tai, s->clock) <=
	      fit->base.line.error + s->error + fit->jitter + 2,
	      "the sample is out of the bound");
	*last = t.tai;
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	u64 raw = input_number(&in, 6), clock = input_time(&in), last = 0;
	struct lh_sample first, second;
	struct lh_fit fit;

	if (!sample(&in, &raw, clock, LH_RATE_ONE, &first))
		return;
	raw += 2 * MS;
	clock += 2 * MS + input_number(&in, 3);
	if (!sample(&in, &raw, clock, LH_RATE_ONE, &second) ||
	    !lh_fit_start(&fit, &first, &second))
		return;
	while (in.left) {
		u64 gap = input_below(&in, 8) ? fit.period : input_number(&in, 6);
		struct lh_sample s;
		struct lh_time t;

		last = look(&fit, raw, last);
		raw += gap;
		lh_timebase_at(&fit.base, raw, &t);
		clock = input_below(&in, 4) ? t.tai + input_number(&in, 2) :
					      input_time(&in);
		if (sample(&in, &raw, clock, fit.base.line.rate, &s))
			check_fitted(&fit, &s, raw, &last);
	}
}
