// SPDX-License-Identifier: GPL-2.0
/*
 * TCP in bulk, with what matters about it: whether every byte arrived as it was
 * sent, and how much had to be sent again.
 *
 * recv prints {"bytes":N,"good":true}, send {"bytes":N,"retransmits":N,"mss":N,
 * "pmtu":N,"ms":N}. Both give up after 60 s without progress.
 */
#define _GNU_SOURCE
#include "common.h"
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>

static const char usage_text[] =
	"lh-tcp recv PORT\n"
	"       lh-tcp send ADDRESS PORT BYTES [DEVICE]";

#define CHUNK	(64 << 10)
#define PERIOD	251 /* a prime, so that no segment looks like the last one */

static uint8_t pattern[CHUNK + PERIOD];
static uint8_t buf[CHUNK];

static void limits(int fd)
{
	struct timeval tv = { .tv_sec = 60 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)))
		die("setsockopt");
}

static int receive(const char *port)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_port = __builtin_bswap16(number(port)),
	};
	int listener = socket(AF_INET6, SOCK_STREAM, 0), fd;
	unsigned long bytes = 0;
	int same = 1;
	ssize_t n;

	if (listener < 0)
		die("socket");
	set_option(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	limits(listener);
	if (bind(listener, (void *)&addr, sizeof(addr)) || listen(listener, 1))
		die("bind");
	ready();
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept");
	limits(fd);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		same &= !memcmp(buf, pattern + bytes % PERIOD, n);
		bytes += n;
	}
	if (n < 0)
		die("recv");
	printf("{\"bytes\":%lu,\"good\":%s}\n", bytes, same ? "true" : "false");
	return 0;
}

static int transmit(char **argv)
{
	const char *device = argv[3];
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
	unsigned long bytes = number(argv[2]), sent = 0;
	struct tcp_info info = { };
	socklen_t len = sizeof(info);
	uint64_t start;
	int fd;

	if (getaddrinfo(argv[0], argv[1], &hints, &to))
		die(argv[0]);
	fd = socket(to->ai_family, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket");
	limits(fd);
	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
				 strlen(device)))
		die(device);
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		die("connect");
	start = now_ns(CLOCK_MONOTONIC);
	while (sent < bytes) {
		size_t want = bytes - sent < CHUNK ? bytes - sent : CHUNK;
		ssize_t n = send(fd, pattern + sent % PERIOD, want, 0);

		if (n < 0)
			die("send");
		sent += n;
	}
	shutdown(fd, SHUT_WR);
	/* The other side closes when it has everything. */
	if (recv(fd, buf, sizeof(buf), 0) < 0)
		die("recv");
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		die("TCP_INFO");
	printf("{\"bytes\":%lu,\"retransmits\":%u,\"mss\":%u,\"pmtu\":%u,\"ms\":%llu}\n",
	       sent, info.tcpi_total_retrans, info.tcpi_snd_mss, info.tcpi_pmtu,
	       (unsigned long long)(now_ns(CLOCK_MONOTONIC) - start) / 1000000);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = i % PERIOD;
	if (argc == 3 && !strcmp(argv[1], "recv"))
		return receive(argv[2]);
	if ((argc == 5 || argc == 6) && !strcmp(argv[1], "send"))
		return transmit(argv + 2);
	usage(usage_text);
}
