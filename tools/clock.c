// SPDX-License-Identifier: GPL-2.0
/* labelhop clock */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "phc.h"
#include "ptp.h"
#include "show.h"
#include "words.h"

#define RATE_PPB_ODD	500000	/* more than a servo corrects, as a rule */

struct values {
	const char *file;
	const char *dev;
	u32 utc_offset;
	u8 source;
};

enum { SET_SOURCE, SET_FILE, SET_DEV, SET_UTC_OFFSET };

static const struct lh_arg set_args[] = {
	[SET_SOURCE] = {
		.value = "SOURCE",
		.help = "tai: CLOCK_TAI; realtime: CLOCK_REALTIME plus utc-offset;\n"
			"                      phc: a PTP hardware clock",
		.allowed = "unset, tai, realtime or phc",
		.parse = lh_parse_word, .words = lh_clocks,
		.to = offsetof(struct values, source),
	},
	[SET_FILE] = {
		.value = "FILE", .flags = LH_ARG_OPTIONAL | LH_ARG_PATH,
		.help = "the PTP hardware clock, for phc",
		.allowed = "the path of a file, such as /dev/ptp0,",
		.parse = lh_parse_text, .to = offsetof(struct values, file),
	},
	[SET_DEV] = {
		.keyword = "dev", .value = "DEV",
		.flags = LH_ARG_OPTIONAL | LH_ARG_OR,
		.help = "that of this network device, for phc",
		.allowed = "a name of 1 to 15 characters without spaces, / and :",
		.parse = lh_parse_dev, .to = offsetof(struct values, dev),
	},
	[SET_UTC_OFFSET] = {
		.keyword = "utc-offset", .value = "N",
		.help = "TAI - UTC in seconds, for realtime (37)",
		.allowed = "a number of 0 to 255",
		.parse = lh_parse_u32, .max = 255, .flags = LH_ARG_OPTIONAL,
		.to = offsetof(struct values, utc_offset),
	},
};

static const struct nla_policy policy[LABELHOP_A_CLOCK_MAX + 1] = {
	[LABELHOP_A_CLOCK_SOURCE] = { .type = NLA_U8 },
	[LABELHOP_A_CLOCK_UTC_OFFSET] = { .type = NLA_U32 },
	[LABELHOP_A_CLOCK_NOW] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_DEVICE] = { .type = NLA_STRING },
	[LABELHOP_A_CLOCK_STATE] = { .type = NLA_U8 },
	[LABELHOP_A_CLOCK_TAI_OFFSET] = { .type = NLA_U32 },
	[LABELHOP_A_CLOCK_OFFSET] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_RATE] = { .type = NLA_U32 },
	[LABELHOP_A_CLOCK_ERROR] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_AGE] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_SAMPLES] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_BAD] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_STEPS] = { .type = NLA_U64 },
	[LABELHOP_A_CLOCK_STEP] = { .type = NLA_U64 },
};

static s64 get_s64(struct nlattr *attr)
{
	return attr ? (s64)nla_get_u64(attr) : 0;
}

static s32 get_s32(struct nlattr *attr)
{
	return attr ? (s32)nla_get_u32(attr) : 0;
}

static bool near(s64 ns, s64 seconds)
{
	ns -= seconds * (s64)LH_NS_PER_S;
	return ns > -(s64)LH_NS_PER_S && ns < (s64)LH_NS_PER_S;
}

static void note(struct lh_ctx *ctx, const char *text)
{
	lh_out_line(&ctx->out);
	lh_out_note(&ctx->out, text);
}

static void note_unset(struct lh_ctx *ctx)
{
	if (ctx->out.json)
		lh_out_string(&ctx->out, "note", LH_TAI_UNSET);
	else
		note(ctx, LH_TAI_UNSET);
}

/* TAI - UTC, by the system or else by the time of writing. */
static s32 tai_offset(struct nlattr **attrs)
{
	s32 offset = get_s32(attrs[LABELHOP_A_CLOCK_TAI_OFFSET]);

	return offset ? offset : LH_TAI_UTC_S;
}

