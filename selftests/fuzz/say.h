/* SPDX-License-Identifier: GPL-2.0 */
/* What the command prints, caught and looked at. */
#ifndef LABELHOP_FUZZ_SAY_H
#define LABELHOP_FUZZ_SAY_H

#include <stddef.h>

/**
 * struct said - what was printed
 * @out: on standard output
 * @err: on standard error
 * @out_len: bytes of @out
 * @err_len: bytes of @err
 */
struct said {
	char *out;
	char *err;
	size_t out_len;
	size_t err_len;
};

void say_begin(struct said *said);
void say_end(struct said *said);
void say_free(struct said *said);
void say_check(const struct said *said, int status, int refused,
	       const char *lead);
void say_check_shown(const struct said *said);

#endif /* LABELHOP_FUZZ_SAY_H */
