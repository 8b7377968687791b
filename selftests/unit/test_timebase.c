// SPDX-License-Identifier: GPL-2.0
/* timebase.c, with a clock that is simulated: what it shows is known exactly. */
#include <string.h>
#include "ktap.h"
#include "timebase.h"
#include "vec.h"

#define MS	1000000ULL
#define S	1000000000ULL
#define PPB	1000000000LL

/*
 * A clock, and somebody who reads it as clock.c does: that it shows `shown` at
 * `raw`, and gains `ppb` on the raw clock; each reading takes up to `bracket` ns and
 * is wrong by up to `jitter` ns.
 */
struct sim {
	u64 raw;
	u64 shown;
	s64 ppb;
	u64 bracket;
	u64 jitter;
	bool frozen;
	u64 random;
	u64 now;
	struct lh_fit fit;
	unsigned int steps;
	unsigned int doubts;
	u64 last;
};

static u64 shows(const struct sim *sim, u64 raw)
{
	__int128 d = (__int128)raw - sim->raw;

	if (sim->frozen)
		return sim->shown;
	return sim->shown + (u64)(d + d * sim->ppb / PPB);
}

/* From now on it does something else. */
static void turn(struct sim *sim, s64 ppb, s64 step)
{
	sim->shown = shows(sim, sim->now) + step;
	sim->raw = sim->now;
	sim->ppb = ppb;
}

static bool sample(struct sim *sim, struct lh_sample *s)
{
	struct lh_reading r[5];
	u32 rate = sim->fit.base.line.rate;
	int i;

	for (i = 0; i < 5; i++) {
		u64 took = 1 + vec_random(&sim->random) % sim->bracket;
		u64 at = sim->now + vec_random(&sim->random) % took;

		r[i].before = sim->now;
		r[i].after = sim->now + took;
		r[i].clock = shows(sim, at);
		if (sim->jitter)
			r[i].clock += vec_random(&sim->random) %
				      (2 * sim->jitter) - sim->jitter;
		sim->now += took + vec_random(&sim->random) % 100;
	}
	return lh_sample_make(s, r, 5, rate ? rate : LH_RATE_ONE);
}

static void start(struct sim *sim)
{
	struct lh_sample a, b;

	CHECK(sample(sim, &a), "no sample");
	sim->now += 2 * MS + vec_random(&sim->random) % MS;
	CHECK(sample(sim, &b), "no sample");
	CHECK(lh_fit_start(&sim->fit, &a, &b), "it does not begin");
	sim->last = 0;
}

