/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_NOTE_H
#define LABELHOP_NOTE_H

#include <linux/types.h>

struct lh_net;
struct sk_buff;

void lh_note_net_init(struct lh_net *ln);
void lh_note_begin(struct sk_buff *skb, u32 label);
void lh_note_verify(struct sk_buff *skb);
void lh_note_enter(struct sk_buff *skb, int ifindex);
bool lh_note_seen(const struct sk_buff *skb);
bool lh_note_verified(const struct sk_buff *skb);
u32 lh_note_label(const struct sk_buff *skb);
int lh_note_vrf(const struct sk_buff *skb);

#endif /* LABELHOP_NOTE_H */
