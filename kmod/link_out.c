// SPDX-License-Identifier: GPL-2.0
/*
 * A device with a link, direction out: labels go above the stack. protocol.rst, "Link
 * mode". hook_out.c segments before, and fragments.
 */
#include <linux/etherdevice.h>
#include <net/sch_generic.h>
#include "hook.h"
#include "link.h"
#include "packet.h"
#include "stamp.h"

/**
 * lh_link_out - link that a packet leaves by
 * @d: the device
 * @skb: the packet in the egress hook
 *
 * Return: the link, or NULL.
 */
const struct lh_link *lh_link_out(const struct lh_dev *d,
				  const struct sk_buff *skb)
{
	const struct lh_link *link;
	u8 buffer[LH_LSE_LEN];
	const u8 *bytes;

	if (hlist_empty(&d->links[LABELHOP_DIR_OUT]))
		return NULL;
	bytes = lh_packet_bytes(skb, skb_network_offset(skb), LH_LSE_LEN,
				buffer);
	hlist_for_each_entry_rcu(link, &d->links[LABELHOP_DIR_OUT], node)
		if ((!link->narrowed ||
		     ether_addr_equal_unaligned(skb->data, link->neighbour)) &&
		    (!bytes || lh_link_takes(link, lh_lse_get(bytes).label)))
			return link;
	return NULL;
}

/**
 * lh_link_closed - drop a packet of a link that has lost its session
 * @link: the link
 * @skb: the packet, freed
 *
 * Nothing passes such a link, in either direction.
 *
 * Return: the hook's verdict.
 */
unsigned int lh_link_closed(const struct lh_link *link, struct sk_buff *skb)
{
	return lh_verdict_refuse(link->name, skb, LABELHOP_REASON_BARE);
}

/**
 * lh_link_growth - bytes that a link adds
 * @link: the link
 * @s: its session
 *
 * Return: their number.
 */
unsigned int lh_link_growth(const struct lh_link *link,
			    const struct lh_session *s)
{
	return lh_stamp_len(s) + (link->transport ? LH_LSE_LEN : 0);
}

/*
 * Above a stack nothing says how long a packet is, so that no device may have to
 * pad it: not this one, nor that behind a router which pops the transport label.
 */
static int pad(const struct lh_session *s, struct sk_buff *skb,
	       unsigned int at)
{
	unsigned int len = at + ETH_ZLEN - ETH_HLEN - lh_stamp_len(s);
	unsigned int before = skb->len;

	if (__skb_put_padto(skb, len, false))
		return -ENOMEM;
	qdisc_skb_cb(skb)->pkt_len += skb->len - before;
	return 0;
}

static void write_labels(u8 *bytes, const struct lh_link *link,
			 const struct lh_session *s,
			 const struct lh_stamp *labels,
			 const struct lh_lse *top)
{
	struct lh_lse lse = *top;

	if (link->transport) {
		lse.label = link->transport;
		lse.bos = false;
		lh_lse_put(bytes, lse);
		bytes += LH_LSE_LEN;
	}
	lh_stamp_write(bytes, s, labels, top);
}

/**
 * lh_link_stamp - put a link's labels on one packet that is as it will be on the wire
 * @ln: the namespace
 * @link: the link
 * @s: its session
 * @skb: the packet in the egress hook; not shared
 *
 * On a reason the packet is still the caller's, with nothing but its checksum and
 * padding changed.
 *
 * Return: LABELHOP_REASON_UNSPEC, or why it has none.
 */
enum labelhop_reason lh_link_stamp(const struct lh_net *ln,
				   const struct lh_link *link,
				   const struct lh_session *s,
				   struct sk_buff *skb)
{
	unsigned int growth = lh_link_growth(link, s);
	unsigned int at = skb_network_offset(skb);
	enum labelhop_reason reason;
	struct lh_stamp labels;
	u8 buffer[LH_LSE_LEN];
	const u8 *bytes;
	struct lh_lse top;

	bytes = lh_packet_bytes(skb, at, LH_LSE_LEN, buffer);
	if (!bytes)
		return LABELHOP_REASON_MALFORMED;
	top = lh_lse_get(bytes);
	if (pad(s, skb, at))
		return LABELHOP_REASON_NO_MEMORY;
	reason = lh_stamp_make(ln, s, skb, at, &labels);
	if (reason)
		return reason;
	if (lh_packet_grow(skb, at, growth))
		return LABELHOP_REASON_NO_MEMORY;
	write_labels(skb->data + at, link, s, &labels, &top);
	qdisc_skb_cb(skb)->pkt_len += growth;
	lh_verdict_count(s, LH_COUNT_STAMPED);
	return LABELHOP_REASON_UNSPEC;
}
