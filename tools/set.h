/* SPDX-License-Identifier: GPL-2.0 */
/* Parameter sets: in memory, in files, in netlink messages, on the screen. */
#ifndef LABELHOP_TOOLS_SET_H
#define LABELHOP_TOOLS_SET_H

#include <linux/labelhop.h>
#include "../kmod/params.h"
#include "ctx.h"

struct nl_msg;
struct nlattr;

/**
 * struct lh_set - a parameter set with the room for its arrays
 * @p: the set; its labels and slots are the arrays below
 * @labels: K
 * @slots: TS
 */
struct lh_set {
	struct lh_params p;
	u32 labels[LABELHOP_LABELS_MAX];
	u64 slots[LABELHOP_SLOTS_MAX];
};

struct lh_set *lh_set_new(const struct lh_ctx *ctx);
void lh_set_free(struct lh_set *set);
struct lh_set *lh_set_load(const struct lh_ctx *ctx, const char *file);
int lh_set_read(const struct lh_ctx *ctx, const char *file,
		struct lh_set *set);
int lh_set_put(struct nl_msg *msg, const struct lh_params *p);
int lh_set_get(struct lh_ctx *ctx, struct nlattr *nest, struct lh_set *set);
void lh_set_show(struct lh_out *out, const struct lh_params *p, bool lists);

#endif /* LABELHOP_TOOLS_SET_H */
