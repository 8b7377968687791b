// SPDX-License-Identifier: GPL-2.0
/* What becomes of a packet, and its being counted: one act. */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include "compat.h"
#include "hook.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The kernel's own drop reasons are a fixed list: the nearest. */
static enum skb_drop_reason drop_reason(enum labelhop_reason reason)
{
	switch (reason) {
	case LABELHOP_REASON_TOO_BIG:
		return SKB_DROP_REASON_PKT_TOO_BIG;
	case LABELHOP_REASON_NO_MEMORY:
		return SKB_DROP_REASON_NOMEM;
	default:
		return SKB_DROP_REASON_NETFILTER_DROP;
	}
}

static void count(const struct lh_session *s, unsigned int which)
{
	lh_stats_count(&this_cpu_ptr(s->cpu)->stats, which);
}

/**
 * lh_verdict_refuse - drop a packet that is counted elsewhere
 * @name: of the VRF, pseudowire or link that refuses it, for the tracepoint
 * @skb: the packet, freed
 * @reason: why
 *
 * Return: the hook's verdict.
 */
unsigned int lh_verdict_refuse(const char *name, struct sk_buff *skb,
			       enum labelhop_reason reason)
{
	trace_labelhop_drop(name, skb, reason);
	return NF_DROP_REASON(skb, drop_reason(reason), EPERM);
}

/**
 * lh_verdict_drop - drop a packet and count it
 * @s: the session, or NULL if the packet is none's
 * @skb: the packet, freed
 * @reason: why
 *
 * Return: the hook's verdict.
 */
unsigned int lh_verdict_drop(const struct lh_session *s, struct sk_buff *skb,
			     enum labelhop_reason reason)
{
	if (s)
		count(s, LH_COUNT_DROPPED + reason);
	return lh_verdict_refuse(s ? s->name : "-", skb, reason);
}

/**
 * lh_verdict_pass - count a packet that policy monitor lets pass
 * @s: the session
 * @reason: why strict would drop it
 */
void lh_verdict_pass(const struct lh_session *s, enum labelhop_reason reason)
{
	count(s, LH_COUNT_PASSED + reason);
}

/**
 * lh_verdict_count - count a packet that is as it should be
 * @s: the session
 * @which: LH_COUNT_STAMPED, LH_COUNT_VERIFIED or LH_COUNT_BARE
 */
void lh_verdict_count(const struct lh_session *s, enum lh_count which)
{
	count(s, which);
}
