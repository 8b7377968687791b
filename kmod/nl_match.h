/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_NL_MATCH_H
#define LABELHOP_NL_MATCH_H

#include "netlink.h"
#include "session.h"

extern const struct nla_policy lh_prefix_policy[LABELHOP_A_PREFIX_MAX + 1];
int lh_nl_match_parse(struct genl_info *info, struct lh_session *s);

#endif /* LABELHOP_NL_MATCH_H */
