/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Printing: a call adds a member to a JSON object, or a word and a value to a
 * line of text, whichever the user chose. Entries of an array have no key. A
 * record is an object without a key; in text it is a paragraph.
 */
#ifndef LABELHOP_TOOLS_OUT_H
#define LABELHOP_TOOLS_OUT_H

#include <linux/types.h>

#define LH_OUT_DEPTH	5
#define LH_OUT_WORD	40	/* bytes of a formatted number, time, duration */

struct json_object;

/**
 * struct lh_out - state of the output
 * @json: JSON rather than text
 * @pretty: JSON with line breaks
 * @one_line: a record is one line, for events
 * @failed: memory ran out
 * @depth: number of open arrays and objects
 * @column: characters on the line of text
 * @keyless: which of the open ones have no key
 * @stack: the open ones if JSON, the root first
 */
struct lh_out {
	bool json;
	bool pretty;
	bool one_line;
	bool failed;
	unsigned int depth;
	unsigned int column;
	bool keyless[LH_OUT_DEPTH];
	struct json_object *stack[LH_OUT_DEPTH];
};

void lh_out_array(struct lh_out *out, const char *key);
void lh_out_object(struct lh_out *out, const char *key);
bool lh_out_end(struct lh_out *out);
void lh_out_drop(struct lh_out *out);
void lh_out_line(struct lh_out *out);
void lh_out_title(struct lh_out *out, const char *key, const char *value,
		  const char *tail);
void lh_out_string(struct lh_out *out, const char *key, const char *value);
void lh_out_number(struct lh_out *out, const char *key, u64 value);
void lh_out_signed(struct lh_out *out, const char *key, s64 value);
void lh_out_flag(struct lh_out *out, const char *key, bool value);
void lh_out_hex(struct lh_out *out, const char *key, const char *lead,
		u64 value);
void lh_out_duration(struct lh_out *out, const char *key, u64 ns);
void lh_out_difference(struct lh_out *out, const char *key, s64 ns);
void lh_out_time(struct lh_out *out, const char *key, u64 ns);
void lh_out_note(struct lh_out *out, const char *note);
const char *lh_format_duration(char text[LH_OUT_WORD], u64 ns);
const char *lh_format_utc(char text[LH_OUT_WORD], u64 tai_ns, s64 offset_s);

#endif /* LABELHOP_TOOLS_OUT_H */
