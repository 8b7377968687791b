/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_VERIFY_H
#define LABELHOP_VERIFY_H

#include <linux/skbuff.h>
#include "net.h"
#include "session.h"
#include "stack.h"

/*
 * A stack is looked for below so many priority tags, besides the outermost, and
 * then below so many explicit nulls. The kernel takes nulls off one by one, and
 * the hook sees the frame each time: without an end one frame would be walked
 * through hundreds of times.
 */
#define LH_ABOVE_MAX	128

/**
 * struct lh_stack_in - a label stack that has arrived
 * @top: the label that counts
 * @at: its offset from skb->data; explicit nulls are above it
 * @tags: the tag labels
 * @payload: offset of the payload
 * @payload_len: its true length
 */
struct lh_stack_in {
	struct lh_lse top;
	unsigned int at;
	u32 tags[LABELHOP_TAGS_MAX];
	unsigned int payload;
	size_t payload_len;
};

int lh_verify_top(const struct sk_buff *skb, int at, struct lh_stack_in *st);
bool lh_verify_entries(const struct lh_session *s, const struct sk_buff *skb,
		       struct lh_stack_in *st);
enum labelhop_reason lh_verify(const struct lh_net *ln,
			       const struct lh_session *s,
			       const struct sk_buff *skb,
			       struct lh_stack_in *st);

#endif /* LABELHOP_VERIFY_H */
