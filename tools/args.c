// SPDX-License-Identifier: GPL-2.0
/* Parser and help texts for the table of commands. */
#include <stdio.h>
#include <string.h>
#include "args.h"

#define WIDTH		79
#define HELP_COLUMN	22
#define FORM_MAX	256	/* one argument's form in a usage text */
#define LIST_MAX	512	/* list of words in a sentence */

/**
 * lh_arg_name - what an argument is called in sentences
 * @arg: the argument
 *
 * Return: its keyword, or what stands for its value.
 */
const char *lh_arg_name(const struct lh_arg *arg)
{
	return arg->keyword ? arg->keyword : arg->value;
}

static void list_add(char list[LIST_MAX], const char *word)
{
	size_t len = strlen(list);

	snprintf(list + len, LIST_MAX - len, "%s%s", len ? ", " : "", word);
}

/*
 * How many of the words of a keyword ("fec label") stand at argv? All of them,
 * or it is not the keyword.
 */
static int keyword_words(const char *keyword, int argc, char **argv)
{
	int n;

	for (n = 0; n < argc; n++) {
		size_t len = strcspn(keyword, " ");

		if (strlen(argv[n]) != len || strncmp(argv[n], keyword, len))
			return 0;
		if (!keyword[len])
			return n + 1;
		keyword += len + 1;
	}
	return 0;
}

static int refuse_word(const struct lh_ctx *ctx,
		       const struct lh_command *command, const char *word)
{
	char list[LIST_MAX] = "";
	size_t i;

	for (i = 0; i < command->n_args; i++)
		if (command->args[i].keyword)
			list_add(list, command->args[i].keyword);
	if (!list[0])
		return lh_fail(ctx, "%s is one argument too many: only %s is allowed",
			       LH_QUOTE(word), command->n_args ?
			       command->args[0].value : "the command");
	return lh_fail(ctx, "%s is unknown: allowed here are %s",
		       LH_QUOTE(word), list);
}

static bool excluded(const struct lh_command *command, size_t i, u64 seen)
{
	const struct lh_arg *args = command->args;

	if ((args[i].flags & LH_ARG_OR) && (seen & 1ULL << (i - 1)))
		return true;
	return i + 1 < command->n_args && (args[i + 1].flags & LH_ARG_OR) &&
	       (seen & 1ULL << (i + 1));
}

static int check_complete(const struct lh_ctx *ctx,
			  const struct lh_command *command, u64 seen)
{
	size_t i;

	for (i = 0; i < command->n_args; i++) {
		const struct lh_arg *arg = &command->args[i];

		if ((arg->flags & LH_ARG_OPTIONAL) || (seen & 1ULL << i) ||
		    excluded(command, i, seen))
			continue;
		if (i + 1 < command->n_args && (arg[1].flags & LH_ARG_OR))
			return lh_fail(ctx, "%s or %s is missing: one of them is needed",
				       lh_arg_name(arg), lh_arg_name(arg + 1));
		return lh_fail(ctx, "%s is missing: %s is needed",
			       lh_arg_name(arg), arg->allowed);
	}
	return 0;
}

static int find(const struct lh_ctx *ctx, const struct lh_command *command,
		int argc, char **argv, u64 seen, int *words)
{
	size_t i;

	*words = 0;
	for (i = 0; i < command->n_args; i++) {
		const struct lh_arg *arg = &command->args[i];

		if (!arg->keyword && !(seen & 1ULL << i) &&
		    (!(arg->flags & LH_ARG_PATH) || argv[0][0] == '/'))
			return i;
		if (!arg->keyword)
			continue;
		*words = keyword_words(arg->keyword, argc, argv);
		if (*words)
			return i;
	}
	refuse_word(ctx, command, argv[0]);
	return -1;
}

/**
 * lh_args_parse - read the arguments of a command
 * @ctx: the command's context
 * @command: the command
 * @argc: number of arguments
 * @argv: the arguments
 * @values: receives the values, where each struct lh_arg says
 * @seen: receives which arguments were given: bit i for args[i]
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_args_parse(const struct lh_ctx *ctx, const struct lh_command *command,
		  int argc, char **argv, void *values, u64 *seen)
{
	*seen = 0;
	while (argc) {
		const struct lh_arg *arg;
		int words, err;
		int i = find(ctx, command, argc, argv, *seen, &words);

		if (i < 0)
			return LH_EXIT_INPUT;
		arg = &command->args[i];
		if ((*seen & 1ULL << i) && !(arg->flags & LH_ARG_REPEAT))
			return lh_fail(ctx, "%s is given twice: once is allowed",
				       arg->keyword);
		if (excluded(command, i, *seen))
			return lh_fail(ctx, "%s is not allowed together with %s",
				       lh_arg_name(arg), arg->flags & LH_ARG_OR ?
				       lh_arg_name(arg - 1) : lh_arg_name(arg + 1));
		*seen |= 1ULL << i;
		argc -= words;
		argv += words;
		if (arg->flags & LH_ARG_FLAG)
			continue;
		if (!argc)
			return lh_fail(ctx, "%s lacks its value: %s is needed",
				       arg->keyword, arg->allowed);
		err = arg->parse(ctx, arg, argv[0], (char *)values + arg->to);
		if (err)
			return err;
		argc--;
		argv++;
	}
	return check_complete(ctx, command, *seen);
}

static size_t form_value(char *form, size_t size, const struct lh_arg *arg)
{
	size_t len = 0, i;

	if (!arg->words)
		return snprintf(form, size, "%s", arg->value);
	for (i = 0; arg->words[i]; i++)
		len += snprintf(form + len, size - len, "%s%s",
				i ? " | " : "{ ", arg->words[i]);
	return len + snprintf(form + len, size - len, " }");
}

/* "[ tolerance D ]", "{ in SESSION | in-label L }" and the like. */
static void form(char text[FORM_MAX], const struct lh_arg *arg, bool or)
{
	bool optional = arg->flags & LH_ARG_OPTIONAL;
	size_t len = 0;

	if (arg->flags & LH_ARG_OR)
		len += snprintf(text, FORM_MAX, "| ");
	else if (optional || or)
		len += snprintf(text, FORM_MAX, optional ? "[ " : "{ ");
	if (arg->keyword)
		len += snprintf(text + len, FORM_MAX - len, "%s",
				arg->keyword);
	if (arg->keyword && arg->value)
		len += snprintf(text + len, FORM_MAX - len, " ");
	if (arg->value)
		len += form_value(text + len, FORM_MAX - len, arg);
	if (optional && !or)
		len += snprintf(text + len, FORM_MAX - len, " ]");
	else if (arg->flags & LH_ARG_OR)
		len += snprintf(text + len, FORM_MAX - len, " }");
	if (arg->flags & LH_ARG_REPEAT)
		snprintf(text + len, FORM_MAX - len, "...");
}

