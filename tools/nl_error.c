// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says about a request: error number, sentence, and which
 * attribute it is about (NLMSGERR_ATTR_*).
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include "args.h"
#include "nl.h"

#define ERRNO_MAX	4095	/* the kernel's MAX_ERRNO */

/* As in Documentation/netlink/specs/labelhop.yaml. */
static const struct lh_nl_name prefix_names[] = {
	[LABELHOP_A_PREFIX_ADDR] = { "addr" },
	[LABELHOP_A_PREFIX_LEN] = { "len" },
};

static const struct lh_nl_name params_names[] = {
	[LABELHOP_A_PARAMS_ID] = { "id" },
	[LABELHOP_A_PARAMS_GENERATION] = { "generation" },
	[LABELHOP_A_PARAMS_LABEL] = { "label" },
	[LABELHOP_A_PARAMS_EPOCH] = { "epoch" },
	[LABELHOP_A_PARAMS_LIFETIME] = { "lifetime" },
	[LABELHOP_A_PARAMS_LABELS] = { "labels" },
	[LABELHOP_A_PARAMS_SLOTS] = { "slots" },
	[LABELHOP_A_PARAMS_HASH] = { "hash" },
	[LABELHOP_A_PARAMS_HASH_LEN] = { "hash-len" },
	[LABELHOP_A_PARAMS_TAGS] = { "tags" },
	[LABELHOP_A_PARAMS_SELECT] = { "select" },
	[LABELHOP_A_PARAMS_MASK] = { "mask" },
	[LABELHOP_A_PARAMS_SEED] = { "seed" },
};

static const struct lh_nl_name stats_names[] = {
	[LABELHOP_A_STATS_STAMPED] = { "stamped" },
	[LABELHOP_A_STATS_VERIFIED] = { "verified" },
	[LABELHOP_A_STATS_BARE] = { "bare" },
	[LABELHOP_A_STATS_DROPPED] = { "dropped" },
	[LABELHOP_A_STATS_PASSED] = { "passed" },
};

static const struct lh_nl_name session_names[] = {
	[LABELHOP_A_SESSION_NAME] = { "name" },
	[LABELHOP_A_SESSION_DIR] = { "dir" },
	[LABELHOP_A_SESSION_POLICY] = { "policy" },
	[LABELHOP_A_SESSION_TOLERANCE] = { "tolerance" },
	[LABELHOP_A_SESSION_DELAY] = { "delay" },
	[LABELHOP_A_SESSION_DEV] = { "dev" },
	[LABELHOP_A_SESSION_OUTER] = { "outer" },
	[LABELHOP_A_SESSION_VRF] = { "vrf" },
	[LABELHOP_A_SESSION_PREFIX] = {
		"prefix", prefix_names, LH_COUNT(prefix_names)
	},
	[LABELHOP_A_SESSION_PARAMS] = {
		"params", params_names, LH_COUNT(params_names)
	},
	[LABELHOP_A_SESSION_STATS] = {
		"stats", stats_names, LH_COUNT(stats_names)
	},
	[LABELHOP_A_SESSION_SLOT] = { "slot" },
	[LABELHOP_A_SESSION_HOP] = { "hop" },
	[LABELHOP_A_SESSION_LOSS] = { "loss" },
	[LABELHOP_A_SESSION_HOLD] = { "hold" },
	[LABELHOP_A_SESSION_FAILS] = { "fails" },
	[LABELHOP_A_SESSION_PAYLOAD] = { "payload" },
	[LABELHOP_A_SESSION_MAC] = { "mac" },
	[LABELHOP_A_SESSION_UNMATCHED] = { "unmatched" },
	[LABELHOP_A_SESSION_ORIGIN] = { "origin" },
	[LABELHOP_A_SESSION_REMOTE] = { "remote" },
};

static const struct lh_nl_name pw_names[] = {
	[LABELHOP_A_PW_NAME] = { "name" },
	[LABELHOP_A_PW_REMOTE] = { "remote" },
	[LABELHOP_A_PW_IN] = { "in" },
	[LABELHOP_A_PW_OUT] = { "out" },
	[LABELHOP_A_PW_IN_LABEL] = { "in-label" },
	[LABELHOP_A_PW_OUT_LABEL] = { "out-label" },
	[LABELHOP_A_PW_CONTROL_WORD] = { "control-word" },
	[LABELHOP_A_PW_FLOW_LABEL] = { "flow-label" },
	[LABELHOP_A_PW_MTU] = { "mtu" },
	[LABELHOP_A_PW_IFINDEX] = { "ifindex" },
	[LABELHOP_A_PW_STATE] = { "state" },
	[LABELHOP_A_PW_TUNNEL] = { "tunnel" },
	[LABELHOP_A_PW_STEAL] = { "steal" },
};

