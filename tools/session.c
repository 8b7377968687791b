// SPDX-License-Identifier: GPL-2.0
/* labelhop session */
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "nl.h"
#include "parse.h"
#include "ptp.h"
#include "set.h"
#include "show.h"
#include "vrf_hint.h"
#include "words.h"

struct values {
	const char *name;
	const char *file;
	const char *dev;
	const char *vrf;
	u64 tolerance;
	u64 delay;
	u64 hold;
	u32 outer;
	u8 dir;
	u8 payload;
	u8 policy;
	u8 loss;
	u8 unmatched;
	struct lh_prefix_list prefixes;
	struct lh_mac_list macs;
	struct lh_addr_list remotes;
};

/* Of the network namespace of who reads it. */
#define MPLS_INPUT	"/proc/sys/net/mpls/conf/%s/input"

#define TO(member)	.to = offsetof(struct values, member)

#define NAME_ALLOWED	"a name of 1 to 31 printable ASCII characters without spaces, other than help,"
#define WINDOW_ALLOWED	"a duration of 0s to 1d with a unit of ns, us, ms, s, m, h or d"
#define DEV_ALLOWED	"a name of 1 to 15 characters without spaces, / and :"

/* Who asks ptp4l does so when all arguments are known to be good. */
static int parse_delay(const struct lh_ctx *ctx, const struct lh_arg *arg,
		       const char *text, void *to)
{
	if (strcmp(text, "ptp"))
		return lh_parse_duration(ctx, arg, text, to);
	*(u64 *)to = LH_PTP_DELAY;
	return 0;
}

#define ARG_NAME {							\
	.value = "NAME", .help = "name of the session",			\
	.allowed = NAME_ALLOWED, .parse = lh_parse_name, TO(name),	\
}

#define ARG_TOLERANCE {							\
	.keyword = "tolerance", .value = "D", .flags = LH_ARG_OPTIONAL,	\
	.help = "by how much the clocks may differ, for dir in (100ms)", \
	.allowed = WINDOW_ALLOWED, .parse = lh_parse_duration,		\
	.max = LABELHOP_WINDOW_NS_MAX, TO(tolerance),			\
}

#define ARG_DELAY {							\
	.keyword = "delay", .value = "D", .flags = LH_ARG_OPTIONAL,	\
	.help = "how long packets are on their way, for dir in (0s)",	\
	.allowed = WINDOW_ALLOWED ", or ptp", .parse = parse_delay,	\
	.max = LABELHOP_WINDOW_NS_MAX, TO(delay),			\
}

#define ARG_POLICY {							\
	.keyword = "policy", .value = "P", .flags = LH_ARG_OPTIONAL,	\
	.help = "what is done with packets that fail, or are bare (strict)", \
	.allowed = "strict, permissive or monitor",			\
	.parse = lh_parse_word, .words = lh_policies, TO(policy),	\
}

#define ARG_HOLD {							\
	.keyword = "on-clock-loss hold", .value = "D",			\
	.flags = LH_ARG_OPTIONAL,					\
	.help = "go on for so long without the PTP hardware clock",	\
	.allowed = WINDOW_ALLOWED, .parse = lh_parse_duration,		\
	.max = LABELHOP_WINDOW_NS_MAX, TO(hold),			\
}

/* Those that stand alone. */
static const char * const losses[] = { "drop", "pass", NULL };

#define ARG_LOSS {							\
	.keyword = "on-clock-loss", .value = "L",			\
	.flags = LH_ARG_OPTIONAL | LH_ARG_OR,				\
	.help = "what is done with packets when there is no time (drop)", \
	.allowed = "drop, pass or hold D",				\
	.parse = lh_parse_word, .words = losses, TO(loss),		\
}

#define ARG_UNMATCHED {							\
	.keyword = "unmatched", .value = "U", .flags = LH_ARG_OPTIONAL,	\
	.help = "what is done with packets that are for no session of their label (pass)", \
	.allowed = "drop or pass",					\
	.parse = lh_parse_word, .words = lh_unmatched, TO(unmatched),	\
}

static const struct lh_arg name_args[] = { ARG_NAME };

static const struct lh_arg show_args[] = {
	{
		.value = "NAME", .help = "name of the session; all without",
		.allowed = NAME_ALLOWED, .parse = lh_parse_name, TO(name),
		.flags = LH_ARG_OPTIONAL,
	},
};

enum {
	SET_NAME, SET_TOLERANCE, SET_DELAY, SET_POLICY, SET_HOLD, SET_LOSS,
	SET_UNMATCHED,
};

