// SPDX-License-Identifier: GPL-2.0
/*
 * From readings of a clock to the time at any instant, with a bound of the error.
 *
 * A sample says that the clock is within an interval, and so does what was known
 * before: the truth is in both. If they have nothing in common the clock was
 * stepped, or runs at another rate, and the next sample decides which. All
 * instants are ns of the raw monotonic clock.
 */
#include "timebase.h"

#define LIMIT		(1ULL << 61)	/* for what is added up or shifted */
#define SPAN_MAX	(1ULL << 33)	/* some 8 s */
#define SPAN_GOOD	1000000000ULL	/* enough for a rate by itself */
#define RATE_MIN	(LH_RATE_ONE / 4)
#define RATE_MAX	(4ULL * LH_RATE_ONE - 1)
#define DRIFT		(LH_RATE_ONE / 1000000 * LH_DRIFT_PPM)
/* What is lost by whole ns. */
#define ROUNDING	2
/* A servo may change its clock's rate by so much; what is more is a step. */
#define SLEW		(LH_RATE_ONE / 1000)

static u64 add_sat(u64 a, u64 b)
{
	return a + b < a ? ~0ULL : a + b;
}

static u64 at_most(u64 x, u64 limit)
{
	return x < limit ? x : limit;
}

/* x * rate / LH_RATE_ONE, exactly, for any x up to LIMIT. */
static u64 scale(u64 x, u32 rate)
{
	x = at_most(x, LIMIT);
	return ((x >> 32) * rate << (32 - LH_RATE_SHIFT)) +
	       ((x & 0xffffffff) * rate >> LH_RATE_SHIFT);
}

static u64 line_at(const struct lh_line *line, u64 raw)
{
	return raw > line->raw ?
	       add_sat(line->tai, scale(raw - line->raw, line->rate)) :
	       line->tai;
}

static u64 line_error(const struct lh_line *line, u64 raw)
{
	u64 error = add_sat(line->error, ROUNDING);

	return raw > line->raw ?
	       add_sat(error, scale(raw - line->raw, line->growth)) : error;
}

static u64 base_now(const struct lh_timebase *base, u64 raw)
{
	return line_at(raw < base->until ? &base->from : &base->line, raw);
}

/**
 * lh_timebase_at - the time at an instant
 * @base: the time base
 * @raw: the instant, not before the time base was made
 * @t: receives it
 */
void lh_timebase_at(const struct lh_timebase *base, u64 raw, struct lh_time *t)
{
	t->tai = base_now(base, raw);
	t->error = line_error(&base->line, raw);
	if (raw < base->until)
		t->error = add_sat(t->error, base->apart);
	t->age = raw > base->line.raw ? raw - base->line.raw : 0;
}

/**
 * lh_time_state - is the time still to be trusted?
 * @t: the time
 *
 * Return: LABELHOP_STATE_LOCKED, _HOLDOVER or _FAILED.
 */
enum labelhop_state lh_time_state(const struct lh_time *t)
{
	if (t->age < LH_HOLDOVER_NS)
		return LABELHOP_STATE_LOCKED;
	return t->age < LH_FAILED_NS ? LABELHOP_STATE_HOLDOVER :
				       LABELHOP_STATE_FAILED;
}

/* Half of what a reading took, in ns of the clock. */
static u64 reading_error(const struct lh_reading *r, u32 rate)
{
	return scale((r->after - r->before + 1) / 2, rate) + 1;
}

/*
 * By how much two readings contradict each other: the tighter is a, and the clock
 * runs at the rate.
 */
static u64 contradiction(const struct lh_reading *a, const struct lh_reading *b,
			 u32 rate)
{
	u64 error = reading_error(a, rate) + reading_error(b, rate);
	u64 expected, x;

	if (b->before < a->before) {
		const struct lh_reading *later = a;

		a = b;
		b = later;
	}
	expected = add_sat(a->clock, scale((b->before - a->before) / 2 +
					   (b->after - a->after) / 2, rate));
	x = b->clock > expected ? b->clock - expected : expected - b->clock;
	return x > error ? at_most(x - error, LH_BRACKET_NS_MAX) : 0;
}

