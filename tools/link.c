// SPDX-License-Identifier: GPL-2.0
/* labelhop link */
#include <stddef.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"

struct values {
	const char *name;
	const char *dev;
	const char *session;
	u32 transport;
	u8 neighbour[LH_MAC_LEN];
	struct lh_label_list lsps;
};

#define TO(member)	.to = offsetof(struct values, member)

#define NAME_ALLOWED	"a name of 1 to 31 printable ASCII characters without spaces, other than help,"
#define DEV_ALLOWED	"a name of 1 to 15 characters without spaces, / and :"
#define LABEL_ALLOWED	"a label of 16 to 1048575"

#define ARG_NAME {							\
	.value = "NAME", .help = "name of the link",			\
	.allowed = NAME_ALLOWED, .parse = lh_parse_name, TO(name),	\
}

enum { ADD_NAME, ADD_DEV, ADD_SESSION, ADD_TRANSPORT, ADD_NEIGHBOUR, ADD_LSP };

static const struct lh_arg add_args[] = {
	[ADD_NAME] = ARG_NAME,
	[ADD_DEV] = {
		.keyword = "dev", .value = "DEV",
		.help = "device whose labelled packets are protected",
		.allowed = DEV_ALLOWED, .parse = lh_parse_dev, TO(dev),
	},
	[ADD_SESSION] = {
		.keyword = "session", .value = "SESSION",
		.help = "session with payload link; its direction is the link's",
		.allowed = "the name of a session",
		.parse = lh_parse_name, TO(session),
	},
	[ADD_TRANSPORT] = {
		.keyword = "transport", .value = "L", .flags = LH_ARG_OPTIONAL,
		.help = "label above the hop label, if the neighbour is further off",
		.allowed = LABEL_ALLOWED,
		.parse = lh_parse_u32, TO(transport),
		.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX,
	},
	[ADD_NEIGHBOUR] = {
		.keyword = "neighbour", .value = "MAC",
		.flags = LH_ARG_OPTIONAL,
		.help = "only packets to this address, for a session out",
		.allowed = "a MAC address such as 02:00:00:00:00:01",
		.parse = lh_parse_mac, TO(neighbour),
	},
	[ADD_LSP] = {
		.keyword = "lsp", .value = "L",
		.help = "only packets whose own top label is one of these",
		.allowed = LABEL_ALLOWED, .parse = lh_parse_labels, TO(lsps),
		.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX,
		.flags = LH_ARG_OPTIONAL | LH_ARG_REPEAT,
	},
};

static const struct lh_arg name_args[] = { ARG_NAME };

static const struct lh_arg show_args[] = {
	{
		.value = "NAME", .help = "name of the link; all without",
		.allowed = NAME_ALLOWED, .parse = lh_parse_name, TO(name),
		.flags = LH_ARG_OPTIONAL,
	},
};

static const struct nla_policy policy[LABELHOP_A_LINK_MAX + 1] = {
	[LABELHOP_A_LINK_NAME] = { .type = NLA_STRING },
	[LABELHOP_A_LINK_DEV] = { .type = NLA_STRING },
	[LABELHOP_A_LINK_SESSION] = { .type = NLA_STRING },
	[LABELHOP_A_LINK_TRANSPORT] = { .type = NLA_U32 },
	[LABELHOP_A_LINK_NEIGHBOUR] = {
		.minlen = LH_MAC_LEN, .maxlen = LH_MAC_LEN
	},
	[LABELHOP_A_LINK_LSP] = { .type = NLA_U32 },
};

static void show_lsps(struct lh_out *out, const struct nlmsghdr *hdr)
{
	struct nlattr *attr;
	int rest;

	lh_out_line(out);
	lh_out_array(out, "lsps");
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)hdr, GENL_HDRLEN, rest)
		if (nla_type(attr) == LABELHOP_A_LINK_LSP &&
		    nla_len(attr) == sizeof(u32))
			lh_out_number(out, NULL, nla_get_u32(attr));
	lh_out_end(out);
}

