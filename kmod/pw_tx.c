// SPDX-License-Identifier: GPL-2.0
/*
 * What a pseudowire sends: RFC 4448, raw mode. The kernel has segmented frames and
 * finished checksums before, since the device says that it can't. What queues them
 * is the device below, with its queue discipline and byte limits; this one has no
 * queue.
 */
#include <linux/etherdevice.h>
#include <linux/mpls.h>
#include <net/mpls.h>
#include <net/neighbour.h>
#include "hook.h"
#include "packet.h"
#include "pw.h"
#include "stamp.h"

/* Hop and tag labels, or label and flow label, and a control word. */
#define GROWTH_MAX	((1 + LABELHOP_TAGS_MAX) * LH_LSE_LEN + LH_CW_LEN)

static void push(struct sk_buff *skb, u32 label, bool bos, u8 ttl)
{
	lh_lse_put(skb_push(skb, LH_LSE_LEN),
		   (struct lh_lse) { .label = label, .bos = bos, .ttl = ttl });
}

/* RFC 6391: any label but the reserved ones, the same for all of a flow. */
static u32 flow_label(u32 hash)
{
	return LABELHOP_LABEL_MIN +
	       reciprocal_scale(hash, LABELHOP_LABEL_MAX -
				      LABELHOP_LABEL_MIN + 1);
}

/* Is the frame one that the session is for? */
static bool takes(const struct lh_session *s, const struct sk_buff *skb)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	if (!s->n_macs)
		return true;
	len = lh_packet_head(skb, 0, buffer, &head);
	return lh_session_takes_frame(s, head, len);
}

static void pw_drop(const struct lh_pw *pw, struct sk_buff *skb,
		    enum labelhop_reason reason)
{
	DEV_STATS_INC(pw->dev, tx_dropped);
	lh_verdict_refuse(pw->dev->name, skb, reason);
}

/*
 * Put hop and tag labels on, or the bare label if the session lets that pass.
 * Returns false if it does not, and the frame is gone.
 */
static bool stamp(const struct lh_pw *pw, const struct lh_session *s,
		  struct sk_buff *skb, u8 ttl, unsigned int mtu)
{
	const struct lh_lse like = { .ttl = ttl };
	struct lh_stamp labels;
	enum labelhop_reason reason = LABELHOP_REASON_TOO_BIG;

	if (skb->len + lh_stamp_len(s) <= mtu)
		reason = lh_stamp_make(pw->ln, s, skb, 0, &labels);
	if (!reason) {
		lh_stamp_write(skb_push(skb, lh_stamp_len(s)), s, &labels,
			       &like);
		lh_verdict_count(s, LH_COUNT_STAMPED);
		return true;
	}
	if (!lh_session_passes(s, reason)) {
		DEV_STATS_INC(pw->dev, tx_dropped);
		lh_verdict_drop(s, skb, reason);
		return false;
	}
	lh_verdict_pass(s, reason);
	push(skb, s->gen.label, true, ttl);
	return true;
}

static bool put_labels(const struct lh_pw_setup *setup, struct sk_buff *skb, u8 ttl,
		       unsigned int mtu)
{
	const struct lh_end *end = &setup->ends[LABELHOP_DIR_OUT];
	const void *entry = rcu_dereference(end->entry);
	const struct lh_session *s = entry;
	u32 label;

	/* The session is gone: nothing leaves without it. */
	if (IS_ERR(entry)) {
		pw_drop(setup->pw, skb, LABELHOP_REASON_BARE);
		return false;
	}
	if (!xa_is_value(entry) && takes(s, skb))
		return stamp(setup->pw, s, skb, ttl, mtu);
	if (setup->flow_label)
		push(skb, flow_label(skb->hash), true, ttl);
	label = xa_is_value(entry) ? xa_to_value(entry) : s->gen.label;
	push(skb, label, !setup->flow_label, ttl);
	return true;
}

static void put_transport(struct sk_buff *skb, const struct lh_path *path,
			  u8 ttl)
{
	int i;

	if (!path->labels)
		return;
	for (i = path->labels->labels - 1; i >= 0; i--)
		push(skb, path->labels->label[i], false, ttl);
}

static u8 transport_ttl(const struct lh_pw *pw, const struct lh_path *path)
{
	if (path->labels && path->labels->default_ttl)
		return path->labels->default_ttl;
	return READ_ONCE(pw->ln->net->mpls.default_ttl);
}

/* Room for all that may be put in front, and the frame as it will be. */
static int prepare(struct sk_buff *skb, const struct lh_path *path)
{
	unsigned int labels = path->labels ? path->labels->labels : 0;
	int err = lh_packet_checksum(skb);

	return err ? err : skb_cow_head(skb, LL_RESERVED_SPACE(path->dev) +
					     labels * LH_LSE_LEN + GROWTH_MAX);
}

/* Returns false if the frame is gone. */
static bool encapsulate(const struct lh_pw_setup *setup, struct sk_buff *skb,
			const struct lh_path *path)
{
	u8 ttl = transport_ttl(setup->pw, path);
	unsigned int len = skb->len;

	skb_scrub_packet(skb, false);
	skb->ip_summed = CHECKSUM_NONE;
	/* An argument that changes skb->len can't stand beside one that reads it. */
	if (setup->control_word)
		lh_cw_put(skb_push(skb, LH_CW_LEN), len);
	if (!put_labels(setup, skb, ttl, path->mtu))
		return false;
	if (skb->len > path->mtu) {
		pw_drop(setup->pw, skb, LABELHOP_REASON_TOO_BIG);
		return false;
	}
	put_transport(skb, path, ttl);
	skb->protocol = htons(ETH_P_MPLS_UC);
	skb->dev = path->dev;
	skb_reset_network_header(skb);
	return true;
}

static void send(struct lh_pw_setup *setup, struct sk_buff *skb,
		 const struct lh_path *path)
{
	struct net_device *dev = setup->pw->dev;
	unsigned int len = skb->len;
	int err;

	if (prepare(skb, path)) {
		pw_drop(setup->pw, skb, LABELHOP_REASON_NO_MEMORY);
		return;
	}
	if (!encapsulate(setup, skb, path))
		return;
	err = neigh_xmit(path->table, path->dev, path->nexthop, skb);
	if (err)
		DEV_STATS_INC(dev, tx_errors);
	else
		dev_sw_netstats_tx_add(dev, 1, len);
}

/**
 * lh_pw_xmit - send a frame
 * @skb: the frame
 * @dev: the pseudowire's device
 *
 * With bottom halves off.
 *
 * Return: NETDEV_TX_OK; the frame is gone in any case.
 */
netdev_tx_t lh_pw_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct lh_pw *pw = netdev_priv(dev);
	struct lh_pw_setup *setup;
	struct lh_path path;

	rcu_read_lock();
	setup = rcu_dereference(pw->setup);
	if (lh_pw_path(setup, skb_get_hash(skb), &path)) {
		DEV_STATS_INC(dev, tx_carrier_errors);
		pw_drop(pw, skb, LABELHOP_REASON_NO_PATH);
		goto out;
	}
	/* Nothing else tells how long a short frame is. */
	if (!setup->control_word && __skb_put_padto(skb, ETH_ZLEN, false))
		pw_drop(pw, skb, LABELHOP_REASON_NO_MEMORY);
	else
		send(setup, skb, &path);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
