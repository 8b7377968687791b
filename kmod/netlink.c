// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: Documentation/netlink/specs/labelhop.yaml. Every
 * operation needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. Requests are validated whole, then carried out, then announced.
 */
#include "compat.h"
#include "netlink.h"

static const struct genl_ops ops[] = {
	/* nl_request.c has the policies of these. */
	{
		.cmd = LABELHOP_CMD_SESSION_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lh_nl_session_do,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lh_nl_session_do,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lh_nl_session_do,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lh_nl_session_do,
		.start = lh_nl_session_start,
		.dumpit = lh_nl_session_dump,
	},
	{
		.cmd = LABELHOP_CMD_SESSION_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lh_nl_session_do,
	},
	{
		.cmd = LABELHOP_CMD_PORT_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_port_policy,
		.maxattr = LABELHOP_A_PORT_MAX,
		.doit = lh_nl_port_new,
	},
	{
		.cmd = LABELHOP_CMD_PORT_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_port_policy,
		.maxattr = LABELHOP_A_PORT_MAX,
		.doit = lh_nl_port_del,
	},
	{
		.cmd = LABELHOP_CMD_PORT_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_port_policy,
		.maxattr = LABELHOP_A_PORT_MAX,
		.doit = lh_nl_port_get,
		.dumpit = lh_nl_port_dump,
	},
	{
		.cmd = LABELHOP_CMD_CLOCK_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_clock_policy,
		.maxattr = LABELHOP_A_CLOCK_FD,
		.doit = lh_nl_clock_set,
	},
	{
		.cmd = LABELHOP_CMD_CLOCK_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_clock_policy,
		.maxattr = LABELHOP_A_CLOCK_PAD,
		.doit = lh_nl_clock_get,
	},
	{
		.cmd = LABELHOP_CMD_PW_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_pw_policy,
		.maxattr = LABELHOP_A_PW_TUNNEL,
		.doit = lh_nl_pw_new,
	},
	{
		.cmd = LABELHOP_CMD_PW_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_pw_policy,
		.maxattr = LABELHOP_A_PW_STEAL,
		.doit = lh_nl_pw_set,
	},
	{
		.cmd = LABELHOP_CMD_PW_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_pw_policy,
		.maxattr = LABELHOP_A_PW_NAME,
		.doit = lh_nl_pw_del,
	},
	{
		.cmd = LABELHOP_CMD_PW_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_pw_policy,
		.maxattr = LABELHOP_A_PW_NAME,
		.doit = lh_nl_pw_get,
		.dumpit = lh_nl_pw_dump,
	},
	{
		.cmd = LABELHOP_CMD_LINK_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_link_policy,
		.maxattr = LABELHOP_A_LINK_MAX,
		.doit = lh_nl_link_new,
	},
	{
		.cmd = LABELHOP_CMD_LINK_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_link_policy,
		.maxattr = LABELHOP_A_LINK_NAME,
		.doit = lh_nl_link_del,
	},
	{
		.cmd = LABELHOP_CMD_LINK_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_link_policy,
		.maxattr = LABELHOP_A_LINK_NAME,
		.doit = lh_nl_link_get,
		.dumpit = lh_nl_link_dump,
	},
	{
		.cmd = LABELHOP_CMD_VRF_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_vrf_policy,
		.maxattr = LABELHOP_A_VRF_POLICY,
		.doit = lh_nl_vrf_new,
	},
	{
		.cmd = LABELHOP_CMD_VRF_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_vrf_policy,
		.maxattr = LABELHOP_A_VRF_POLICY,
		.doit = lh_nl_vrf_set,
	},
	{
		.cmd = LABELHOP_CMD_VRF_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_vrf_policy,
		.maxattr = LABELHOP_A_VRF_NAME,
		.doit = lh_nl_vrf_del,
	},
	{
		.cmd = LABELHOP_CMD_VRF_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lh_vrf_policy,
		.maxattr = LABELHOP_A_VRF_NAME,
		.doit = lh_nl_vrf_get,
		.dumpit = lh_nl_vrf_dump,
	},
};

static const struct genl_multicast_group groups[] = {
	[LH_GENL_EVENTS] = {
		.name = LABELHOP_GENL_MCGRP,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family lh_genl_family __ro_after_init = {
	.name = LABELHOP_GENL_NAME,
	.version = LABELHOP_GENL_VERSION,
	/* Without a policy the core refuses every attribute from here on. */
	.resv_start_op = LABELHOP_CMD_SESSION_FLUSH + 1,
	.netnsok = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.module = THIS_MODULE,
};

/**
 * lh_nl_net - the namespace that a request is about
 * @info: the request
 *
 * Return: labelhop in that namespace.
 */
struct lh_net *lh_nl_net(struct genl_info *info)
{
	return lh_net_get(genl_info_net(info));
}

/**
 * lh_nl_refuse - refuse a request
 * @info: the request
 * @attr: the attribute at fault
 * @text: the sentence
 *
 * NL_SET_ERR_MSG_ATTR() takes only literals.
 *
 * Return: -EINVAL.
 */
int lh_nl_refuse(struct genl_info *info, const struct nlattr *attr,
		 const char *text)
{
	NL_SET_BAD_ATTR(info->extack, attr);
	info->extack->_msg = text;
	return -EINVAL;
}

/**
 * lh_nl_require - refuse a request that lacks an attribute
 * @info: the request
 * @attr: the attribute
 * @text: the sentence
 *
 * Return: 0 or -EINVAL.
 */
int lh_nl_require(struct genl_info *info, int attr, const char *text)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return 0;
	info->extack->_msg = text;
	return -EINVAL;
}

/**
 * lh_nl_reply - finish a message and send it to who asked
 * @msg: the message, freed
 * @header: of genlmsg_put(), NULL if the message could not be filled
 * @info: the request that it answers
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_reply(struct sk_buff *msg, void *header, struct genl_info *info)
{
	if (!header) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

/**
 * lh_nl_announce - finish an event and send it to all who listen
 * @net: the namespace
 * @msg: the event, freed; NULL if there was no memory for it
 * @header: of genlmsg_put(), NULL if there is no event or it could not be filled
 * @gfp: how to get memory for those who listen
 *
 * An event that can't be sent is no error, as the change has happened. But who
 * listens must know that one is lost.
 */
void lh_nl_announce(struct net *net, struct sk_buff *msg, void *header,
		    gfp_t gfp)
{
	if (!header) {
		nlmsg_free(msg);
		genl_set_err(&lh_genl_family, net, 0, LH_GENL_EVENTS, -ENOBUFS);
		return;
	}
	genlmsg_end(msg, header);
	genlmsg_multicast_netns(&lh_genl_family, net, msg, 0, LH_GENL_EVENTS,
				gfp);
}

/**
 * lh_netlink_init - register the family
 *
 * Return: 0 or a negative errno.
 */
int lh_netlink_init(void)
{
	return genl_register_family(&lh_genl_family);
}

/**
 * lh_netlink_exit - unregister the family; no request is under way after
 */
void lh_netlink_exit(void)
{
	genl_unregister_family(&lh_genl_family);
}
