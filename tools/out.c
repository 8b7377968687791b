// SPDX-License-Identifier: GPL-2.0
/* Results as text or as JSON. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "out.h"
#include "parse.h"

#define WIDTH	78
#define INDENT	"    "

static void json_add(struct lh_out *out, const char *key,
		     struct json_object *value)
{
	struct json_object *parent;

	if (!value) {
		out->failed = true;
		return;
	}
	parent = out->depth ? out->stack[out->depth - 1] : NULL;
	if (!parent)
		return;
	if (key ? json_object_object_add(parent, key, value) :
		  json_object_array_add(parent, value)) {
		out->failed = true;
		json_object_put(value);
	}
}

static void text_break(struct lh_out *out)
{
	if (out->column && !out->one_line) {
		putchar('\n');
		out->column = 0;
	}
}

static void text_word(struct lh_out *out, const char *word)
{
	if (!out->column)
		out->column = printf("%s", out->depth > 1 ? INDENT : "");
	else
		out->column += printf(" ");
	out->column += printf("%s", word);
}

static void text_pair(struct lh_out *out, const char *key, const char *value)
{
	size_t len = (key ? strlen(key) + 1 : 0) + strlen(value) + 1;

	if (out->column + len > WIDTH)
		text_break(out);
	if (key)
		text_word(out, key);
	text_word(out, value);
}

static void push(struct lh_out *out, const char *key,
		 struct json_object *value)
{
	if (out->json)
		json_add(out, key, value);
	else if (key)
		text_word(out, key);
	out->keyless[out->depth] = !key;
	out->stack[out->depth++] = value;
}

/**
 * lh_out_array - begin an array
 * @out: the output
 * @key: its name, NULL if it is the root
 */
void lh_out_array(struct lh_out *out, const char *key)
{
	push(out, key, out->json ? json_object_new_array() : NULL);
}

/**
 * lh_out_object - begin an object
 * @out: the output
 * @key: its name, NULL if it is the root or an entry of an array: a record
 */
void lh_out_object(struct lh_out *out, const char *key)
{
	push(out, key, out->json ? json_object_new_object() : NULL);
}

static void json_print(struct lh_out *out, struct json_object *root)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text;

	if (out->pretty && !out->one_line)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	text = json_object_to_json_string_ext(root, flags);
	if (!text)
		out->failed = true;
	if (!out->failed)
		puts(text);
}

/**
 * lh_out_end - end the array or object begun last
 * @out: the output
 *
 * The end of the root prints it.
 *
 * Return: false if memory ran out; nothing is printed then.
 */
bool lh_out_end(struct lh_out *out)
{
	struct json_object *value = out->stack[--out->depth];

	if (!out->json && out->keyless[out->depth] && out->column) {
		putchar('\n');
		out->column = 0;
	}
	if (out->json && !out->depth) {
		if (value)
			json_print(out, value);
		json_object_put(value);
	}
	return !out->failed;
}

/**
 * lh_out_drop - end everything that was begun, and print none of it
 * @out: the output
 *
 * Text that is out already stays.
 */
void lh_out_drop(struct lh_out *out)
{
	if (out->depth)
		json_object_put(out->stack[0]);
	if (out->column)
		putchar('\n');
	out->column = 0;
	out->depth = 0;
}

/**
 * lh_out_line - continue on a new line, if it is text
 * @out: the output
 */
void lh_out_line(struct lh_out *out)
{
	if (!out->json)
		text_break(out);
}

/**
 * lh_out_title - what a record is about: its first member
 * @out: the output
 * @key: name of the member, not shown in text
 * @value: its value
 * @tail: what follows the value in text
 */
void lh_out_title(struct lh_out *out, const char *key, const char *value,
		  const char *tail)
{
	if (out->json)
		json_add(out, key, json_object_new_string(value));
	else
		out->column += printf("%s%s%s", out->column ? " " : "", value,
				      tail);
}

/**
 * lh_out_string - a member that is a string
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @value: its value
 */
void lh_out_string(struct lh_out *out, const char *key, const char *value)
{
	if (out->json)
		json_add(out, key, json_object_new_string(value));
	else
		text_pair(out, key, value);
}

/**
 * lh_out_number - a member that is a number
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @value: its value
 */
void lh_out_number(struct lh_out *out, const char *key, u64 value)
{
	char text[LH_OUT_WORD];

	if (out->json) {
		json_add(out, key, json_object_new_uint64(value));
		return;
	}
	snprintf(text, sizeof(text), "%llu", value);
	text_pair(out, key, text);
}

/**
 * lh_out_signed - a member that is a number with a sign
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @value: its value
 */
