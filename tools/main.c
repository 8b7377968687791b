// SPDX-License-Identifier: GPL-2.0
/* labelhop: options, and the way to the command. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "args.h"
#include "batch.h"
#include "nl.h"

#ifndef LABELHOP_VERSION
#define LABELHOP_VERSION	"unknown"
#endif

#define NETNS_DIR	"/run/netns/"

static const struct lh_object * const objects[] = {
	&lh_params_object, &lh_vrf_object, &lh_session_object, &lh_pw_object,
	&lh_link_object, &lh_port_object, &lh_clock_object,
	&lh_monitor_object, &lh_derive_object, &lh_timeline_object,
};

enum option {
	OPTION_JSON, OPTION_PRETTY, OPTION_STATS, OPTION_NETNS, OPTION_BATCH,
	OPTION_FORCE, OPTION_VERSION, OPTION_HELP, OPTIONS,
};

static const struct {
	const char *word[4];
	const char *form;
	const char *value;
	const char *help;
} options[OPTIONS] = {
	[OPTION_JSON] = { { "j", "json" }, "-j[son]", NULL,
			  "print JSON" },
	[OPTION_PRETTY] = { { "p", "pretty" }, "-p[retty]", NULL,
			    "with -j: break lines" },
	[OPTION_STATS] = { { "s", "statistics", "stats", "stat" }, "-s[tatistics]", NULL,
			   "show what sessions did with packets" },
	[OPTION_NETNS] = { { "n", "netns" }, "-n[etns]", "NAME",
			   "work in this network namespace" },
	[OPTION_BATCH] = { { "b", "batch" }, "-b[atch]", "FILE",
			   "read commands from FILE, or - for standard input" },
	[OPTION_FORCE] = { { "force" }, "-force", NULL,
			   "with -b: go on after a command that fails" },
	[OPTION_VERSION] = { { "V", "Version" }, "-V[ersion]", NULL,
			     "print the version" },
	[OPTION_HELP] = { { "h", "help" }, "-h[elp]", NULL,
			  "print this help" },
};

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "Usage: labelhop [ OPTIONS ] OBJECT { COMMAND | help }\n");
	fprintf(to, "       labelhop [ OPTIONS ] -batch FILE\n");
	fprintf(to, "where  OBJECT := { ");
	for (i = 0; i < LH_COUNT(objects); i++)
		fprintf(to, "%s | ", objects[i]->name);
	fprintf(to, "help }\n       OPTIONS :=\n");
	for (i = 0; i < OPTIONS; i++)
		fprintf(to, "         %-13s %-6s %s\n", options[i].form,
			options[i].value ? options[i].value : "",
			options[i].help);
}

static void help(void)
{
	size_t i;

	usage(stdout);
	for (i = 0; i < LH_COUNT(objects); i++) {
		printf("\n%s\n", objects[i]->help);
		lh_object_usage(objects[i]);
	}
}

static int find_option(const char *word)
{
	size_t i, n;

	word += word[1] == '-' ? 2 : 1;
	for (i = 0; i < OPTIONS; i++)
		for (n = 0; n < LH_COUNT(options[i].word); n++)
			if (options[i].word[n] &&
			    !strcmp(word, options[i].word[n]))
				return i;
	return -1;
}

static int enter_netns(struct lh_ctx *ctx, const char *name)
{
	char path[sizeof(NETNS_DIR) + 256];
	int fd, err = 0;

	if (!name[0] || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, "..") || strlen(name) > 255)
		return lh_fail(ctx,
			       "-netns: %s is no name of a network namespace: one of %s is allowed",
			       LH_QUOTE(name), NETNS_DIR);
	snprintf(path, sizeof(path), "%s%s", NETNS_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lh_fail(ctx,
			       "-netns: %s can't be opened: %s; a network namespace of %s is allowed",
			       LH_QUOTE(name), strerror(errno), NETNS_DIR);
	if (setns(fd, CLONE_NEWNET))
		err = lh_fail(ctx,
			      "-netns: %s can't be entered: %s; a network namespace of %s is allowed",
			      LH_QUOTE(name), strerror(errno), NETNS_DIR);
	close(fd);
	return err;
}

static int run(struct lh_ctx *ctx, int argc, char **argv)
{
	bool about = argc == 2 && !strcmp(argv[0], "help");
	const char *name = argv[about];
	size_t i;

	if (!strcmp(argv[0], "help") && argc == 1) {
		help();
		return 0;
	}
	/* "help OBJECT", as ip has it, and then argv[0] is what is asked of it. */
	for (i = 0; i < LH_COUNT(objects); i++)
		if (!strcmp(name, objects[i]->name))
			return lh_object_run(ctx, objects[i], argc - 1,
					     argv + !about);
	return lh_fail(ctx,
		       "OBJECT: %s is unknown: params, vrf, session, pw, link, port, clock, monitor, derive, timeline or help is allowed",
		       LH_QUOTE(name));
}

static int option(struct lh_ctx *ctx, int i, const char *value,
		  const char **batch)
{
	switch (i) {
	case OPTION_JSON:
		ctx->out.json = true;
		break;
	case OPTION_PRETTY:
		ctx->out.pretty = true;
		break;
	case OPTION_STATS:
		ctx->stats = true;
		break;
	case OPTION_FORCE:
		ctx->force = true;
		break;
	case OPTION_NETNS:
		return enter_netns(ctx, value);
	case OPTION_BATCH:
		*batch = value;
		break;
	}
	return 0;
}

static int start(struct lh_ctx *ctx, int argc, char **argv)
{
	const char *batch = NULL;

	for (argc--, argv++; argc && argv[0][0] == '-'; argc--, argv++) {
		int i = find_option(argv[0]), err;
		const char *value = NULL;

		if (i < 0)
			return lh_fail(ctx,
				       "option %s is unknown: -json, -pretty, -statistics, -netns NAME, -batch FILE, -force, -Version and -help are allowed",
				       LH_QUOTE(argv[0]));
		if (i == OPTION_HELP) {
			help();
			return 0;
		}
		if (i == OPTION_VERSION) {
			printf("labelhop %s\n", LABELHOP_VERSION);
			return 0;
		}
		if (options[i].value) {
			if (argc == 1)
				return lh_fail(ctx, "-%s lacks its value: %s is needed",
					       options[i].word[1],
					       options[i].value);
			argc--;
			value = *++argv;
		}
		err = option(ctx, i, value, &batch);
		if (err)
			return err;
	}
	if (batch && argc)
		return lh_fail(ctx,
			       "%s is one argument too many: none is allowed after -batch FILE",
			       LH_QUOTE(argv[0]));
	if (batch)
		return lh_batch(ctx, batch, run);
	if (argc)
		return run(ctx, argc, argv);
	usage(stderr);
	return LH_EXIT_INPUT;
}

int main(int argc, char **argv)
{
	struct lh_ctx ctx = {};
	int status;

	/*
	 * Overwrite freed memory: json-c and libnl leave copies of the seed
	 * where nobody else could wipe them.
	 */
	mallopt(M_PERTURB, 0xff);
	/* And they are in no core dump. */
	prctl(PR_SET_DUMPABLE, 0);
	if (sodium_init() < 0)
		return lh_fail(&ctx, "libsodium does not start");

	status = start(&ctx, argc, argv);
	lh_nl_close(&ctx);
	if (fflush(stdout) || ferror(stdout))
		status = lh_fail(&ctx, "standard output can't be written: %s",
				 strerror(errno));
	return status;
}
