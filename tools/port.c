// SPDX-License-Identifier: GPL-2.0
/* labelhop port */
#include <stddef.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"

struct values {
	const char *dev;
};

#define DEV								\
	.value = "DEV",							\
	.allowed = "a name of 1 to 15 characters without spaces, / and :", \
	.parse = lh_parse_dev, .to = offsetof(struct values, dev)

static const struct lh_arg dev_args[] = {
	{ DEV, .help = "name of the network device" },
};

static const struct lh_arg show_args[] = {
	{
		DEV, .help = "name of the network device; all without",
		.flags = LH_ARG_OPTIONAL,
	},
};

static const struct nla_policy policy[LABELHOP_A_PORT_MAX + 1] = {
	[LABELHOP_A_PORT_DEV] = { .type = NLA_STRING },
};

/**
 * lh_port_show - print a port
 * @ctx: the command's context
 * @hdr: a message about it
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_port_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[LABELHOP_A_PORT_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_PORT_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_PORT_DEV])
		return lh_nl_nonsense(ctx);
	lh_out_title(&ctx->out, "dev",
		     nla_get_string(attrs[LABELHOP_A_PORT_DEV]), "");
	return 0;
}

static int request(struct lh_ctx *ctx, u8 cmd, const char *dev, int flags,
		   struct lh_nl_reply *reply)
{
	struct nl_msg *msg;
	int err = lh_nl_begin(ctx, cmd, flags, &msg);

	if (err)
		return err;
	if (dev && nla_put_string(msg, LABELHOP_A_PORT_DEV, dev)) {
		nlmsg_free(msg);
		return lh_fail(ctx, "out of memory");
	}
	return lh_nl_talk(ctx, msg, reply);
}

static int add(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	return request(ctx, LABELHOP_CMD_PORT_NEW, v.dev,
		       NLM_F_ACK, NULL);
}

static int del(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	return request(ctx, LABELHOP_CMD_PORT_DEL, v.dev, NLM_F_ACK, NULL);
}

static int show_all(struct lh_ctx *ctx, const struct lh_nl_reply *reply)
{
	const struct nlmsghdr *hdr = NULL;
	int err = 0;

	lh_out_array(&ctx->out, NULL);
	while (!err && (hdr = lh_nl_next(reply, hdr))) {
		lh_out_object(&ctx->out, NULL);
		err = lh_port_show(ctx, hdr);
		lh_out_end(&ctx->out);
	}
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
	struct values v = {};
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	err = request(ctx, LABELHOP_CMD_PORT_GET, v.dev,
		      v.dev ? NLM_F_ACK : NLM_F_DUMP, &reply);
	if (!err)
		err = show_all(ctx, &reply);
	lh_nl_reply_free(&reply);
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "port", .name = "add", .run = add,
		.help = "Work on this device, and no longer on all.",
		.args = dev_args, .n_args = LH_COUNT(dev_args),
	},
	{
		.object = "port", .name = "del", .run = del,
		.help = "Work on this device no longer; on all, if it was the last.",
		.args = dev_args, .n_args = LH_COUNT(dev_args),
	},
	{
		.object = "port", .name = "show", .run = show,
		.help = "Show the ports. None: labelhop works on all devices.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
};

const struct lh_object lh_port_object = {
	.name = "port",
	.help = "Ports narrow labelhop from all network devices down to some.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
