// SPDX-License-Identifier: GPL-2.0
/* Runs the tests: all, or those whose names begin with an argument. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ktap.h"

#define TEST_SECONDS	60	/* no test needs more than one */

static const struct test *const areas[] = {
	params_tests, slot_tests, hop_tests, tag_tests, stack_tests,
	hash_tests, packet_tests, timebase_tests,
};

static bool wanted(const struct test *test, int n, char **names)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strncmp(test->name, names[i], strlen(names[i])))
			return true;
	return !n;
}

int main(int argc, char **argv)
{
	unsigned int number = 0, plan = 0, failed = 0;
	const struct test *test;
	size_t i;

	if (sodium_init() < 0)
		ktap_bail("libsodium does not start");
	/* A sanitizer ends the program: what was tested until then shall show. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < ARRAY_SIZE(areas); i++)
		for (test = areas[i]; test->name; test++)
			plan += wanted(test, argc - 1, argv + 1);
	printf("KTAP version 1\n1..%u\n", plan);
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		for (test = areas[i]; test->name; test++) {
			if (!wanted(test, argc - 1, argv + 1))
				continue;
			/* What does not end has failed, too. */
			alarm(TEST_SECONDS);
			ktap_start();
			ktap_context("%s", test->name);
			test->run();
			failed += !ktap_end(++number, test->name);
		}
	}
	return failed || !plan;
}