static const struct lh_nl_name link_names[] = {
	[LABELHOP_A_LINK_NAME] = { "name" },
	[LABELHOP_A_LINK_DEV] = { "dev" },
	[LABELHOP_A_LINK_SESSION] = { "session" },
	[LABELHOP_A_LINK_TRANSPORT] = { "transport" },
	[LABELHOP_A_LINK_NEIGHBOUR] = { "neighbour" },
	[LABELHOP_A_LINK_LSP] = { "lsp" },
};

static const struct lh_nl_name vrf_names[] = {
	[LABELHOP_A_VRF_NAME] = { "name" },
	[LABELHOP_A_VRF_POLICY] = { "policy" },
	[LABELHOP_A_VRF_IFINDEX] = { "ifindex" },
	[LABELHOP_A_VRF_VERIFIED] = { "verified" },
	[LABELHOP_A_VRF_BARE] = { "bare" },
	[LABELHOP_A_VRF_DROPPED] = { "dropped" },
	[LABELHOP_A_VRF_LABEL] = { "label" },
};

static const struct lh_nl_name port_names[] = {
	[LABELHOP_A_PORT_DEV] = { "dev" },
};

static const struct lh_nl_name clock_names[] = {
	[LABELHOP_A_CLOCK_SOURCE] = { "source" },
	[LABELHOP_A_CLOCK_UTC_OFFSET] = { "utc-offset" },
	[LABELHOP_A_CLOCK_NOW] = { "now" },
	[LABELHOP_A_CLOCK_FD] = { "fd" },
	[LABELHOP_A_CLOCK_DEVICE] = { "device" },
	[LABELHOP_A_CLOCK_STATE] = { "state" },
	[LABELHOP_A_CLOCK_TAI_OFFSET] = { "tai-offset" },
	[LABELHOP_A_CLOCK_OFFSET] = { "offset" },
	[LABELHOP_A_CLOCK_RATE] = { "rate" },
	[LABELHOP_A_CLOCK_ERROR] = { "error" },
	[LABELHOP_A_CLOCK_AGE] = { "age" },
	[LABELHOP_A_CLOCK_SAMPLES] = { "samples" },
	[LABELHOP_A_CLOCK_BAD] = { "bad" },
	[LABELHOP_A_CLOCK_STEPS] = { "steps" },
	[LABELHOP_A_CLOCK_STEP] = { "step" },
};

/* The attributes of requests, as the inside of one more attribute. */
static struct lh_nl_name names_of(u8 cmd)
{
	switch (cmd) {
	case LABELHOP_CMD_PORT_NEW:
	case LABELHOP_CMD_PORT_DEL:
	case LABELHOP_CMD_PORT_GET:
		return (struct lh_nl_name){
			"", port_names, LH_COUNT(port_names)
		};
	case LABELHOP_CMD_PW_NEW:
	case LABELHOP_CMD_PW_SET:
	case LABELHOP_CMD_PW_DEL:
	case LABELHOP_CMD_PW_GET:
		return (struct lh_nl_name){
			"", pw_names, LH_COUNT(pw_names)
		};
	case LABELHOP_CMD_VRF_NEW:
	case LABELHOP_CMD_VRF_SET:
	case LABELHOP_CMD_VRF_DEL:
	case LABELHOP_CMD_VRF_GET:
		return (struct lh_nl_name){
			"", vrf_names, LH_COUNT(vrf_names)
		};
	case LABELHOP_CMD_LINK_NEW:
	case LABELHOP_CMD_LINK_DEL:
	case LABELHOP_CMD_LINK_GET:
		return (struct lh_nl_name){
			"", link_names, LH_COUNT(link_names)
		};
	case LABELHOP_CMD_CLOCK_SET:
	case LABELHOP_CMD_CLOCK_GET:
		return (struct lh_nl_name){
			"", clock_names, LH_COUNT(clock_names)
		};
	default:
		return (struct lh_nl_name){
			"", session_names, LH_COUNT(session_names)
		};
	}
}

static const struct lh_nl_name *name_in(const struct lh_nl_name *nest, int type)
{
	if (type < 0 || (size_t)type >= nest->n_nest ||
	    !nest->nest[type].name)
		return NULL;
	return &nest->nest[type];
}

/* The innermost attribute of the request that begins at or holds offset. */
static const struct lh_nl_name *name_at(const struct nlmsghdr *request,
					size_t offset)
{
	const u8 *at = (const u8 *)request + offset;
	const struct genlmsghdr *genl = nlmsg_data(request);
	struct lh_nl_name nest = names_of(genl->cmd);
	const struct lh_nl_name *found = NULL;
	struct nlattr *attr = (struct nlattr *)((u8 *)genl + GENL_HDRLEN);
	int rest = nlmsg_datalen(request) - GENL_HDRLEN;

	while (nla_ok(attr, rest)) {
		const u8 *end = (u8 *)attr + NLA_ALIGN(attr->nla_len);

		if (at < (u8 *)attr)
			break;
		if (at >= end) {
			attr = nla_next(attr, &rest);
			continue;
		}
		found = name_in(&nest, nla_type(attr));
		if (at == (u8 *)attr || !found || !found->nest)
			break;
		nest = *found;
		rest = nla_len(attr);
		attr = nla_data(attr);
	}
	return found;
}

