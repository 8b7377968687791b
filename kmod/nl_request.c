// SPDX-License-Identifier: GPL-2.0
/*
 * Requests about sessions. They may hold a seed, and the answer to a refused
 * request echoes it. The generic netlink core answers what its own validation
 * refuses without a word to the family, so it gets no policy for these
 * operations: labelhop validates them here, just as strictly, and wipes every
 * request whatever its fate. What is echoed is then the headers and zeros.
 */
#include "netlink.h"

static const struct genl_ops session_ops[] = {
	{
		.cmd = LABELHOP_CMD_SESSION_NEW,
		.policy = lh_session_policy,
		.maxattr = LABELHOP_A_SESSION_MAX,
		.doit = lh_nl_session_new,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_SET,
		.policy = lh_session_set_policy,
		.maxattr = LABELHOP_A_SESSION_UNMATCHED,
		.doit = lh_nl_session_set,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_DEL,
		.policy = lh_session_policy,
		.maxattr = LABELHOP_A_SESSION_NAME,
		.doit = lh_nl_session_del,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_GET,
		.policy = lh_session_policy,
		.maxattr = LABELHOP_A_SESSION_NAME,
		.doit = lh_nl_session_get,
		.start = lh_nl_session_dump_start,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_FLUSH,
		.policy = lh_session_policy,
		.maxattr = LABELHOP_A_SESSION_PAD,
		.doit = lh_nl_session_flush,
	},
};

/* The core skips these checks too for the operations before resv_start_op. */
static int request_header(const struct nlmsghdr *nlh,
			  struct netlink_ext_ack *extack)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	u16 flags = nlh->nlmsg_flags;

	if (genl->reserved) {
		NL_SET_ERR_MSG(extack, "the reserved field of the header must be 0");
		return -EINVAL;
	}
	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		flags &= ~NLM_F_DUMP;
	if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO)) {
		NL_SET_ERR_MSG(extack,
			       "only the flags request, ack, echo and dump are known");
		return -EINVAL;
	}
	return 0;
}

static int request_parse(const struct nlmsghdr *nlh, const struct genl_ops *op,
			 struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int err = request_header(nlh, extack);

	return err ?: genlmsg_parse(nlh, &lh_genl_family, tb, op->maxattr,
				    op->policy, extack);
}

static const struct genl_ops *request_op(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);

	/* One operation for each command from the first on, without a gap. */
	static_assert(LABELHOP_CMD_SESSION_NEW == 1);
	static_assert(ARRAY_SIZE(session_ops) == LABELHOP_CMD_SESSION_FLUSH);
	return &session_ops[genl->cmd - LABELHOP_CMD_SESSION_NEW];
}

/* A seed can be anywhere in a malformed request, so nothing is left. */
static void request_wipe(const struct nlmsghdr *nlh)
{
	memzero_explicit((u8 *)nlmsg_data(nlh) + GENL_HDRLEN,
			 nlmsg_len(nlh) - GENL_HDRLEN);
}

/**
 * lh_nl_session_do - validate, carry out and wipe a request about a session
 * @skb: the request
 * @info: the same, its attributes not parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_do(struct sk_buff *skb, struct genl_info *info)
{
	const struct genl_ops *op = request_op(info->nlhdr);
	struct nlattr *tb[LABELHOP_A_SESSION_MAX + 1] = {};
	int err;

	err = request_parse(info->nlhdr, op, tb, info->extack);
	if (!err) {
		info->attrs = tb;
		err = op->doit(skb, info);
		info->attrs = NULL;
	}
	request_wipe(info->nlhdr);
	return err;
}

/**
 * lh_nl_session_start - validate and wipe a request for all sessions
 * @cb: the dump
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_start(struct netlink_callback *cb)
{
	const struct genl_ops *op = request_op(cb->nlh);
	struct nlattr *tb[LABELHOP_A_SESSION_MAX + 1];
	int err;

	err = request_parse(cb->nlh, op, tb, cb->extack);
	request_wipe(cb->nlh);
	return err ?: op->start(cb);
}
