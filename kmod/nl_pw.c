// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on pseudowires. */
#include <linux/rtnetlink.h>
#include "netlink.h"
#include "pw.h"

static struct netlink_range_validation label_range = {
	.min = LABELHOP_LABEL_MIN,
	.max = LABELHOP_LABEL_MAX,
};

static struct netlink_range_validation mtu_range = {
	.min = LABELHOP_PW_MTU_MIN,
	.max = LABELHOP_PW_MTU_MAX,
};

const struct nla_policy lh_pw_policy[LABELHOP_A_PW_TUNNEL + 1] = {
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
		NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
	[LABELHOP_A_PW_OUT_LABEL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
	[LABELHOP_A_PW_CONTROL_WORD] = NLA_POLICY_MAX(NLA_U8, 1),
	[LABELHOP_A_PW_FLOW_LABEL] = NLA_POLICY_MAX(NLA_U8, 1),
	[LABELHOP_A_PW_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &mtu_range),
	[LABELHOP_A_PW_TUNNEL] = NLA_POLICY_MAX(NLA_U8, LABELHOP_TUNNEL_ANY),
};

static int fill_end(struct sk_buff *msg, const struct lh_end *end, int session,
		    int label)
{
	return (end->name[0] && nla_put_string(msg, session, end->name)) ||
	       nla_put_u32(msg, label, end->label);
}

static int fill_remote(struct sk_buff *msg, const struct lh_remote *remote)
{
	return remote->family == AF_INET ?
	       nla_put_in_addr(msg, LABELHOP_A_PW_REMOTE, remote->ip4) :
	       nla_put_in6_addr(msg, LABELHOP_A_PW_REMOTE, &remote->ip6);
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
	    fill_remote(msg, &pw->remote) ||
	    fill_end(msg, &pw->ends[LABELHOP_DIR_IN], LABELHOP_A_PW_IN,
		     LABELHOP_A_PW_IN_LABEL) ||
	    fill_end(msg, &pw->ends[LABELHOP_DIR_OUT], LABELHOP_A_PW_OUT,
		     LABELHOP_A_PW_OUT_LABEL) ||
	    nla_put_u8(msg, LABELHOP_A_PW_CONTROL_WORD, pw->control_word) ||
	    nla_put_u8(msg, LABELHOP_A_PW_FLOW_LABEL, pw->flow_label) ||
	    (pw->own_mtu &&
	     nla_put_u32(msg, LABELHOP_A_PW_MTU, READ_ONCE(pw->dev->mtu))) ||
	    nla_put_u32(msg, LABELHOP_A_PW_IFINDEX, pw->dev->ifindex) ||
	    nla_put_u8(msg, LABELHOP_A_PW_STATE, pw->state) ||
	    nla_put_u8(msg, LABELHOP_A_PW_TUNNEL, pw->tunnel)) {
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

static bool is_unicast(const struct lh_remote *remote)
{
	if (remote->family == AF_INET)
		return remote->ip4 && !ipv4_is_multicast(remote->ip4) &&
		       !ipv4_is_lbcast(remote->ip4) &&
		       !ipv4_is_loopback(remote->ip4);
	return ipv6_addr_type(&remote->ip6) & IPV6_ADDR_UNICAST &&
	       !(ipv6_addr_type(&remote->ip6) &
		 (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK | IPV6_ADDR_MAPPED));
}

static int parse_remote(struct genl_info *info, struct lh_remote *remote)
{
	struct nlattr *attr = info->attrs[LABELHOP_A_PW_REMOTE];
	int err = lh_nl_require(info, LABELHOP_A_PW_REMOTE,
				"the remote PE's address is missing");

	if (err)
		return err;
	if (nla_len(attr) != 4 && nla_len(attr) != 16)
		return lh_nl_refuse(info, attr,
				    "the remote PE's address must have 4 or 16 bytes");
	remote->family = nla_len(attr) == 4 ? AF_INET : AF_INET6;
	if (remote->family == AF_INET)
		remote->ip4 = nla_get_in_addr(attr);
	else
		remote->ip6 = nla_get_in6_addr(attr);
	if (!is_unicast(remote))
		return lh_nl_refuse(info, attr,
				    "the remote PE's address must be a global unicast one");
	return 0;
}

static int parse_end(struct genl_info *info, struct lh_pw_config *config,
		     int dir, bool needed)
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
	if (needed && !session && !label)
		return lh_nl_require(info, labels[dir],
				     dir == LABELHOP_DIR_IN ?
				     "in or in-label is missing" :
				     "out or out-label is missing");
	if (session && nla_len(session) == 1)
		return lh_nl_refuse(info, session,
				    "a session's name must be 1 to 31 printable characters without spaces");
	config->session[dir] = session ? nla_data(session) : NULL;
	config->label[dir] = label ? nla_get_u32(label) : 0;
	return 0;
}

static int parse_ends(struct genl_info *info, struct lh_pw_config *config,
		      bool needed)
{
	int err = parse_end(info, config, LABELHOP_DIR_IN, needed);

	return err ? err : parse_end(info, config, LABELHOP_DIR_OUT, needed);
}

static int parse_new(struct genl_info *info, struct lh_pw_config *config)
{
	struct nlattr *cw = info->attrs[LABELHOP_A_PW_CONTROL_WORD];
	struct nlattr *flow = info->attrs[LABELHOP_A_PW_FLOW_LABEL];
	struct nlattr *mtu = info->attrs[LABELHOP_A_PW_MTU];
	struct nlattr *tunnel = info->attrs[LABELHOP_A_PW_TUNNEL];
	int err = require_name(info);

	if (!err)
		err = parse_remote(info, &config->remote);
	if (!err)
		err = parse_ends(info, config, true);
	if (err)
		return err;
	config->name = nla_data(info->attrs[LABELHOP_A_PW_NAME]);
	/* The kernel would put a number in place of %d. */
	if (!dev_valid_name(config->name) || strchr(config->name, '%'))
		return lh_nl_refuse(info, info->attrs[LABELHOP_A_PW_NAME],
				    "a device's name must be 1 to 15 characters without spaces, /, : and %");
	config->control_word = cw ? nla_get_u8(cw) : true;
	config->flow_label = flow ? nla_get_u8(flow) : false;
	config->mtu = mtu ? nla_get_u32(mtu) : 0;
	config->tunnel = tunnel ? nla_get_u8(tunnel) : LABELHOP_TUNNEL_REQUIRED;
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
	int err = require_name(info), attr;

	if (!err)
		err = parse_ends(info, &config, false);
	if (err)
		return err;
	rtnl_lock();
	mutex_lock(&ln->lock);
	pw = find(ln, info);
	err = pw ? lh_pw_set(pw, &config, &attr, info->extack) : -ENOENT;
	if (!err)
		lh_nl_pw_tell(pw, LABELHOP_CMD_PW_SET_NTF);
	else if (pw)
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
	pw = find(ln, info);
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
