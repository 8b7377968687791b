// SPDX-License-Identifier: GPL-2.0
/* labelhop timeline: slots and hop labels to come. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../kmod/hop.h"
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "set.h"
#include "timeline.h"

#define SLOTS_SHOWN	16	/* unless "for" says otherwise */

struct values {
	const char *file;
	u64 at;
	u64 duration;
	const char *svg;
};

enum { ARG_PARAMS, ARG_AT, ARG_FOR, ARG_SVG };

static const struct lh_arg args[] = {
	[ARG_PARAMS] = {
		.keyword = "params", .value = "FILE",
		.help = "the parameter set, as labelhop params new prints it",
		.allowed = "the name of a file, or - for standard input,",
		.parse = lh_parse_text, .to = offsetof(struct values, file),
	},
	[ARG_AT] = {
		.keyword = "at", .value = "TIME", .flags = LH_ARG_OPTIONAL,
		.help = "show the slots from then on (the present one)",
		.allowed =
			"now, a number of TAI ns, or a date of UTC such as 2026-11-23T12:00:00Z",
		.parse = lh_parse_time, .to = offsetof(struct values, at),
		.max = ~0ULL,
	},
	[ARG_FOR] = {
		.keyword = "for", .value = "D", .flags = LH_ARG_OPTIONAL,
		.help = "for so long, but at most 1000 slots (16 slots)",
		.allowed =
			"a duration of 1ns or more with a unit of ns, us, ms, s, m, h or d",
		.parse = lh_parse_duration,
		.to = offsetof(struct values, duration), .min = 1, .max = ~0ULL,
	},
	[ARG_SVG] = {
		.keyword = "-o", .value = "FILE.svg", .flags = LH_ARG_OPTIONAL,
		.help = "draw them there, in place of a table",
		.allowed = "the name of a file",
		.parse = lh_parse_text, .to = offsetof(struct values, svg),
	},
};

static const struct nla_policy policy[LABELHOP_A_CLOCK_MAX + 1] = {
	[LABELHOP_A_CLOCK_NOW] = { .type = NLA_U64 },
};

/* The time by which the module counts; false if it can't be had. */
static bool module_now(struct lh_ctx *ctx, u64 *now)
{
	struct nlattr *attrs[LABELHOP_A_CLOCK_MAX + 1];
	struct lh_nl_reply reply = {};
	const struct nlmsghdr *hdr;
	struct nl_msg *msg;
	bool found = false;

	/* Asked for a family that is not there the kernel loads the module. */
	if (access("/sys/module/labelhop", F_OK) ||
	    lh_nl_begin(ctx, LABELHOP_CMD_CLOCK_GET, NLM_F_ACK, &msg))
		return false;
	if (!lh_nl_talk(ctx, msg, &reply)) {
		hdr = lh_nl_next(&reply, NULL);
		if (hdr && !lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_CLOCK_MAX,
					policy) && attrs[LABELHOP_A_CLOCK_NOW]) {
			*now = nla_get_u64(attrs[LABELHOP_A_CLOCK_NOW]);
			found = true;
		}
	}
	lh_nl_reply_free(&reply);
	return found;
}

static const char *find_now(struct lh_ctx *ctx, u64 *now)
{
	struct timespec ts;
	bool found;

	ctx->mute = true;
	found = module_now(ctx, now);
	ctx->mute = false;
	if (found)
		return "module";
	clock_gettime(CLOCK_TAI, &ts);
	*now = ts.tv_sec * LH_NS_PER_S + ts.tv_nsec;
	return "CLOCK_TAI";
}

/**
 * lh_timeline_utc - write an instant as a date of UTC, to the nanosecond
 * @text: receives it
 * @tai_ns: the instant, TAI ns
 *
 * Return: @text.
 */
const char *lh_timeline_utc(char text[LH_TIMELINE_UTC], u64 tai_ns)
{
	size_t len = strlen(lh_format_utc(text, tai_ns, LH_TAI_UTC_S));

	/* In place of the Z. */
	snprintf(text + len - 1, LH_TIMELINE_UTC - len + 1, ".%09lluZ",
		 tai_ns % LH_NS_PER_S);
	return text;
}

/* Fills the time line with the slots from first to last, or some of them. */
static int fill(const struct lh_ctx *ctx, const struct lh_gen *gen, u64 first,
		u64 last, u32 most, struct lh_timeline *line)
{
	struct lh_hop hop;
	u64 t = first;
	int err = 0;

	for (;;) {
		lh_hop_at(gen, t, &hop);
		line->slots[line->n] = hop.slot;
		line->labels[line->n++] = hop.label;
		t = hop.slot.end;
		if (t > last || t == ~0ULL)
			break;
		if (line->n < most)
			continue;
		if (most == LH_TIMELINE_MAX)
			err = lh_fail(ctx,
				      "for: there are more than %d slots: a shorter time is allowed",
				      LH_TIMELINE_MAX);
		break;
	}
	sodium_memzero(&hop, sizeof(hop));
	return err;
}