static u64 apart(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* Until the next sample, and that: true if the time went as it should. */
static bool go_on(struct sim *sim, bool bounded)
{
	u64 end = sim->now + sim->fit.period;
	unsigned int i;
	struct lh_sample s;
	struct lh_time t;

	for (i = 0; i < 8; i++) {
		u64 step = sim->fit.period / 8;

		lh_timebase_at(&sim->fit.base, sim->now, &t);
		if (!CHECK(t.tai >= sim->last, "back by %llu",
			   sim->last - t.tai))
			return false;
		sim->last = t.tai;
		if (bounded &&
		    !CHECK(apart(t.tai, shows(sim, sim->now)) <= t.error,
			   "off by %llu, the bound is %llu",
			   apart(t.tai, shows(sim, sim->now)), t.error))
			return false;
		sim->now += step;
	}
	sim->now = end;
	if (!sample(sim, &s)) {
		sim->doubts++;
		return true;
	}
	switch (lh_fit_add(&sim->fit, &s, sim->now)) {
	case LH_FITTED_STEP:
		sim->steps++;
		sim->last = 0;
		break;
	case LH_FITTED_DOUBT:
		sim->doubts++;
		break;
	case LH_FITTED:
		break;
	}
	return true;
}

static bool run(struct sim *sim, unsigned int samples, bool bounded)
{
	while (samples--)
		if (!go_on(sim, bounded))
			return false;
	return true;
}

static u64 year(unsigned int ad)
{
	return (ad - 1970) * 31556952ULL * S;
}

/* A clock of any steady rate, in any year, read fast or slowly. */
static void test_steady(void)
{
	static const u64 starts[] = { 0, 1, 1795547590145280412ULL };
	u64 random = 21;
	int round;

	for (round = 0; round < 3000; round++) {
		struct sim sim = {
			.random = random + round,
			.now = vec_random(&random) >> 20,
			.shown = round % 4 ? starts[round % 3] :
				 year(2100) + vec_random(&random) % S,
			.bracket = 1 << vec_random(&random) % 21,
			.ppb = (s64)(vec_random(&random) % 2000001) - 1000000,
		};

		if (round % 5 == 1)
			sim.ppb = (s64)(vec_random(&random) % 2600000000ULL) -
				  600000000;
		sim.raw = sim.now;
		ktap_context("round %d: bracket %llu, %lld ppb", round,
			     sim.bracket, sim.ppb);
		start(&sim);
		if (!run(&sim, 40, true))
			return;
		CHECK_U64(sim.steps, 0);
		CHECK_U64(sim.doubts, 0);
	}
}

/* The end of 64 bits: the time stands still there, and nothing wraps. */
static void test_limit(void)
{
	struct sim sim = {
		.random = 22, .now = 5 * S, .raw = 5 * S,
		.shown = ~0ULL - 10 * S, .bracket = 1000,
	};
	struct lh_time t;

	ktap_context("up to 2^64 - 1");
	start(&sim);
	run(&sim, 40, true);
	CHECK_U64(sim.steps, 0);
	lh_timebase_at(&sim.fit.base, sim.now + 100 * S, &t);
	CHECK_U64(t.tai, ~0ULL);
	lh_timebase_at(&sim.fit.base, ~0ULL, &t);
	CHECK_U64(t.tai, ~0ULL);
	CHECK(t.error > S, "the bound is %llu", t.error);
	lh_timebase_at(&sim.fit.base, 0, &t);
	CHECK(t.tai < ~0ULL, "it wraps");
}

static void test_steps(void)
{
	static const s64 steps[] = {
		1000, -1000, 2000000, -2000000, 3600 * (s64)S, -3600 * (s64)S,
		86400 * (s64)S, -86400 * (s64)S,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(steps) * 20; i++) {
		s64 step = steps[i % ARRAY_SIZE(steps)];
		struct sim sim = {
			.random = 1000 + i, .now = 7 * S, .raw = 7 * S,
			.shown = year(2026), .bracket = 200, .ppb = 12000,
		};

		ktap_context("step by %lld, %zu", step, i);
		start(&sim);
		run(&sim, 20, true);
		turn(&sim, sim.ppb, step);
		/* Seen at the next sample, and believed at the one after. */
		run(&sim, 2, false);
		run(&sim, 20, true);
		if (step == 1000 || step == -1000)
			CHECK(!sim.steps, "a slew is called a step");
		else if (CHECK(sim.steps == 1, "%u steps", sim.steps))
			CHECK(apart(sim.fit.step, step) < 2000, "by %lld",
			      sim.fit.step);
		/* Nothing is left of it. */
		for (j = 0; j < 10; j++)
			go_on(&sim, true);
		CHECK(sim.doubts <= 1, "%u doubts", sim.doubts);
	}
}

/*
 * A servo at work: no step, and the bound holds again when all samples that are
 * kept are later than what it did. A change of some ppm is not seen before.
 */
static void test_servo(void)
{
	u64 random = 23;
	int round, i;

	for (round = 0; round < 300; round++) {
		struct sim sim = {
			.random = random + round, .now = 7 * S, .raw = 7 * S,
			.shown = year(2026), .bracket = 500,
		};

		ktap_context("round %d", round);
		start(&sim);
		run(&sim, 20, true);
		for (i = 0; i < 20; i++) {
			s64 ppb = (s64)(vec_random(&random) % 1000000) - 500000;

			turn(&sim, ppb, 0);
			if (!run(&sim, LH_SAMPLES_KEPT, false) ||
			    !run(&sim, 10, true))
				return;
		}
		CHECK_U64(sim.steps, 0);
	}
}

/* Small changes, as of a servo that has settled, are within the bound always. */
static void test_settled(void)
{
	struct sim sim = {
		.random = 24, .now = 7 * S, .raw = 7 * S, .shown = year(2026),
		.bracket = 500,
	};
	u64 random = 24;
	int i;

	ktap_context("settled");
	start(&sim);
	run(&sim, 20, true);
	for (i = 0; i < 2000; i++) {
		turn(&sim, sim.ppb + (s64)(vec_random(&random) % 400) - 200, 0);
		if (!run(&sim, 1, true))
			return;
	}
	CHECK_U64(sim.steps, 0);
	CHECK_U64(sim.doubts, 0);
}

/* A rate that no servo makes: reported, and followed within a few samples. */
static void test_rates(void)
{
	static const s64 rates[] = {
		2000000, -2000000, 500000000, -500000000, 1500000000, 1000000000,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates) * 10; i++) {
		struct sim sim = {
			.random = 2000 + i, .now = 7 * S, .raw = 7 * S,
			.shown = year(2026), .bracket = 1000,
		};

		ktap_context("%lld ppb", rates[i % ARRAY_SIZE(rates)]);
		start(&sim);
		run(&sim, 20, true);
		turn(&sim, rates[i % ARRAY_SIZE(rates)], 0);
		run(&sim, 6, false);
		run(&sim, 20, true);
		CHECK(sim.steps == 1 || sim.steps == 2, "%u steps", sim.steps);
	}
}