static const struct lh_arg set_args[] = {
	[SET_NAME] = ARG_NAME,
	[SET_TOLERANCE] = ARG_TOLERANCE,
	[SET_DELAY] = ARG_DELAY,
	[SET_POLICY] = ARG_POLICY,
	[SET_HOLD] = ARG_HOLD,
	[SET_LOSS] = ARG_LOSS,
	[SET_UNMATCHED] = ARG_UNMATCHED,
};

enum {
	ADD_NAME, ADD_DIR, ADD_PARAMS, ADD_DEV, ADD_OUTER, ADD_VRF, ADD_PREFIX,
	ADD_REMOTE, ADD_PAYLOAD, ADD_MAC,
	ADD_TOLERANCE, ADD_DELAY, ADD_POLICY, ADD_HOLD, ADD_LOSS, ADD_UNMATCHED,
};

static const struct lh_arg add_args[] = {
	[ADD_NAME] = ARG_NAME,
	[ADD_DIR] = {
		.keyword = "dir", .value = "DIR",
		.help = "in: verify what is received; out: stamp what is sent",
		.allowed = "in or out",
		.parse = lh_parse_word, .words = lh_dirs, TO(dir),
	},
	[ADD_PARAMS] = {
		.keyword = "params", .value = "FILE",
		.help = "the parameter set, as labelhop params new prints it",
		.allowed = "the name of a file, or - for standard input,",
		.parse = lh_parse_text, TO(file),
	},
	[ADD_DEV] = {
		.keyword = "dev", .value = "DEV", .flags = LH_ARG_OPTIONAL,
		.help = "only packets that enter or leave by this device",
		.allowed = DEV_ALLOWED, .parse = lh_parse_dev, TO(dev),
	},
	[ADD_OUTER] = {
		.keyword = "outer", .value = "L", .flags = LH_ARG_OPTIONAL,
		.help = "only packets with this label above the VPN label, for dir out",
		.allowed = "a label of 16 to 1048575",
		.parse = lh_parse_u32, TO(outer),
		.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX,
	},
	[ADD_VRF] = {
		.keyword = "vrf", .value = "DEV", .flags = LH_ARG_OPTIONAL,
		.help = "only packets out of this VRF, any VRF or none, for dir out (any)",
		.allowed = "any, none or " DEV_ALLOWED, .parse = lh_parse_dev, TO(vrf),
	},
	[ADD_PREFIX] = {
		.keyword = "prefix", .value = "P",
		.help = "only packets to these inner destinations",
		.allowed = "an IPv4 or IPv6 prefix such as 10.0.0.0/8 or 2001:db8::/32",
		.parse = lh_parse_prefix, TO(prefixes),
		.flags = LH_ARG_OPTIONAL | LH_ARG_REPEAT,
	},
	[ADD_REMOTE] = {
		.keyword = "remote", .value = "ADDR",
		.help = "only packets to the PE that has these addresses, for dir out",
		.allowed = "an IPv4 or IPv6 address such as 10.255.0.2 or 2001:db8::2",
		.parse = lh_parse_addrs, TO(remotes),
		.flags = LH_ARG_OPTIONAL | LH_ARG_REPEAT,
	},
	[ADD_PAYLOAD] = {
		.keyword = "payload", .value = "P", .flags = LH_ARG_OPTIONAL,
		.help = "what is protected: IP packets, a pseudowire, or a link (ip)",
		.allowed = "ip, pw, pw-no-cw or link",
		.parse = lh_parse_word, .words = lh_payloads, TO(payload),
	},
	[ADD_MAC] = {
		.keyword = "mac", .value = "MAC",
		.help = "only frames from or to these addresses, for payload pw",
		.allowed = "a MAC address such as 02:00:00:00:00:01",
		.parse = lh_parse_macs, TO(macs),
		.flags = LH_ARG_OPTIONAL | LH_ARG_REPEAT,
	},
	[ADD_TOLERANCE] = ARG_TOLERANCE,
	[ADD_DELAY] = ARG_DELAY,
	[ADD_POLICY] = ARG_POLICY,
	[ADD_HOLD] = ARG_HOLD,
	[ADD_LOSS] = ARG_LOSS,
	[ADD_UNMATCHED] = ARG_UNMATCHED,
};