static int collect(const struct lh_ctx *ctx, const struct lh_params *p,
		   const struct values *v, struct lh_timeline *line)
{
	bool bounded = v->duration;
	u64 first = v->at, last;
	struct lh_gen gen;
	int err;

	lh_gen_init(&gen, p);
	if (first < gen.slots.epoch && !bounded)
		first = gen.slots.epoch;
	last = bounded ? first + v->duration - 1 : gen.slots.last;
	if (last < first || last > gen.slots.last)
		last = gen.slots.last;
	if (first < gen.slots.epoch)
		first = gen.slots.epoch;
	if (first > last)
		err = lh_fail(ctx,
			      "at: the set has no slot then: %llu to %llu is allowed",
			      gen.slots.epoch, gen.slots.last);
	else
		err = fill(ctx, &gen, first, last,
			   bounded ? LH_TIMELINE_MAX : SLOTS_SHOWN, line);
	sodium_memzero(&gen, sizeof(gen));
	return err;
}

/* 64 bits are more than a number of JSON has in many a reader, such as jq. */
static void show_instant(struct lh_out *out, const char *key, u64 ns)
{
	char text[LH_OUT_WORD];

	snprintf(text, sizeof(text), "%llu", ns);
	lh_out_string(out, key, text);
}

static void show_json(struct lh_out *out, const struct lh_timeline *line,
		      const char *clock)
{
	u32 i;

	lh_out_object(out, NULL);
	show_instant(out, "now", line->now);
	lh_out_string(out, "clock", clock);
	if (strcmp(clock, "module") && lh_tai_unset())
		lh_out_string(out, "note", LH_TAI_UNSET);
	lh_out_array(out, "slots");
	for (i = 0; i < line->n; i++) {
		const struct lh_slot *slot = &line->slots[i];
		char utc[LH_TIMELINE_UTC];

		lh_out_object(out, NULL);
		lh_out_number(out, "slot", slot->number);
		show_instant(out, "start", slot->start);
		lh_out_string(out, "utc", lh_timeline_utc(utc, slot->start));
		lh_out_duration(out, "duration", slot->duration);
		lh_out_number(out, "hop", line->labels[i]);
		lh_out_flag(out, "now", lh_slot_holds(slot, line->now));
		lh_out_end(out);
	}
	lh_out_end(out);
}

static void show_text(const struct lh_timeline *line, const char *clock)
{
	u32 i;

	printf("%12s  %-20s  %-30s  %-12s  %s\n", "slot", "start (TAI ns)",
	       "start (UTC)", "duration", "hop label");
	for (i = 0; i < line->n; i++) {
		const struct lh_slot *slot = &line->slots[i];
		char utc[LH_TIMELINE_UTC], duration[LH_OUT_WORD];

		printf("%12llu  %-20llu  %-30s  %-12s  %u%s\n", slot->number,
		       slot->start, lh_timeline_utc(utc, slot->start),
		       lh_format_duration(duration, slot->duration),
		       line->labels[i],
		       lh_slot_holds(slot, line->now) ? "  now" : "");
	}
	if (!strcmp(clock, "module"))
		printf("now: by the module's clock\n");
	else
		printf("now: by CLOCK_TAI of this machine, as no module has a clock%s\n",
		       lh_tai_unset() ? "; " LH_TAI_UNSET : "");
}

/* Who knows the hop labels to come has half of what a forger needs. */
static int draw(const struct lh_ctx *ctx, const char *name,
		const struct lh_timeline *line)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");

	if (to)
		lh_timeline_svg(to, line);
	if (!to || ferror(to) | fclose(to))
		return lh_fail(ctx,
			       "-o: %s can't be written: %s; the name of a file is allowed",
			       LH_QUOTE(name), strerror(errno));
	return 0;
}

static int show(struct lh_ctx *ctx, const struct lh_params *p,
		struct values *v, u64 seen)
{
	struct lh_timeline *line = calloc(1, sizeof(*line));
	const char *clock;
	int err;

	if (!line)
		return lh_fail(ctx, "out of memory");
	clock = find_now(ctx, &line->now);
	if (!(seen & 1 << ARG_AT))
		v->at = line->now;
	err = collect(ctx, p, v, line);
	if (!err && v->svg) {
		err = draw(ctx, v->svg, line);
	} else if (!err && ctx->out.json) {
		show_json(&ctx->out, line, clock);
		err = lh_out_end(&ctx->out) ? 0 : lh_fail(ctx, "out of memory");
	} else if (!err) {
		show_text(line, clock);
	}
	free(line);
	return err;
}

static int run(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	struct lh_set *set;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	set = lh_set_load(ctx, v.file);
	if (!set)
		return LH_EXIT_INPUT;
	err = show(ctx, &set->p, &v, seen);
	lh_set_free(set);
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "timeline", .run = run,
		.help = "Show slots and hop labels to come; needs no module, but for its clock.",
		.args = args, .n_args = LH_COUNT(args),
	},
};

const struct lh_object lh_timeline_object = {
	.name = "timeline",
	.help = "The slots and hop labels to come.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
