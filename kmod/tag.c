// SPDX-License-Identifier: GPL-2.0
/* From a digest to tag labels: protocol.rst, "Tag labels". */
#include "tag.h"

#define TAG_MASK	((1U << LABELHOP_TAG_BITS) - 1)
#define TAG_MAPPED_OUT	(1U << (LABELHOP_TAG_BITS - 1))

static unsigned int ones(u64 x)
{
	unsigned int n;

	for (n = 0; x; n++)
		x &= x - 1;
	return n;
}

static unsigned int gather_width(u64 mask, u8 tags)
{
	unsigned int width = ones(mask) / tags;

	return width < LABELHOP_TAG_BITS ? width : LABELHOP_TAG_BITS;
}

/*
 * Move the bits of x that mask chooses to the low end. The pattern, which is
 * no secret per packet, decides the loop's length, the digest does not.
 */
static u64 gather(u64 x, u64 mask)
{
	u64 out = 0;
	unsigned int n;

	if (mask == ~0ULL)
		return x;
	for (n = 0; mask; n++, mask &= mask - 1) {
		u64 lowest = mask & -mask;

		out |= (u64)!!(x & lowest) << n;
	}
	return out;
}

/**
 * lh_tag_bits - digest bits that the weakest tag label gets
 * @select: enum labelhop_select
 * @mask: the bit selection
 * @tags: number of tag labels, 1..LABELHOP_TAGS_MAX
 *
 * Return: their number.
 */
unsigned int lh_tag_bits(u8 select, u64 mask, u8 tags)
{
	unsigned int least = LABELHOP_TAG_BITS;
	u8 i;

	if (select == LABELHOP_SELECT_GATHER)
		return gather_width(mask, tags);
	for (i = 0; i < tags; i++) {
		unsigned int n = ones((mask >> i * LABELHOP_TAG_BITS) &
				      TAG_MASK);

		if (n < least)
			least = n;
	}
	return least;
}

/**
 * lh_tag_init - prepare the making of tag labels
 * @rule: receives the rule
 * @select: enum labelhop_select
 * @mask: the bit selection, one that lh_params_valid() allows
 * @tags: number of tag labels
 */
void lh_tag_init(struct lh_tag_rule *rule, u8 select, u64 mask, u8 tags)
{
	rule->mask = mask;
	rule->select = select;
	rule->tags = tags;
	rule->width = select == LABELHOP_SELECT_GATHER ?
		      gather_width(mask, tags) : LABELHOP_TAG_BITS;
}

/**
 * lh_tag_labels - tag labels of a digest
 * @rule: how they are made
 * @digest: the digest
 * @labels: receives as many labels as @rule says, none of them reserved
 */
void lh_tag_labels(const struct lh_tag_rule *rule, u64 digest,
		   u32 labels[LABELHOP_TAGS_MAX])
{
	u8 i;

	if (rule->select == LABELHOP_SELECT_GATHER)
		digest = gather(digest, rule->mask);
	else
		digest &= rule->mask;
	for (i = 0; i < rule->tags; i++) {
		u32 value = (digest >> i * rule->width) &
			    ((1U << rule->width) - 1);

		if (value < LABELHOP_LABEL_MIN)
			value += TAG_MAPPED_OUT;
		labels[i] = value;
	}
}

/**
 * lh_tag_equal - compare tag labels in constant time
 * @a: tag labels
 * @b: tag labels
 * @tags: number of tag labels, no secret
 *
 * Return: true if all are equal.
 */
bool lh_tag_equal(const u32 *a, const u32 *b, u8 tags)
{
	u32 diff = 0;
	u8 i;

	for (i = 0; i < tags; i++)
		diff |= a[i] ^ b[i];
	return !diff;
}
