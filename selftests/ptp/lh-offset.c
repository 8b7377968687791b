// SPDX-License-Identifier: GPL-2.0
/*
 * usage: lh-offset SIDE PHC MEMORY SECONDS
 *
 * How far apart are the PHCs of two virtual machines? Both run this at once, as
 * SIDE 0 and 1, on memory that they share. Each writes what its PHC shows there and
 * reads, for SECONDS, what the other has written: the other's reading came before its own, so the
 * least difference seen is by how much its PHC is ahead, or more. It prints that
 * number of ns. With the other's both bounds are known.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define WAIT_NS	INT64_C(30000000000)	/* for the other one to begin */
#define FD_TO_CLOCKID(fd)	((clockid_t)((((unsigned int)~(fd)) << 3) | 3))

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts)) {
		perror("lh-offset: clock_gettime");
		exit(1);
	}
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int open_or_die(const char *name)
{
	int fd = open(name, O_RDWR);

	if (fd < 0) {
		perror(name);
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	int64_t end, last, least = INT64_MAX;
	_Atomic int64_t *memory;
	clockid_t phc;
	int side;

	if (argc != 5)
		return 2;
	side = atoi(argv[1]) & 1;
	phc = FD_TO_CLOCKID(open_or_die(argv[2]));
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		      open_or_die(argv[3]), 0);
	if (memory == MAP_FAILED) {
		perror("lh-offset: mmap");
		return 1;
	}
	end = now(CLOCK_MONOTONIC) + WAIT_NS;
	/* Not what is left there of an earlier time. */
	last = memory[!side];
	while (now(CLOCK_MONOTONIC) < end) {
		int64_t other, ahead;

		memory[side] = now(phc);
		other = memory[!side];
		if (other == last)
			continue;
		if (least == INT64_MAX)
			end = now(CLOCK_MONOTONIC) + atof(argv[4]) * 1e9;
		last = other;
		ahead = now(phc) - other;
		if (ahead < least)
			least = ahead;
	}
	printf("%lld\n", (long long)least);
	return least == INT64_MAX;
}
