// SPDX-License-Identifier: GPL-2.0
/*
 * A UDP flow whose every packet is accounted for. Each carries its number and a
 * pattern made from it, so that the receiver can tell a lost, doubled, late or
 * changed one.
 *
 * recv ends after COUNT packets or when none came for IDLE ms, and prints
 * {"received":N,"lost":N,"double":N,"late":N,"bad":N}; lost are the numbers that
 * are missing up to COUNT, or up to the highest seen.
 */
#define _GNU_SOURCE
#include "common.h"
#include <netdb.h>
#include <poll.h>

static const char usage_text[] =
	"lh-flow recv PORT COUNT IDLE-MS\n"
	"       lh-flow send ADDRESS PORT COUNT SIZE MS   over at least MS, evenly";

#define SIZE_MIN	8
#define COUNT_MAX	(1UL << 26)

struct result {
	unsigned long received, twice, late, bad, highest;
};

static void fill(uint8_t *p, size_t size, uint64_t n)
{
	memcpy(p, &n, sizeof(n));
	for (size_t i = sizeof(n); i < size; i++)
		p[i] = n * 31 + i * 7;
}

static int good(const uint8_t *p, size_t size, uint64_t *n)
{
	static uint8_t wanted[FRAME_MAX];

	if (size < SIZE_MIN)
		return 0;
	memcpy(n, p, sizeof(*n));
	if (*n >= COUNT_MAX)
		return 0;
	fill(wanted, size, *n);
	return !memcmp(p, wanted, size);
}

static void count_one(struct result *r, uint8_t *seen, const uint8_t *p, size_t size)
{
	uint64_t n;

	if (!good(p, size, &n)) {
		r->bad++;
	} else if (seen[n / 8] & 1 << n % 8) {
		r->twice++;
	} else {
		seen[n / 8] |= 1 << n % 8;
		r->received++;
		if (n + 1 < r->highest)
			r->late++;
		else
			r->highest = n + 1;
	}
}

static int receive(const char *port, unsigned long count, int idle)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_port = __builtin_bswap16(number(port)),
	};
	static uint8_t seen[COUNT_MAX / 8], buf[FRAME_MAX];
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct result r = { };
	unsigned long wanted;

	if (fd < 0)
		die("socket");
	set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20);
	if (bind(fd, (void *)&addr, sizeof(addr)))
		die("bind");
	ready();
	while (r.received + r.bad < count) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, stopped ? 0 : idle) <= 0)
			break;
		n = recv(fd, buf, sizeof(buf), 0);
		if (n >= 0)
			count_one(&r, seen, buf, n);
	}
	wanted = count > r.highest ? count : r.highest;
	printf("{\"received\":%lu,\"lost\":%lu,\"double\":%lu,\"late\":%lu,\"bad\":%lu}\n",
	       r.received, wanted - r.received, r.twice, r.late, r.bad);
	return 0;
}

static int transmit(char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *to;
	unsigned long count = number(argv[2]), size = number(argv[3]);
	uint64_t span = number(argv[4]) * 1000000ULL, start;
	static uint8_t buf[FRAME_MAX];
	unsigned long sent = 0;
	int fd;

	if (size < SIZE_MIN || size > 65000 || count > COUNT_MAX)
		usage(usage_text);
	if (getaddrinfo(argv[0], argv[1], &hints, &to))
		die(argv[0]);
	fd = socket(to->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen))
		die(argv[0]);
	start = now_ns(CLOCK_MONOTONIC);
	while (sent < count && !stopped) {
		uint64_t due = count ? span / count * sent : 0;
		uint64_t past = now_ns(CLOCK_MONOTONIC) - start;

		if (due > past + 1000000)
			usleep((due - past) / 1000);
		fill(buf, size, sent);
		if (send(fd, buf, size, 0) < 0) {
			/* The last packet's ICMP error, or a full buffer. */
			if (errno == ENOBUFS || errno == EAGAIN)
				usleep(1000);
			else if (errno != ECONNREFUSED && errno != EINTR)
				die("send");
			continue;
		}
		sent++;
	}
	printf("{\"sent\":%lu,\"ms\":%llu}\n", sent,
	       (unsigned long long)(now_ns(CLOCK_MONOTONIC) - start) / 1000000);
	return 0;
}

int main(int argc, char **argv)
{
	stop_on_signal();
	if (argc == 5 && !strcmp(argv[1], "recv"))
		return receive(argv[2], number(argv[3]), number(argv[4]));
	if (argc == 7 && !strcmp(argv[1], "send"))
		return transmit(argv + 2);
	usage(usage_text);
}
