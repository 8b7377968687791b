/* SPDX-License-Identifier: GPL-2.0 */
/* What the tools share: packet sockets, hex, time, and a clean end. */
#ifndef LH_INJECT_COMMON_H
#define LH_INJECT_COMMON_H

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX	65600

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void usage(const char *text)
{
	fprintf(stderr, "usage: %s\n", text);
	exit(2);
}

static inline uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (end == text || *end) {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return n;
}

static inline int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of the bytes in buf, or -1 if text is no hex or too long. */
static inline int unhex(const char *text, uint8_t *buf, size_t size)
{
	size_t n = 0;

	while (*text && *text != '\n') {
		int high = nibble(text[0]);
		int low = high < 0 ? -1 : nibble(text[1]);

		if (low < 0 || n == size)
			return -1;
		buf[n++] = high << 4 | low;
		text += 2;
	}
	return n;
}

static inline void put_hex(const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	static char out[2 * FRAME_MAX];

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	fwrite(out, 1, 2 * n, stdout);
}

/* A packet socket on a device; protocol 0 receives nothing. */
static inline int packet_socket(const char *dev, uint16_t protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = __builtin_bswap16(protocol),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		die("packet socket");
	if (!addr.sll_ifindex || bind(fd, (void *)&addr, sizeof(addr)))
		die(dev);
	return fd;
}

static inline void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("setsockopt");
}

static volatile sig_atomic_t stopped;

static inline void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* SIGTERM and SIGINT interrupt a blocking call and set `stopped`. */
static inline void stop_on_signal(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/* Tells who started us that from now on nothing is missed. */
static inline void ready(void)
{
	printf("{\"ready\":true}\n");
	fflush(stdout);
}

#endif
