/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_MTU_H
#define LABELHOP_MTU_H

struct sk_buff;

void lh_mtu_signal(struct sk_buff *skb, unsigned int payload,
		   unsigned int growth);

#endif /* LABELHOP_MTU_H */
