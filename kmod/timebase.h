/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TIMEBASE_H
#define LABELHOP_TIMEBASE_H

#include <linux/types.h>
#include <linux/labelhop.h>

#define LH_RATE_SHIFT	30
#define LH_RATE_ONE	(1U << LH_RATE_SHIFT)

/* A reading that takes longer says too little. */
#define LH_BRACKET_NS_MAX	10000000ULL
/* The bound grows by as much beside what was measured: what crystals do to each
 * other while a room warms up by a few degrees.
 */
#define LH_DRIFT_PPM		1
/* Without a good sample for so long: holdover, then failed. */
#define LH_HOLDOVER_NS		1000000000ULL
#define LH_FAILED_NS		10000000000ULL
/* From one sample to the next: at first, and as soon as all is well. */
#define LH_PERIOD_NS_MIN	10000000U
#define LH_PERIOD_NS_MAX	250000000U

#define LH_SAMPLES_KEPT	8

/**
 * struct lh_reading - a clock that was read once
 * @before: raw ns just before
 * @after: raw ns just after
 * @clock: ns that it showed in between
 */
struct lh_reading {
	u64 before;
	u64 after;
	u64 clock;
};

/**
 * struct lh_sample - what several readings in a row come to
 * @raw: at this instant, in raw ns,
 * @clock: the clock showed this, in ns,
 * @error: or more or less by so much, for the time that the reading took
 * @jitter: by how much more the other readings contradict it
 */
struct lh_sample {
	u64 raw;
	u64 clock;
	u64 error;
	u64 jitter;
};

/**
 * struct lh_line - what a clock shows, by raw time
 * @raw: at this instant
 * @tai: it shows this
 * @error: or more or less by so much
 * @rate: its ns a raw ns, times LH_RATE_ONE
 * @growth: by how much @error grows, the same
 */
struct lh_line {
	u64 raw;
	u64 tai;
	u64 error;
	u32 rate;
	u32 growth;
};

/**
 * struct lh_timebase - what time it is, by raw time
 * @line: what is known of the clock; its raw time is that of the last sample
 * @from: until @until the time goes from here to @line, and not back
 * @until: raw ns
 * @apart: how far the two are apart at most
 */
struct lh_timebase {
	struct lh_line line;
	struct lh_line from;
	u64 until;
	u64 apart;
};

/**
 * struct lh_time - what time it is
 * @tai: TAI ns since 1970
 * @error: by how much it may be wrong
 * @age: ns since the clock was last read, 0 if it is always there
 */
struct lh_time {
	u64 tai;
	u64 error;
	u64 age;
};

/**
 * struct lh_fit - a clock that is followed
 * @base: the result
 * @samples: those that agree, the newest first
 * @n: their number
 * @doubts: the last one did not,
 * @doubt: and is this
 * @doubt_rate: the rate between that one and the one before, which did not either,
 *	0 if there is none
 * @jitter: what the readings have shown of it lately, ns
 * @uncertain: by how much the rate may be wrong, times LH_RATE_ONE
 * @period: ns until the next sample is wanted
 * @step: the last step that was followed, ns
 */
struct lh_fit {
	struct lh_timebase base;
	struct lh_sample samples[LH_SAMPLES_KEPT];
	u32 n;
	bool doubts;
	struct lh_sample doubt;
	u32 doubt_rate;
	u64 jitter;
	u32 uncertain;
	u32 period;
	s64 step;
};

/**
 * enum lh_fitted - what became of a sample
 * @LH_FITTED: it agrees with those before
 * @LH_FITTED_STEP: the clock was stepped, and is followed
 * @LH_FITTED_DOUBT: it does not agree; the next one decides
 */
enum lh_fitted {
	LH_FITTED,
	LH_FITTED_STEP,
	LH_FITTED_DOUBT,
};

bool lh_sample_make(struct lh_sample *s, const struct lh_reading *readings,
		    u32 n, u32 rate);
bool lh_fit_start(struct lh_fit *fit, const struct lh_sample *first,
		  const struct lh_sample *second);
enum lh_fitted lh_fit_add(struct lh_fit *fit, const struct lh_sample *s,
			  u64 raw);
void lh_timebase_at(const struct lh_timebase *base, u64 raw,
		    struct lh_time *t);
enum labelhop_state lh_time_state(const struct lh_time *t);

#endif /* LABELHOP_TIMEBASE_H */
