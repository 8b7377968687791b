/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_CTX_H
#define LABELHOP_TOOLS_CTX_H

#include <linux/types.h>
#include "out.h"

#define LH_EXIT_INPUT	1	/* what the user gave is refused here */
#define LH_EXIT_KERNEL	2	/* the kernel refused, or has no module */

#define LH_QUOTED_MAX	64	/* characters of bad input that are repeated */

#define __printf(string, first) __attribute__((			\
	format(printf, string, first)))

struct lh_nl;

/**
 * struct lh_ctx - what every part of the command gets to see
 * @out: where results go
 * @nl: connection to the kernel, NULL until the first request
 * @file: name of the batch file, NULL if there is none
 * @line: the line of it that is at work
 * @fd_word: what the user named that is passed to the kernel as an open file
 * @stats: -s was given
 * @force: -force was given
 * @mute: say nothing: what fails is no fault of the user's
 */
struct lh_ctx {
	struct lh_out out;
	struct lh_nl *nl;
	const char *file;
	unsigned int line;
	const char *fd_word;
	bool stats;
	bool force;
	bool mute;
};

/**
 * struct lh_quoted - a piece of input in a form fit to be shown
 * @text: quotes, printable characters, an ellipsis if it was longer
 */
struct lh_quoted {
	char text[4 * LH_QUOTED_MAX + 8];
};

/* For the arguments of a printing function: lives as long as its block. */
#define LH_QUOTE(input)	lh_quote(&(struct lh_quoted){}, input)

const char *lh_quote(struct lh_quoted *quoted, const char *input);
__printf(2, 3)
int lh_fail(const struct lh_ctx *ctx, const char *format, ...);
__printf(2, 3)
int lh_refused(const struct lh_ctx *ctx, const char *format, ...);
__printf(2, 3)
void lh_warn(const struct lh_ctx *ctx, const char *format, ...);

#endif /* LABELHOP_TOOLS_CTX_H */
