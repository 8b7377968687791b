/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_BATCH_H
#define LABELHOP_TOOLS_BATCH_H

#include "ctx.h"

typedef int lh_batch_run(struct lh_ctx *ctx, int argc, char **argv);

int lh_batch(struct lh_ctx *ctx, const char *file, lh_batch_run *run);

#endif /* LABELHOP_TOOLS_BATCH_H */
