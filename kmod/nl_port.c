// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on ports. */
#include "netlink.h"
#include "port.h"

const struct nla_policy lh_port_policy[] = {
	[LABELHOP_A_PORT_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static void *fill(struct sk_buff *msg, const struct lh_port *port, u32 portid,
		  u32 seq, int flags, u8 cmd)
{
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (header && nla_put_string(msg, LABELHOP_A_PORT_DEV, port->name)) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

static void notify(struct lh_net *ln, const struct lh_port *port, u8 cmd)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	lh_nl_announce(ln->net, msg,
		       msg ? fill(msg, port, 0, 0, 0, cmd) : NULL);
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
		notify(ln, lh_port_find(ln, name), LABELHOP_CMD_PORT_NEW_NTF);
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
	int err = -ENOENT;

	if (!name)
		return -EINVAL;
	mutex_lock(&ln->lock);
	port = find(ln, name, info);
	if (port) {
		gone = *port;
		err = lh_port_del(ln, port);
		if (err) {
			NL_SET_ERR_MSG(info->extack,
				       "a device could not be hooked");
		} else {
			ln->changes++;
			notify(ln, &gone, LABELHOP_CMD_PORT_DEL_NTF);
		}
	}
	mutex_unlock(&ln->lock);
	return err;
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
	struct sk_buff *msg;
	void *header;

	if (!name)
		return -EINVAL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&ln->lock);
	port = find(ln, name, info);
	header = port ? fill(msg, port, info->snd_portid, info->snd_seq, 0,
			     LABELHOP_CMD_PORT_GET) : NULL;
	mutex_unlock(&ln->lock);
	if (!port) {
		nlmsg_free(msg);
		return -ENOENT;
	}
	return lh_nl_reply(msg, header, info);
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
	const struct lh_port *port;
	long i = 0;

	mutex_lock(&ln->lock);
	cb->seq = ln->changes;
	list_for_each_entry(port, &ln->ports, list) {
		void *header;

		if (i++ < cb->args[0])
			continue;
		header = fill(skb, port, NETLINK_CB(cb->skb).portid,
			      cb->nlh->nlmsg_seq, NLM_F_MULTI,
			      LABELHOP_CMD_PORT_GET);
		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		genlmsg_end(skb, header);
		cb->args[0] = i;
	}
	mutex_unlock(&ln->lock);
	return skb->len;
}
