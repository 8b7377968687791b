// SPDX-License-Identifier: GPL-2.0
/* What a pseudowire receives: RFC 4448, raw mode. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <net/dst.h>
#include "hook.h"
#include "packet.h"
#include "pw.h"

/*
 * Is a frame the pseudowire's to take? What a session has verified belongs to the
 * pseudowire that names that session: another that has the label now may be another
 * customer's. A bare frame is let in by the session that is named, by its policy, or
 * because the session is only for frames of some MAC addresses and this is none of
 * them. Without a session, the label is enough.
 */
static bool admitted(const struct lh_pw_setup *to, const struct lh_session *by,
		     bool bare, const struct sk_buff *skb,
		     unsigned int payload)
{
	const struct lh_end *end = &to->ends[LABELHOP_DIR_IN];
	const void *entry = rcu_dereference(end->entry);
	const struct lh_session *s = entry;
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	if (xa_is_value(entry))
		return bare;
	if (by || IS_ERR(entry))
		return by == entry;
	if (!s->n_macs)
		return false;
	len = lh_packet_head(skb, payload, buffer, &head);
	return !lh_session_takes_frame(s, head, len);
}

/* The entries from the pseudowire's own on; returns offset of what is below. */
static int below_labels(const struct lh_pw_setup *to, const struct sk_buff *skb,
			unsigned int at)
{
	u8 buffer[LH_LSE_LEN];
	const u8 *bytes;
	int i;

	for (i = 0; i <= to->flow_label; i++, at += LH_LSE_LEN) {
		bytes = lh_packet_bytes(skb, at, LH_LSE_LEN, buffer);
		if (!bytes)
			return -EINVAL;
		if (lh_lse_get(bytes).bos)
			return at + LH_LSE_LEN;
	}
	return -EINVAL;
}

/* Leave only the frame, without what Ethernet or another has padded. */
static enum labelhop_reason decapsulate(const struct lh_pw_setup *to,
					struct sk_buff *skb, unsigned int at)
{
	size_t len = skb->len - at;

	if (to->control_word) {
		u8 buffer[LH_CW_LEN];
		const u8 *cw = lh_packet_bytes(skb, at, LH_CW_LEN, buffer);

		if (!cw || !lh_cw_get(cw, LH_CW_LEN, len, &len))
			return LABELHOP_REASON_MALFORMED;
	}
	if (pskb_trim_rcsum(skb, at + len))
		return LABELHOP_REASON_NO_MEMORY;
	if (to->control_word)
		at += LH_CW_LEN;
	if (!pskb_may_pull(skb, at + ETH_HLEN))
		return LABELHOP_REASON_MALFORMED;
	skb_pull_rcsum(skb, at);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	return LABELHOP_REASON_UNSPEC;
}

/**
 * lh_pw_receive - take a frame out of its labels
 * @to: the pseudowire that has the label
 * @s: session that has let it pass, NULL if none is for it
 * @bare: did it come without hop and tag labels, so that nothing was verified?
 * @skb: the packet in the ingress hook; not shared
 * @at: offset of the pseudowire's label from skb->data
 *
 * Return: NF_STOLEN.
 */
unsigned int lh_pw_receive(const struct lh_pw_setup *to,
			   const struct lh_session *s, bool bare,
			   struct sk_buff *skb, unsigned int at)
{
	struct lh_pw *pw = to->pw;
	struct net_device *dev = pw->dev;
	int payload = below_labels(to, skb, at);
	enum labelhop_reason reason;

	if (payload < 0) {
		DEV_STATS_INC(dev, rx_frame_errors);
		DEV_STATS_INC(dev, rx_errors);
		return lh_verdict_refuse(dev->name, skb,
					 LABELHOP_REASON_MALFORMED);
	}
	if (!admitted(to, s, bare, skb, payload)) {
		DEV_STATS_INC(dev, rx_dropped);
		reason = bare ? LABELHOP_REASON_BARE :
				LABELHOP_REASON_UNMATCHED;
		return lh_verdict_refuse(dev->name, skb, reason);
	}
	reason = decapsulate(to, skb, payload);
	if (reason) {
		DEV_STATS_INC(dev, rx_length_errors);
		DEV_STATS_INC(dev, rx_errors);
		return lh_verdict_refuse(dev->name, skb, reason);
	}
	dev_sw_netstats_rx_add(dev, skb->len);
	__skb_tunnel_rx(skb, dev, pw->ln->net);
	/* That of the frame around it, if it is a priority tag. */
	__vlan_hwaccel_clear_tag(skb);
	/* What a device below has checked was not this frame's. */
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		skb->ip_summed = CHECKSUM_NONE;
	skb->protocol = eth_type_trans(skb, dev);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	gro_cells_receive(&pw->cells, skb);
	return NF_STOLEN;
}
