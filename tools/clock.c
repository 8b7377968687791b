// SPDX-License-Identifier: GPL-2.0
/* labelhop clock */
#include <stddef.h>
#include <stdio.h>
#include <sys/timex.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"
#include "words.h"

struct values {
	u8 source;
	u32 utc_offset;
};

enum { SET_SOURCE, SET_UTC_OFFSET };

static const struct lh_arg set_args[] = {
	[SET_SOURCE] = {
		.value = "SOURCE",
		.help = "tai: CLOCK_TAI; realtime: CLOCK_REALTIME plus utc-offset",
		.allowed = "unset, tai or realtime",
		.parse = lh_parse_word, .words = lh_clocks,
		.to = offsetof(struct values, source),
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
};

/* TAI - UTC as the system's clock has it: 0 until somebody sets it. */
static int system_offset(void)
{
	struct timex timex = {};

	return adjtimex(&timex) < 0 ? 0 : timex.tai;
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
	struct nlattr *attrs[LABELHOP_A_CLOCK_MAX + 1], *now, *utc_offset;
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_CLOCK_MAX, policy);
	s32 offset = system_offset();
	char text[LH_OUT_WORD];
	u8 source;

	if (err)
		return err;
	if (!attrs[LABELHOP_A_CLOCK_SOURCE])
		return lh_nl_nonsense(ctx);
	now = attrs[LABELHOP_A_CLOCK_NOW];
	utc_offset = attrs[LABELHOP_A_CLOCK_UTC_OFFSET];
	source = nla_get_u8(attrs[LABELHOP_A_CLOCK_SOURCE]);

	lh_out_string(&ctx->out, "source", lh_word(lh_clocks, source));
	if (utc_offset && source == LABELHOP_CLOCK_REALTIME) {
		offset = nla_get_u32(utc_offset);
		lh_out_signed(&ctx->out, "utc-offset", offset);
	} else if (source == LABELHOP_CLOCK_TAI) {
		lh_out_signed(&ctx->out, "utc-offset", offset);
	}
	if (now) {
		lh_out_number(&ctx->out, "now", nla_get_u64(now));
		lh_out_string(&ctx->out, "utc",
			      lh_format_utc(text, nla_get_u64(now), offset));
	}
	if (source == LABELHOP_CLOCK_TAI && !offset) {
		lh_out_line(&ctx->out);
		lh_out_note(&ctx->out,
			    "the TAI offset of this system was never set: its CLOCK_TAI is UTC");
	}
	return 0;
}

static int set(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	if (seen & 1 << SET_UTC_OFFSET && v.source != LABELHOP_CLOCK_REALTIME)
		return lh_fail(ctx, "utc-offset goes with realtime only: none is allowed with %s",
			       lh_word(lh_clocks, v.source));
	err = lh_nl_begin(ctx, LABELHOP_CMD_CLOCK_SET, NLM_F_ACK, &msg);
	if (err)
		return err;
	err = nla_put_u8(msg, LABELHOP_A_CLOCK_SOURCE, v.source);
	if (seen & 1 << SET_UTC_OFFSET)
		err |= nla_put_u32(msg, LABELHOP_A_CLOCK_UTC_OFFSET,
				   v.utc_offset);
	if (err) {
		nlmsg_free(msg);
		return lh_fail(ctx, "out of memory");
	}
	return lh_nl_talk(ctx, msg, NULL);
}

static int show_reply(struct lh_ctx *ctx, const struct lh_nl_reply *reply)
{
	const struct nlmsghdr *hdr = lh_nl_next(reply, NULL);
	int err;

	lh_out_object(&ctx->out, NULL);
	err = hdr ? lh_clock_show(ctx, hdr) : lh_nl_nonsense(ctx);
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
