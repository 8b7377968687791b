// SPDX-License-Identifier: GPL-2.0
/* labelhop vrf */
#include <stddef.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"
#include "words.h"

struct values {
	const char *name;
	u8 policy;
};

#define TO(member)	.to = offsetof(struct values, member)

#define NAME								\
	.value = "NAME",						\
	.allowed = "a name of 1 to 15 characters without spaces, / and :", \
	.parse = lh_parse_dev, TO(name)

#define POLICY								\
	.keyword = "policy", .value = "strict|permissive|monitor",	\
	.help = "what happens to unverified packets that arrive with a label", \
	.allowed = "strict, permissive or monitor",			\
	.parse = lh_parse_word, .words = lh_policies, TO(policy)

enum { ADD_NAME, ADD_POLICY };

static const struct lh_arg add_args[] = {
	[ADD_NAME] = {
		NAME, .help = "name of the VRF device, which need not exist yet",
	},
	[ADD_POLICY] = { POLICY, .flags = LH_ARG_OPTIONAL },
};

static const struct lh_arg set_args[] = {
	{ NAME, .help = "name of the VRF device" },
	{ POLICY },
};

static const struct lh_arg name_args[] = {
	{ NAME, .help = "name of the VRF device" },
};

static const struct lh_arg show_args[] = {
	{
		NAME, .help = "name of the VRF device; all without",
		.flags = LH_ARG_OPTIONAL,
	},
};

static const struct nla_policy policy[LABELHOP_A_VRF_MAX + 1] = {
	[LABELHOP_A_VRF_NAME] = { .type = NLA_STRING },
	[LABELHOP_A_VRF_POLICY] = { .type = NLA_U8 },
	[LABELHOP_A_VRF_IFINDEX] = { .type = NLA_U32 },
	[LABELHOP_A_VRF_VERIFIED] = { .type = NLA_U64 },
	[LABELHOP_A_VRF_BARE] = { .type = NLA_U64 },
	[LABELHOP_A_VRF_DROPPED] = { .type = NLA_U64 },
	[LABELHOP_A_VRF_LABEL] = { .type = NLA_U32 },
};

static void show_count(struct lh_out *out, const char *key, struct nlattr *attr)
{
	lh_out_number(out, key, attr ? nla_get_u64(attr) : 0);
}

static void show_stats(struct lh_out *out, struct nlattr **attrs)
{
	lh_out_line(out);
	if (out->json)
		lh_out_object(out, "stats");
	show_count(out, "verified", attrs[LABELHOP_A_VRF_VERIFIED]);
	show_count(out, "bare", attrs[LABELHOP_A_VRF_BARE]);
	show_count(out, "dropped", attrs[LABELHOP_A_VRF_DROPPED]);
	if (out->json)
		lh_out_end(out);
}

static void show_body(struct lh_out *out, struct nlattr **attrs,
		      unsigned int what)
{
	struct nlattr *rule = attrs[LABELHOP_A_VRF_POLICY];
	struct nlattr *ifindex = attrs[LABELHOP_A_VRF_IFINDEX];
	struct nlattr *label = attrs[LABELHOP_A_VRF_LABEL];

	if (rule)
		lh_out_string(out, "policy",
			      lh_word(lh_policies, nla_get_u8(rule)));
	/* The event about bare packets is about one that exists. */
	if (label)
		lh_out_number(out, "label", nla_get_u32(label));
	else if (!(what & LH_SHOW_BARE))
		lh_out_string(out, "state", ifindex ? "protected" : "no-device");
	if (ifindex)
		lh_out_number(out, "ifindex", nla_get_u32(ifindex));
	if (what & (LH_SHOW_STATS | LH_SHOW_BARE))
		show_stats(out, attrs);
}

/**
 * lh_vrf_show - print a protected VRF
 * @ctx: the command's context
 * @hdr: a message about it
 * @what: LH_SHOW_EVENT, LH_SHOW_BARE and LH_SHOW_STATS
 *
 * In an event, the caller has begun the record.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_vrf_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		unsigned int what)
{
	struct nlattr *attrs[LABELHOP_A_VRF_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_VRF_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_VRF_NAME])
		return lh_nl_nonsense(ctx);
	if (!(what & LH_SHOW_EVENT))
		lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "name",
		     nla_get_string(attrs[LABELHOP_A_VRF_NAME]), ":");
	show_body(&ctx->out, attrs, what);
	if (!(what & LH_SHOW_EVENT))
		lh_out_end(&ctx->out);
	return 0;
}

static int run_change(struct lh_ctx *ctx, const struct lh_command *command,
		      int argc, char **argv, u8 cmd)
{
	struct values v = {};
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (!err)
		err = lh_nl_begin(ctx, cmd, NLM_F_ACK, &msg);
	if (err)
		return err;
	err = nla_put_string(msg, LABELHOP_A_VRF_NAME, v.name);
	if (seen & 1 << ADD_POLICY)
		err |= nla_put_u8(msg, LABELHOP_A_VRF_POLICY, v.policy);
	if (err)
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_add(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return run_change(ctx, command, argc, argv, LABELHOP_CMD_VRF_NEW);
}

static int run_set(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return run_change(ctx, command, argc, argv, LABELHOP_CMD_VRF_SET);
}

static int run_del(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv, LABELHOP_CMD_VRF_DEL,
			       LABELHOP_A_VRF_NAME);
}

static int run_show(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv)
{
	return lh_nl_run_show(ctx, command, argc, argv, LABELHOP_CMD_VRF_GET,
			      LABELHOP_A_VRF_NAME, lh_vrf_show);
}

static const struct lh_command commands[] = {
	{
		.object = "vrf", .name = "add", .run = run_add,
		.help = "Let nothing unverified into a VRF, by whatever label.",
		.args = add_args, .n_args = LH_COUNT(add_args),
	},
	{
		.object = "vrf", .name = "set", .run = run_set,
		.help = "Change the policy.",
		.args = set_args, .n_args = LH_COUNT(set_args),
	},
	{
		.object = "vrf", .name = "del", .run = run_del,
		.help = "Protect it no longer.",
		.args = name_args, .n_args = LH_COUNT(name_args),
	},
	{
		.object = "vrf", .name = "show", .run = run_show,
		.help = "Show protected VRFs.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
};

const struct lh_object lh_vrf_object = {
	.name = "vrf",
	.help = "A protected VRF takes only verified packets from labels.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
