/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_ORIGIN_H
#define LABELHOP_ORIGIN_H

#include <linux/skbuff.h>
#include "stack.h"

/**
 * struct lh_stack_out - a label stack that is about to leave
 * @vpn: its bottom entry
 * @outer: label just above @vpn, 0 if there is none
 * @at: offset of @vpn from skb->data
 */
struct lh_stack_out {
	struct lh_lse vpn;
	u32 outer;
	unsigned int at;
};

/* Whose is a packet that this router encapsulated? An ifindex of a VRF, or: */
#define LH_ORIGIN_MAIN		(-1)	/* of no VRF: by a route of the main table */
#define LH_ORIGIN_UNKNOWN	0	/* it can't be told */

int lh_origin(const struct sk_buff *skb, const struct lh_stack_out *st);
int lh_origin_fits(const struct sk_buff *skb, const struct lh_stack_out *st,
		   int vrf);

#endif /* LABELHOP_ORIGIN_H */