static void command_usage(const struct lh_command *command, const char *lead)
{
	int column = printf("%slabelhop %s", lead, command->object);
	size_t i;

	if (command->name)
		column += printf(" %s", command->name);
	for (i = 0; i < command->n_args; i++) {
		const struct lh_arg *arg = &command->args[i];
		char text[FORM_MAX];

		form(text, arg, i + 1 < command->n_args &&
		     (arg[1].flags & LH_ARG_OR));
		if (column + 1 + strlen(text) > WIDTH)
			column = printf("\n%16s", "") - 1;
		column += printf(" %s", text);
	}
	printf("\n");
}

static void command_help(const struct lh_command *command)
{
	size_t i;

	command_usage(command, "Usage: ");
	printf("\n%s\n", command->help);
	for (i = 0; i < command->n_args; i++) {
		const struct lh_arg *arg = &command->args[i];
		int column = 2;

		if (!i)
			printf("\n");
		column += printf("  %s", lh_arg_name(arg));
		if (arg->keyword && arg->value)
			column += printf(" %s", arg->value);
		if (column > HELP_COLUMN)
			printf("\n%*s", HELP_COLUMN, "");
		else
			printf("%*s", HELP_COLUMN - column + 2, "");
		printf("%s\n", arg->help);
		if (arg->allowed)
			printf("%*s%s\n", HELP_COLUMN, "", arg->allowed);
	}
}

/**
 * lh_object_usage - print the forms of an object's commands
 * @object: the object
 */
void lh_object_usage(const struct lh_object *object)
{
	size_t i;

	for (i = 0; i < object->n_commands; i++)
		command_usage(&object->commands[i], i ? "       " : "Usage: ");
}

static bool is_help(int argc, char **argv)
{
	return argc == 1 && !strcmp(argv[0], "help");
}

static int command_run(struct lh_ctx *ctx, const struct lh_command *command,
		       int argc, char **argv)
{
	if (is_help(argc, argv)) {
		command_help(command);
		return 0;
	}
	return command->run(ctx, command, argc, argv);
}

/* As ip has it, "show" is what is done if nothing is said, and "list" another name. */
static const struct lh_command *find_show(const struct lh_object *object)
{
	size_t i;

	for (i = 0; i < object->n_commands; i++) {
		const struct lh_command *command = &object->commands[i];
		bool alone = !command->n_args ||
			     command->args[0].flags & LH_ARG_OPTIONAL;

		if (command->name && !strcmp(command->name, "show") && alone)
			return command;
	}
	return NULL;
}

/**
 * lh_object_run - run a command of an object
 * @ctx: the command's context
 * @object: the object
 * @argc: number of words after the object
 * @argv: those words
 *
 * Return: the exit status.
 */
int lh_object_run(struct lh_ctx *ctx, const struct lh_object *object, int argc,
		  char **argv)
{
	const struct lh_command *shows = find_show(object);
	char list[LIST_MAX] = "";
	size_t i;

	if (!object->commands[0].name)
		return command_run(ctx, &object->commands[0], argc, argv);
	if (shows && !argc)
		return command_run(ctx, shows, argc, argv);
	if (shows && !strcmp(argv[0], "list"))
		return command_run(ctx, shows, argc - 1, argv + 1);
	if (is_help(argc, argv)) {
		lh_object_usage(object);
		printf("\n%s\n", object->help);
		return 0;
	}
	for (i = 0; i < object->n_commands; i++) {
		const struct lh_command *command = &object->commands[i];

		if (argc && !strcmp(argv[0], command->name))
			return command_run(ctx, command, argc - 1, argv + 1);
		list_add(list, command->name);
	}
	if (!argc)
		return lh_fail(ctx, "%s lacks its command: %s or help is needed",
			       object->name, list);
	return lh_fail(ctx, "%s is not a command of %s: %s and help are allowed",
		       LH_QUOTE(argv[0]), object->name, list);
}
