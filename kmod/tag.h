/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TAG_H
#define LABELHOP_TAG_H

#include <linux/types.h>
#include <linux/labelhop.h>

/**
 * struct lh_tag_rule - how a digest becomes tag labels
 * @mask: bit selection pattern
 * @select: enum labelhop_select
 * @tags: number of tag labels
 * @width: digest bits that each of them takes
 */
struct lh_tag_rule {
	u64 mask;
	u8 select;
	u8 tags;
	u8 width;
};

unsigned int lh_tag_bits(u8 select, u64 mask, u8 tags);
void lh_tag_init(struct lh_tag_rule *rule, u8 select, u64 mask, u8 tags);
void lh_tag_labels(const struct lh_tag_rule *rule, u64 digest,
		   u32 labels[LABELHOP_TAGS_MAX]);
bool lh_tag_equal(const u32 *a, const u32 *b, u8 tags);

#endif /* LABELHOP_TAG_H */
