// SPDX-License-Identifier: GPL-2.0
/* labelhop pw */
#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "show.h"
#include "words.h"

struct values {
	const char *name;
	struct lh_addr remote;
	const char *in;
	const char *out;
	u32 in_label;
	u32 out_label;
	u32 mtu;
	u8 control_word;
	u8 flow_label;
	u8 tunnel;
};

#define TO(member)	.to = offsetof(struct values, member)

#define NAME_ALLOWED	"a name of 1 to 15 characters without spaces, / and :,"
#define SESSION_ALLOWED	"the name of a session"
#define LABEL_ALLOWED	"a label of 16 to 1048575, or none"
#define MTU_ALLOWED	"a number of 68 to 65521, or path"

static const char * const switches[] = { "off", "on", NULL };

/* A number, or a word for 0. */
static int parse_or(const char *word, const struct lh_ctx *ctx,
		    const struct lh_arg *arg, const char *text, u32 *number)
{
	if (strcmp(text, word))
		return lh_parse_u32(ctx, arg, text, number);
	*number = 0;
	return 0;
}

static int parse_label(const struct lh_ctx *ctx, const struct lh_arg *arg,
		       const char *text, void *to)
{
	return parse_or("none", ctx, arg, text, to);
}

static int parse_mtu(const struct lh_ctx *ctx, const struct lh_arg *arg,
		     const char *text, void *to)
{
	return parse_or("path", ctx, arg, text, to);
}

#define ARG_NAME {							\
	.value = "NAME", .help = "name of the pseudowire and its device", \
	.allowed = NAME_ALLOWED, .parse = lh_parse_dev, TO(name),	\
}

#define ARG_SESSION(word, member, text, how) {				\
	.keyword = (word), .value = "SESSION", .flags = (how),		\
	.help = (text), .allowed = SESSION_ALLOWED,			\
	.parse = lh_parse_name, TO(member),				\
}

#define ARG_LABEL(word, member, text) {					\
	.keyword = (word), .value = "L|none",				\
	.flags = LH_ARG_OR | LH_ARG_OPTIONAL, .help = (text),		\
	.allowed = LABEL_ALLOWED, .parse = parse_label,			\
	.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX, TO(member), \
}

#define ARGS_ENDS							\
	[ARG_PW] = ARG_NAME,						\
	[ARG_IN] = ARG_SESSION("in", in, "session that lets frames in",	\
			       LH_ARG_OPTIONAL),			\
	[ARG_IN_LABEL] = ARG_LABEL("in-label", in_label,		\
				   "label of frames that come"),	\
	[ARG_OUT] = ARG_SESSION("out", out, "session that stamps frames", \
				LH_ARG_OPTIONAL),			\
	[ARG_OUT_LABEL] = ARG_LABEL("out-label", out_label,		\
				    "label of frames that leave")

#define ARG_REMOTE(how) {						\
	.keyword = "remote", .value = "ADDR", .flags = (how),		\
	.help = "address of the remote PE, which is routed to",		\
	.allowed = "an IPv4 or IPv6 address",				\
	.parse = lh_parse_addr, TO(remote),				\
}

#define ARG_CONTROL_WORD {						\
	.keyword = "control-word", .value = "S",			\
	.flags = LH_ARG_OPTIONAL, .help = "RFC 4385 (on)",		\
	.allowed = "on or off",						\
	.parse = lh_parse_word, .words = switches, TO(control_word),	\
}

#define ARG_MTU {							\
	.keyword = "mtu", .value = "N|path", .flags = LH_ARG_OPTIONAL,	\
	.help = "of the device (path: what the path can carry)",	\
	.allowed = MTU_ALLOWED, .parse = parse_mtu,			\
	.min = LABELHOP_PW_MTU_MIN, .max = LABELHOP_PW_MTU_MAX, TO(mtu), \
}

#define ARG_TUNNEL {							\
	.keyword = "tunnel", .value = "T", .flags = LH_ARG_OPTIONAL,	\
	.help = "must a transport label lead to the remote PE? (required)", \
	.allowed = "required or any",					\
	.parse = lh_parse_word, .words = lh_tunnels, TO(tunnel),	\
}

enum {
	ARG_PW, ARG_IN, ARG_IN_LABEL, ARG_OUT, ARG_OUT_LABEL, ARG_REMOTE_PE,
	ARG_CW, ARG_OWN_MTU, ARG_PSN, ARG_FLOW_LABEL, SET_STEAL,
};

static const struct lh_arg add_args[] = {
	ARGS_ENDS,
	[ARG_REMOTE_PE] = ARG_REMOTE(0),
	[ARG_CW] = ARG_CONTROL_WORD,
	[ARG_OWN_MTU] = ARG_MTU,
	[ARG_PSN] = ARG_TUNNEL,
	[ARG_FLOW_LABEL] = {
		.keyword = "flow-label",
		.flags = LH_ARG_OPTIONAL | LH_ARG_FLAG,
		.help = "below the pseudowire's, RFC 6391; not with sessions",
	},
};