/* A PTP hardware clock that keeps another time scale than TAI, or none. */
static void note_phc(struct lh_ctx *ctx, struct nlattr **attrs)
{
	s64 ahead = get_s64(attrs[LABELHOP_A_CLOCK_OFFSET]);
	s32 rate = get_s32(attrs[LABELHOP_A_CLOCK_RATE]), tai;
	char text[128];

	/* To CLOCK_REALTIME, as CLOCK_TAI may be the same. */
	ahead += get_s32(attrs[LABELHOP_A_CLOCK_TAI_OFFSET]) *
		 (s64)LH_NS_PER_S;
	tai = tai_offset(attrs);
	if (near(ahead, 0)) {
		snprintf(text, sizeof(text),
			 "the clock looks like UTC, not TAI: it is off by %d s",
			 tai);
		note(ctx, text);
	} else if (!near(ahead, tai)) {
		note(ctx, "clock and system clock differ by a second or more: one is wrong");
	}
	if (rate > RATE_PPB_ODD || rate < -RATE_PPB_ODD)
		note(ctx, "the clock's rate is off by more than 500 ppm: does anything keep it?");
}

static void show_rate(struct lh_out *out, s32 ppb)
{
	char text[LH_OUT_WORD];

	if (out->json) {
		lh_out_signed(out, "rate", ppb);
		return;
	}
	snprintf(text, sizeof(text), "%.3fppm", ppb / 1000.0);
	lh_out_string(out, "rate", text);
}

static void show_phc(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *step = attrs[LABELHOP_A_CLOCK_STEP];

	lh_out_line(out);
	lh_out_duration(out, "error", get_s64(attrs[LABELHOP_A_CLOCK_ERROR]));
	show_rate(out, get_s32(attrs[LABELHOP_A_CLOCK_RATE]));
	lh_out_duration(out, "age", get_s64(attrs[LABELHOP_A_CLOCK_AGE]));
	lh_out_number(out, "samples",
		      get_s64(attrs[LABELHOP_A_CLOCK_SAMPLES]));
	lh_out_number(out, "bad", get_s64(attrs[LABELHOP_A_CLOCK_BAD]));
	lh_out_number(out, "steps", get_s64(attrs[LABELHOP_A_CLOCK_STEPS]));
	if (step)
		lh_out_difference(out, "step", get_s64(step));
}

static void show_time(struct lh_out *out, struct nlattr **attrs, u8 source)
{
	struct nlattr *utc_offset = attrs[LABELHOP_A_CLOCK_UTC_OFFSET];
	struct nlattr *now = attrs[LABELHOP_A_CLOCK_NOW];
	s32 offset = get_s32(attrs[LABELHOP_A_CLOCK_TAI_OFFSET]);
	char text[LH_OUT_WORD];

	if (source == LABELHOP_CLOCK_REALTIME && utc_offset)
		offset = get_s32(utc_offset);
	else if (source == LABELHOP_CLOCK_PHC)
		offset = tai_offset(attrs);
	if (source == LABELHOP_CLOCK_REALTIME || source == LABELHOP_CLOCK_TAI)
		lh_out_signed(out, "utc-offset", offset);
	if (!now)
		return;
	lh_out_number(out, "now", nla_get_u64(now));
	lh_out_string(out, "utc",
		      lh_format_utc(text, nla_get_u64(now), offset));
	if (attrs[LABELHOP_A_CLOCK_OFFSET])
		lh_out_difference(out, "offset",
				  get_s64(attrs[LABELHOP_A_CLOCK_OFFSET]));
}

