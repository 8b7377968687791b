/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PACKET_H
#define LABELHOP_PACKET_H

#include <linux/skbuff.h>
#include "session.h"
#include "stack.h"

const u8 *lh_packet_bytes(const struct sk_buff *skb, int offset, size_t len,
			  void *buffer);
size_t lh_packet_head(const struct sk_buff *skb, int offset, u8 *buffer,
		      const u8 **head);
const u8 *lh_packet_input(const struct lh_gen *gen, const struct sk_buff *skb,
			  int offset, size_t payload_len, size_t *len);
int lh_packet_checksum(struct sk_buff *skb);
int lh_packet_shrink(struct sk_buff *skb, unsigned int strip,
		     const struct lh_lse *top);
int lh_packet_gso_room(struct sk_buff *skb);
int lh_packet_grow(struct sk_buff *skb, unsigned int at, unsigned int grow);
int lh_packet_init(void);
void lh_packet_exit(void);

#endif /* LABELHOP_PACKET_H */
