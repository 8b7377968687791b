// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the packets that reach a customer: IPv4 or IPv6 frames that come in on a
 * device and hold MAGIC anywhere. At SIGTERM, after COUNT, or when none came for
 * IDLE ms it prints {"count":N,"missed":N}; missed are those that the kernel
 * couldn't hand to it, with which the count is worthless.
 */
#define _GNU_SOURCE
#include "common.h"
#include <getopt.h>
#include <poll.h>

static const char usage_text[] = "lh-count [--count N] [--idle MS] DEV MAGIC-IN-HEX";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "idle", required_argument, NULL, 'i' },
		{ }
	};
	static uint8_t frame[FRAME_MAX], magic[256];
	unsigned long wanted = 0, seen = 0;
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);
	int idle = -1, option, fd, len;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			wanted = number(optarg);
			break;
		case 'i':
			idle = number(optarg);
			break;
		default:
			usage(usage_text);
		}
	}
	if (optind + 2 != argc)
		usage(usage_text);
	len = unhex(argv[optind + 1], magic, sizeof(magic));
	if (len < 1)
		usage(usage_text);
	stop_on_signal();
	fd = packet_socket(argv[optind], ETH_P_ALL);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 128 << 20);
	ready();
	while (!wanted || seen < wanted) {
		struct sockaddr_ll from;
		socklen_t from_len = sizeof(from);
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;
		int got = poll(&p, 1, stopped ? 0 : idle);

		if (got < 0 && !stopped)
			die("poll");
		if (got == 0)
			break;
		if (got < 0)
			continue;
		n = recvfrom(fd, frame, sizeof(frame), 0, (void *)&from, &from_len);
		if (n > 0 && from.sll_pkttype != PACKET_OUTGOING)
			seen += !!memmem(frame, n, magic, len);
	}
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		die("PACKET_STATISTICS");
	printf("{\"count\":%lu,\"missed\":%u}\n", seen, stats.tp_drops);
	return 0;
}
