/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_VRF_HINT_H
#define LABELHOP_TOOLS_VRF_HINT_H

#include "ctx.h"

void lh_vrf_hint(struct lh_ctx *ctx, u32 label);

#endif /* LABELHOP_TOOLS_VRF_HINT_H */
