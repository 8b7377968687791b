// SPDX-License-Identifier: GPL-2.0
/*
 * What ptp4l thinks: asked by pmc, which comes with it. Both are in the file system
 * of whoever runs the command, whatever its network namespace.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ptp.h"

#define ANSWER_MAX	8192
#define ANSWER_MS	2000	/* pmc itself gives up sooner */
#define PORTS_MAX	8
#define WORD_MAX	32

/**
 * struct ptp - its answer; a text that is empty was not told
 * @states: of its ports
 * @n_ports: their number
 * @offset: from the grandmaster, ns with decimals
 * @delay: of the path, the same
 * @grandmaster: its identity
 */
struct ptp {
	char states[PORTS_MAX][WORD_MAX];
	u32 n_ports;
	char offset[WORD_MAX];
	char delay[WORD_MAX];
	char grandmaster[WORD_MAX];
};

static int spawn(int to, pid_t *pid)
{
	static char *const argv[] = {
		"pmc", "-u", "-b", "0", "GET PORT_DATA_SET",
		"GET CURRENT_DATA_SET", "GET PARENT_DATA_SET", NULL,
	};
	posix_spawn_file_actions_t actions;
	int err;

	if (posix_spawn_file_actions_init(&actions))
		return -1;
	err = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
					       O_RDONLY, 0) ||
	      posix_spawn_file_actions_adddup2(&actions, to, 1) ||
	      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
					       O_WRONLY, 0) ||
	      posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	       (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* What comes until the end, or until ANSWER_MS are over. */
static void read_answer(int from, char text[ANSWER_MAX])
{
	struct pollfd poll_fd = { .fd = from, .events = POLLIN };
	struct timespec start;
	size_t len = 0;
	ssize_t got;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (len < ANSWER_MAX - 1) {
		int left = ANSWER_MS - ms_since(&start);

		if (left <= 0 || poll(&poll_fd, 1, left) <= 0)
			break;
		got = read(from, text + len, ANSWER_MAX - 1 - len);
		if (got <= 0)
			break;
		len += got;
	}
	text[len] = '\0';
}

static bool run_pmc(char text[ANSWER_MAX])
{
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return false;
	err = spawn(ends[1], &pid);
	close(ends[1]);
	if (!err) {
		read_answer(ends[0], text);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(ends[0]);
	return !err;
}

/* A line is a name, blanks and a value. */
static void take(struct ptp *ptp, const char *name, const char *value)
{
	char *to = NULL;

	if (!strcmp(name, "portState") && ptp->n_ports < PORTS_MAX)
		to = ptp->states[ptp->n_ports++];
	else if (!strcmp(name, "offsetFromMaster"))
		to = ptp->offset;
	else if (!strcmp(name, "meanPathDelay"))
		to = ptp->delay;
	else if (!strcmp(name, "grandmasterIdentity"))
		to = ptp->grandmaster;
	if (to)
		snprintf(to, WORD_MAX, "%s", value);
}

static bool ask(struct ptp *ptp)
{
	char text[ANSWER_MAX], *line, *rest = text;

	memset(ptp, 0, sizeof(*ptp));
	if (!run_pmc(text))
		return false;
	while ((line = strsep(&rest, "\n"))) {
		char *words = line, *name, *value;

		name = strtok_r(words, " \t", &words);
		value = strtok_r(NULL, " \t", &words);
		if (name && value)
			take(ptp, name, value);
	}
	return ptp->n_ports;
}

/* Whole ns, of a text with decimals. */
static s64 number(const char *text)
{
	return strtoll(text, NULL, 10);
}

/**
 * lh_ptp_show - tell what ptp4l thinks; nothing if it does not run here
 * @out: the output
 */
void lh_ptp_show(struct lh_out *out)
{
	struct ptp ptp;
	u32 i;

	if (!ask(&ptp))
		return;
	lh_out_line(out);
	lh_out_object(out, "ptp4l");
	lh_out_array(out, "ports");
	for (i = 0; i < ptp.n_ports; i++)
		lh_out_string(out, NULL, ptp.states[i]);
	lh_out_end(out);
	if (ptp.offset[0])
		lh_out_difference(out, "offset", number(ptp.offset));
	if (ptp.delay[0])
		lh_out_difference(out, "path-delay", number(ptp.delay));
	if (ptp.grandmaster[0])
		lh_out_string(out, "grandmaster", ptp.grandmaster);
	lh_out_end(out);
}

/**
 * lh_ptp_delay - how long packets are on their way, by ptp4l
 * @ctx: the command's context
 * @ns: receives it
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_ptp_delay(const struct lh_ctx *ctx, u64 *ns)
{
	struct ptp ptp;
	bool slave = false;
	u32 i;

	if (ask(&ptp))
		for (i = 0; i < ptp.n_ports; i++)
			slave |= !strcmp(ptp.states[i], "SLAVE");
	if (!slave || !ptp.delay[0])
		return lh_fail(ctx,
			       "delay: ptp4l tells none: it must run, and follow a grandmaster; a duration is allowed");
	*ns = number(ptp.delay) > 0 ? number(ptp.delay) : 0;
	return 0;
}