/**
 * lh_sample_make - make a sample of readings
 * @s: receives it
 * @readings: the readings, in the order they were made, none overlapping
 * @n: their number, at least 1
 * @rate: of the clock, as in struct lh_line; LH_RATE_ONE if it is not known
 *
 * Return: false if all of them took too long.
 */
bool lh_sample_make(struct lh_sample *s, const struct lh_reading *readings,
		    u32 n, u32 rate)
{
	const struct lh_reading *best = readings;
	u32 i;

	for (i = 1; i < n; i++)
		if (readings[i].after - readings[i].before <
		    best->after - best->before)
			best = &readings[i];
	if (best->after - best->before > LH_BRACKET_NS_MAX)
		return false;
	s->raw = best->before + (best->after - best->before) / 2;
	s->clock = best->clock;
	s->error = reading_error(best, rate);
	s->jitter = 0;
	for (i = 0; i < n; i++) {
		u64 jitter = contradiction(best, &readings[i], rate);

		/* A reading that took too long says nothing of jitter either. */
		if (readings[i].after - readings[i].before <=
		    LH_BRACKET_NS_MAX && jitter > s->jitter)
			s->jitter = jitter;
	}
	return true;
}

static u64 sample_error(const struct lh_fit *fit, const struct lh_sample *s)
{
	return s->error + fit->jitter;
}

/*
 * The rate between two samples, and by how much it may be wrong. A clock that
 * stands still, or is far from keeping time, has none.
 */
static bool rate_of(const struct lh_fit *fit, const struct lh_sample *first,
		    const struct lh_sample *last, u32 *rate, u32 *uncertain)
{
	u64 error = sample_error(fit, first) + sample_error(fit, last);
	u64 span = last->raw - first->raw, ran, r;

	if (last->raw <= first->raw || span > SPAN_MAX ||
	    last->clock <= first->clock)
		return false;
	ran = last->clock - first->clock;
	if (ran > 4 * SPAN_MAX || error > SPAN_MAX)
		return false;
	/* What is shifted is at most 2^35. */
	r = ((ran << (LH_RATE_SHIFT - 2)) / span) << 2;
	if (r < RATE_MIN || r > RATE_MAX)
		return false;
	*rate = r;
	/* The errors are in ns of a clock that runs as was thought until now. */
	if (r > LH_RATE_ONE)
		error = scale(error, r);
	*uncertain = at_most((error << (LH_RATE_SHIFT - 2)) / span * 4 + 4,
			     LH_RATE_ONE);
	return true;
}

static void keep(struct lh_fit *fit, const struct lh_sample *s)
{
	u32 i;

	if (fit->n < LH_SAMPLES_KEPT)
		fit->n++;
	for (i = fit->n - 1; i; i--)
		fit->samples[i] = fit->samples[i - 1];
	fit->samples[0] = *s;
	while (fit->n > 1 &&
	       s->raw - fit->samples[fit->n - 1].raw > SPAN_MAX)
		fit->n--;
}