/**
 * lh_clock_show - print the clock
 * @ctx: the command's context
 * @hdr: a message about it
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_clock_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[LABELHOP_A_CLOCK_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_CLOCK_MAX, policy);
	struct nlattr *device, *state;
	u8 source;

	if (err)
		return err;
	if (!attrs[LABELHOP_A_CLOCK_SOURCE])
		return lh_nl_nonsense(ctx);
	source = nla_get_u8(attrs[LABELHOP_A_CLOCK_SOURCE]);
	device = attrs[LABELHOP_A_CLOCK_DEVICE];
	state = attrs[LABELHOP_A_CLOCK_STATE];

	lh_out_string(&ctx->out, "source", lh_word(lh_clocks, source));
	if (device)
		lh_out_string(&ctx->out, "device", nla_get_string(device));
	if (state)
		lh_out_string(&ctx->out, "state",
			      lh_word(lh_states, nla_get_u8(state)));
	show_time(&ctx->out, attrs, source);
	if (source == LABELHOP_CLOCK_PHC) {
		show_phc(&ctx->out, attrs);
		note_phc(ctx, attrs);
	}
	if (source == LABELHOP_CLOCK_TAI &&
	    !get_s32(attrs[LABELHOP_A_CLOCK_TAI_OFFSET]))
		note_unset(ctx);
	return 0;
}

static int check_set(const struct lh_ctx *ctx, const struct values *v, u64 seen)
{
	bool clock = seen & (1 << SET_FILE | 1 << SET_DEV);

	if (seen & 1 << SET_UTC_OFFSET && v->source != LABELHOP_CLOCK_REALTIME)
		return lh_fail(ctx, "utc-offset goes with realtime only: none is allowed with %s",
			       lh_word(lh_clocks, v->source));
	if (clock && v->source != LABELHOP_CLOCK_PHC)
		return lh_fail(ctx, "FILE and dev go with phc only: none is allowed with %s",
			       lh_word(lh_clocks, v->source));
	if (!clock && v->source == LABELHOP_CLOCK_PHC)
		return lh_fail(ctx, "FILE is missing: %s or dev DEV is needed with phc",
			       set_args[SET_FILE].allowed);
	return 0;
}

static int send_set(struct lh_ctx *ctx, const struct values *v, u64 seen,
		    int fd)
{
	struct nl_msg *msg;
	int err = lh_nl_begin(ctx, LABELHOP_CMD_CLOCK_SET, NLM_F_ACK, &msg);

	if (err)
		return err;
	err = nla_put_u8(msg, LABELHOP_A_CLOCK_SOURCE, v->source);
	if (seen & 1 << SET_UTC_OFFSET)
		err |= nla_put_u32(msg, LABELHOP_A_CLOCK_UTC_OFFSET,
				   v->utc_offset);
	if (fd >= 0)
		err |= nla_put_u32(msg, LABELHOP_A_CLOCK_FD, fd);
	if (err) {
		nlmsg_free(msg);
		return lh_fail(ctx, "out of memory");
	}
	return lh_nl_talk(ctx, msg, NULL);
}

static int set(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	int fd = -1, err;
	u64 seen;

	err = lh_args_parse(ctx, command, argc, argv, &v, &seen);
	if (!err)
		err = check_set(ctx, &v, seen);
	if (!err && v.file)
		err = lh_phc_open(ctx, v.file, &fd);
	if (!err)
		err = lh_nl_open(ctx);
	if (!err && v.dev)
		err = lh_phc_open_of(ctx, v.dev, &fd);
	ctx->fd_word = v.file ? v.file : v.dev;
	if (!err)
		err = send_set(ctx, &v, seen, fd);
	ctx->fd_word = NULL;
	if (fd >= 0)
		close(fd);
	if (!err && v.source == LABELHOP_CLOCK_TAI && lh_tai_unset())
		lh_warn(ctx, LH_TAI_UNSET);
	return err;
}

static int show_reply(struct lh_ctx *ctx, const struct lh_nl_reply *reply)
{
	const struct nlmsghdr *hdr = lh_nl_next(reply, NULL);
	int err;

	lh_out_object(&ctx->out, NULL);
	err = hdr ? lh_clock_show(ctx, hdr) : lh_nl_nonsense(ctx);
	if (!err)
		lh_ptp_show(&ctx->out);
	if (err)
		lh_out_drop(&ctx->out);
	else if (!lh_out_end(&ctx->out))
		err = lh_fail(ctx, "out of memory");
	return err;
}

static int show(struct lh_ctx *ctx, const struct lh_command *command, int argc,
		char **argv)
{
	struct lh_nl_reply reply = {};
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, NULL, &seen);

	if (!err)
		err = lh_nl_begin(ctx, LABELHOP_CMD_CLOCK_GET, NLM_F_ACK, &msg);
	if (err)
		return err;
	err = lh_nl_talk(ctx, msg, &reply);
	if (!err)
		err = show_reply(ctx, &reply);
	lh_nl_reply_free(&reply);
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "clock", .name = "set", .run = set,
		.help = "Choose the clock that slots are counted by.",
		.args = set_args, .n_args = LH_COUNT(set_args),
	},
	{
		.object = "clock", .name = "show", .run = show,
		.help = "Show the clock and its time.",
	},
};

const struct lh_object lh_clock_object = {
	.name = "clock",
	.help = "The clock is that of the network namespace; it is unset at first.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
