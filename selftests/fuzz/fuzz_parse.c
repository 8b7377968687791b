// SPDX-License-Identifier: GPL-2.0
/* parse*.c: the first byte chooses a reader, the rest is the value. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../tools/parse.h"
#include "fuzz.h"
#include "say.h"

static const char *const words[] = { "in", "out", NULL };

/* Does the reader take the text? What it says is checked. */
static bool takes(lh_parse *parse, u64 min, u64 max, const char *text, void *to)
{
	const struct lh_arg arg = {
		.keyword = "word", .allowed = "this", .words = words,
		.min = min, .max = max,
	};
	struct lh_ctx ctx = {};
	struct said said = {};
	int status;

	say_begin(&said);
	status = parse(&ctx, &arg, text, to);
	say_end(&said);
	say_check(&said, status, LH_EXIT_INPUT, "labelhop: ");
	say_check_shown(&said);
	say_free(&said);
	return !status;
}

/* Return: the decimal number that is all of the text, or false. */
static bool model_number(const char *text, size_t len, __int128 *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || *number >> 64)
			return false;
		*number = *number * 10 + text[i] - '0';
	}
	return len && !(*number >> 64) && !(len > 1 && text[0] == '0');
}

static void check_numbers(struct input *in, const char *text)
{
	u64 min = input_time(in), max = input_time(in), number;
	bool valid, ok;
	__int128 wanted;

	valid = model_number(text, strlen(text), &wanted);
	ok = takes(lh_parse_u64, min, max, text, &number);
	CHECK_U64(ok, valid && wanted >= min && wanted <= max);
	CHECK(!ok || number == wanted, "%s is read as %llu", text, number);
}

static void check_range(struct input *in, const char *text)
{
	u32 min = input_number(in, 2), max = input_number(in, 4);
	const char *dash = strchr(text, '-');
	struct lh_range range;
	__int128 low = 0, high = 0;
	bool valid, ok;

	valid = dash && model_number(text, dash - text, &low) &&
		model_number(dash + 1, strlen(dash + 1), &high);
	ok = takes(lh_parse_range, min, max, text, &range);
	CHECK_U64(ok, valid && low >= min && high <= max && low <= high);
	CHECK(!ok || (range.low == low && range.high == high),
	      "%s is read as %u-%u", text, range.low, range.high);
}

