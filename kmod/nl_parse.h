/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_NL_PARSE_H
#define LABELHOP_NL_PARSE_H

#include "netlink.h"
#include "session.h"

struct lh_session *lh_nl_parse_session(struct genl_info *info);
int lh_nl_parse_settings(struct genl_info *info, struct lh_session *s);

#endif /* LABELHOP_NL_PARSE_H */
