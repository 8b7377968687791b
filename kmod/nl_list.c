// SPDX-License-Identifier: GPL-2.0
/* Netlink answers about a list of objects, whatever they are. */
#include "netlink.h"

/**
 * lh_nl_answer - answer a request about one object
 * @info: the request
 * @entry: the object, NULL if there is none
 * @fill: fills a message; lh_net.lock is held
 * @cmd: the message's command
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_answer(struct genl_info *info, const struct list_head *entry,
		 lh_nl_fill fill, u8 cmd)
{
	struct sk_buff *msg;

	if (!entry)
		return -ENOENT;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	return lh_nl_reply(msg, fill(msg, lh_nl_net(info), entry,
				     info->snd_portid, info->snd_seq, 0, cmd), info);
}

/**
 * lh_nl_tell - announce an event of an object
 * @ln: the namespace, locked
 * @entry: the object
 * @fill: fills a message
 * @cmd: the event
 */
void lh_nl_tell(struct lh_net *ln, const struct list_head *entry,
		lh_nl_fill fill, u8 cmd)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	lh_nl_announce(ln->net, msg,
		       msg ? fill(msg, ln, entry, 0, 0, 0, cmd) : NULL,
		       GFP_KERNEL);
}

/**
 * lh_nl_dump - answer with all objects of a list
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] objects have been sent
 * @list: the list, of the namespace of the socket
 * @fill: fills a message; lh_net.lock is held
 * @cmd: the messages' command
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
	       const struct list_head *list, lh_nl_fill fill, u8 cmd)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));
	const struct list_head *entry;
	bool full = false;
	long i = 0;

	mutex_lock(&ln->lock);
	cb->seq = ln->changes;
	list_for_each(entry, list) {
		void *header;

		if (i++ < cb->args[0])
			continue;
		header = fill(skb, ln, entry, NETLINK_CB(cb->skb).portid,
			      cb->nlh->nlmsg_seq, NLM_F_MULTI, cmd);
		full = !header;
		if (full)
			break;
		genl_dump_check_consistent(cb, header);
		genlmsg_end(skb, header);
		cb->args[0] = i;
	}
	mutex_unlock(&ln->lock);
	return full && !skb->len ? -EMSGSIZE : skb->len;
}