static void test_frozen(void)
{
	struct sim sim = {
		.random = 25, .now = 7 * S, .raw = 7 * S, .shown = year(2026),
		.bracket = 1000,
	};
	struct lh_sample a, b;
	struct lh_time t;
	struct lh_fit fit;
	u64 age = 0;

	ktap_context("it stands still");
	start(&sim);
	run(&sim, 20, true);
	turn(&sim, 0, 0);
	sim.frozen = true;
	while (age < 20 * S) {
		run(&sim, 1, false);
		lh_timebase_at(&sim.fit.base, sim.now, &t);
		CHECK(t.age >= age, "a sample is believed");
		age = t.age;
		CHECK_U64(lh_time_state(&t), age < 1 * S ?
			  LABELHOP_STATE_LOCKED : age < 10 * S ?
			  LABELHOP_STATE_HOLDOVER : LABELHOP_STATE_FAILED);
	}
	CHECK_U64(sim.steps, 0);
	CHECK(sample(&sim, &a) && sample(&sim, &b), "no sample");
	CHECK(!lh_fit_start(&fit, &a, &b), "it starts with a frozen clock");
	sim.frozen = false;
	sim.raw = sim.now;
	run(&sim, 3, false);
	run(&sim, 20, true);
	CHECK_U64(sim.steps, 1);
	CHECK(sim.fit.step < -19 * (s64)S && sim.fit.step > -22 * (s64)S,
	      "step by %lld", sim.fit.step);
}

/* Jitter widens the bound; it is neither a step nor a reason to stop. */
static void test_jitter(void)
{
	u64 jitter;

	for (jitter = 100; jitter <= 1000000; jitter *= 10) {
		struct sim sim = {
			.random = jitter, .now = 7 * S, .raw = 7 * S,
			.shown = year(2026), .bracket = 300, .jitter = jitter,
		};
		struct lh_time t;

		ktap_context("jitter of %llu ns", jitter);
		start(&sim);
		run(&sim, 400, false);
		CHECK_U64(sim.steps, 0);
		lh_timebase_at(&sim.fit.base, sim.now, &t);
		CHECK(apart(t.tai, shows(&sim, sim.now)) <= t.error,
		      "off by %llu, the bound is %llu",
		      apart(t.tai, shows(&sim, sim.now)), t.error);
		CHECK(t.error >= jitter / 4 && t.error < 4 * jitter + 1000,
		      "the bound is %llu", t.error);
	}
}

