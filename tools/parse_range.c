// SPDX-License-Identifier: GPL-2.0
/* Ranges of labels, prefixes of addresses. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "parse.h"

/**
 * lh_parse_range - read a range of numbers, both ends included
 * @ctx: the command's context
 * @arg: the argument, its greatest number 32 bits
 * @text: the value: two numbers with "-" between them
 * @to: where it goes: struct lh_range
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_range(const struct lh_ctx *ctx, const struct lh_arg *arg,
		   const char *text, void *to)
{
	struct lh_range *range = to;
	const char *end;
	u64 low, high;

	end = lh_read_digits(text, &low);
	if (!end || *end != '-')
		return lh_parse_refuse(ctx, arg, text, "is not such a range");
	end = lh_read_digits(end + 1, &high);
	if (!end || *end)
		return lh_parse_refuse(ctx, arg, text, "is not such a range");
	if (low < arg->min || high > arg->max)
		return lh_parse_refuse(ctx, arg, text, "is out of range");
	if (low > high)
		return lh_parse_refuse(ctx, arg, text,
				       "has its greater number first");
	range->low = low;
	range->high = high;
	return 0;
}

static bool read_addr(const char *text, size_t len, struct lh_prefix *prefix)
{
	char addr[INET6_ADDRSTRLEN];

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	prefix->addr_len = strchr(addr, ':') ? 16 : 4;
	return inet_pton(prefix->addr_len == 16 ? AF_INET6 : AF_INET, addr,
			 prefix->addr) == 1;
}

/* Return: true if there were any. */
static bool clear_host_bits(struct lh_prefix *prefix)
{
	bool any = false;
	int i;

	for (i = prefix->bits; i < prefix->addr_len * 8; i++) {
		u8 bit = 0x80 >> i % 8;

		any |= prefix->addr[i / 8] & bit;
		prefix->addr[i / 8] &= ~bit;
	}
	return any;
}

/**
 * lh_prefix_text - write a prefix as lh_parse_prefix() reads it
 * @prefix: the prefix
 * @text: receives it
 *
 * Return: @text.
 */
const char *lh_prefix_text(const struct lh_prefix *prefix,
			   char text[LH_PREFIX_TEXT])
{
	size_t len;

	inet_ntop(prefix->addr_len == 16 ? AF_INET6 : AF_INET, prefix->addr,
		  text, LH_PREFIX_TEXT);
	len = strlen(text);
	snprintf(text + len, LH_PREFIX_TEXT - len, "/%u", prefix->bits);
	return text;
}

/**
 * lh_parse_prefix - read a prefix and add it to a list
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: the list: struct lh_prefix_list
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_prefix(const struct lh_ctx *ctx, const struct lh_arg *arg,
		    const char *text, void *to)
{
	struct lh_prefix_list *list = to;
	struct lh_prefix *prefix = &list->prefixes[list->n];
	const char *slash = strchr(text, '/'), *end;
	char right[LH_PREFIX_TEXT];
	u64 bits;

	if (list->n == LABELHOP_PREFIXES_MAX)
		return lh_fail(ctx, "prefix: %s is one too many: at most %d are allowed",
			       LH_QUOTE(text), LABELHOP_PREFIXES_MAX);
	if (!slash || !read_addr(text, slash - text, prefix))
		return lh_parse_refuse(ctx, arg, text, "is not such a prefix");
	end = lh_read_digits(slash + 1, &bits);
	if (!end || *end || bits > prefix->addr_len * 8U)
		return lh_parse_refuse(ctx, arg, text,
				       prefix->addr_len == 4 ?
				       "has a length that is not in 0..32" :
				       "has a length that is not in 0..128");
	prefix->bits = bits;
	if (clear_host_bits(prefix))
		return lh_fail(ctx, "prefix: %s has bits set beyond its length: %s is allowed",
			       LH_QUOTE(text), lh_prefix_text(prefix, right));
	list->n++;
	return 0;
}
