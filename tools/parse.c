// SPDX-License-Identifier: GPL-2.0
/* Numbers, names and words; parse_range.c and parse_time.c have the rest. */
#include <net/if.h>
#include <string.h>
#include "../kmod/hash.h"
#include "parse.h"

/**
 * lh_parse_refuse - say that a value is not allowed
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @what: what is wrong with it
 *
 * Return: the exit status.
 */
int lh_parse_refuse(const struct lh_ctx *ctx, const struct lh_arg *arg,
		    const char *text, const char *what)
{
	return lh_fail(ctx, "%s: %s %s: %s is allowed", lh_arg_name(arg),
		       LH_QUOTE(text), what, arg->allowed);
}

/**
 * lh_read_digits - read a whole number from the start of a text
 * @text: the text
 * @number: receives the number
 *
 * Return: what follows it, or NULL if the text does not start with a digit,
 * starts with a needless 0 or the number exceeds 64 bits.
 */
const char *lh_read_digits(const char *text, u64 *number)
{
	const char *start = text;

	for (*number = 0; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *text - '0', number))
			return NULL;
	if (text == start || (*start == '0' && text - start > 1))
		return NULL;
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/**
 * lh_read_hex - read bytes in hexadecimal
 * @text: the text
 * @digits: how many digits it must have, an even number
 * @bytes: receives the bytes, as many as half the digits
 *
 * Return: false if the text is anything else.
 */
bool lh_read_hex(const char *text, size_t digits, u8 *bytes)
{
	size_t i;

	for (i = 0; i < digits; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return false;
		bytes[i / 2] = i % 2 ? bytes[i / 2] | digit : digit << 4;
	}
	return !text[digits];
}

/**
 * lh_read_mask - read a bit pattern
 * @text: 0x and 1 to 16 hexadecimal digits
 * @mask: receives it
 *
 * Return: false if the text is anything else.
 */
bool lh_read_mask(const char *text, u64 *mask)
{
	int i;

	if (text[0] != '0' || text[1] != 'x' || !text[2])
		return false;
	for (*mask = 0, i = 2; text[i]; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0 || i > 17)
			return false;
		*mask = *mask << 4 | digit;
	}
	return true;
}

/**
 * lh_parse_text - take a value as it is
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: const char *
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_text(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	if (!text[0])
		return lh_parse_refuse(ctx, arg, text, "is empty");
	*(const char **)to = text;
	return 0;
}

/**
 * lh_parse_name - read the name of a session
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: const char *
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_name(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	size_t i;

	if (strlen(text) >= LABELHOP_NAME_LEN)
		return lh_parse_refuse(ctx, arg, text, "is too long");
	for (i = 0; text[i]; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return lh_parse_refuse(ctx, arg, text,
					       "has a character that is not allowed");
	if (!strcmp(text, "help"))
		return lh_parse_refuse(ctx, arg, text, "is a command's word");
	return lh_parse_text(ctx, arg, text, to);
}

/**
 * lh_parse_dev - read the name of a network device
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: const char *
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_dev(const struct lh_ctx *ctx, const struct lh_arg *arg,
		 const char *text, void *to)
{
	if (strlen(text) >= IFNAMSIZ)
		return lh_parse_refuse(ctx, arg, text, "is too long");
	if (!strcmp(text, ".") || !strcmp(text, "..") ||
	    strpbrk(text, "/: \t\n\v\f\r"))
		return lh_parse_refuse(ctx, arg, text,
				       "is no name of a network device");
	return lh_parse_text(ctx, arg, text, to);
}

/**
 * lh_parse_word - read one of a list of words
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where the word's number goes: u8
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_word(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	u8 i;

	for (i = 0; arg->words[i]; i++)
		if (!strcmp(text, arg->words[i])) {
			*(u8 *)to = i;
			return 0;
		}
	return lh_parse_refuse(ctx, arg, text, "is unknown");
}

/**
 * lh_parse_u64 - read a whole number in the argument's range
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: u64
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_u64(const struct lh_ctx *ctx, const struct lh_arg *arg,
		 const char *text, void *to)
{
	const char *end = lh_read_digits(text, to);
	u64 number;

	if (!end || *end)
		return lh_parse_refuse(ctx, arg, text, "is not such a number");
	number = *(u64 *)to;
	if (number < arg->min || number > arg->max)
		return lh_parse_refuse(ctx, arg, text, "is out of range");
	return 0;
}

/**
 * lh_parse_u32 - read a whole number in the argument's range
 * @ctx: the command's context
 * @arg: the argument, its greatest number 32 bits
 * @text: the value
 * @to: where it goes: u32
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_u32(const struct lh_ctx *ctx, const struct lh_arg *arg,
		 const char *text, void *to)
{
	u64 number;
	int err = lh_parse_u64(ctx, arg, text, &number);

	if (!err)
		*(u32 *)to = number;
	return err;
}

/**
 * lh_parse_u8 - read a whole number in the argument's range
 * @ctx: the command's context
 * @arg: the argument, its greatest number 8 bits
 * @text: the value
 * @to: where it goes: u8
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_u8(const struct lh_ctx *ctx, const struct lh_arg *arg,
		const char *text, void *to)
{
	u64 number;
	int err = lh_parse_u64(ctx, arg, text, &number);

	if (!err)
		*(u8 *)to = number;
	return err;
}

/**
 * lh_parse_hash - read the name of a hash
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: u8, enum labelhop_hash
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_hash(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	u8 hash = lh_hash_index(text);

	if (hash == LABELHOP_HASH_UNSPEC)
		return lh_parse_refuse(ctx, arg, text, "is unknown");
	*(u8 *)to = hash;
	return 0;
}

/**
 * lh_parse_hash_len - read how much is hashed
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value: bytes, or the word full
 * @to: where it goes: u16, LABELHOP_HASH_FULL for the word
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_hash_len(const struct lh_ctx *ctx, const struct lh_arg *arg,
		      const char *text, void *to)
{
	u64 number = LABELHOP_HASH_FULL;
	int err = 0;

	if (strcmp(text, "full"))
		err = lh_parse_u64(ctx, arg, text, &number);
	if (!err)
		*(u16 *)to = number;
	return err;
}

/**
 * lh_parse_mask - read a bit pattern
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: u64
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_mask(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	if (!lh_read_mask(text, to))
		return lh_parse_refuse(ctx, arg, text, "is not such a mask");
	return 0;
}