static void show_body(struct lh_out *out, const struct nlmsghdr *hdr,
		      struct nlattr **attrs)
{
	struct nlattr *transport = attrs[LABELHOP_A_LINK_TRANSPORT];
	struct nlattr *neighbour = attrs[LABELHOP_A_LINK_NEIGHBOUR];
	char text[LH_MAC_TEXT];

	if (attrs[LABELHOP_A_LINK_DEV])
		lh_out_string(out, "dev",
			      nla_get_string(attrs[LABELHOP_A_LINK_DEV]));
	if (attrs[LABELHOP_A_LINK_SESSION])
		lh_out_string(out, "session",
			      nla_get_string(attrs[LABELHOP_A_LINK_SESSION]));
	if (transport)
		lh_out_number(out, "transport", nla_get_u32(transport));
	if (neighbour)
		lh_out_string(out, "neighbour",
			      lh_mac_text(nla_data(neighbour), text));
	if (attrs[LABELHOP_A_LINK_LSP])
		show_lsps(out, hdr);
}

/**
 * lh_link_show - print a link
 * @ctx: the command's context
 * @hdr: a message about it
 * @what: LH_SHOW_EVENT or 0
 *
 * In an event, the caller has begun the record.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_link_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		 unsigned int what)
{
	struct nlattr *attrs[LABELHOP_A_LINK_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_LINK_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_LINK_NAME])
		return lh_nl_nonsense(ctx);
	if (!(what & LH_SHOW_EVENT))
		lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "name",
		     nla_get_string(attrs[LABELHOP_A_LINK_NAME]), ":");
	show_body(&ctx->out, hdr, attrs);
	if (!(what & LH_SHOW_EVENT))
		lh_out_end(&ctx->out);
	return 0;
}

static int put_new(struct nl_msg *msg, const struct values *v, u64 seen)
{
	int err = nla_put_string(msg, LABELHOP_A_LINK_NAME, v->name);
	u32 i;

	err |= nla_put_string(msg, LABELHOP_A_LINK_DEV, v->dev);
	err |= nla_put_string(msg, LABELHOP_A_LINK_SESSION, v->session);
	if (seen & 1 << ADD_TRANSPORT)
		err |= nla_put_u32(msg, LABELHOP_A_LINK_TRANSPORT,
				   v->transport);
	if (seen & 1 << ADD_NEIGHBOUR)
		err |= nla_put(msg, LABELHOP_A_LINK_NEIGHBOUR, LH_MAC_LEN,
			       v->neighbour);
	for (i = 0; i < v->lsps.n; i++)
		err |= nla_put_u32(msg, LABELHOP_A_LINK_LSP,
				   v->lsps.labels[i]);
	return err;
}

static int run_add(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	struct values v = {};
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (!err)
		err = lh_nl_begin(ctx, LABELHOP_CMD_LINK_NEW, NLM_F_ACK, &msg);
	if (err)
		return err;
	if (put_new(msg, &v, seen))
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_del(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv,
			       LABELHOP_CMD_LINK_DEL, LABELHOP_A_LINK_NAME);
}

static int run_show(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv)
{
	return lh_nl_run_show(ctx, command, argc, argv, LABELHOP_CMD_LINK_GET,
			      LABELHOP_A_LINK_NAME, lh_link_show);
}

static const struct lh_command commands[] = {
	{
		.object = "link", .name = "add", .run = run_add,
		.help = "Protect the labelled packets of a device, in one direction.",
		.args = add_args, .n_args = LH_COUNT(add_args),
	},
	{
		.object = "link", .name = "del", .run = run_del,
		.help = "End that.",
		.args = name_args, .n_args = LH_COUNT(name_args),
	},
	{
		.object = "link", .name = "show", .run = run_show,
		.help = "Show links.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
};

const struct lh_object lh_link_object = {
	.name = "link",
	.help = "A link protects the labelled packets of a device, ASBR to ASBR.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