static int put_prefixes(struct nl_msg *msg, const struct lh_prefix_list *list)
{
	int err = 0;
	u32 i;

	for (i = 0; i < list->n; i++) {
		const struct lh_prefix *prefix = &list->prefixes[i];
		struct nlattr *nest =
			nla_nest_start(msg, LABELHOP_A_SESSION_PREFIX);

		if (!nest)
			return -1;
		err |= nla_put(msg, LABELHOP_A_PREFIX_ADDR, prefix->addr_len,
			       prefix->addr);
		err |= nla_put_u8(msg, LABELHOP_A_PREFIX_LEN, prefix->bits);
		nla_nest_end(msg, nest);
	}
	return err;
}

static int put_macs(struct nl_msg *msg, const struct lh_mac_list *list)
{
	int err = 0;
	u32 i;

	for (i = 0; i < list->n; i++)
		err |= nla_put(msg, LABELHOP_A_SESSION_MAC, LH_MAC_LEN,
			       list->macs[i]);
	return err;
}

static int put_remotes(struct nl_msg *msg, const struct lh_addr_list *list)
{
	int err = 0;
	u32 i;

	for (i = 0; i < list->n; i++)
		err |= nla_put(msg, LABELHOP_A_SESSION_REMOTE,
			       list->addrs[i].len, list->addrs[i].bytes);
	return err;
}

static int put_loss(struct nl_msg *msg, const struct values *v)
{
	return nla_put_u8(msg, LABELHOP_A_SESSION_LOSS,
			  v->loss ? LABELHOP_LOSS_PASS : LABELHOP_LOSS_DROP);
}

static int put_hold(struct nl_msg *msg, const struct values *v)
{
	return nla_put_u8(msg, LABELHOP_A_SESSION_LOSS, LABELHOP_LOSS_HOLD) |
	       nla_put_u64(msg, LABELHOP_A_SESSION_HOLD, v->hold);
}

/* The settings are the last arguments of both commands, in the same order. */
static int put_settings(struct nl_msg *msg, const struct values *v, u64 seen,
			int first)
{
	int err = nla_put_string(msg, LABELHOP_A_SESSION_NAME, v->name);

	seen = seen >> first << SET_TOLERANCE;
	if (seen & 1 << SET_TOLERANCE)
		err |= nla_put_u64(msg, LABELHOP_A_SESSION_TOLERANCE,
				   v->tolerance);
	if (seen & 1 << SET_DELAY)
		err |= nla_put_u64(msg, LABELHOP_A_SESSION_DELAY, v->delay);
	if (seen & 1 << SET_POLICY)
		err |= nla_put_u8(msg, LABELHOP_A_SESSION_POLICY, v->policy);
	if (seen & 1 << SET_HOLD)
		err |= put_hold(msg, v);
	if (seen & 1 << SET_LOSS)
		err |= put_loss(msg, v);
	if (seen & 1 << SET_UNMATCHED)
		err |= nla_put_u8(msg, LABELHOP_A_SESSION_UNMATCHED,
				  v->unmatched);
	return err;
}

static int put_vrf(struct nl_msg *msg, const char *vrf)
{
	if (!strcmp(vrf, "any"))
		return 0;
	if (!strcmp(vrf, "none"))
		return nla_put_u8(msg, LABELHOP_A_SESSION_ORIGIN,
				  LABELHOP_ORIGIN_MAIN);
	return nla_put_string(msg, LABELHOP_A_SESSION_VRF, vrf);
}

static int send_new(struct lh_ctx *ctx, const struct values *v, u64 seen,
		    const struct lh_params *p)
{
	struct nl_msg *msg;
	int err = lh_nl_begin(ctx, LABELHOP_CMD_SESSION_NEW,
			      NLM_F_ACK, &msg);

	if (err)
		return err;
	err = put_settings(msg, v, seen, ADD_TOLERANCE);
	err |= nla_put_u8(msg, LABELHOP_A_SESSION_DIR, v->dir);
	if (seen & 1 << ADD_DEV)
		err |= nla_put_string(msg, LABELHOP_A_SESSION_DEV, v->dev);
	if (seen & 1 << ADD_OUTER)
		err |= nla_put_u32(msg, LABELHOP_A_SESSION_OUTER, v->outer);
	if (seen & 1 << ADD_VRF)
		err |= put_vrf(msg, v->vrf);
	if (seen & 1 << ADD_PAYLOAD)
		err |= nla_put_u8(msg, LABELHOP_A_SESSION_PAYLOAD, v->payload);
	err |= put_remotes(msg, &v->remotes);
	err |= put_macs(msg, &v->macs);
	err |= put_prefixes(msg, &v->prefixes);
	err |= lh_set_put(msg, p);
	if (err)
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static bool takes_mpls(const char *dev)
{
	char path[sizeof(MPLS_INPUT) + IFNAMSIZ];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), MPLS_INPUT, dev);
	file = fopen(path, "re");
	/* What can't be read is no reason for a warning. */
	if (!file)
		return true;
	c = fgetc(file);
	fclose(file);
	return c != '0';
}

