// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on protected VRFs. */
#include <linux/netdevice.h>
#include "netlink.h"
#include "vrf.h"

const struct nla_policy lh_vrf_policy[LABELHOP_A_VRF_POLICY + 1] = {
	[LABELHOP_A_VRF_NAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[LABELHOP_A_VRF_POLICY] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_POLICY_MONITOR),
};

static int vrf_put_count(struct sk_buff *msg, const struct lh_vrf *v, int attr,
			 enum lh_vrf_count count)
{
	return nla_put_u64_64bit(msg, attr, lh_vrf_count(v, count),
				 LABELHOP_A_VRF_PAD);
}

static int vrf_put(struct sk_buff *msg, const struct lh_vrf *v)
{
	int err = nla_put_string(msg, LABELHOP_A_VRF_NAME, v->name) ?:
		  nla_put_u8(msg, LABELHOP_A_VRF_POLICY, READ_ONCE(v->policy)) ?:
		  vrf_put_count(msg, v, LABELHOP_A_VRF_VERIFIED,
				LH_VRF_VERIFIED) ?:
		  vrf_put_count(msg, v, LABELHOP_A_VRF_BARE, LH_VRF_BARE);

	return err ?: vrf_put_count(msg, v, LABELHOP_A_VRF_DROPPED,
				    LH_VRF_DROPPED);
}

static void *vrf_fill(struct sk_buff *msg, const struct lh_net *ln,
		      const struct list_head *entry, u32 portid, u32 seq,
		      int flags, u8 cmd)
{
	const struct lh_vrf *v = list_entry(entry, struct lh_vrf, list);
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (!header)
		return NULL;
	if (vrf_put(msg, v) ||
	    (v->dev && nla_put_u32(msg, LABELHOP_A_VRF_IFINDEX,
				   v->dev->dev->ifindex))) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

/**
 * lh_nl_vrf_tell - announce an event of a protected VRF
 * @v: the VRF; lh_net.lock is held
 * @cmd: the event
 */
void lh_nl_vrf_tell(const struct lh_vrf *v, u8 cmd)
{
	lh_nl_tell(v->ln, &v->list, vrf_fill, cmd);
}

static void *bare_fill(struct sk_buff *msg, const struct lh_vrf *v, u32 label)
{
	void *header = genlmsg_put(msg, 0, 0, &lh_genl_family, 0,
				   LABELHOP_CMD_VRF_BARE_NTF);

	if (!header || vrf_put(msg, v) ||
	    (label && nla_put_u32(msg, LABELHOP_A_VRF_LABEL, label)))
		return NULL;
	return header;
}

/**
 * lh_nl_vrf_bare - announce that bare packets come to a protected VRF
 * @v: the VRF
 * @label: the label of the packet at hand, 0 if it is not known
 *
 * Called by a packet, under RCU with bottom halves off.
 */
void lh_nl_vrf_bare(const struct lh_vrf *v, u32 label)
{
	struct net *net = v->ln->net;
	struct sk_buff *msg;

	if (!genl_has_listeners(&lh_genl_family, net, LH_GENL_EVENTS))
		return;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	lh_nl_announce(net, msg, msg ? bare_fill(msg, v, label) : NULL,
		       GFP_ATOMIC);
}

/* The name in a request, or NULL. */
static const char *vrf_name(struct genl_info *info)
{
	const char *name;

	if (lh_nl_require(info, LABELHOP_A_VRF_NAME, "the VRF's name is missing"))
		return NULL;
	name = nla_data(info->attrs[LABELHOP_A_VRF_NAME]);
	if (dev_valid_name(name))
		return name;
	lh_nl_refuse(info, info->attrs[LABELHOP_A_VRF_NAME],
		     "no device can have this name");
	return NULL;
}

static struct lh_vrf *vrf_find(struct lh_net *ln, const char *name,
			       struct genl_info *info)
{
	struct lh_vrf *v = lh_vrf_find(ln, name);

	if (!v)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[LABELHOP_A_VRF_NAME],
				    "this VRF is not protected");
	return v;
}

/**
 * lh_nl_vrf_new - LABELHOP_CMD_VRF_NEW
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_vrf_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *policy = info->attrs[LABELHOP_A_VRF_POLICY];
	struct lh_net *ln = lh_nl_net(info);
	const char *name = vrf_name(info);
	struct lh_vrf *v;

	if (!name)
		return -EINVAL;
	NL_SET_BAD_ATTR(info->extack, info->attrs[LABELHOP_A_VRF_NAME]);
	mutex_lock(&ln->lock);
	v = lh_vrf_new(ln, name,
		       policy ? nla_get_u8(policy) : LABELHOP_POLICY_STRICT,
		       info->extack);
	if (!IS_ERR(v))
		lh_nl_vrf_tell(v, LABELHOP_CMD_VRF_NEW_NTF);
	mutex_unlock(&ln->lock);
	return PTR_ERR_OR_ZERO(v);
}

/**
 * lh_nl_vrf_set - LABELHOP_CMD_VRF_SET
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_vrf_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *policy = info->attrs[LABELHOP_A_VRF_POLICY];
	struct lh_net *ln = lh_nl_net(info);
	const char *name = vrf_name(info);
	struct lh_vrf *v;

	if (!name)
		return -EINVAL;
	if (lh_nl_require(info, LABELHOP_A_VRF_POLICY, "the policy is missing"))
		return -EINVAL;
	mutex_lock(&ln->lock);
	v = vrf_find(ln, name, info);
	if (v) {
		WRITE_ONCE(v->policy, nla_get_u8(policy));
		lh_nl_vrf_tell(v, LABELHOP_CMD_VRF_SET_NTF);
	}
	mutex_unlock(&ln->lock);
	return v ? 0 : -ENOENT;
}

/**
 * lh_nl_vrf_del - LABELHOP_CMD_VRF_DEL
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_vrf_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	const char *name = vrf_name(info);
	struct lh_vrf *v;

	if (!name)
		return -EINVAL;
	mutex_lock(&ln->lock);
	v = vrf_find(ln, name, info);
	if (v) {
		lh_nl_vrf_tell(v, LABELHOP_CMD_VRF_DEL_NTF);
		lh_vrf_del(ln, v);
	}
	mutex_unlock(&ln->lock);
	return v ? 0 : -ENOENT;
}

/**
 * lh_nl_vrf_get - LABELHOP_CMD_VRF_GET of one VRF
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_vrf_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	const char *name = vrf_name(info);
	struct lh_vrf *v;
	int err;

	if (!name)
		return -EINVAL;
	mutex_lock(&ln->lock);
	v = vrf_find(ln, name, info);
	err = lh_nl_answer(info, v ? &v->list : NULL, vrf_fill,
			   LABELHOP_CMD_VRF_GET);
	mutex_unlock(&ln->lock);
	return err;
}

/**
 * lh_nl_vrf_dump - LABELHOP_CMD_VRF_GET of all protected VRFs
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] VRFs have been sent
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_vrf_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));

	return lh_nl_dump(skb, cb, &ln->vrfs, vrf_fill, LABELHOP_CMD_VRF_GET);
}
