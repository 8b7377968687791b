/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the supported kernels, 6.1 to 7.3, and nothing else. What the
 * headers have is asked, never for a version: stable updates bring new names too.
 */
#ifndef LABELHOP_COMPAT_H
#define LABELHOP_COMPAT_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

/* 6.5 moved the GSO functions out of netdevice.h. */
#ifdef LH_HAVE_GSO_H
#include <net/gso.h>
#endif

/* A stable update of 6.1 brought it. */
#ifndef __counted_by
#define __counted_by(member)
#endif

/* Another named what GENL_UNS_ADMIN_PERM had meant for a group until then. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* A third brought this way to read a field that may change. */
#ifndef LH_HAVE_DST_DEV
static inline struct net_device *dst_dev(const struct dst_entry *dst)
{
	return READ_ONCE(dst->dev);
}
#endif

/*
 * And a fourth this verdict: the packet is gone, and why is told here. What came
 * before it takes no notice of the error, so that the sender hears of none.
 */
#ifndef LH_HAVE_NF_DROP_REASON
static inline int NF_DROP_REASON(struct sk_buff *skb,
				 enum skb_drop_reason reason, u32 err)
{
	kfree_skb_reason(skb, reason);
	return (err << 16) | NF_STOLEN;
}
#endif

/* 6.1's extack has no room for a sentence that is made at run time. */
#ifdef NL_SET_ERR_MSG_FMT
#define lh_extack_format NL_SET_ERR_MSG_FMT
#else
void lh_extack_format(struct netlink_ext_ack *extack, const char *format, ...)
	__printf(2, 3);
#endif

/* A device that needs no lock to send: 6.12 made a bit of what was a feature. */
static inline void lh_dev_lockless(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/*
 * A device that does not move to another network namespace: the same, and a stable
 * update gave it a new name.
 */
static inline void lh_dev_stays(struct net_device *dev)
{
#if defined(NETIF_F_NETNS_LOCAL)
	dev->features |= NETIF_F_NETNS_LOCAL;
#elif defined(LH_HAVE_NETNS_LOCAL)
	dev->netns_local = true;
#else
	dev->netns_immutable = true;
#endif
}

/* Early 6.1 has no sequence count that keeps table and size together: no table. */
#ifdef LH_HAVE_MPLS_SEQ
#define LH_MPLS_TABLE_SEEN	true
#else
#define LH_MPLS_TABLE_SEEN	false
#endif

/* The kernel's table of MPLS routes and its size, under RCU. */
static inline size_t lh_mpls_table(const struct net *net,
				   struct mpls_route __rcu ***table)
{
	size_t n = 0;
#ifdef LH_HAVE_MPLS_SEQ
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&net->mpls.platform_label_seq);
		*table = rcu_dereference(net->mpls.platform_label);
		n = net->mpls.platform_labels;
	} while (read_seqcount_retry(&net->mpls.platform_label_seq, seq));
#endif
	return n;
}

#endif /* LABELHOP_COMPAT_H */