static bool any_takes_mpls(void)
{
	struct if_nameindex *devs = if_nameindex();
	bool any = !devs;
	size_t i;

	for (i = 0; devs && devs[i].if_index && !any; i++)
		any = strcmp(devs[i].if_name, "lo") &&
		      takes_mpls(devs[i].if_name);
	if (devs)
		if_freenameindex(devs);
	return any;
}

/*
 * The kernel drops every labelled packet before a session could matter. All devices are
 * looked at once for a batch, which may add thousands of sessions.
 */
static void warn_input(const struct lh_ctx *ctx, const struct values *v)
{
	static bool looked;

	if (v->dir != LABELHOP_DIR_IN)
		return;
	if (v->dev) {
		if (!takes_mpls(v->dev))
			lh_warn(ctx,
				"session %s: %s takes no MPLS packets yet: net.mpls.conf.%s.input is 0",
				v->name, v->dev, v->dev);
		return;
	}
	if (!looked && !any_takes_mpls())
		lh_warn(ctx,
			"session %s: no device takes MPLS packets yet: all net.mpls.conf.DEV.input are 0",
			v->name);
	looked = true;
}

static int run_add(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
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
	if (v.delay == LH_PTP_DELAY)
		err = lh_ptp_delay(ctx, &v.delay);
	if (!err)
		err = send_new(ctx, &v, seen, &set->p);
	if (!err && v.dir == LABELHOP_DIR_IN &&
	    v.payload == LABELHOP_PAYLOAD_IP)
		lh_vrf_hint(ctx, set->p.label);
	lh_set_free(set);
	if (!err)
		warn_input(ctx, &v);
	return err;
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
	if (seen == 1 << SET_NAME)
		return lh_fail(ctx,
			       "session set %s sets nothing: tolerance, delay, policy, on-clock-loss or unmatched is needed",
			       v.name);
	if (v.delay == LH_PTP_DELAY)
		err = lh_ptp_delay(ctx, &v.delay);
	if (!err)
		err = lh_nl_begin(ctx, LABELHOP_CMD_SESSION_SET, NLM_F_ACK,
				  &msg);
	if (err)
		return err;
	if (put_settings(msg, &v, seen, SET_TOLERANCE))
		return lh_nl_full(ctx, msg);
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_del(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv)
{
	return lh_nl_run_named(ctx, command, argc, argv,
			       LABELHOP_CMD_SESSION_DEL, LABELHOP_A_SESSION_NAME);
}

static int run_flush(struct lh_ctx *ctx, const struct lh_command *command,
		     int argc, char **argv)
{
	struct nl_msg *msg;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, NULL, &seen);

	if (!err)
		err = lh_nl_begin(ctx, LABELHOP_CMD_SESSION_FLUSH, NLM_F_ACK,
				  &msg);
	if (err)
		return err;
	return lh_nl_talk(ctx, msg, NULL);
}

static int run_show(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv)
{
	return lh_nl_run_show(ctx, command, argc, argv, LABELHOP_CMD_SESSION_GET,
			      LABELHOP_A_SESSION_NAME, lh_session_show);
}

static const struct lh_command commands[] = {
	{
		.object = "session", .name = "add", .run = run_add,
		.help = "Protect a VPN label by a parameter set, in one direction.",
		.args = add_args, .n_args = LH_COUNT(add_args),
	},
	{
		.object = "session", .name = "set", .run = run_set,
		.help = "Change settings of a session.",
		.args = set_args, .n_args = LH_COUNT(set_args),
	},
	{
		.object = "session", .name = "del", .run = run_del,
		.help = "End a session.",
		.args = name_args, .n_args = LH_COUNT(name_args),
	},
	{
		.object = "session", .name = "show", .run = run_show,
		.help = "Show sessions; with -s, what they did with packets.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
	{
		.object = "session", .name = "flush", .run = run_flush,
		.help = "End all sessions.",
	},
};

const struct lh_object lh_session_object = {
	.name = "session",
	.help = "A session protects a VPN label in one direction.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
