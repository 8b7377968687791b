/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_INDEX_H
#define LABELHOP_INDEX_H

#include "net.h"
#include "session.h"

int lh_index_init(struct lh_net *ln);
void lh_index_exit(struct lh_net *ln);
u64 lh_index_mark(const struct lh_params *p);
int lh_index_unused(struct lh_net *ln, const struct lh_session *s,
		    struct netlink_ext_ack *extack);
int lh_index_add(struct lh_net *ln, struct lh_session *s);
void lh_index_del(struct lh_net *ln, struct lh_session *s);

#endif /* LABELHOP_INDEX_H */
