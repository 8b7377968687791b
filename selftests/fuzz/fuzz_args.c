// SPDX-License-Identifier: GPL-2.0
/* args.c on the command's own tables: a command, then a word on each line. */
#include <stdlib.h>
#include <string.h>
#include "../../tools/args.h"
#include "fuzz.h"
#include "say.h"

#define WORDS_MAX	40
#define VALUES_MAX	8192	/* more than any command has */

static const struct lh_object *const objects[] = {
	&lh_session_object, &lh_port_object, &lh_clock_object,
	&lh_params_object, &lh_derive_object, &lh_monitor_object,
	&lh_timeline_object, &lh_pw_object, &lh_link_object,
};

static int split(char *text, char *argv[WORDS_MAX])
{
	int argc = 0;

	while (text && *text && argc < WORDS_MAX)
		argv[argc++] = strsep(&text, "\n");
	return argc;
}

static void check(const struct lh_command *command, int argc, char **argv)
{
	void *values = calloc(1, VALUES_MAX);
	struct lh_ctx ctx = {};
	struct said said = {};
	u64 seen = 0;
	int status;
	size_t i;

	CHECK(values, "no memory");
	say_begin(&said);
	status = lh_args_parse(&ctx, command, argc, argv, values, &seen);
	say_end(&said);
	say_check(&said, status, LH_EXIT_INPUT, "labelhop: ");
	say_check_shown(&said);
	say_free(&said);
	CHECK(!(seen >> command->n_args), "an argument is seen that is none");
	for (i = 0; i < command->n_args; i++) {
		const struct lh_arg *arg = &command->args[i];

		CHECK(status || arg->flags & LH_ARG_OPTIONAL || seen >> i & 1,
		      "%s is not missed", arg->allowed);
		CHECK(!(arg->flags & LH_ARG_OR) || (~seen >> (i - 1) & 3),
		      "%s and the one before", arg->keyword);
	}
	CHECK(status || seen || !argc, "words were passed over");
	free(values);
}

static void check_help(const struct lh_object *object)
{
	struct lh_ctx ctx = {};
	struct said said = {};
	char help[] = "help", *argv[] = { help };

	say_begin(&said);
	CHECK(!lh_object_run(&ctx, object, 1, argv), "no help");
	say_end(&said);
	CHECK(said.out_len && !said.err_len, "no help");
	say_free(&said);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	const struct lh_object *object;
	char *text, *argv[WORDS_MAX];
	size_t i;

	object = objects[input_below(&in, LH_COUNT(objects))];
	i = input_below(&in, object->n_commands + 1);
	if (i == object->n_commands) {
		check_help(object);
		return;
	}
	text = (char *)input_bytes(&in, in.left + 1);
	check(&object->commands[i], split(text, argv), argv);
	free(text);
}
