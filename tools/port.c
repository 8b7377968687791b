// SPDX-License-Identifier: GPL-2.0
/* labelhop port */
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"

#define DEV								\
	.value = "DEV",							\
	.allowed = "a name of 1 to 15 characters without spaces, / and :", \
	.parse = lh_parse_dev

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
 * @what: LH_SHOW_EVENT or 0
 *
 * In an event, the caller has begun the record.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_port_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		 unsigned int what)
{
	struct nlattr *attrs[LABELHOP_A_PORT_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_PORT_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_PORT_DEV])
		return lh_nl_nonsense(ctx);
	if (!(what & LH_SHOW_EVENT))
		lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "dev",
		     nla_get_string(attrs[LABELHOP_A_PORT_DEV]), "");
	if (!(what & LH_SHOW_EVENT))
		lh_out_end(&ctx->out);
	return 0;
}

static int add(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv, LABELHOP_CMD_PORT_NEW,
			       LABELHOP_A_PORT_DEV);
}

static int del(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv, LABELHOP_CMD_PORT_DEL,
			       LABELHOP_A_PORT_DEV);
}

static int show(struct lh_ctx *ctx, const struct lh_command *command, int argc,
		char **argv)
{
	return lh_nl_run_show(ctx, command, argc, argv, LABELHOP_CMD_PORT_GET,
			      LABELHOP_A_PORT_DEV, lh_port_show);
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
