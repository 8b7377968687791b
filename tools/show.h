/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the kernel on the screen, for answers and for events. */
#ifndef LABELHOP_TOOLS_SHOW_H
#define LABELHOP_TOOLS_SHOW_H

#include <linux/netlink.h>
#include "ctx.h"

#define LH_SHOW_LISTS	1	/* labels and slots, even if it is text */
#define LH_SHOW_STATS	2
#define LH_SHOW_EVENT	4	/* the record is begun by the caller */
#define LH_SHOW_BARE	8	/* the event is about bare packets */

int lh_session_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		    unsigned int what);
int lh_pw_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
	       unsigned int what);
int lh_link_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		 unsigned int what);
int lh_port_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		 unsigned int what);
int lh_vrf_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		unsigned int what);
int lh_clock_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr);

#endif /* LABELHOP_TOOLS_SHOW_H */
