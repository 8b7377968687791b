// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on the clock. */
#include <linux/math64.h>
#include "netlink.h"

/* TAI - UTC has grown from 10 s in 1972 to 37 s; leave it room both ways. */
#define UTC_OFFSET_DEFAULT	37
#define UTC_OFFSET_MAX		255

const struct nla_policy lh_clock_policy[] = {
	[LABELHOP_A_CLOCK_SOURCE] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_CLOCK_PHC),
	[LABELHOP_A_CLOCK_UTC_OFFSET] =
		NLA_POLICY_RANGE(NLA_S32, 0, UTC_OFFSET_MAX),
	[LABELHOP_A_CLOCK_FD] = { .type = NLA_U32 },
};

static int put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, LABELHOP_A_CLOCK_PAD);
}

static int put_s64(struct sk_buff *msg, int attr, s64 value)
{
	return nla_put_s64(msg, attr, value, LABELHOP_A_CLOCK_PAD);
}

/* TAI - UTC as the kernel has it: 0 until somebody sets it. */
static s32 tai_offset(void)
{
	s64 ns = ktime_get_clocktai_ns() - ktime_get_real_ns();

	return div_s64(ns + NSEC_PER_SEC / 2, NSEC_PER_SEC);
}

static int fill_now(struct sk_buff *msg, const struct lh_clock *clock)
{
	struct lh_time t;
	u8 state = lh_clock_now(clock, &t);
	s64 offset = t.tai - ktime_get_clocktai_ns();

	if (nla_put_u8(msg, LABELHOP_A_CLOCK_STATE, state) ||
	    nla_put_s32(msg, LABELHOP_A_CLOCK_TAI_OFFSET, tai_offset()))
		return -EMSGSIZE;
	if (state == LABELHOP_STATE_UNSET)
		return 0;
	if (put_u64(msg, LABELHOP_A_CLOCK_NOW, t.tai) ||
	    put_s64(msg, LABELHOP_A_CLOCK_OFFSET, offset))
		return -EMSGSIZE;
	if (clock->views[0].source != LABELHOP_CLOCK_PHC)
		return 0;
	if (put_u64(msg, LABELHOP_A_CLOCK_ERROR, t.error) ||
	    put_u64(msg, LABELHOP_A_CLOCK_AGE, t.age))
		return -EMSGSIZE;
	return 0;
}

static int fill_phc(struct sk_buff *msg, const struct lh_clock *clock)
{
	s64 excess = (s64)clock->fit.base.line.rate - LH_RATE_ONE;
	s32 ppb = clamp_t(s64, (excess * NSEC_PER_SEC) >> LH_RATE_SHIFT,
			  S32_MIN, S32_MAX);

	if (nla_put_string(msg, LABELHOP_A_CLOCK_DEVICE, clock->name) ||
	    nla_put_s32(msg, LABELHOP_A_CLOCK_RATE, ppb) ||
	    put_u64(msg, LABELHOP_A_CLOCK_SAMPLES, clock->samples) ||
	    put_u64(msg, LABELHOP_A_CLOCK_BAD, clock->bad) ||
	    put_u64(msg, LABELHOP_A_CLOCK_STEPS, clock->steps) ||
	    (clock->steps &&
	     put_s64(msg, LABELHOP_A_CLOCK_STEP, clock->fit.step)))
		return -EMSGSIZE;
	return 0;
}

static void *fill(struct sk_buff *msg, const struct lh_clock *clock, u32 portid,
		  u32 seq, u8 cmd)
{
	const struct lh_clock_view *view = &clock->views[0];
	void *header;

	lockdep_assert_held(&clock->lock);
	header = genlmsg_put(msg, portid, seq, &lh_genl_family, 0, cmd);
	if (!header)
		return NULL;
	if (nla_put_u8(msg, LABELHOP_A_CLOCK_SOURCE, view->source) ||
	    (view->source == LABELHOP_CLOCK_REALTIME &&
	     nla_put_s32(msg, LABELHOP_A_CLOCK_UTC_OFFSET, view->utc_offset)) ||
	    fill_now(msg, clock) ||
	    (view->source == LABELHOP_CLOCK_PHC && fill_phc(msg, clock)))
		return NULL;
	return header;
}

/**
 * lh_nl_clock_tell - send an event of a clock
 * @clock: the clock, locked
 * @cmd: which event
 */
void lh_nl_clock_tell(struct lh_clock *clock, u8 cmd)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct lh_net *ln = container_of(clock, struct lh_net, clock);

	lh_nl_announce(ln->net, msg,
		       msg ? fill(msg, clock, 0, 0, cmd) : NULL, GFP_KERNEL);
}

static int set_phc(struct lh_clock *clock, struct genl_info *info)
{
	struct nlattr *fd = info->attrs[LABELHOP_A_CLOCK_FD];
	int err;

	err = lh_nl_require(info, LABELHOP_A_CLOCK_FD,
			    "the file of the PTP hardware clock is missing");
	if (err)
		return err;
	NL_SET_BAD_ATTR(info->extack, fd);
	return lh_clock_set_phc(clock, nla_get_u32(fd), info->extack);
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
	struct lh_clock *clock = &lh_nl_net(info)->clock;
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
	if (source == LABELHOP_CLOCK_PHC)
		return set_phc(clock, info);
	if (info->attrs[LABELHOP_A_CLOCK_FD]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[LABELHOP_A_CLOCK_FD],
				    "a file is only for the source phc");
		return -EINVAL;
	}
	lh_clock_set(clock, source,
		     offset ? nla_get_s32(offset) : UTC_OFFSET_DEFAULT);
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
	struct lh_clock *clock = &lh_nl_net(info)->clock;
	void *header;

	if (!msg)
		return -ENOMEM;
	mutex_lock(&clock->lock);
	header = fill(msg, clock, info->snd_portid, info->snd_seq,
		      LABELHOP_CMD_CLOCK_GET);
	mutex_unlock(&clock->lock);
	return lh_nl_reply(msg, header, info);
}
