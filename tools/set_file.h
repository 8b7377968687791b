/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_SET_FILE_H
#define LABELHOP_TOOLS_SET_FILE_H

#include "ctx.h"

/**
 * struct lh_text - what is in a file that holds a secret
 * @data: its bytes, none of them NUL, and a NUL after them
 * @len: their number
 */
struct lh_text {
	char *data;
	size_t len;
};

int lh_text_read(const struct lh_ctx *ctx, const char *file,
		 struct lh_text *text);
void lh_text_free(struct lh_text *text);

#endif /* LABELHOP_TOOLS_SET_FILE_H */
