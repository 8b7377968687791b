// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on links. */
#include <linux/ctype.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include "link.h"
#include "netlink.h"

static struct netlink_range_validation label_range = {
	.min = LABELHOP_LABEL_MIN,
	.max = LABELHOP_LABEL_MAX,
};

const struct nla_policy lh_link_policy[LABELHOP_A_LINK_MAX + 1] = {
	[LABELHOP_A_LINK_NAME] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_LINK_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[LABELHOP_A_LINK_SESSION] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_LINK_TRANSPORT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
	[LABELHOP_A_LINK_NEIGHBOUR] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[LABELHOP_A_LINK_LSP] = NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
};

static int fill_narrowed(struct sk_buff *msg, const struct lh_link *link)
{
	u32 i;

	if ((link->transport &&
	     nla_put_u32(msg, LABELHOP_A_LINK_TRANSPORT, link->transport)) ||
	    (link->narrowed &&
	     nla_put(msg, LABELHOP_A_LINK_NEIGHBOUR, ETH_ALEN,
		     link->neighbour)))
		return -EMSGSIZE;
	for (i = 0; i < link->n_lsps; i++)
		if (nla_put_u32(msg, LABELHOP_A_LINK_LSP, link->lsps[i]))
			return -EMSGSIZE;
	return 0;
}

static void *fill(struct sk_buff *msg, const struct lh_net *ln,
		  const struct list_head *entry, u32 portid, u32 seq, int flags,
		  u8 cmd)
{
	const struct lh_link *link = list_entry(entry, struct lh_link, list);
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (!header)
		return NULL;
	if (nla_put_string(msg, LABELHOP_A_LINK_NAME, link->name) ||
	    nla_put_string(msg, LABELHOP_A_LINK_DEV, link->dev_name) ||
	    nla_put_string(msg, LABELHOP_A_LINK_SESSION,
			   link->session_name) ||
	    fill_narrowed(msg, link)) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

static int require_name(struct genl_info *info)
{
	return lh_nl_require(info, LABELHOP_A_LINK_NAME,
			     "the link's name is missing");
}

static struct lh_link *find(struct lh_net *ln, struct genl_info *info)
{
	struct nlattr *name = info->attrs[LABELHOP_A_LINK_NAME];
	struct lh_link *link = lh_link_find(ln, nla_data(name));

	if (!link)
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "there is no such link");
	return link;
}

static int require_new(struct genl_info *info)
{
	int err = require_name(info);

	if (!err)
		err = lh_nl_require(info, LABELHOP_A_LINK_DEV,
				    "the link's device is missing");
	if (!err)
		err = lh_nl_require(info, LABELHOP_A_LINK_SESSION,
				    "the link's session is missing");
	return err;
}

static int count_lsps(struct genl_info *info, u32 *n)
{
	struct nlattr *attr;
	int rem;

	*n = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == LABELHOP_A_LINK_LSP &&
		    ++*n > LABELHOP_LSPS_MAX)
			return lh_nl_refuse(info, attr,
					    "a link must have at most 64 LSPs");
	return 0;
}

static void parse_lsps(struct genl_info *info, struct lh_link *link)
{
	struct nlattr *attr;
	int rem;
	u32 i = 0;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == LABELHOP_A_LINK_LSP)
			link->lsps[i++] = nla_get_u32(attr);
}

static int parse_neighbour(struct genl_info *info, struct lh_link *link)
{
	struct nlattr *attr = info->attrs[LABELHOP_A_LINK_NEIGHBOUR];

	if (!attr)
		return 0;
	nla_memcpy(link->neighbour, attr, ETH_ALEN);
	link->narrowed = true;
	if (!is_valid_ether_addr(link->neighbour))
		return lh_nl_refuse(info, attr,
				    "the neighbour's MAC address must be a unicast one");
	return 0;
}

static int parse_name(struct genl_info *info, struct lh_link *link)
{
	struct nlattr *attr = info->attrs[LABELHOP_A_LINK_NAME];
	const char *c;

	nla_strscpy(link->name, attr, sizeof(link->name));
	for (c = link->name; *c; c++)
		if (!isascii(*c) || !isgraph(*c))
			break;
	if (*c || c == link->name)
		return lh_nl_refuse(info, attr,
				    "a link's name must be 1 to 31 printable characters without spaces");
	return 0;
}

static struct lh_link *parse(struct genl_info *info)
{
	struct nlattr *transport = info->attrs[LABELHOP_A_LINK_TRANSPORT];
	int err = require_new(info);
	struct lh_link *link;
	u32 n_lsps;

	if (!err)
		err = count_lsps(info, &n_lsps);
	if (err)
		return ERR_PTR(err);
	link = kzalloc(struct_size(link, lsps, n_lsps), GFP_KERNEL_ACCOUNT);
	if (!link)
		return ERR_PTR(-ENOMEM);
	link->n_lsps = n_lsps;
	parse_lsps(info, link);
	nla_strscpy(link->dev_name, info->attrs[LABELHOP_A_LINK_DEV],
		    sizeof(link->dev_name));
	nla_strscpy(link->session_name, info->attrs[LABELHOP_A_LINK_SESSION],
		    sizeof(link->session_name));
	if (transport)
		link->transport = nla_get_u32(transport);
	err = parse_name(info, link);
	if (!err)
		err = parse_neighbour(info, link);
	if (!err)
		return link;
	kfree(link);
	return ERR_PTR(err);
}

/**
 * lh_nl_link_new - LABELHOP_CMD_LINK_NEW
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_link_new(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_link *link = parse(info);
	int err, attr;

	if (IS_ERR(link))
		return PTR_ERR(link);
	mutex_lock(&ln->lock);
	err = lh_link_new(ln, link, &attr, info->extack);
	if (!err) {
		ln->changes++;
		lh_nl_tell(ln, &link->list, fill, LABELHOP_CMD_LINK_NEW_NTF);
	}
	mutex_unlock(&ln->lock);
	if (err) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
		kfree(link);
	}
	return err;
}

/**
 * lh_nl_link_del - LABELHOP_CMD_LINK_DEL
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_link_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_link *link;
	int err = require_name(info);

	if (err)
		return err;
	mutex_lock(&ln->lock);
	link = find(ln, info);
	if (link) {
		ln->changes++;
		lh_nl_tell(ln, &link->list, fill, LABELHOP_CMD_LINK_DEL_NTF);
		lh_link_del(ln, link);
	}
	mutex_unlock(&ln->lock);
	return link ? 0 : -ENOENT;
}

/**
 * lh_nl_link_get - LABELHOP_CMD_LINK_GET of one link
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_link_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	int err = require_name(info);
	struct lh_link *link;

	if (err)
		return err;
	mutex_lock(&ln->lock);
	link = find(ln, info);
	err = lh_nl_answer(info, link ? &link->list : NULL, fill,
			   LABELHOP_CMD_LINK_GET);
	mutex_unlock(&ln->lock);
	return err;
}

/**
 * lh_nl_link_dump - LABELHOP_CMD_LINK_GET of all links
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] links have been sent
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_link_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));

	return lh_nl_dump(skb, cb, &ln->links, fill, LABELHOP_CMD_LINK_GET);
}