static const struct lh_arg set_args[] = {
	ARGS_ENDS,
	[ARG_REMOTE_PE] = ARG_REMOTE(LH_ARG_OPTIONAL),
	[ARG_CW] = ARG_CONTROL_WORD,
	[ARG_OWN_MTU] = ARG_MTU,
	[ARG_PSN] = ARG_TUNNEL,
	[ARG_FLOW_LABEL] = {
		.keyword = "flow-label", .value = "S",
		.flags = LH_ARG_OPTIONAL, .help = "the same as in pw add",
		.allowed = "on or off",
		.parse = lh_parse_word, .words = switches, TO(flow_label),
	},
	[SET_STEAL] = {
		.keyword = "steal",
		.flags = LH_ARG_OPTIONAL | LH_ARG_FLAG,
		.help = "take the label of frames that come from who has it",
	},
};

static const struct lh_arg name_args[] = { ARG_NAME };

static const struct lh_arg show_args[] = {
	{
		.value = "NAME", .help = "name of the pseudowire; all without",
		.allowed = NAME_ALLOWED, .parse = lh_parse_dev, TO(name),
		.flags = LH_ARG_OPTIONAL,
	},
};

static const struct nla_policy policy[LABELHOP_A_PW_MAX + 1] = {
	[LABELHOP_A_PW_NAME] = { .type = NLA_STRING },
	[LABELHOP_A_PW_REMOTE] = { .minlen = 4, .maxlen = 16 },
	[LABELHOP_A_PW_IN] = { .type = NLA_STRING },
	[LABELHOP_A_PW_OUT] = { .type = NLA_STRING },
	[LABELHOP_A_PW_IN_LABEL] = { .type = NLA_U32 },
	[LABELHOP_A_PW_OUT_LABEL] = { .type = NLA_U32 },
	[LABELHOP_A_PW_CONTROL_WORD] = { .type = NLA_U8 },
	[LABELHOP_A_PW_FLOW_LABEL] = { .type = NLA_U8 },
	[LABELHOP_A_PW_MTU] = { .type = NLA_U32 },
	[LABELHOP_A_PW_IFINDEX] = { .type = NLA_U32 },
	[LABELHOP_A_PW_STATE] = { .type = NLA_U8 },
	[LABELHOP_A_PW_TUNNEL] = { .type = NLA_U8 },
	[LABELHOP_A_PW_STEAL] = { .type = NLA_U8 },
};

static void show_remote(struct lh_out *out, struct nlattr *remote)
{
	char text[INET6_ADDRSTRLEN];

	if (remote && inet_ntop(nla_len(remote) == 16 ? AF_INET6 : AF_INET,
				nla_data(remote), text, sizeof(text)))
		lh_out_string(out, "remote", text);
}

static void show_string(struct lh_out *out, const char *key,
			struct nlattr *attr)
{
	if (attr)
		lh_out_string(out, key, nla_get_string(attr));
}

static void show_number(struct lh_out *out, const char *key,
			struct nlattr *attr)
{
	if (attr)
		lh_out_number(out, key, nla_get_u32(attr));
}

static void show_switch(struct lh_out *out, const char *key,
			struct nlattr *attr)
{
	if (attr && out->json)
		lh_out_flag(out, key, nla_get_u8(attr));
	else if (attr)
		lh_out_string(out, key, switches[!!nla_get_u8(attr)]);
}

static void show_mtu(struct lh_out *out, struct nlattr *mtu)
{
	if (mtu)
		lh_out_number(out, "mtu", nla_get_u32(mtu));
	else if (!out->json)
		lh_out_string(out, "mtu", "path");
}

static void show_body(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *tunnel = attrs[LABELHOP_A_PW_TUNNEL];
	struct nlattr *state = attrs[LABELHOP_A_PW_STATE];

	show_remote(out, attrs[LABELHOP_A_PW_REMOTE]);
	if (state)
		lh_out_string(out, "state",
			      lh_word(lh_pw_states, nla_get_u8(state)));
	show_string(out, "in", attrs[LABELHOP_A_PW_IN]);
	show_number(out, "in-label", attrs[LABELHOP_A_PW_IN_LABEL]);
	show_string(out, "out", attrs[LABELHOP_A_PW_OUT]);
	show_number(out, "out-label", attrs[LABELHOP_A_PW_OUT_LABEL]);
	lh_out_line(out);
	show_switch(out, "control-word", attrs[LABELHOP_A_PW_CONTROL_WORD]);
	show_switch(out, "flow-label", attrs[LABELHOP_A_PW_FLOW_LABEL]);
	if (tunnel)
		lh_out_string(out, "tunnel",
			      lh_word(lh_tunnels, nla_get_u8(tunnel)));
	show_mtu(out, attrs[LABELHOP_A_PW_MTU]);
	show_number(out, "ifindex", attrs[LABELHOP_A_PW_IFINDEX]);
}

