// SPDX-License-Identifier: GPL-2.0
/* Files that hold a parameter set, and so a secret. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "set_file.h"

/* The longest set, one number a line and indented, needs some 100 KB. */
#define SIZE_MAX_FILE	(1024 * 1024)

static int read_all(const struct lh_ctx *ctx, const char *file, int fd,
		    struct lh_text *text)
{
	while (text->len <= SIZE_MAX_FILE) {
		ssize_t n = read(fd, text->data + text->len,
				 SIZE_MAX_FILE + 1 - text->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return lh_fail(ctx,
				       "params: %s can't be read: %s; a file with a parameter set is allowed",
				       LH_QUOTE(file), strerror(errno));
		if (!n)
			break;
		text->len += n;
	}
	if (text->len > SIZE_MAX_FILE)
		return lh_fail(ctx, "params: %s is too long for a parameter set: 1 MiB is allowed",
			       LH_QUOTE(file));
	text->data[text->len] = '\0';
	if (strlen(text->data) != text->len)
		return lh_fail(ctx, "params: %s holds a NUL byte: a text file is allowed",
			       LH_QUOTE(file));
	return 0;
}

static void warn_if_open(const struct lh_ctx *ctx, const char *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	if (st.st_mode & 0066)
		lh_warn(ctx, "others than its owner may read or change %s, which holds a secret: chmod 600",
			LH_QUOTE(file));
	if (st.st_uid != geteuid() && st.st_uid)
		lh_warn(ctx, "%s, which holds a secret, belongs to another user: chown",
			LH_QUOTE(file));
}

/**
 * lh_text_read - read a file
 * @ctx: the command's context
 * @file: its name, "-" for standard input
 * @text: receives what is in it, to be freed by lh_text_free()
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_text_read(const struct lh_ctx *ctx, const char *file,
		 struct lh_text *text)
{
	bool is_stdin = !strcmp(file, "-");
	int fd, err;

	if (is_stdin && ctx->file && !strcmp(ctx->file, "-"))
		return lh_fail(ctx,
			       "params: \"-\" is the batch here: the name of a file is allowed");
	fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lh_fail(ctx,
			       "params: %s can't be opened: %s; a file with a parameter set is allowed",
			       LH_QUOTE(file), strerror(errno));
	text->len = 0;
	text->data = malloc(SIZE_MAX_FILE + 2);
	err = text->data ? read_all(ctx, file, fd, text) :
			   lh_fail(ctx, "out of memory");
	if (err)
		lh_text_free(text);
	else
		warn_if_open(ctx, file, fd);
	if (!is_stdin)
		close(fd);
	return err;
}

/**
 * lh_text_free - wipe and free what was in a file
 * @text: what lh_text_read() gave
 */
void lh_text_free(struct lh_text *text)
{
	if (text->data)
		sodium_memzero(text->data, text->len);
	free(text->data);
	text->data = NULL;
}
