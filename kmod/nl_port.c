// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on ports. */
#include "netlink.h"
#include "port.h"

const struct nla_policy lh_port_policy[] = {
	[LABELHOP_A_PORT_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static void *fill(struct sk_buff *msg, const struct lh_net *ln,
		  const struct list_head *entry, u32 portid, u32 seq, int flags,
		  u8 cmd)
{
	const struct lh_port *port = list_entry(entry, struct lh_port, list);
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (header && nla_put_string(msg, LABELHOP_A_PORT_DEV, port->name)) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

static const char *dev_name_of(struct genl_info *info)
{
	if (lh_nl_require(info, LABELHOP_A_PORT_DEV,
			  "the port's device is missing"))
		return NULL;
	return nla_data(info->attrs[LABELHOP_A_PORT_DEV]);
}

static struct lh_port *find(struct lh_net *ln, const char *name,
			    struct genl_info *info)
{
	struct lh_port *port = lh_port_find(ln, name);

	if (!port)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[LABELHOP_A_PORT_DEV],
				    "there is no such port");
	return port;
}

/**
 * lh_nl_port_new - LABELHOP_CMD_PORT_NEW
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_port_new(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = dev_name_of(info);
	struct lh_net *ln = lh_nl_net(info);
	int err;

	if (!name)
		return -EINVAL;
	NL_SET_BAD_ATTR(info->extack, info->attrs[LABELHOP_A_PORT_DEV]);
	mutex_lock(&ln->lock);
	err = lh_port_new(ln, name, info->extack);
	if (!err) {
		ln->changes++;
		lh_nl_tell(ln, &lh_port_find(ln, name)->list, fill,
			   LABELHOP_CMD_PORT_NEW_NTF);
	}
	mutex_unlock(&ln->lock);
	return err;
}

/**
 * lh_nl_port_del - LABELHOP_CMD_PORT_DEL
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_port_del(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = dev_name_of(info);
	struct lh_net *ln = lh_nl_net(info);
	struct lh_port gone, *port;

	if (!name)
		return -EINVAL;
	mutex_lock(&ln->lock);
	port = find(ln, name, info);
	if (port) {
		gone = *port;
		lh_port_del(ln, port);
		ln->changes++;
		lh_nl_tell(ln, &gone.list, fill, LABELHOP_CMD_PORT_DEL_NTF);
	}
	mutex_unlock(&ln->lock);
	return port ? 0 : -ENOENT;
}

/**
 * lh_nl_port_get - LABELHOP_CMD_PORT_GET of one port
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_port_get(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = dev_name_of(info);
	struct lh_net *ln = lh_nl_net(info);
	struct lh_port *port;
	int err;

	if (!name)
		return -EINVAL;
	mutex_lock(&ln->lock);
	port = find(ln, name, info);
	err = lh_nl_answer(info, port ? &port->list : NULL, fill,
			   LABELHOP_CMD_PORT_GET);
	mutex_unlock(&ln->lock);
	return err;
}

/**
 * lh_nl_port_dump - LABELHOP_CMD_PORT_GET of all ports
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] ports have been sent
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_port_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));

	return lh_nl_dump(skb, cb, &ln->ports, fill, LABELHOP_CMD_PORT_GET);
}
