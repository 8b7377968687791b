/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_FRAG_H
#define LABELHOP_FRAG_H

#include <linux/skbuff.h>

bool lh_frag_allowed(const struct sk_buff *skb, unsigned int payload);
int lh_frag(struct sk_buff *skb, unsigned int payload, unsigned int mtu,
	    struct sk_buff_head *fragments);

#endif /* LABELHOP_FRAG_H */
