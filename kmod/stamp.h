/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_STAMP_H
#define LABELHOP_STAMP_H

#include <linux/skbuff.h>
#include "net.h"
#include "session.h"
#include "stack.h"

/**
 * struct lh_stamp - what a sender puts on one packet
 * @hop: the hop label
 * @tags: the tag labels, as many as the session has
 */
struct lh_stamp {
	u32 hop;
	u32 tags[LABELHOP_TAGS_MAX];
};

unsigned int lh_stamp_len(const struct lh_session *s);
enum labelhop_reason lh_stamp_make(const struct lh_net *ln,
				   const struct lh_session *s,
				   struct sk_buff *skb, unsigned int payload,
				   struct lh_stamp *stamp);
void lh_stamp_write(u8 *bytes, const struct lh_session *s,
		    const struct lh_stamp *stamp, const struct lh_lse *like);

#endif /* LABELHOP_STAMP_H */
