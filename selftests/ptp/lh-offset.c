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
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define WAIT_NS	30000000000LL	/* for the other one to begin */
#define FD_TO_CLOCKID(fd)	((clockid_t)((((unsigned int)~(fd)) << 3) | 3))

static long long now(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts)) {
		perror("lh-offset: clock_gettime");
		exit(1);
	}
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
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
	long long end, last, other, least = LLONG_MAX;
	long long *memory;
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
	last = __atomic_load_n(&memory[!side], __ATOMIC_SEQ_CST);
	while (now(CLOCK_MONOTONIC) < end) {
		__atomic_store_n(&memory[side], now(phc), __ATOMIC_SEQ_CST);
		other = __atomic_load_n(&memory[!side], __ATOMIC_SEQ_CST);
		if (other == last)
			continue;
		if (least == LLONG_MAX)
			end = now(CLOCK_MONOTONIC) + atof(argv[4]) * 1e9;
		last = other;
		other = now(phc) - other;
		if (other < least)
			least = other;
	}
	printf("%lld\n", least);
	return least == LLONG_MAX;
}
