// SPDX-License-Identifier: GPL-2.0
/* Commands from a file, one a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "batch.h"

#define WORDS_MAX	512
#define BLANK		" \t\r\n\v\f"

/*
 * Take the word at *at, in place; quotes hold blanks together. Return: the
 * word, NULL at the end of the line or, with *bad set, for an open quote.
 */
static char *next_word(char **at, bool *bad)
{
	char *from = *at + strspn(*at, BLANK), *to = from, *word = from;
	char quote = '\0';

	if (!*from || *from == '#')
		return NULL;
	for (; *from && (quote || !strchr(BLANK, *from)); from++) {
		if (quote ? *from == quote : *from == '"' || *from == '\'')
			quote = quote ? '\0' : *from;
		else
			*to++ = *from;
	}
	*at = *from ? from + 1 : from;
	*to = '\0';
	*bad = quote;
	return quote ? NULL : word;
}

static int run_line(struct lh_ctx *ctx, char *line, size_t len,
		    lh_batch_run *run)
{
	char *words[WORDS_MAX + 1], *word, *at = line;
	bool bad = false;
	int n = 0;

	if (strlen(line) != len)
		return lh_fail(ctx, "the line holds a NUL byte: text is allowed");
	while ((word = next_word(&at, &bad))) {
		if (n == WORDS_MAX)
			return lh_fail(ctx, "the line has too many words: %d are allowed",
				       WORDS_MAX);
		words[n++] = word;
	}
	if (bad)
		return lh_fail(ctx, "a quote has no end: another %s is needed",
			       "\" or '");
	words[n] = NULL;
	return n ? run(ctx, n, words) : 0;
}

static int run_lines(struct lh_ctx *ctx, FILE *stream, lh_batch_run *run)
{
	char *line = NULL;
	size_t size = 0;
	int status, err = 0;

	while (!err || ctx->force) {
		ssize_t len = getline(&line, &size, stream);

		if (len < 0)
			break;
		ctx->line++;
		status = run_line(ctx, line, len, run);
		if (!err)
			err = status;
		/* Who gives the next line may wait for what this one shows. */
		fflush(stdout);
	}
	free(line);
	ctx->file = NULL;
	return err;
}

/**
 * lh_batch - run the commands of a file, up to the first that fails or, with
 * -force, all
 * @ctx: the command's context
 * @file: name of the file, "-" for standard input
 * @run: runs one
 *
 * Return: the exit status of the first command that failed, or 0.
 */
int lh_batch(struct lh_ctx *ctx, const char *file, lh_batch_run *run)
{
	bool is_stdin = !strcmp(file, "-");
	FILE *stream = is_stdin ? stdin : fopen(file, "re");
	bool broken;
	int err;

	if (!stream)
		return lh_fail(ctx, "-batch: %s can't be opened: %s; a file of commands is allowed",
			       LH_QUOTE(file), strerror(errno));
	ctx->file = file;
	ctx->line = 0;
	err = run_lines(ctx, stream, run);
	broken = ferror(stream);
	if (!err && broken)
		err = lh_fail(ctx, "-batch: %s can't be read: %s; a file of commands is allowed",
			      LH_QUOTE(file), strerror(errno));
	if (!is_stdin)
		fclose(stream);
	return err;
}