/* Where the attributes of an extended ack begin, or NULL if it has none. */
static struct nlattr *ack_attrs(const struct nlmsghdr *answer, int *len)
{
	size_t skip = sizeof(int), present = nlmsg_datalen(answer);

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (answer->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *err = nlmsg_data(answer);

		if (present < sizeof(*err))
			return NULL;
		skip = sizeof(*err);
		if (!(answer->nlmsg_flags & NLM_F_CAPPED))
			skip += (size_t)err->msg.nlmsg_len - sizeof(err->msg);
		skip = (skip + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1UL);
	}
	if (skip >= present)
		return NULL;
	*len = present - skip;
	return (struct nlattr *)((u8 *)nlmsg_data(answer) + skip);
}

/* " (attribute labels)", " (attribute name is missing)" or nothing. */
static void about(char text[64], const struct nlmsghdr *request,
		  struct nlattr **attrs)
{
	const struct genlmsghdr *genl = nlmsg_data(request);
	const struct lh_nl_name *name = NULL;
	struct lh_nl_name nest;

	text[0] = '\0';
	if (attrs[NLMSGERR_ATTR_OFFS]) {
		name = name_at(request, nla_get_u32(attrs[NLMSGERR_ATTR_OFFS]));
		if (name)
			snprintf(text, 64, " (attribute %s)", name->name);
		return;
	}
	if (!attrs[NLMSGERR_ATTR_MISS_TYPE])
		return;
	nest = names_of(genl->cmd);
	if (attrs[NLMSGERR_ATTR_MISS_NEST]) {
		name = name_at(request,
			       nla_get_u32(attrs[NLMSGERR_ATTR_MISS_NEST]));
		if (!name)
			return;
		nest = *name;
	}
	name = name_in(&nest, nla_get_u32(attrs[NLMSGERR_ATTR_MISS_TYPE]));
	if (name)
		snprintf(text, 64, " (attribute %s is missing)", name->name);
}

static const char *meaning(int err)
{
	switch (err) {
	case EPERM:
		return "not permitted: CAP_NET_ADMIN is needed";
	case EOPNOTSUPP:
		return "not supported by this version of the kernel module";
	default:
		return strerror(err);
	}
}

/**
 * lh_nl_nonsense - say that an answer can't be understood
 * @ctx: the command's context
 *
 * Return: the exit status.
 */
int lh_nl_nonsense(const struct lh_ctx *ctx)
{
	return lh_refused(ctx,
			  "the kernel's answer makes no sense: module and command must be of one version");
}

/* Return: false if there is no error number that the kernel could mean. */
static bool get_errno(const struct nlmsghdr *answer, int *err)
{
	if (nlmsg_datalen(answer) < (int)sizeof(*err))
		return false;
	memcpy(err, nlmsg_data(answer), sizeof(*err));
	return *err <= 0 && *err >= -ERRNO_MAX;
}

/**
 * lh_nl_error - tell the user how a request ended
 * @ctx: the command's context
 * @request: the request
 * @answer: a message of type NLMSG_ERROR or NLMSG_DONE
 *
 * A sentence that comes with success is a warning.
 *
 * Return: 0 or the exit status.
 */
int lh_nl_error(const struct lh_ctx *ctx, const struct nlmsghdr *request,
		const struct nlmsghdr *answer)
{
	static const struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
		[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_MISS_NEST] = { .type = NLA_U32 },
	};
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1] = {}, *first, *msg;
	char attr[64];
	int err, len;

	if (!get_errno(answer, &err))
		return lh_nl_nonsense(ctx);
	first = ack_attrs(answer, &len);
	if (first && nla_parse(attrs, NLMSGERR_ATTR_MAX, first, len, policy))
		memset(attrs, 0, sizeof(attrs));
	about(attr, request, attrs);
	msg = attrs[NLMSGERR_ATTR_MSG];
	if (msg && !strnlen(nla_data(msg), nla_len(msg)))
		msg = NULL;
	if (!err && msg)
		lh_warn(ctx, "%.*s%s", nla_len(msg), (char *)nla_data(msg),
			attr);
	if (!err)
		return 0;
	/* The user knows nothing of an fd. */
	if (msg && ctx->fd_word && nla_len(msg) > 3 &&
	    !memcmp(nla_data(msg), "fd ", 3))
		return lh_refused(ctx, "%s %.*s", LH_QUOTE(ctx->fd_word),
				  nla_len(msg) - 3, (char *)nla_data(msg) + 3);
	if (msg)
		return lh_refused(ctx, "%.*s%s", nla_len(msg),
				  (char *)nla_data(msg), attr);
	return lh_refused(ctx, "%s%s", meaning(-err), attr);
}
