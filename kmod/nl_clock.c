// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on the clock. */
#include "netlink.h"

/* TAI - UTC has grown from 10 s in 1972 to 37 s; leave it room both ways. */
#define UTC_OFFSET_DEFAULT	37
#define UTC_OFFSET_MAX		255

const struct nla_policy lh_clock_policy[] = {
	[LABELHOP_A_CLOCK_SOURCE] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_CLOCK_REALTIME),
	[LABELHOP_A_CLOCK_UTC_OFFSET] =
		NLA_POLICY_RANGE(NLA_S32, 0, UTC_OFFSET_MAX),
};

static void *fill(struct sk_buff *msg, const struct lh_net *ln, u32 portid,
		  u32 seq, u8 cmd)
{
	const struct lh_clock *clock = &ln->clock;
	void *header;
	u64 now;

	header = genlmsg_put(msg, portid, seq, &lh_genl_family, 0, cmd);
	if (!header)
		return NULL;
	if (nla_put_u8(msg, LABELHOP_A_CLOCK_SOURCE, clock->source) ||
	    (clock->source == LABELHOP_CLOCK_REALTIME &&
	     nla_put_s32(msg, LABELHOP_A_CLOCK_UTC_OFFSET,
			 clock->utc_offset)) ||
	    (lh_clock_now(clock, &now) &&
	     nla_put_u64_64bit(msg, LABELHOP_A_CLOCK_NOW, now,
			       LABELHOP_A_CLOCK_PAD)))
		return NULL;
	return header;
}

static void notify(struct lh_net *ln)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	lh_nl_announce(ln->net, msg,
		       msg ? fill(msg, ln, 0, 0, LABELHOP_CMD_CLOCK_SET_NTF) :
			     NULL);
}

/**
 * lh_nl_clock_set - LABELHOP_CMD_CLOCK_SET
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_clock_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *offset = info->attrs[LABELHOP_A_CLOCK_UTC_OFFSET];
	struct lh_net *ln = lh_nl_net(info);
	int err;
	u8 source;

	err = lh_nl_require(info, LABELHOP_A_CLOCK_SOURCE,
			    "the clock's source is missing");
	if (err)
		return err;
	source = nla_get_u8(info->attrs[LABELHOP_A_CLOCK_SOURCE]);
	if (offset && source != LABELHOP_CLOCK_REALTIME) {
		NL_SET_ERR_MSG_ATTR(info->extack, offset,
				    "a UTC offset is only for the source realtime");
		return -EINVAL;
	}
	mutex_lock(&ln->lock);
	lh_clock_set(&ln->clock, source,
		     offset ? nla_get_s32(offset) : UTC_OFFSET_DEFAULT);
	notify(ln);
	mutex_unlock(&ln->lock);
	return 0;
}

/**
 * lh_nl_clock_get - LABELHOP_CMD_CLOCK_GET
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_clock_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct lh_net *ln = lh_nl_net(info);
	void *header;

	if (!msg)
		return -ENOMEM;
	mutex_lock(&ln->lock);
	header = fill(msg, ln, info->snd_portid, info->snd_seq,
		      LABELHOP_CMD_CLOCK_GET);
	mutex_unlock(&ln->lock);
	return lh_nl_reply(msg, header, info);
}