static u32 apart(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* The line takes a rate that is better, or shows the old one to be wrong. */
static void rate_update(struct lh_fit *fit, struct lh_line *line)
{
	const struct lh_sample *last = &fit->samples[0];
	const struct lh_sample *first = &fit->samples[fit->n - 1];
	u32 rate, uncertain;

	if (!rate_of(fit, first, last, &rate, &uncertain))
		return;
	if (uncertain > fit->uncertain &&
	    last->raw - first->raw < SPAN_GOOD &&
	    apart(rate, line->rate) <= (u64)uncertain + fit->uncertain)
		return;
	line->rate = rate;
	fit->uncertain = uncertain;
}

static u32 growth(const struct lh_fit *fit)
{
	return fit->uncertain + DRIFT;
}

/*
 * Go on by a new line: from where the time is now, so that it never goes back.
 * Return: false if it has to, for the line is too far away.
 */
static bool join(struct lh_timebase *base, const struct lh_line *line, u64 raw,
		 u32 span)
{
	u64 now = base_now(base, raw), goal = line_at(line, raw + span);
	u64 there = line_at(line, raw);

	base->line = *line;
	base->until = 0;
	if (goal <= now || goal - now >= 4ULL * span)
		return false;
	base->from = (struct lh_line) {
		.raw = raw,
		.tai = now,
		.rate = ((goal - now) << LH_RATE_SHIFT) / span,
	};
	base->until = raw + span;
	base->apart = now > there ? now - there : there - now;
	return true;
}

/* Begin anew with a sample: nothing that was known of the time holds. */
static void jump(struct lh_fit *fit, const struct lh_sample *s)
{
	struct lh_line *line = &fit->base.line;

	fit->n = 0;
	keep(fit, s);
	fit->period = LH_PERIOD_NS_MIN;
	line->raw = s->raw;
	line->tai = s->clock;
	line->error = sample_error(fit, s);
	line->growth = growth(fit);
	fit->base.until = 0;
}

/* The same, and the rate is new too. */
static void restart(struct lh_fit *fit, const struct lh_sample *s, u32 rate,
		    u32 uncertain)
{
	fit->base.line.rate = rate;
	fit->uncertain = uncertain;
	jump(fit, s);
	if (rate > LH_RATE_ONE)
		fit->base.line.error = scale(fit->base.line.error, rate);
}

/**
 * lh_fit_start - begin to follow a clock
 * @fit: what follows it
 * @first: a sample
 * @second: one more, some ms later
 *
 * Return: false if the clock stands still, or is far from keeping time.
 */
bool lh_fit_start(struct lh_fit *fit, const struct lh_sample *first,
		  const struct lh_sample *second)
{
	u32 rate, uncertain;

	*fit = (struct lh_fit) {
		.jitter = first->jitter > second->jitter ? first->jitter :
							   second->jitter,
	};
	if (!rate_of(fit, first, second, &rate, &uncertain))
		return false;
	restart(fit, second, rate, uncertain);
	return true;
}

static u64 move(u64 base, s64 by)
{
	if (by < 0)
		return base < (u64)-by ? 0 : base - (u64)-by;
	return add_sat(base, by);
}

/*
 * What the line and the sample say, taken together. Return: false if they have
 * nothing in common.
 */
static bool merge(const struct lh_fit *fit, const struct lh_sample *s,
		  struct lh_line *line)
{
	u64 there = line_at(&fit->base.line, s->raw);
	s64 e = at_most(line_error(&fit->base.line, s->raw), LIMIT);
	s64 error = at_most(sample_error(fit, s), LIMIT);
	bool ahead = s->clock > there;
	u64 x = ahead ? s->clock - there : there - s->clock;
	s64 low, high, mid;

	if (x > (u64)e + error)
		return false;
	low = (s64)x - error > -e ? (s64)x - error : -e;
	high = (s64)x + error < e ? (s64)x + error : e;
	mid = low + (high - low) / 2;
	line->raw = s->raw;
	line->tai = move(there, ahead ? mid : -mid);
	line->error = (high - low + 1) / 2;
	return true;
}

static enum lh_fitted stepped(struct lh_fit *fit, u64 from, u64 to)
{
	u64 by = to > from ? to - from : from - to;

	by = at_most(by, ~0ULL >> 1);
	fit->step = to > from ? (s64)by : -(s64)by;
	return LH_FITTED_STEP;
}

/* The sample agrees with what was known. */
static enum lh_fitted agree(struct lh_fit *fit, const struct lh_sample *s,
			    struct lh_line *line, u64 raw)
{
	u64 now = base_now(&fit->base, raw);

	fit->doubts = false;
	keep(fit, s);
	rate_update(fit, line);
	line->growth = growth(fit);
	if (!join(&fit->base, line, raw, fit->period))
		return stepped(fit, now, line_at(line, raw));
	fit->period = at_most(2ULL * fit->period, LH_PERIOD_NS_MAX);
	return LH_FITTED;
}

/* Does a sample that is doubted go on as the clock has gone until now? */
static bool confirms(const struct lh_fit *fit, const struct lh_sample *s)
{
	struct lh_line line = {
		.raw = fit->doubt.raw,
		.tai = fit->doubt.clock,
		.rate = fit->base.line.rate,
	};
	u64 there = line_at(&line, s->raw), span = s->raw - line.raw;
	u64 x = s->clock > there ? s->clock - there : there - s->clock;

	return x <= sample_error(fit, &fit->doubt) + sample_error(fit, s) +
		    scale(span, growth(fit)) + scale(span, SLEW);
}

/*
 * Two samples say the same, which is not what was expected: a step, or a servo has
 * changed the clock's rate since the last good sample.
 */
static enum lh_fitted follow(struct lh_fit *fit, const struct lh_sample *s,
			     u64 raw)
{
	struct lh_timebase *base = &fit->base;
	u64 there = line_at(&base->line, s->raw), span = s->raw - base->line.raw;
	u64 x = s->clock > there ? s->clock - there : there - s->clock;
	u64 now = base_now(base, raw);
	struct lh_timebase old = *base;

	fit->doubts = false;
	if (x <= scale(span, SLEW) && span && span < SPAN_MAX)
		fit->uncertain = at_most(fit->uncertain +
					 (x << LH_RATE_SHIFT) / span,
					 LH_RATE_ONE);
	jump(fit, s);
	if (x <= scale(span, SLEW)) {
		struct lh_line line = base->line;

		*base = old;
		if (join(base, &line, raw, fit->period))
			return LH_FITTED;
	}
	return stepped(fit, now, line_at(&base->line, raw));
}

/*
 * It is not the rate of before either. Twice in a row the same one is believed;
 * jitter, or a clock that stands still and goes on, does not look like that.
 * Return: true if it is believed.
 */
static bool new_rate(struct lh_fit *fit, const struct lh_sample *s)
{
	u32 rate, uncertain, last = fit->doubt_rate;

	if (!fit->doubts ||
	    !rate_of(fit, &fit->doubt, s, &rate, &uncertain)) {
		fit->doubt_rate = 0;
		return false;
	}
	fit->doubt_rate = rate;
	if (!last || apart(rate, last) > 2ULL * uncertain + SLEW)
		return false;
	restart(fit, s, rate, uncertain);
	return true;
}

/**
 * lh_fit_add - follow a clock
 * @fit: what follows it, begun
 * @s: a sample, later than those before
 * @raw: now
 *
 * Return: what became of the sample.
 */
enum lh_fitted lh_fit_add(struct lh_fit *fit, const struct lh_sample *s,
			  u64 raw)
{
	struct lh_line line = fit->base.line;
	u64 now = base_now(&fit->base, raw);

	fit->jitter -= fit->jitter / 8;
	if (s->jitter > fit->jitter)
		fit->jitter = s->jitter;
	if (merge(fit, s, &line))
		return agree(fit, s, &line, raw);
	if (fit->doubts && confirms(fit, s))
		return follow(fit, s, raw);
	if (new_rate(fit, s)) {
		fit->doubts = false;
		return stepped(fit, now, line_at(&fit->base.line, raw));
	}
	/* One that stands still may do so for long. */
	fit->period = fit->doubts && !fit->doubt_rate ?
		      at_most(2ULL * fit->period, LH_PERIOD_NS_MAX) :
		      LH_PERIOD_NS_MIN;
	fit->doubt = *s;
	fit->doubts = true;
	return LH_FITTED_DOUBT;
}
