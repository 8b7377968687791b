/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PW_H
#define LABELHOP_PW_H

#include <linux/netdevice.h>
#include <net/gro_cells.h>
#include <net/mpls_iptunnel.h>
#include "net.h"
#include "session.h"

/*
 * Flows are put into as many groups, and each has a route of its own. With 128, the
 * share of one of two next hops is off by 4 percent, and none of eight is left out.
 */
#define LH_PATHS	128

/* In place of a session that is needed and does not exist; no value of the XArray's. */
#define LH_MISSING	ERR_PTR(-ENOENT)

/**
 * struct lh_route - the kernel's route to a remote PE
 * @dst: the route; held
 * @cookie: for dst_check()
 * @rcu: to free it
 */
struct lh_route {
	struct dst_entry *dst;
	u32 cookie;
	struct rcu_head rcu;
};

/**
 * struct lh_path - where a packet leaves for a remote PE; all of it under RCU
 * @dst: the route
 * @dev: device
 * @labels: what the route pushes, NULL if nothing
 * @mtu: bytes of what is below @labels
 * @table: NEIGH_ARP_TABLE or NEIGH_ND_TABLE
 * @nexthop: address of the next hop, for @table
 */
struct lh_path {
	struct dst_entry *dst;
	struct net_device *dev;
	const struct mpls_iptunnel_encap *labels;
	unsigned int mtu;
	int table;
	const void *nexthop;
};

/**
 * struct lh_end - one direction of a pseudowire
 * @name: of the session that it needs, empty if it needs none
 * @label: of the frames that have no label of a session
 * @entry: what packets read, in one word as they pass while it changes: @label by
 *	   xa_mk_value() if no session is needed, else the session, a grace period
 *	   longer than it exists, and LH_MISSING while it does not. Written under
 *	   lh_net.lock, read under RCU
 *
 * The others are under RTNL and lh_net.lock.
 */
struct lh_end {
	char name[LABELHOP_NAME_LEN];
	u32 label;
	void __rcu *entry;
};

/**
 * struct lh_pw - a pseudowire: the private part of its device
 * @list: in lh_net.pws
 * @ln: its namespace
 * @dev: its device
 * @remote: the remote PE; immutable
 * @ends: by enum labelhop_dir
 * @control_word: have frames one? immutable
 * @flow_label: have frames one? immutable
 * @tunnel: enum labelhop_tunnel; immutable
 * @usable: index of a path for flows whose own can't be used; a hint
 * @own_mtu: was the MTU set, so that the path's does not count? under RTNL
 * @following: the MTU is being set to the path's; under RTNL
 * @announced: was it said that it exists? Not if it could not be registered; under
 *	       lh_net.lock
 * @state: enum labelhop_pw_state; written under RTNL and lh_net.lock
 * @cells: merges frames that arrive
 * @routes: to the remote PE, by flow; read under RCU, and written by who finds that
 *	    one is stale, with xchg(). Not a dst_cache each, which has memory for each
 *	    processor.
 *
 * From register_netdevice() to a grace period after ndo_uninit() it is found by
 * packets.
 */
struct lh_pw {
	struct list_head list;
	struct lh_net *ln;
	struct net_device *dev;
	struct lh_remote remote;
	struct lh_end ends[2];
	bool control_word;
	bool flow_label;
	u8 tunnel;
	u8 usable;
	bool own_mtu;
	bool following;
	bool announced;
	u8 state;
	struct gro_cells cells;
	struct lh_route __rcu *routes[LH_PATHS];
};

/**
 * struct lh_pw_config - what a pseudowire is to be
 * @name: of the device
 * @remote: see struct lh_pw
 * @session: names of the sessions by enum labelhop_dir, NULL where @label counts
 * @label: labels, by enum labelhop_dir; 0 where neither is given
 * @mtu: 0 for the path's
 * @control_word: see struct lh_pw
 * @flow_label: see struct lh_pw
 * @tunnel: see struct lh_pw
 */
struct lh_pw_config {
	const char *name;
	struct lh_remote remote;
	const char *session[2];
	u32 label[2];
	u32 mtu;
	bool control_word;
	bool flow_label;
	u8 tunnel;
};

int lh_pw_init(void);
void lh_pw_exit(void);
bool lh_pw_is(const struct net_device *dev);
struct lh_pw *lh_pw_find(struct lh_net *ln, const char *name);
int lh_pw_new(struct lh_net *ln, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack);
int lh_pw_set(struct lh_pw *pw, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack);
void lh_pw_session(struct lh_net *ln, const struct lh_session *s, bool exists);
void lh_pw_work(struct work_struct *work);

int lh_pw_path(struct lh_pw *pw, u32 hash, struct lh_path *path);
void lh_pw_forget(struct lh_pw *pw);
void lh_pw_update(struct lh_pw *pw);
unsigned int lh_pw_growth(const struct lh_pw *pw);
netdev_tx_t lh_pw_xmit(struct sk_buff *skb, struct net_device *dev);
unsigned int lh_pw_receive(struct lh_pw *pw, const struct lh_session *s,
			   bool bare, struct sk_buff *skb, unsigned int at);

#endif /* LABELHOP_PW_H */