static u64 model_unit(const char *unit)
{
	static const struct {
		const char *name;
		u64 ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
		{ "s", 1000000000 }, { "m", 60000000000 },
		{ "h", 3600000000000 }, { "d", 86400000000000 },
	};
	size_t i;

	for (i = 0; i < LH_COUNT(units); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	return 0;
}

/* 24 decimals of a day still fit into 128 bits. */
static bool model_duration(const char *text, u64 *ns)
{
	size_t whole_len = strspn(text, "0123456789"), n = 0;
	const char *at = text + whole_len;
	__int128 whole, part = 0, scale = 1;
	u64 unit;

	if (!model_number(text, whole_len, &whole))
		return false;
	if (*at == '.') {
		n = strspn(++at, "0123456789");
		if (!n)
			return false;
	}
	unit = model_unit(at + n);
	while (n && at[n - 1] == '0')
		n--;
	if (!unit || n > 24)
		return false;
	for (; n; n--, scale *= 10)
		part = part * 10 + *at++ - '0';
	if (part * unit % scale)
		return false;
	whole = whole * unit + part * unit / scale;
	*ns = whole;
	return !(whole >> 64);
}

static void check_duration(struct input *in, const char *text)
{
	u64 min = input_time(in), max = input_time(in), ns, wanted;
	bool valid = model_duration(text, &wanted);
	bool ok = takes(lh_parse_duration, min, max, text, &ns);

	CHECK(ok == (valid && wanted >= min && wanted <= max), "%s is %s", text,
	      ok ? "a duration" : "none");
	CHECK(!ok || ns == wanted, "%s is read as %llu ns", text, ns);
}

/* What is printed as a duration is read as that duration. */
static void check_duration_text(struct input *in)
{
	u64 wanted = input_time(in), ns;
	char text[LH_OUT_WORD];

	lh_format_duration(text, wanted);
	CHECK(takes(lh_parse_duration, 0, ~0ULL, text, &ns) && ns == wanted,
	      "%llu ns is printed as %s", wanted, text);
}

/* A number of a greater unit with all its decimals, which are never endless. */
static void check_decimals(struct input *in)
{
	static const char *const units[] = { "us", "ms", "s", "m", "h", "d" };
	const char *name = units[input_below(in, LH_COUNT(units))];
	u64 unit = model_unit(name), wanted = input_number(in, 7) * 27, ns;
	__int128 rest = wanted % unit;
	char text[64];
	int len = snprintf(text, sizeof(text), "%llu.", wanted / unit);

	do {
		text[len++] = '0' + (int)(rest * 10 / unit);
		rest = rest * 10 % unit;
	} while (rest);
	snprintf(text + len, sizeof(text) - len, "%s", name);
	CHECK(takes(lh_parse_duration, 0, ~0ULL, text, &ns) && ns == wanted,
	      "%llu ns are not read from %s", wanted, text);
}

static void check_slots(const char *text)
{
	const u64 min = LABELHOP_SLOT_NS_MIN, max = LABELHOP_SLOT_NS_MAX;
	struct lh_slot_list *list = malloc(sizeof(*list));
	u64 n = 0;
	u32 i;

	CHECK(list, "no memory");
	if (takes(lh_parse_slots, min, max, text, list)) {
		CHECK(list->n && list->n <= LABELHOP_SLOTS_MAX, "%u slots",
		      list->n);
		for (i = 0; i < list->n; i++)
			CHECK(list->ns[i] >= min && list->ns[i] <= max,
			      "a slot of %llu ns", list->ns[i]);
		/* Each item is one slot, or as many as it says. */
		for (; text; text = strchr(text, ',')) {
			const char *star = strchr(text += *text == ',', '*');

			n += star && star < text + strcspn(text, ",") ?
			     strtoull(star + 1, NULL, 10) : 1;
		}
		CHECK_U64(list->n, n);
	}
	free(list);
}

static void check_prefix(const char *text)
{
	struct lh_prefix_list *list = calloc(1, sizeof(*list));
	struct lh_prefix *a, *b;
	char again[LH_PREFIX_TEXT];
	unsigned int i;

	CHECK(list, "no memory");
	a = &list->prefixes[0];
	b = &list->prefixes[1];
	if (takes(lh_parse_prefix, 0, 0, text, list)) {
		CHECK(list->n == 1 && a->bits <= 8 * a->addr_len &&
		      (a->addr_len == 4 || a->addr_len == 16), "%s", text);
		for (i = a->bits; i < 8U * a->addr_len; i++)
			CHECK(!(a->addr[i / 8] & 0x80 >> i % 8),
			      "%s has bit %u set", text, i);
		lh_prefix_text(a, again);
		CHECK(takes(lh_parse_prefix, 0, 0, again, list) &&
		      !memcmp(a, b, sizeof(*a)), "%s is printed as %s", text,
		      again);
	}
	free(list);
}

static void check_mask(const char *text)
{
	size_t len = strlen(text);
	u64 mask;
	bool ok = takes(lh_parse_mask, 0, 0, text, &mask);

	CHECK_U64(ok, !strncmp(text, "0x", 2) && len > 2 && len <= 18 &&
		  strspn(text + 2, "0123456789abcdefABCDEF") == len - 2);
	CHECK(!ok || mask == strtoull(text, NULL, 16), "%s is read as %#llx",
	      text, mask);
}

/* What is read as a date is printed as that date. */
static void check_time(const char *text)
{
	char again[LH_OUT_WORD];
	u64 ns;

	if (!strcmp(text, "now") ||
	    !takes(lh_parse_time, 0, ~0ULL, text, &ns))
		return;
	if (strchr(text, 'T'))
		lh_format_utc(again, ns, LH_TAI_UTC_S);
	else
		snprintf(again, sizeof(again), "%llu", ns);
	CHECK(!strcmp(text, again), "%s is printed as %s", text, again);
}

static void check_names(const char *text)
{
	const char *name = NULL;
	size_t len = strlen(text), i;
	u8 byte[2];
	bool ok;

	ok = len && len < LABELHOP_NAME_LEN && strcmp(text, "help");
	for (i = 0; i < len; i++)
		ok &= text[i] > ' ' && text[i] <= '~';
	CHECK_U64(takes(lh_parse_name, 0, 0, text, &name), ok);
	CHECK(!ok || name == text, "another name");
	takes(lh_parse_dev, 0, 0, text, &name);
	ok = !strcmp(text, "in") || !strcmp(text, "out");
	CHECK_U64(takes(lh_parse_word, 0, 0, text, byte), ok);
	CHECK_U64(takes(lh_parse_hash, 0, 0, text, byte),
		  !strcmp(text, "siphash-2-4"));
	takes(lh_parse_hash_len, 1, LABELHOP_HASH_LEN_MAX, text, byte);
}

static void check_all(struct input *in, u64 reader, const char *text)
{
	switch (reader) {
	case 0:
		return check_numbers(in, text);
	case 1:
		return check_range(in, text);
	case 2:
		return check_duration(in, text);
	case 3:
		return check_slots(text);
	case 4:
		return check_prefix(text);
	case 5:
		return check_mask(text);
	case 6:
		return check_time(text);
	case 7:
		return check_duration_text(in);
	case 8:
		return check_decimals(in);
	default:
		return check_names(text);
	}
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len }, limits;
	u64 reader = input_below(&in, 10);
	char *text;

	/* Limits are taken from the end, so that the text stays in one piece. */
	limits = (struct input){ .at = in.at, .left = in.left };
	if (in.left > 18) {
		limits.at += in.left - 18;
		limits.left = 18;
		in.left -= 18;
	}
	text = (char *)input_bytes(&in, in.left + 1);
	check_all(&limits, reader, text);
	free(text);
}
