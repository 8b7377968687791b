/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TABLE_H
#define LABELHOP_TABLE_H

#include "net.h"
#include "session.h"

int lh_table_add(struct lh_net *ln, struct lh_session *s,
		 struct netlink_ext_ack *extack);
void lh_table_del(struct lh_net *ln, struct lh_session *s);
void lh_table_moved(struct lh_net *ln, struct lh_session *s);
void lh_table_settled(struct lh_net *ln, struct lh_session *s);
int lh_table_init(struct lh_net *ln);
void lh_table_exit(struct lh_net *ln);
bool lh_table_leads(struct lh_net *ln, u32 label);
bool lh_table_routed(const struct lh_net *ln, const struct lh_session *s,
		     u32 *label);

#endif /* LABELHOP_TABLE_H */
