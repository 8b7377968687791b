/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_VRF_H
#define LABELHOP_VRF_H

#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/u64_stats_sync.h>
#include "net.h"

struct net_device;
struct netlink_ext_ack;

/**
 * enum lh_vrf_count - the counters of a protected VRF
 * @LH_VRF_VERIFIED: came by a label, and a session had verified it
 * @LH_VRF_BARE: came without, and passed
 * @LH_VRF_DROPPED: came without, and was dropped
 * @LH_VRF_COUNTS: their number
 */
enum lh_vrf_count {
	LH_VRF_VERIFIED,
	LH_VRF_BARE,
	LH_VRF_DROPPED,
	LH_VRF_COUNTS,
};

/**
 * struct lh_vrf_stats - counters of one CPU
 * @counts: by enum lh_vrf_count
 * @sync: guards @counts where 64 bits are not read at once
 *
 * Written with bottom halves off, on the CPU that it belongs to.
 */
struct lh_vrf_stats {
	u64_stats_t counts[LH_VRF_COUNTS];
	struct u64_stats_sync sync;
};

/**
 * struct lh_vrf_dev - a VRF device, or one of a VRF
 * @rcu: frees it after the last packet
 * @ln: its namespace, for good: VRF devices don't move, and others leave the VRF first
 * @dev: the device; NETDEV_UNREGISTER ends both, or NETDEV_CHANGEUPPER
 * @slaves: of a VRF device, those of the VRF by @same; under lh_net.lock
 * @same: where it is no VRF device, in @slaves of that
 * @slave: is it no VRF device? immutable
 * @vrf: what protects it, or NULL; written under lh_net.lock, read under RCU
 * @ops: the egress hook
 * @hooked: is it registered? under lh_net.lock
 */
struct lh_vrf_dev {
	struct rcu_head rcu;
	struct lh_net *ln;
	struct net_device *dev;
	struct list_head slaves;
	struct list_head same;
	bool slave;
	struct lh_vrf __rcu *vrf;
	struct nf_hook_ops ops;
	bool hooked;
};

/**
 * struct lh_vrf - a VRF that only verified packets enter from a label
 * @list: in lh_net.vrfs; under lh_net.lock
 * @node: in lh_net.vrf_names; under lh_net.lock
 * @rcu: frees it after the last packet
 * @ln: the namespace
 * @dev: the VRF device that has the name now, NULL if there is none; under
 *	 lh_net.lock
 * @stats: per CPU
 * @told: jiffies of the last event about bare packets; written by packets, at most
 *	  once a second
 * @policy: enum labelhop_policy; written under lh_net.lock, read by packets
 * @name: of the device, which may come and go; immutable, zeros to its end
 *
 * Alive from lh_vrf_new() to a grace period after lh_vrf_del().
 */
struct lh_vrf {
	struct list_head list;
	struct rhash_head node;
	struct rcu_head rcu;
	struct lh_net *ln;
	struct lh_vrf_dev *dev;
	struct lh_vrf_stats __percpu *stats;
	unsigned long told;
	u8 policy;
	char name[IFNAMSIZ];
};

struct lh_vrf *lh_vrf_find(struct lh_net *ln, const char *name);
struct lh_vrf *lh_vrf_insert(struct lh_net *ln, const char *name, u8 policy,
			     struct netlink_ext_ack *extack);
struct lh_vrf *lh_vrf_new(struct lh_net *ln, const char *name, u8 policy,
			  struct netlink_ext_ack *extack);
void lh_vrf_del(struct lh_net *ln, struct lh_vrf *v);
u64 lh_vrf_count(const struct lh_vrf *v, enum lh_vrf_count count);
int lh_vrf_attach(struct lh_vrf_dev *d, struct lh_vrf *v);
int lh_vrf_use(struct lh_net *ln, struct netlink_ext_ack *extack);
void lh_vrf_unuse(struct lh_net *ln);
int lh_vrf_net_init(struct lh_net *ln);
void lh_vrf_net_exit(struct lh_net *ln);
int lh_vrf_init(void);
void lh_vrf_exit(void);

unsigned int lh_hook_vrf(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);
unsigned int lh_hook_vrf_slave(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);

#endif /* LABELHOP_VRF_H */
