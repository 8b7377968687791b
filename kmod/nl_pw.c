// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on pseudowires. */
#include <linux/rtnetlink.h>
#include "netlink.h"
#include "pw.h"

/* 0 is none, and what is below the least is refused by check_values(). */
static struct netlink_range_validation end_label_range = {
	.min = 0,
	.max = LABELHOP_LABEL_MAX,
};

static struct netlink_range_validation own_mtu_range = {
	.min = 0,
	.max = LABELHOP_PW_MTU_MAX,
};

const struct nla_policy lh_pw_policy[LABELHOP_A_PW_STEAL + 1] = {
	[LABELHOP_A_PW_NAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[LABELHOP_A_PW_REMOTE] = { .type = NLA_BINARY, .len = 16 },
	[LABELHOP_A_PW_IN] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_PW_OUT] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_PW_IN_LABEL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &end_label_range),
	[LABELHOP_A_PW_OUT_LABEL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &end_label_range),
	[LABELHOP_A_PW_CONTROL_WORD] = NLA_POLICY_MAX(NLA_U8, 1),
	[LABELHOP_A_PW_FLOW_LABEL] = NLA_POLICY_MAX(NLA_U8, 1),
	[LABELHOP_A_PW_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &own_mtu_range),
	[LABELHOP_A_PW_TUNNEL] = NLA_POLICY_MAX(NLA_U8, LABELHOP_TUNNEL_ANY),
	[LABELHOP_A_PW_STEAL] = NLA_POLICY_MAX(NLA_U8, 1),
};

static int fill_end(struct sk_buff *msg, const struct lh_end *end, int session,
		    int label)
{
	return (end->name[0] && nla_put_string(msg, session, end->name)) ||
	       (end->label && nla_put_u32(msg, label, end->label));
}

static int fill_setup(struct sk_buff *msg, const struct lh_pw_setup *setup)
{
	return lh_nl_put_remote(msg, LABELHOP_A_PW_REMOTE, &setup->remote) ||
	       fill_end(msg, &setup->ends[LABELHOP_DIR_IN], LABELHOP_A_PW_IN,
			LABELHOP_A_PW_IN_LABEL) ||
	       fill_end(msg, &setup->ends[LABELHOP_DIR_OUT], LABELHOP_A_PW_OUT,
			LABELHOP_A_PW_OUT_LABEL) ||
	       nla_put_u8(msg, LABELHOP_A_PW_CONTROL_WORD,
			  setup->control_word) ||
	       nla_put_u8(msg, LABELHOP_A_PW_FLOW_LABEL, setup->flow_label) ||
	       nla_put_u8(msg, LABELHOP_A_PW_TUNNEL, setup->tunnel);
}

static void *fill(struct sk_buff *msg, const struct lh_net *ln,
		  const struct list_head *entry, u32 portid, u32 seq, int flags,
		  u8 cmd)
{
	const struct lh_pw *pw = list_entry(entry, struct lh_pw, list);
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (!header)
		return NULL;
	if (nla_put_string(msg, LABELHOP_A_PW_NAME, pw->dev->name) ||
	    fill_setup(msg, lh_pw_setup(pw)) ||
	    (pw->own_mtu &&
	     nla_put_u32(msg, LABELHOP_A_PW_MTU, READ_ONCE(pw->dev->mtu))) ||
	    nla_put_u32(msg, LABELHOP_A_PW_IFINDEX, pw->dev->ifindex) ||
	    nla_put_u8(msg, LABELHOP_A_PW_STATE, pw->state)) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

/**
 * lh_nl_pw_tell - announce an event of a pseudowire
 * @pw: the pseudowire; lh_net.lock is held
 * @cmd: the event
 */
void lh_nl_pw_tell(const struct lh_pw *pw, u8 cmd)
{
	lh_nl_tell(pw->ln, &pw->list, fill, cmd);
}

static int require_name(struct genl_info *info)
{
	return lh_nl_require(info, LABELHOP_A_PW_NAME,
			     "the pseudowire's name is missing");
}

static struct lh_pw *find(struct lh_net *ln, struct genl_info *info)
{
	struct nlattr *name = info->attrs[LABELHOP_A_PW_NAME];
	struct lh_pw *pw = lh_pw_find(ln, nla_data(name));

	if (!pw)
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "there is no such pseudowire");
	return pw;
}

static int parse_end(struct genl_info *info, struct lh_pw_config *config,
		     int dir)
{
	static const int sessions[] = { LABELHOP_A_PW_IN, LABELHOP_A_PW_OUT };
	static const int labels[] = {
		LABELHOP_A_PW_IN_LABEL, LABELHOP_A_PW_OUT_LABEL
	};
	struct nlattr *session = info->attrs[sessions[dir]];
	struct nlattr *label = info->attrs[labels[dir]];

	if (session && label)
		return lh_nl_refuse(info, label,
				    "a session has its own label: give one of both");
	if (session && nla_len(session) == 1)
		return lh_nl_refuse(info, session,
				    "a session's name must be 1 to 31 printable characters without spaces");
	config->session[dir] = session ? nla_data(session) : NULL;
	config->has_label[dir] = label;
	config->label[dir] = label ? nla_get_u32(label) : 0;
	if (config->label[dir] && config->label[dir] < LABELHOP_LABEL_MIN)
		return lh_nl_refuse(info, label,
				    "a label must be 16 to 1048575, or 0 for none");
	return 0;
}

