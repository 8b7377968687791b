// SPDX-License-Identifier: GPL-2.0
/*
 * Captures the MPLS frames of a device, a line of JSON a frame:
 *
 *  {"t":TAI-NS,"dir":"in","vlan":null,"eth":"HEX","stack":[[LABEL,TC,S,TTL],...],
 *   "payload":"HEX"}
 *
 * eth is the Ethernet header without VLAN tags; vlan are the tags, outermost
 * first. The stack ends after S = 1 or with the frame. Ends after COUNT frames,
 * at SIGTERM, or when no frame came for IDLE ms.
 */
#define _GNU_SOURCE
#include "common.h"
#include <getopt.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <time.h>

static const char usage_text[] =
	"lh-cap [--count N] [--idle MS] [--dir in|out|both] [--any] DEV\n"
	"  --any  frames of other protocols too, with an empty stack";

enum { DIR_IN = 1, DIR_OUT = 2 };

static int dirs = DIR_IN | DIR_OUT;
static int any;

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static int is_vlan(uint16_t protocol)
{
	return protocol == ETH_P_8021Q || protocol == ETH_P_8021AD;
}

static size_t print_stack(const uint8_t *p, size_t len)
{
	size_t at = 0;

	while (at + 4 <= len) {
		uint32_t entry = (uint32_t)get16(p + at) << 16 | get16(p + at + 2);

		printf("%s[%u,%u,%u,%u]", at ? "," : "", entry >> 12,
		       entry >> 9 & 7, entry >> 8 & 1, entry & 255);
		at += 4;
		if (entry >> 8 & 1)
			break;
	}
	return at;
}

/* vlan is the tag that the kernel has taken off the frame, -1 if none. */
static int print_frame(const uint8_t *p, size_t len, int dir, int vlan, uint64_t t)
{
	int vlans[8], n = 0;
	size_t at = 12;
	uint16_t protocol;

	if (len < ETH_HLEN)
		return 0;
	if (vlan >= 0)
		vlans[n++] = vlan;
	protocol = get16(p + at);
	while (is_vlan(protocol) && at + 6 <= len && n < 8) {
		vlans[n++] = get16(p + at + 2);
		at += 4;
		protocol = get16(p + at);
	}
	at += 2;
	if (protocol != ETH_P_MPLS_UC && !any)
		return 0;

	printf("{\"t\":%llu,\"dir\":\"%s\",\"vlan\":", (unsigned long long)t,
	       dir == DIR_IN ? "in" : "out");
	for (int i = 0; i < n; i++)
		printf("%c%d", i ? ',' : '[', vlans[i]);
	printf("%s,\"eth\":\"", n ? "]" : "null");
	put_hex(p, 12);
	printf("%04x\",\"stack\":[", protocol);
	if (protocol == ETH_P_MPLS_UC)
		at += print_stack(p + at, len - at);
	printf("],\"payload\":\"");
	put_hex(p + at, len - at);
	printf("\"}\n");
	fflush(stdout);
	return 1;
}

/* Receives a frame and prints it; returns whether it was one to print. */
static int receive(int fd)
{
	static uint8_t frame[FRAME_MAX];
	char control[256];
	struct sockaddr_ll from;
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr message = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &message, 0);
	uint64_t t = now_ns(CLOCK_TAI);
	int vlan = -1, dir;

	if (len < 0)
		return 0;
	dir = from.sll_pkttype == PACKET_OUTGOING ? DIR_OUT : DIR_IN;
	if (!(dir & dirs))
		return 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			vlan = aux.tp_vlan_tci;
	}
	return print_frame(frame, len, dir, vlan, t);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "idle", required_argument, NULL, 'i' },
		{ "dir", required_argument, NULL, 'd' },
		{ "any", no_argument, NULL, 'a' },
		{ }
	};
	unsigned long count = 0, seen = 0;
	int idle = -1, option, fd;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			count = number(optarg);
			break;
		case 'i':
			idle = number(optarg);
			break;
		case 'a':
			any = 1;
			break;
		case 'd':
			dirs = !strcmp(optarg, "in") ? DIR_IN :
			       !strcmp(optarg, "out") ? DIR_OUT : DIR_IN | DIR_OUT;
			break;
		default:
			usage(usage_text);
		}
	}
	if (optind + 1 != argc)
		usage(usage_text);
	stop_on_signal();
	fd = packet_socket(argv[optind], ETH_P_ALL);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1);
	ready();
	while (!count || seen < count) {
		struct pollfd p = { fd, POLLIN, 0 };
		int n = stopped ? poll(&p, 1, 0) : poll(&p, 1, idle);

		if (n > 0)
			seen += receive(fd);
		else if (n == 0 || stopped)
			break;
	}
	return 0;
}
