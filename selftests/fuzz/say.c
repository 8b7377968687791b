// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "say.h"

static FILE *real_out, *real_err;

/* From here on, to say_end(), what is printed goes into memory. */
void say_begin(struct said *said)
{
	real_out = stdout;
	real_err = stderr;
	stdout = open_memstream(&said->out, &said->out_len);
	stderr = open_memstream(&said->err, &said->err_len);
	CHECK(stdout && stderr, "no memory");
}

void say_end(struct said *said)
{
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_err;
	CHECK(said->out && said->err, "no memory");
}

void say_free(struct said *said)
{
	free(said->out);
	free(said->err);
}

/* Success is silent. A refusal is its status and a sentence after the lead. */
void say_check(const struct said *said, int status, int refused,
	       const char *lead)
{
	size_t lead_len = strlen(lead);

	if (!status) {
		CHECK(!said->err_len, "success says: %s", said->err);
		return;
	}
	CHECK_U64(status, refused);
	CHECK(!said->out_len, "a refusal prints: %s", said->out);
	CHECK(said->err_len > lead_len + 2 &&
	      !strncmp(said->err, lead, lead_len) &&
	      said->err[said->err_len - 1] == '\n',
	      "status %d says: %s", status, said->err);
}

/* What is said is one line that can be shown on a terminal. */
void say_check_shown(const struct said *said)
{
	size_t i;

	for (i = 0; i + 1 < said->err_len; i++)
		CHECK(said->err[i] >= ' ' && said->err[i] <= '~',
		      "a sentence has the byte %#x", (u8)said->err[i]);
}
