/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_MATCH_H
#define LABELHOP_MATCH_H

#include "net.h"
#include "origin.h"
#include "session.h"

int lh_match_init(struct lh_net *ln);
void lh_match_exit(struct lh_net *ln);
int lh_match_add(struct lh_net *ln, struct lh_session *s,
		 struct netlink_ext_ack *extack);
void lh_match_del(struct lh_net *ln, struct lh_session *s);
void lh_match_moved(struct lh_net *ln, struct lh_session *s);
void lh_match_settings(struct lh_net *ln, struct lh_session *s);
const struct lh_session *lh_match_out(struct lh_net *ln,
				      const struct sk_buff *skb,
				      const struct lh_stack_out *st,
				      const struct lh_session **unmatched,
				      bool *drop);

#endif /* LABELHOP_MATCH_H */
