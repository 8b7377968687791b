/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_PHC_H
#define LABELHOP_TOOLS_PHC_H

#include "ctx.h"

int lh_phc_open(const struct lh_ctx *ctx, const char *file, int *fd);
int lh_phc_open_of(const struct lh_ctx *ctx, const char *dev, int *fd);

#endif /* LABELHOP_TOOLS_PHC_H */