static const u8 *parse_u8(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_data(info->attrs[attr]) : NULL;
}

static int parse_mtu(struct genl_info *info, struct lh_pw_config *config)
{
	struct nlattr *mtu = info->attrs[LABELHOP_A_PW_MTU];

	config->has_mtu = mtu;
	config->mtu = mtu ? nla_get_u32(mtu) : 0;
	if (config->mtu && config->mtu < LABELHOP_PW_MTU_MIN)
		return lh_nl_refuse(info, mtu,
				    "an MTU must be 68 to 65521, or 0 for the path's");
	return 0;
}

static int parse_config(struct genl_info *info, struct lh_pw_config *config)
{
	const struct nlattr *remote = info->attrs[LABELHOP_A_PW_REMOTE];
	int err = require_name(info);

	if (!err && remote)
		err = lh_nl_parse_remote(info, remote, &config->remote);
	if (!err)
		err = parse_end(info, config, LABELHOP_DIR_IN);
	if (!err)
		err = parse_end(info, config, LABELHOP_DIR_OUT);
	if (!err)
		err = parse_mtu(info, config);
	if (err)
		return err;
	config->name = nla_data(info->attrs[LABELHOP_A_PW_NAME]);
	config->control_word = parse_u8(info, LABELHOP_A_PW_CONTROL_WORD);
	config->flow_label = parse_u8(info, LABELHOP_A_PW_FLOW_LABEL);
	config->tunnel = parse_u8(info, LABELHOP_A_PW_TUNNEL);
	return 0;
}

static int parse_new(struct genl_info *info, struct lh_pw_config *config)
{
	int err = parse_config(info, config);

	if (!err)
		err = lh_nl_require(info, LABELHOP_A_PW_REMOTE,
				    "the remote PE's address is missing");
	if (err)
		return err;
	/* The kernel would put a number in place of %d. */
	if (!dev_valid_name(config->name) || strchr(config->name, '%'))
		return lh_nl_refuse(info, info->attrs[LABELHOP_A_PW_NAME],
				    "a device's name must be 1 to 15 characters without spaces, /, : and %");
	return 0;
}

/**
 * lh_nl_pw_new - LABELHOP_CMD_PW_NEW
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_pw_new(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_pw_config config = {};
	int err = parse_new(info, &config), attr;

	if (err)
		return err;
	rtnl_lock();
	err = lh_pw_new(ln, &config, &attr, info->extack);
	rtnl_unlock();
	if (err == -EEXIST && !info->extack->_msg)
		NL_SET_ERR_MSG(info->extack, "a device with this name exists");
	if (err)
		NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
	return err;
}

/**
 * lh_nl_pw_set - LABELHOP_CMD_PW_SET
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_pw_set(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_pw_config config = {};
	struct lh_pw *pw;
	int err = parse_config(info, &config), attr;
	struct nlattr *steal;

	if (err)
		return err;
	/* pw-new has no such attribute, so its info->attrs[] ends before. */
	steal = info->attrs[LABELHOP_A_PW_STEAL];
	config.steal = steal && nla_get_u8(steal);
	rtnl_lock();
	mutex_lock(&ln->lock);
	pw = find(ln, info);
	err = pw ? lh_pw_set(pw, &config, &attr, info->extack) : -ENOENT;
	if (err && pw)
		NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
	mutex_unlock(&ln->lock);
	rtnl_unlock();
	return err;
}

/**
 * lh_nl_pw_del - LABELHOP_CMD_PW_DEL
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_pw_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_pw *pw;
	int err = require_name(info);

	if (err)
		return err;
	rtnl_lock();
	mutex_lock(&ln->lock);
	pw = find(ln, info);
	mutex_unlock(&ln->lock);
	if (pw)
		unregister_netdevice(pw->dev);
	rtnl_unlock();
	return pw ? 0 : -ENOENT;
}

/**
 * lh_nl_pw_get - LABELHOP_CMD_PW_GET of one pseudowire
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_pw_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	int err = require_name(info);
	struct lh_pw *pw;

	if (err)
		return err;
	mutex_lock(&ln->lock);
	pw = find(ln, info);
	err = lh_nl_answer(info, pw ? &pw->list : NULL, fill,
			   LABELHOP_CMD_PW_GET);
	mutex_unlock(&ln->lock);
	return err;
}

/**
 * lh_nl_pw_dump - LABELHOP_CMD_PW_GET of all pseudowires
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] pseudowires have been sent
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_pw_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));

	return lh_nl_dump(skb, cb, &ln->pws, fill, LABELHOP_CMD_PW_GET);
}
