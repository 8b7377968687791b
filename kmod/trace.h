/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM labelhop

#if !defined(LABELHOP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LABELHOP_TRACE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <linux/labelhop.h>

#define LH_TRACE_ENUM(id, word)		TRACE_DEFINE_ENUM(LABELHOP_REASON_##id);
#define LH_TRACE_REASON(id, word)	{ LABELHOP_REASON_##id, word },

LABELHOP_REASONS(LH_TRACE_ENUM)

TRACE_EVENT(labelhop_drop,
	TP_PROTO(const char *name, const struct sk_buff *skb, int reason),

	TP_ARGS(name, skb, reason),

	TP_STRUCT__entry(
		__array(char, name, LABELHOP_NAME_LEN)
		__field(int, ifindex)
		__field(unsigned int, len)
		__field(int, reason)
	),

	TP_fast_assign(
		strscpy_pad(__entry->name, name, LABELHOP_NAME_LEN);
		__entry->ifindex = skb->dev ? skb->dev->ifindex : 0;
		__entry->len = skb->len;
		__entry->reason = reason;
	),

	TP_printk("name=%s ifindex=%d len=%u reason=%s", __entry->name,
		  __entry->ifindex, __entry->len,
		  __print_symbolic(__entry->reason,
				   LABELHOP_REASONS(LH_TRACE_REASON)
				   { LABELHOP_REASON_UNSPEC, "none" }))
);

#endif /* LABELHOP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
