/* SPDX-License-Identifier: GPL-2.0 */
/* Readers of values, for tables of struct lh_arg. */
#ifndef LABELHOP_TOOLS_PARSE_H
#define LABELHOP_TOOLS_PARSE_H

#include <linux/labelhop.h>
#include "args.h"

#define LH_NS_PER_S		1000000000ULL
#define LH_TAI_UTC_S		37	/* TAI - UTC since 2017-01-01 */
#define LH_UTC_2017_S		1483228800
#define LH_MAC_LEN		6
#define LH_MAC_TEXT		18	/* bytes of a MAC address in text */
#define LH_PREFIX_TEXT		64	/* bytes of a prefix in text */

/**
 * struct lh_range - two numbers
 * @low: the lesser
 * @high: the greater
 */
struct lh_range {
	u32 low;
	u32 high;
};

/**
 * struct lh_slot_list - durations of slots
 * @ns: the durations
 * @n: their number
 */
struct lh_slot_list {
	u64 ns[LABELHOP_SLOTS_MAX];
	u32 n;
};

/**
 * struct lh_prefix - a prefix of addresses
 * @addr: the address, in network order
 * @addr_len: its length, 4 or 16 bytes
 * @bits: the prefix's length
 */
struct lh_prefix {
	u8 addr[16];
	u8 addr_len;
	u8 bits;
};

/**
 * struct lh_prefix_list - prefixes in the order they were given
 * @prefixes: the prefixes
 * @n: their number
 */
struct lh_prefix_list {
	struct lh_prefix prefixes[LABELHOP_PREFIXES_MAX];
	u32 n;
};

/**
 * struct lh_mac_list - MAC addresses in the order they were given
 * @macs: the addresses
 * @n: their number
 */
struct lh_mac_list {
	u8 macs[LABELHOP_MACS_MAX][LH_MAC_LEN];
	u32 n;
};

/**
 * struct lh_label_list - labels in the order they were given
 * @labels: the labels
 * @n: their number
 */
struct lh_label_list {
	u32 labels[LABELHOP_LSPS_MAX];
	u32 n;
};

/**
 * struct lh_addr - an IP address
 * @bytes: the address, in network order
 * @len: its length, 4 or 16 bytes
 */
struct lh_addr {
	u8 bytes[16];
	u8 len;
};

/**
 * struct lh_addr_list - addresses in the order they were given
 * @addrs: the addresses
 * @n: their number
 */
struct lh_addr_list {
	struct lh_addr addrs[LABELHOP_REMOTES_MAX];
	u32 n;
};

const char *lh_read_digits(const char *text, u64 *number);
bool lh_read_hex(const char *text, size_t digits, u8 *bytes);
bool lh_read_mask(const char *text, u64 *mask);
const char *lh_prefix_text(const struct lh_prefix *prefix,
			   char text[LH_PREFIX_TEXT]);
const char *lh_mac_text(const u8 mac[LH_MAC_LEN], char text[LH_MAC_TEXT]);
int lh_parse_refuse(const struct lh_ctx *ctx, const struct lh_arg *arg,
		    const char *text, const char *what);

lh_parse lh_parse_text, lh_parse_name, lh_parse_dev, lh_parse_word,
	lh_parse_u8, lh_parse_u32, lh_parse_u64, lh_parse_hash,
	lh_parse_hash_len, lh_parse_mask, lh_parse_range, lh_parse_prefix,
	lh_parse_duration, lh_parse_slots, lh_parse_time, lh_parse_mac,
	lh_parse_macs, lh_parse_labels, lh_parse_addr, lh_parse_addrs;

/* What is to be said if so. */
#define LH_TAI_UNSET \
	"the TAI offset of this system was never set: its CLOCK_TAI is UTC"
bool lh_tai_unset(void);

#endif /* LABELHOP_TOOLS_PARSE_H */
