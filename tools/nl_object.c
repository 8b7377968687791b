// SPDX-License-Identifier: GPL-2.0
/* Requests that all objects have: about one by its name, and for what there is. */
#include "args.h"
#include "nl.h"
#include "show.h"

/**
 * lh_nl_full - give up a request that has outgrown a message
 * @ctx: the command's context
 * @msg: the request, freed
 *
 * Return: the exit status, after a sentence.
 */
int lh_nl_full(const struct lh_ctx *ctx, struct nl_msg *msg)
{
	nlmsg_free(msg);
	return lh_fail(ctx, "the request is too long for a netlink message");
}

static int send_named(struct lh_ctx *ctx, u8 cmd, int attr, const char *name,
		      struct lh_nl_reply *reply)
{
	struct nl_msg *msg;
	int err = lh_nl_begin(ctx, cmd, name ? NLM_F_ACK : NLM_F_DUMP, &msg);

	if (err)
		return err;
	if (name && nla_put_string(msg, attr, name))
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, reply);
}

/**
 * lh_nl_run_named - carry out a command about one object, which has no answer
 * @ctx: the command's context
 * @command: the command, whose only argument is the object's name, at the beginning
 *	of its values
 * @argc: number of arguments
 * @argv: the arguments
 * @cmd: enum labelhop_cmd
 * @attr: the attribute that takes the name
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_run_named(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv, u8 cmd, int attr)
{
	const char *name = NULL;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &name, &seen);

	return err ? err : send_named(ctx, cmd, attr, name, NULL);
}

/**
 * lh_nl_run_show - print the object of a name, or all
 * @ctx: the command's context
 * @command: the command, as that of lh_nl_run_named(); the name may be left out
 * @argc: number of arguments
 * @argv: the arguments
 * @cmd: enum labelhop_cmd
 * @attr: the attribute that takes the name
 * @print: prints one
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_run_show(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv, u8 cmd, int attr,
		   lh_nl_printer *print)
{
	unsigned int what = ctx->stats ? LH_SHOW_STATS : 0;
	const struct nlmsghdr *hdr = NULL;
	struct lh_nl_reply reply = {};
	const char *name = NULL;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &name, &seen);

	if (err)
		return err;
	if (name)
		what |= LH_SHOW_LISTS;
	err = send_named(ctx, cmd, attr, name, &reply);
	if (err) {
		lh_nl_reply_free(&reply);
		return err;
	}
	lh_out_array(&ctx->out, NULL);
	while (!err && (hdr = lh_nl_next(&reply, hdr)))
		err = print(ctx, hdr, what);
	if (err)
		lh_out_drop(&ctx->out);
	else if (!lh_out_end(&ctx->out))
		err = lh_fail(ctx, "out of memory");
	lh_nl_reply_free(&reply);
	return err;
}
