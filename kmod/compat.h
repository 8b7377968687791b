/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the supported kernels, 6.1 to 7.3, and nothing else.
 * Tests of what the headers have are preferred to version numbers.
 */
#ifndef LABELHOP_COMPAT_H
#define LABELHOP_COMPAT_H

#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

/* 6.5 moved the GSO functions out of netdevice.h. */
#ifdef LH_HAVE_GSO_H
#include <net/gso.h>
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

/* A device that does not move to another network namespace: the same. */
static inline void lh_dev_stays(struct net_device *dev)
{
#ifdef NETIF_F_NETNS_LOCAL
	dev->features |= NETIF_F_NETNS_LOCAL;
#else
	dev->netns_immutable = true;
#endif
}

/*
 * The kernel's table of MPLS routes and its size, under RCU. Early 6.1 has no
 * sequence count that keeps the two together: there, no table.
 */
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
