/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of commands. Parser and help both come from it, so that they can't
 * differ.
 */
#ifndef LABELHOP_TOOLS_ARGS_H
#define LABELHOP_TOOLS_ARGS_H

#include "ctx.h"

#define LH_COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define LH_ARG_OPTIONAL	1	/* may be left out */
#define LH_ARG_REPEAT	2	/* may be given several times */
#define LH_ARG_OR	4	/* in place of the argument before it */
#define LH_ARG_PATH	8	/* without keyword, known by the / it begins with */
#define LH_ARG_FLAG	16	/* a keyword without value: it is given or not */

struct lh_arg;

typedef int lh_parse(const struct lh_ctx *ctx, const struct lh_arg *arg,
		     const char *text, void *to);

/**
 * struct lh_arg - one argument of a command
 * @keyword: the word, or words, that precede the value; NULL if it has none,
 *	as those that come first
 * @value: what stands for the value in help texts; NULL if it has none
 * @help: what it is for
 * @allowed: what is allowed as value
 * @parse: reads the value
 * @words: the allowed words by number, ending in NULL, for lh_parse_word()
 * @min: least number allowed, for the parsers of numbers
 * @max: greatest number allowed
 * @to: where in the command's values the value goes
 * @flags: LH_ARG_*
 */
struct lh_arg {
	const char *keyword;
	const char *value;
	const char *help;
	const char *allowed;
	lh_parse *parse;
	const char * const *words;
	u64 min;
	u64 max;
	size_t to;
	unsigned int flags;
};

/**
 * struct lh_command - one command
 * @object: the noun it belongs to
 * @name: the verb; NULL if the object is all there is
 * @help: what it does, in one line
 * @args: its arguments, those without keyword first
 * @n_args: number of @args, at most 64
 * @run: does it; argc and argv are what follows the name. Returns the exit
 *	status.
 */
struct lh_command {
	const char *object;
	const char *name;
	const char *help;
	const struct lh_arg *args;
	size_t n_args;
	int (*run)(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv);
};

/**
 * struct lh_object - one noun
 * @name: the noun
 * @help: what it is, in one line
 * @commands: its commands
 * @n_commands: number of @commands
 */
struct lh_object {
	const char *name;
	const char *help;
	const struct lh_command *commands;
	size_t n_commands;
};

const char *lh_arg_name(const struct lh_arg *arg);
int lh_args_parse(const struct lh_ctx *ctx, const struct lh_command *command,
		  int argc, char **argv, void *values, u64 *seen);
int lh_object_run(struct lh_ctx *ctx, const struct lh_object *object, int argc,
		  char **argv);
void lh_object_usage(const struct lh_object *object);

/* One a file, which has the object's name. */
extern const struct lh_object lh_session_object, lh_port_object,
	lh_clock_object, lh_params_object, lh_derive_object, lh_monitor_object,
	lh_timeline_object, lh_pw_object, lh_link_object,
	lh_vrf_object;

#endif /* LABELHOP_TOOLS_ARGS_H */
