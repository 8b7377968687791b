/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_WAY_H
#define LABELHOP_WAY_H

#include "match.h"
#include "net.h"
#include "session.h"

int lh_way_init(struct lh_net *ln);
void lh_way_exit(struct lh_net *ln);
int lh_way_add(struct lh_net *ln, struct lh_session *s,
	       struct netlink_ext_ack *extack);
void lh_way_del(struct lh_net *ln, struct lh_session *s);
void lh_way_look(struct lh_net *ln, struct lh_session *s);
void lh_way_kick(struct lh_net *ln);
const struct lh_session *lh_way_find(const struct lh_net *ln,
				     const struct sk_buff *skb,
				     const struct lh_match_key *key);
void lh_way_work(struct work_struct *work);

#endif /* LABELHOP_WAY_H */
