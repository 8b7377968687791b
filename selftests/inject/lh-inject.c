// SPDX-License-Identifier: GPL-2.0
/*
 * Sends raw frames on a device, as fast as it goes.
 *
 * Frames come as hex, as an argument or a line each in a file, and are sent in
 * turn until COUNT are. --random N puts a random label, 16..1048575, into
 * position N of the label stack (0 is the top); TC, S and TTL stay. That is how
 * one guesses a tag.
 */
#define _GNU_SOURCE
#include "common.h"
#include <getopt.h>
#include <sys/random.h>

#define BATCH		256
#define RANDOM_MAX	8
#define FRAMES_MAX	4096

static const char usage_text[] =
	"lh-inject [--count N] [--random POSITION]... [--seed N] [--qdisc]\n"
	"                 [--pad N] DEV HEX | --file FILE DEV\n"
	"  --qdisc  through the queue discipline, not past it\n"
	"  --pad N  random bytes up to a frame of N bytes, new ones each time";

struct frame {
	uint8_t *bytes;
	size_t len;
};

static struct frame frames[FRAMES_MAX];
static size_t n_frames;
static int positions[RANDOM_MAX];
static int n_positions;
static size_t pad_to;
static uint64_t state;

/* xorshift64*: forgeries need to be many, not unpredictable. */
static uint32_t random32(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545F4914F6CDD1DULL) >> 32;
}

static void add_frame(const char *hex)
{
	static uint8_t buf[FRAME_MAX];
	struct frame *frame = &frames[n_frames];
	int len = unhex(hex, buf, sizeof(buf));

	if (len < ETH_HLEN || n_frames == FRAMES_MAX) {
		fprintf(stderr, "lh-inject: bad frame, or too many\n");
		exit(2);
	}
	frame->len = len;
	frame->bytes = malloc(len);
	memcpy(frame->bytes, buf, len);
	n_frames++;
}

static void read_frames(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		die(path);
	while (getline(&line, &size, f) > 1)
		add_frame(line);
	free(line);
}

static size_t stack_offset(const struct frame *frame)
{
	size_t at = 12;

	while (at + 4 <= frame->len &&
	       ((frame->bytes[at] == 0x81 && frame->bytes[at + 1] == 0x00) ||
		(frame->bytes[at] == 0x88 && frame->bytes[at + 1] == 0xa8)))
		at += 4;
	return at + 2;
}

/* Makes the frame that is really sent; returns its length. */
static size_t vary(const struct frame *frame, uint8_t *out)
{
	size_t len = frame->len;
	size_t stack = stack_offset(frame);

	memcpy(out, frame->bytes, len);
	for (int i = 0; i < n_positions; i++) {
		uint8_t *entry = out + stack + 4 * positions[i];
		uint32_t label;

		do
			label = random32() >> 12;
		while (label < 16);
		if (entry + 4 > out + len)
			continue;
		entry[0] = label >> 12;
		entry[1] = label >> 4;
		entry[2] = label << 4 | (entry[2] & 15);
	}
	while (len < pad_to)
		out[len++] = random32();
	return len;
}

static unsigned long transmit(int fd, unsigned long count)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec vectors[BATCH];
	static uint8_t *buffers[BATCH];
	unsigned long sent = 0;

	for (int i = 0; i < BATCH; i++) {
		buffers[i] = malloc(FRAME_MAX);
		vectors[i].iov_base = buffers[i];
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < count && !stopped) {
		int n = count - sent < BATCH ? (int)(count - sent) : BATCH;

		for (int i = 0; i < n; i++)
			vectors[i].iov_len = vary(&frames[(sent + i) % n_frames],
						  buffers[i]);
		for (int done = 0; done < n && !stopped;) {
			int ret = sendmmsg(fd, messages + done, n - done, 0);

			/* A full queue: what was refused is sent again. */
			if (ret < 0 && (errno == ENOBUFS || errno == EAGAIN)) {
				usleep(1000);
				continue;
			}
			if (ret < 0 && errno == EINTR)
				continue;
			if (ret < 0)
				die("sendmmsg");
			done += ret;
			sent += ret;
		}
	}
	return sent;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "random", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' },
		{ "file", required_argument, NULL, 'f' },
		{ "pad", required_argument, NULL, 'p' },
		{ "qdisc", no_argument, NULL, 'q' },
		{ }
	};
	unsigned long count = 0, sent;
	int bypass = 1, option, fd;
	uint64_t start;

	if (getrandom(&state, sizeof(state), 0) != sizeof(state))
		die("getrandom");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			count = number(optarg);
			break;
		case 's':
			state = number(optarg);
			break;
		case 'f':
			read_frames(optarg);
			break;
		case 'p':
			pad_to = number(optarg);
			break;
		case 'q':
			bypass = 0;
			break;
		case 'r':
			if (n_positions == RANDOM_MAX)
				usage(usage_text);
			positions[n_positions++] = number(optarg);
			break;
		default:
			usage(usage_text);
		}
	}
	state |= 1ULL << 63; /* zero has no successor */
	if (optind + 2 == argc)
		add_frame(argv[optind + 1]);
	else if (optind + 1 != argc)
		usage(usage_text);
	if (!n_frames || pad_to > FRAME_MAX)
		usage(usage_text);

	stop_on_signal();
	fd = packet_socket(argv[optind], 0);
	set_option(fd, SOL_PACKET, PACKET_QDISC_BYPASS, bypass);
	start = now_ns(CLOCK_MONOTONIC);
	sent = transmit(fd, count ? count : n_frames);
	printf("{\"sent\":%lu,\"ms\":%llu}\n", sent,
	       (unsigned long long)(now_ns(CLOCK_MONOTONIC) - start) / 1000000);
	return 0;
}
