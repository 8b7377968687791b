// SPDX-License-Identifier: GPL-2.0
/* Durations, slots and instants. */
#include <sodium.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include "parse.h"

/* A day is 2^16 * 3^3 * 5^11 ns: no whole number of ns needs 17 decimals. */
#define SCALE_MAX	10000000000000000ULL

static const struct {
	const char *name;
	u64 ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", LH_NS_PER_S },
	{ "m", 60 * LH_NS_PER_S },
	{ "h", 3600 * LH_NS_PER_S },
	{ "d", 86400 * LH_NS_PER_S },
};

static u64 read_unit(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < LH_COUNT(units); i++)
		if (strlen(units[i].name) == len &&
		    !strncmp(units[i].name, text, len))
			return units[i].ns;
	return 0;
}

static u64 common_divisor(u64 a, u64 b)
{
	while (b) {
		u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * Take part/scale of a unit, scale being greater than part. Return: false if that is
 * no whole number of nanoseconds. In lowest terms nothing is longer than 64 bits.
 */
static bool take_part(u64 part, u64 scale, u64 unit, u64 *ns)
{
	u64 divisor = common_divisor(unit, scale);

	unit /= divisor;
	scale /= divisor;
	*ns = part / scale * unit;
	return !(part % scale);
}

/*
 * A number, maybe with decimals, and a unit. Return: what is wrong, or NULL.
 * Nothing is rounded: a duration must be a whole number of nanoseconds.
 */
static const char *read_duration(const char *text, size_t len, u64 *ns)
{
	static const char bad[] = "is not a duration";
	const char *limit = text + len, *decimals, *at;
	u64 whole, unit, part = 0, scale = 1;

	if (*text < '0' || *text > '9')
		return bad;
	at = lh_read_digits(text, &whole);
	if (!at)
		return *text == '0' ? bad : "is too long";
	decimals = at;
	if (at < limit && *at == '.') {
		for (decimals = ++at; *at >= '0' && *at <= '9'; at++)
			;
		if (at == decimals)
			return bad;
	}
	if (at >= limit)
		return "has no unit";
	unit = read_unit(at, limit - at);
	if (!unit)
		return "has an unknown unit";
	for (; decimals < at; decimals++) {
		if (scale == SCALE_MAX && *decimals != '0')
			return "has a fraction of a nanosecond";
		if (scale == SCALE_MAX)
			continue;
		part = part * 10 + *decimals - '0';
		scale *= 10;
	}
	if (!take_part(part, scale, unit, &part))
		return "has a fraction of a nanosecond";
	if (__builtin_mul_overflow(whole, unit, ns) ||
	    __builtin_add_overflow(*ns, part, ns))
		return "is too long";
	return NULL;
}

/**
 * lh_parse_duration - read a duration in the argument's range
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: u64, ns
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_duration(const struct lh_ctx *ctx, const struct lh_arg *arg,
		      const char *text, void *to)
{
	const char *fault = read_duration(text, strlen(text), to);
	u64 ns;

	if (fault)
		return lh_parse_refuse(ctx, arg, text, fault);
	ns = *(u64 *)to;
	if (ns < arg->min || ns > arg->max)
		return lh_parse_refuse(ctx, arg, text, "is out of range");
	return 0;
}

/* A random number of low..high, both included. */
static u64 draw(u64 low, u64 high)
{
	u64 span = high - low + 1, x, last;

	if (!span)
		span = 1;
	last = ~0ULL - ~0ULL % span;
	do {
		randombytes_buf(&x, sizeof(x));
	} while (x >= last);
	return low + x % span;
}

/* D, D*N, D-D or D-D*N of len characters. Return: what is wrong, or NULL. */
static const char *read_slots(const struct lh_arg *arg, const char *text,
			      size_t len, struct lh_slot_list *list)
{
	const char *star = memchr(text, '*', len), *fault, *dash, *end;
	size_t d_len = star ? (size_t)(star - text) : len;
	u64 low, high, n = 1;

	if (star) {
		end = lh_read_digits(star + 1, &n);
		if (end != text + len || !n || n > LABELHOP_SLOTS_MAX)
			return "has a count that is not in 1..256";
	}
	dash = memchr(text, '-', d_len);
	fault = read_duration(text, dash ? (size_t)(dash - text) : d_len,
			      &low);
	if (!fault && dash)
		fault = read_duration(dash + 1, text + d_len - dash - 1,
				      &high);
	if (fault)
		return fault;
	if (!dash)
		high = low;
	if (low > high)
		return "has its greater duration first";
	if (low < arg->min || high > arg->max)
		return "is out of range";
	if (list->n + n > LABELHOP_SLOTS_MAX)
		return "is one of more than 256 slots";
	while (n--)
		list->ns[list->n++] = low == high ? low : draw(low, high);
	return NULL;
}

/**
 * lh_parse_slots - read durations of slots and draw those that are random
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: struct lh_slot_list
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_slots(const struct lh_ctx *ctx, const struct lh_arg *arg,
		   const char *text, void *to)
{
	struct lh_slot_list *list = to;
	const char *item = text;

	list->n = 0;
	for (;;) {
		size_t len = strcspn(item, ",");
		const char *fault = read_slots(arg, item, len, list);

		if (fault)
			return lh_fail(ctx, "%s: item %s %s: %s is allowed",
				       arg->keyword, LH_QUOTE(item), fault,
				       arg->allowed);
		if (!item[len])
			return 0;
		item += len + 1;
	}
}

static const char *read_date(const char *text, u64 *ns)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	struct tm tm = {}, same;
	time_t s;
	size_t i;

	for (i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' :
				      text[i] != shape[i])
			return "is not a time";
	if (text[i] || !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return "is not a time";
	same = tm;
	s = timegm(&same);
	if (same.tm_mday != tm.tm_mday || same.tm_sec != tm.tm_sec)
		return "is not a date";
	if (s < LH_UTC_2017_S)
		return "is before 2017";
	if (__builtin_mul_overflow(s + LH_TAI_UTC_S, LH_NS_PER_S, ns))
		return "is too late";
	return NULL;
}

/**
 * lh_parse_time - read an instant
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value: now, TAI ns, or a date of UTC
 * @to: where it goes: u64, TAI ns
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_time(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	struct timespec now;
	const char *fault;

	if (!strcmp(text, "now")) {
		clock_gettime(CLOCK_TAI, &now);
		*(u64 *)to = now.tv_sec * LH_NS_PER_S;
		return 0;
	}
	if (!strpbrk(text, "-T:Z"))
		return lh_parse_u64(ctx, arg, text, to);
	fault = read_date(text, to);
	if (fault)
		return lh_parse_refuse(ctx, arg, text, fault);
	return 0;
}

/**
 * lh_tai_unset - is CLOCK_TAI of this machine nothing but UTC?
 *
 * Return: true if so.
 */
bool lh_tai_unset(void)
{
	struct timex timex = {};

	return adjtimex(&timex) >= 0 && !timex.tai;
}
