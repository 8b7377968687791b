/* SPDX-License-Identifier: GPL-2.0 */
/* What ptp4l thinks, if it runs here. */
#ifndef LABELHOP_TOOLS_PTP_H
#define LABELHOP_TOOLS_PTP_H

#include "ctx.h"

#define LH_PTP_DELAY	(~0ULL)	/* in place of a delay: ask ptp4l */

void lh_ptp_show(struct lh_out *out);
int lh_ptp_delay(const struct lh_ctx *ctx, u64 *ns);

#endif /* LABELHOP_TOOLS_PTP_H */
