/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_QUOTA_H
#define LABELHOP_QUOTA_H

#include <linux/types.h>

struct lh_net;
struct netlink_ext_ack;

int lh_quota_init(struct lh_net *ln);
void lh_quota_exit(struct lh_net *ln);
int lh_quota_take(struct lh_net *ln, u32 labels,
		  struct netlink_ext_ack *extack);
void lh_quota_give(struct lh_net *ln, u32 labels);

#endif /* LABELHOP_QUOTA_H */