/* A reading that takes long is no sample; one good one among five is. */
static void test_slow(void)
{
	struct lh_reading r[5];
	struct lh_sample s;
	int i;

	for (i = 0; i < 5; i++)
		r[i] = (struct lh_reading) {
			.before = i * S, .after = i * S + 10 * MS + 1,
			.clock = i * S,
		};
	ktap_context("slow");
	CHECK(!lh_sample_make(&s, r, 5, LH_RATE_ONE), "a slow one is taken");
	r[3].after = r[3].before + 2000;
	r[3].clock = r[3].before + 1500;
	if (!CHECK(lh_sample_make(&s, r, 5, LH_RATE_ONE), "no sample"))
		return;
	CHECK_U64(s.raw, 3 * S + 1000);
	CHECK_U64(s.clock, 3 * S + 1500);
	CHECK_U64(s.error, 1001);
	CHECK_U64(s.jitter, 0);
}

/* Without samples the bound grows by the rate's uncertainty and 1 ppm. */
static void test_holdover(void)
{
	struct sim sim = {
		.random = 26, .now = 7 * S, .raw = 7 * S, .shown = year(2026),
		.bracket = 200, .ppb = -30000,
	};
	struct lh_time before, after;

	ktap_context("no samples");
	start(&sim);
	run(&sim, 40, true);
	lh_timebase_at(&sim.fit.base, sim.now, &before);
	turn(&sim, sim.ppb + 900, 0);
	sim.now += 3600 * S;
	lh_timebase_at(&sim.fit.base, sim.now, &after);
	CHECK(apart(after.tai, shows(&sim, sim.now)) <= after.error,
	      "off by %llu, the bound is %llu",
	      apart(after.tai, shows(&sim, sim.now)), after.error);
	CHECK(after.error >= before.error + 3600 * 1000 &&
	      after.error < before.error + 3600 * 2000,
	      "the bound is %llu", after.error);
	/* What then comes is within the bound: no step. */
	run(&sim, 20, true);
	CHECK_U64(sim.steps, 0);
}

/* Whatever is read: nothing overflows, and time goes back in steps only. */
static void test_garbage(void)
{
	u64 random = 27;
	int round, i;

	for (round = 0; round < 4000; round++) {
		struct lh_fit fit;
		struct lh_sample s[2] = {};
		u64 raw = vec_random(&random) >> vec_random(&random) % 64;
		u64 last = 0;

		for (i = 0; i < 2; i++) {
			s[i].raw = raw += 2 * MS;
			s[i].clock = vec_random(&random) >>
				     vec_random(&random) % 64;
			s[i].error = vec_random(&random) % (40 * MS);
			s[i].jitter = vec_random(&random) % (10 * MS);
		}
		if (!lh_fit_start(&fit, &s[0], &s[1])) {
			s[1].clock = s[0].clock + 2 * MS;
			if (!lh_fit_start(&fit, &s[0], &s[1]))
				continue;
		}
		for (i = 0; i < 50; i++) {
			struct lh_time t;

			ktap_context("round %d, sample %d", round, i);
			raw += 1 + (vec_random(&random) >>
				    (30 + vec_random(&random) % 30));
			s[0].raw = raw;
			lh_timebase_at(&fit.base, raw, &t);
			if (!CHECK(t.tai >= last, "back from %llu to %llu",
				   last, t.tai))
				return;
			s[0].clock = vec_random(&random) % 3 ?
				t.tai + vec_random(&random) % (2 * MS) - MS :
				vec_random(&random);
			raw += vec_random(&random) % 1000;
			lh_timebase_at(&fit.base, raw, &t);
			last = t.tai;
			if (lh_fit_add(&fit, &s[0], raw) == LH_FITTED_STEP)
				last = 0;
		}
	}
}

const struct test timebase_tests[] = {
	{ "timebase.steady", test_steady },
	{ "timebase.limit", test_limit },
	{ "timebase.steps", test_steps },
	{ "timebase.servo", test_servo },
	{ "timebase.settled", test_settled },
	{ "timebase.rates", test_rates },
	{ "timebase.frozen", test_frozen },
	{ "timebase.jitter", test_jitter },
	{ "timebase.slow", test_slow },
	{ "timebase.holdover", test_holdover },
	{ "timebase.garbage", test_garbage },
	{}
};
