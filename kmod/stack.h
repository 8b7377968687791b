/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_STACK_H
#define LABELHOP_STACK_H

#include <linux/types.h>
#include <linux/labelhop.h>

#define LH_LSE_LEN		4
#define LH_CW_LEN		4
#define LH_FRAME_HEADER		14
#define LH_PAYLOAD_HEAD_MAX	40	/* bytes lh_payload_len() wants to see */
#define LH_PAYLOAD_LEN_MAX	65575	/* IPv6 header and a 16-bit length */

/**
 * struct lh_lse - a label stack entry, RFC 3032
 * @label: 20 bits
 * @tc: traffic class, RFC 5462
 * @bos: bottom of stack
 * @ttl: time to live
 */
struct lh_lse {
	u32 label;
	u8 tc;
	bool bos;
	u8 ttl;
};

struct lh_lse lh_lse_get(const u8 *bytes);
void lh_lse_put(u8 *bytes, struct lh_lse lse);
bool lh_label_is_null(u32 label);
bool lh_tag_entries(const u8 *bytes, u8 tags, bool bottom,
		    u32 labels[LABELHOP_TAGS_MAX]);
void lh_cw_put(u8 *cw, size_t frame_len);
bool lh_cw_get(const u8 *head, size_t head_len, size_t present, size_t *len);
bool lh_payload_len(u8 kind, const u8 *head, size_t head_len, size_t present,
		    size_t *len);
size_t lh_payload_dst(const u8 *head, size_t head_len, const u8 **dst);
bool lh_prefix_holds(const u8 *prefix, u8 bits, const u8 *addr);

#endif /* LABELHOP_STACK_H */
