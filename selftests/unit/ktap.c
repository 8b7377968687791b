// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "ktap.h"

#define SHOWN_MAX	10	/* failures of a test that are printed */

static char context[256];
static unsigned long checks, failures;

/* Starts a test: its checks are counted from here. */
void ktap_start(void)
{
	checks = 0;
	failures = 0;
}

/* Ends it with its line. A test that checks nothing has lost its cases. */
bool ktap_end(unsigned int number, const char *name)
{
	bool ok = checks && !failures;

	printf("%sok %u %s # %lu of %lu checks failed\n", ok ? "" : "not ",
	       number, name, failures, checks);
	return ok;
}

/* Counts a check of the running test and says what failed, and where. */
bool ktap_check(bool ok, const char *file, int line, const char *format, ...)
{
	va_list args;

	checks++;
	if (ok)
		return true;
	if (++failures > SHOWN_MAX)
		return false;
	printf("# %s:%d: %s: ", file, line, context);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return false;
}

/* Names the case to which the checks that follow belong. */
void ktap_context(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
}

/* Ends the run: it is the test that is broken, not what it tests. */
void ktap_bail(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(2);
}
