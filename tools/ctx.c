// SPDX-License-Identifier: GPL-2.0
/* How the command complains: one sentence on standard error. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "ctx.h"

/**
 * lh_quote - make a piece of input fit to be shown
 * @quoted: receives it
 * @input: the input, with any bytes
 *
 * Return: the text of @quoted: in quotes, on one line, of bounded length.
 */
const char *lh_quote(struct lh_quoted *quoted, const char *input)
{
	char *to = quoted->text;
	int i;

	*to++ = '"';
	for (i = 0; i < LH_QUOTED_MAX && input[i]; i++) {
		unsigned char c = input[i];

		if (c >= 0x20 && c < 0x7f)
			*to++ = c;
		else
			to += sprintf(to, "\\x%02x", c);
	}
	strcpy(to, input[i] ? "...\"" : "\"");
	return quoted->text;
}

static void say(const struct lh_ctx *ctx, const char *lead, const char *end,
		const char *format, va_list args)
{
	if (ctx->mute)
		return;
	fflush(stdout);
	if (ctx->file)
		fprintf(stderr, "%s:%u: ", ctx->file, ctx->line);
	fputs(lead, stderr);
	vfprintf(stderr, format, args);
	fputs(end, stderr);
}

/**
 * lh_fail - say what is wrong with what the user gave
 * @ctx: the command's context
 * @format: a sentence that names the argument and what is allowed
 *
 * Return: LH_EXIT_INPUT.
 */
int lh_fail(const struct lh_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(ctx, "labelhop: ", "\n", format, args);
	va_end(args);
	return LH_EXIT_INPUT;
}

/**
 * lh_refused - say why the kernel did not do what it was asked
 * @ctx: the command's context
 * @format: a sentence
 *
 * Return: LH_EXIT_KERNEL.
 */
int lh_refused(const struct lh_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(ctx, "Error: labelhop: ", ".\n", format, args);
	va_end(args);
	return LH_EXIT_KERNEL;
}

/**
 * lh_warn - say something that is no error
 * @ctx: the command's context
 * @format: a sentence
 */
void lh_warn(const struct lh_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(ctx, "Warning: labelhop: ", ".\n", format, args);
	va_end(args);
}
