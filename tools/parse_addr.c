// SPDX-License-Identifier: GPL-2.0
/* Addresses of routers and of frames, and lists of labels. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "parse.h"

/**
 * lh_parse_addr - read an IP address
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: struct lh_addr
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_addr(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	struct lh_addr *addr = to;

	addr->len = strchr(text, ':') ? 16 : 4;
	if (inet_pton(addr->len == 16 ? AF_INET6 : AF_INET, text,
		      addr->bytes) != 1)
		return lh_parse_refuse(ctx, arg, text, "is no IP address");
	return 0;
}

static bool read_mac(const char *text, u8 mac[LH_MAC_LEN])
{
	char digits[2 * LH_MAC_LEN + 1];
	int i;

	if (strlen(text) != 3 * LH_MAC_LEN - 1)
		return false;
	for (i = 0; i < LH_MAC_LEN; i++) {
		digits[2 * i] = text[3 * i];
		digits[2 * i + 1] = text[3 * i + 1];
		if (i && text[3 * i - 1] != ':')
			return false;
	}
	digits[2 * LH_MAC_LEN] = '\0';
	return lh_read_hex(digits, 2 * LH_MAC_LEN, mac);
}

/**
 * lh_parse_mac - read a MAC address
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: where it goes: LH_MAC_LEN bytes
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_mac(const struct lh_ctx *ctx, const struct lh_arg *arg,
		 const char *text, void *to)
{
	if (!read_mac(text, to))
		return lh_parse_refuse(ctx, arg, text, "is no MAC address");
	return 0;
}

/**
 * lh_parse_macs - read a MAC address and add it to a list
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: the list: struct lh_mac_list
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_macs(const struct lh_ctx *ctx, const struct lh_arg *arg,
		  const char *text, void *to)
{
	struct lh_mac_list *list = to;
	int err;

	if (list->n == LABELHOP_MACS_MAX)
		return lh_fail(ctx, "mac: %s is one too many: at most %d are allowed",
			       LH_QUOTE(text), LABELHOP_MACS_MAX);
	err = lh_parse_mac(ctx, arg, text, list->macs[list->n]);
	if (!err)
		list->n++;
	return err;
}

/**
 * lh_mac_text - write a MAC address as lh_parse_mac() reads it
 * @mac: the address
 * @text: receives it
 *
 * Return: @text.
 */
const char *lh_mac_text(const u8 mac[LH_MAC_LEN], char text[LH_MAC_TEXT])
{
	snprintf(text, LH_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

/**
 * lh_parse_labels - read a label and add it to a list
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: the list: struct lh_label_list
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_labels(const struct lh_ctx *ctx, const struct lh_arg *arg,
		    const char *text, void *to)
{
	struct lh_label_list *list = to;
	int err;

	if (list->n == LABELHOP_LSPS_MAX)
		return lh_fail(ctx, "%s: %s is one too many: at most %d are allowed",
			       arg->keyword, LH_QUOTE(text),
			       LABELHOP_LSPS_MAX);
	err = lh_parse_u32(ctx, arg, text, &list->labels[list->n]);
	if (!err)
		list->n++;
	return err;
}

/**
 * lh_parse_addrs - read an address and add it to a list
 * @ctx: the command's context
 * @arg: the argument
 * @text: the value
 * @to: the list: struct lh_addr_list
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_parse_addrs(const struct lh_ctx *ctx, const struct lh_arg *arg,
		   const char *text, void *to)
{
	struct lh_addr_list *list = to;
	int err;

	if (list->n == LABELHOP_REMOTES_MAX)
		return lh_fail(ctx, "remote: %s is one too many: at most %d are allowed",
			       LH_QUOTE(text), LABELHOP_REMOTES_MAX);
	err = lh_parse_addr(ctx, arg, text, &list->addrs[list->n]);
	if (!err)
		list->n++;
	return err;
}