/**
 * lh_pw_show - print a pseudowire
 * @ctx: the command's context
 * @hdr: a message about it
 * @what: LH_SHOW_EVENT or 0
 *
 * In an event, the caller has begun the record.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_pw_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
	       unsigned int what)
{
	struct nlattr *attrs[LABELHOP_A_PW_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_PW_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_PW_NAME])
		return lh_nl_nonsense(ctx);
	if (!(what & LH_SHOW_EVENT))
		lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "name",
		     nla_get_string(attrs[LABELHOP_A_PW_NAME]), ":");
	show_body(&ctx->out, attrs);
	if (!(what & LH_SHOW_EVENT))
		lh_out_end(&ctx->out);
	return 0;
}

static int put_ends(struct nl_msg *msg, const struct values *v, u64 seen)
{
	int err = nla_put_string(msg, LABELHOP_A_PW_NAME, v->name);

	if (seen & 1 << ARG_IN)
		err |= nla_put_string(msg, LABELHOP_A_PW_IN, v->in);
	if (seen & 1 << ARG_IN_LABEL)
		err |= nla_put_u32(msg, LABELHOP_A_PW_IN_LABEL, v->in_label);
	if (seen & 1 << ARG_OUT)
		err |= nla_put_string(msg, LABELHOP_A_PW_OUT, v->out);
	if (seen & 1 << ARG_OUT_LABEL)
		err |= nla_put_u32(msg, LABELHOP_A_PW_OUT_LABEL, v->out_label);
	return err;
}

static int put_values(struct nl_msg *msg, const struct values *v, u64 seen)
{
	int err = put_ends(msg, v, seen);

	if (seen & 1 << ARG_REMOTE_PE)
		err |= nla_put(msg, LABELHOP_A_PW_REMOTE, v->remote.len,
			       v->remote.bytes);
	if (seen & 1 << ARG_CW)
		err |= nla_put_u8(msg, LABELHOP_A_PW_CONTROL_WORD,
				  v->control_word);
	if (seen & 1 << ARG_OWN_MTU)
		err |= nla_put_u32(msg, LABELHOP_A_PW_MTU, v->mtu);
	if (seen & 1 << ARG_PSN)
		err |= nla_put_u8(msg, LABELHOP_A_PW_TUNNEL, v->tunnel);
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
		err = lh_nl_begin(ctx, LABELHOP_CMD_PW_NEW, NLM_F_ACK, &msg);
	if (err)
		return err;
	if (put_values(msg, &v, seen) ||
	    (seen & 1 << ARG_FLOW_LABEL &&
	     nla_put_u8(msg, LABELHOP_A_PW_FLOW_LABEL, 1)))
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_set(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	struct values v = {};
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	if (seen == 1 << ARG_PW)
		return lh_fail(ctx,
			       "pw set %s sets nothing: what is to change is needed",
			       v.name);
	if (seen & 1 << SET_STEAL && !(seen & (1 << ARG_IN | 1 << ARG_IN_LABEL)))
		return lh_fail(ctx, "steal is for a label: in or in-label is needed");
	err = lh_nl_begin(ctx, LABELHOP_CMD_PW_SET, NLM_F_ACK, &msg);
	if (err)
		return err;
	if (put_values(msg, &v, seen) ||
	    (seen & 1 << ARG_FLOW_LABEL &&
	     nla_put_u8(msg, LABELHOP_A_PW_FLOW_LABEL, v.flow_label)) ||
	    (seen & 1 << SET_STEAL && nla_put_u8(msg, LABELHOP_A_PW_STEAL, 1)))
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_del(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv,
			       LABELHOP_CMD_PW_DEL, LABELHOP_A_PW_NAME);
}

static int run_show(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv)
{
	return lh_nl_run_show(ctx, command, argc, argv, LABELHOP_CMD_PW_GET,
			      LABELHOP_A_PW_NAME, lh_pw_show);
}

static const struct lh_command commands[] = {
	{
		.object = "pw", .name = "add", .run = run_add,
		.help = "Make a pseudowire and its device.",
		.args = add_args, .n_args = LH_COUNT(add_args),
	},
	{
		.object = "pw", .name = "set", .run = run_set,
		.help = "Change a pseudowire under traffic; what is not given stays.",
		.args = set_args, .n_args = LH_COUNT(set_args),
	},
	{
		.object = "pw", .name = "del", .run = run_del,
		.help = "Take a pseudowire and its device away.",
		.args = name_args, .n_args = LH_COUNT(name_args),
	},
	{
		.object = "pw", .name = "show", .run = run_show,
		.help = "Show pseudowires.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
};

const struct lh_object lh_pw_object = {
	.name = "pw",
	.help = "A pseudowire is an Ethernet device whose frames go to a remote PE.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