void lh_out_signed(struct lh_out *out, const char *key, s64 value)
{
	char text[LH_OUT_WORD];

	if (out->json) {
		json_add(out, key, json_object_new_int64(value));
		return;
	}
	snprintf(text, sizeof(text), "%lld", value);
	text_pair(out, key, text);
}

/**
 * lh_out_flag - a member that is true or false: in text, its name if it is true
 * @out: the output
 * @key: its name
 * @value: its value
 */
void lh_out_flag(struct lh_out *out, const char *key, bool value)
{
	if (out->json)
		json_add(out, key, json_object_new_boolean(value));
	else if (value)
		text_pair(out, NULL, key);
}

/**
 * lh_out_hex - a member that is a string of 16 hexadecimal digits
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @lead: what precedes the digits
 * @value: its value
 */
void lh_out_hex(struct lh_out *out, const char *key, const char *lead,
		u64 value)
{
	char text[LH_OUT_WORD];

	snprintf(text, sizeof(text), "%s%016llx", lead, value);
	lh_out_string(out, key, text);
}

/**
 * lh_out_duration - a member that is a duration: in JSON, nanoseconds
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @ns: its value
 */
void lh_out_duration(struct lh_out *out, const char *key, u64 ns)
{
	char text[LH_OUT_WORD];

	if (out->json)
		lh_out_number(out, key, ns);
	else
		text_pair(out, key, lh_format_duration(text, ns));
}

/**
 * lh_out_difference - a member that is a duration with a sign
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @ns: its value
 */
void lh_out_difference(struct lh_out *out, const char *key, s64 ns)
{
	char text[LH_OUT_WORD], sign[LH_OUT_WORD + 1];

	if (out->json) {
		lh_out_signed(out, key, ns);
		return;
	}
	lh_format_duration(text, ns < 0 ? -(u64)ns : (u64)ns);
	snprintf(sign, sizeof(sign), "%s%s", ns < 0 ? "-" : "", text);
	text_pair(out, key, sign);
}

/**
 * lh_out_time - a member that is an instant: in text, with its UTC date
 * @out: the output
 * @key: its name, NULL for an entry of an array
 * @ns: its value, TAI ns
 */
void lh_out_time(struct lh_out *out, const char *key, u64 ns)
{
	char text[LH_OUT_WORD], note[LH_OUT_WORD + 2];

	lh_out_number(out, key, ns);
	snprintf(note, sizeof(note), "(%s)",
		 lh_format_utc(text, ns, LH_TAI_UTC_S));
	lh_out_note(out, note);
}

/**
 * lh_out_note - words for the reader of text
 * @out: the output
 * @note: the words
 */
void lh_out_note(struct lh_out *out, const char *note)
{
	if (!out->json)
		text_pair(out, NULL, note);
}

static const struct {
	const char *name;
	u64 ns;
	bool whole;	/* use it only if nothing is left over */
} units[] = {
	{ "d", 86400 * LH_NS_PER_S, true },
	{ "h", 3600 * LH_NS_PER_S, true },
	{ "m", 60 * LH_NS_PER_S, true },
	{ "s", LH_NS_PER_S, false },
	{ "ms", 1000000, false },
	{ "us", 1000, false },
	{ "ns", 1, false },
};

/**
 * lh_format_duration - write a duration as lh_parse_duration() reads it
 * @text: receives it
 * @ns: the duration
 *
 * Return: @text.
 */
const char *lh_format_duration(char text[LH_OUT_WORD], u64 ns)
{
	size_t i = 0, end;
	u64 rest;

	while (i < LH_COUNT(units) - 1 &&
	       (ns < units[i].ns || (units[i].whole && ns % units[i].ns)))
		i++;
	if (!ns)
		return strcpy(text, "0s");
	end = sprintf(text, "%llu", ns / units[i].ns);
	rest = ns % units[i].ns;
	if (rest) {
		text[end++] = '.';
		for (u64 digit = units[i].ns / 10; rest; digit /= 10) {
			text[end++] = '0' + rest / digit;
			rest %= digit;
		}
	}
	strcpy(text + end, units[i].name);
	return text;
}

/**
 * lh_format_utc - write an instant as a date of UTC, in whole seconds
 * @text: receives it
 * @tai_ns: the instant, TAI ns
 * @offset_s: TAI - UTC at the time
 *
 * Return: @text.
 */
const char *lh_format_utc(char text[LH_OUT_WORD], u64 tai_ns, s64 offset_s)
{
	time_t s = (time_t)(tai_ns / LH_NS_PER_S) - offset_s;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, LH_OUT_WORD, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}
