/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_BARE_H
#define LABELHOP_BARE_H

#include "net.h"
#include "session.h"

struct lh_stack_in;

/**
 * struct lh_bare_key - the label and device by which bare packets arrive
 * @label: the VPN label
 * @ifindex: of the device, 0 for all devices
 */
struct lh_bare_key {
	u32 label;
	int ifindex;
};

/**
 * struct lh_bare - the sessions in of a VPN label, or those of them for one device
 * @node: in lh_net.bares
 * @rcu: frees it after the last packet
 * @key: immutable
 * @plain: sessions without prefixes and MAC addresses, by policy: struct
 *	   lh_session.bare_node; written under lh_net.lock, read under RCU
 * @sessions: of the one for all devices: all sessions in of the label; under lh_net.lock
 * @narrow: the others, at most LH_NARROW_MAX; the same
 * @n_narrow: their number; under lh_net.lock
 * @n: number of all that need it to be here: sessions and, of the one for all devices,
 *     those for single devices; under lh_net.lock
 * @n_devs: of the one for all devices: how many there are for single ones; written
 *	    under lh_net.lock, read by packets
 */
struct lh_bare {
	struct rhash_head node;
	struct rcu_head rcu;
	struct lh_bare_key key;
	struct hlist_head plain[LABELHOP_POLICY_MONITOR + 1];
	struct hlist_head sessions;
	struct hlist_head narrow;
	unsigned int n_narrow;
	unsigned int n;
	unsigned int n_devs;
};

/* Sessions with prefixes or MAC addresses are looked at one by one. */
#define LH_NARROW_MAX	16

int lh_bare_init(struct lh_net *ln);
void lh_bare_exit(struct lh_net *ln);
int lh_bare_add(struct lh_net *ln, struct lh_session *s,
		struct netlink_ext_ack *extack);
void lh_bare_del(struct lh_net *ln, struct lh_session *s);
void lh_bare_moved(struct lh_net *ln, struct lh_session *s);
void lh_bare_policy(struct lh_session *s);
const struct lh_session *lh_bare_any(const struct lh_bare *all);
const struct lh_session *lh_bare_find(const struct lh_net *ln,
				      const struct lh_bare *all,
				      const struct sk_buff *skb,
				      const struct lh_stack_in *st);

#endif /* LABELHOP_BARE_H */
