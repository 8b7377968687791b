/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PW_H
#define LABELHOP_PW_H

#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
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

struct lh_pw_setup;

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
 * @node: in lh_net.pw_ends by @name, unless that is empty; under lh_net.lock
 * @setup: what it is a part of; immutable
 * @name: of the session that it needs, empty if it needs none; immutable
 * @dir: enum labelhop_dir; immutable
 * @label: of the session, or of the frames that have no label of one; 0 if the
 *	   pseudowire has none yet in this direction; immutable
 * @entry: what packets read, in one word as they pass while it changes: @label by
 *	   xa_mk_value() if no session is needed, else the session, a grace period
 *	   longer than it exists, and LH_MISSING while it does not, or if there is no
 *	   label. Written under lh_net.lock, read under RCU
 */
struct lh_end {
	struct rhlist_head node;
	struct lh_pw_setup *setup;
	char name[LABELHOP_NAME_LEN];
	u8 dir;
	u32 label;
	void __rcu *entry;
};

/**
 * struct lh_pw_setup - what packets read of a pseudowire
 * @pw: whose it is; immutable
 * @rcu: frees it after the last packet
 * @remote: the remote PE; immutable
 * @ends: by enum labelhop_dir
 * @control_word: have frames one? immutable
 * @flow_label: have frames one? immutable
 * @tunnel: enum labelhop_tunnel; immutable
 * @usable: index of a path for flows whose own can't be used; a hint
 * @routes: to @remote, by flow; read under RCU, and written by who finds that one is
 *	    stale, with xchg(). Not a dst_cache each, which has memory for each
 *	    processor.
 *
 * A change replaces it whole, so that a packet sees a pseudowire as it was or as it
 * is, and no mixture.
 */
struct lh_pw_setup {
	struct lh_pw *pw;
	struct rcu_head rcu;
	struct lh_remote remote;
	struct lh_end ends[2];
	bool control_word;
	bool flow_label;
	u8 tunnel;
	u8 usable;
	struct lh_route __rcu *routes[LH_PATHS];
};

/**
 * struct lh_pw - a pseudowire: the private part of its device
 * @list: in lh_net.pws
 * @look: in lh_net.pw_looks if it is to be looked after at once; under lh_net.lock
 * @ln: its namespace
 * @dev: its device
 * @setup: see there; written under RTNL and lh_net.lock, read under RCU
 * @own_mtu: was the MTU set, so that the path's does not count? under RTNL
 * @following: the MTU is being set to the path's; under RTNL
 * @announced: was it said that it exists? Not if it could not be registered; under
 *	       lh_net.lock
 * @state: enum labelhop_pw_state; written under RTNL and lh_net.lock
 * @extack: receives why it can't be registered, NULL once it is; under RTNL
 * @cells: merges frames that arrive
 *
 * From register_netdevice() to a grace period after ndo_uninit() it is found by
 * packets.
 */
struct lh_pw {
	struct list_head list;
	struct list_head look;
	struct lh_net *ln;
	struct net_device *dev;
	struct lh_pw_setup __rcu *setup;
	bool own_mtu;
	bool following;
	bool announced;
	u8 state;
	struct netlink_ext_ack *extack;
	struct gro_cells cells;
};

/**
 * struct lh_pw_config - what a pseudowire is to be, or to become
 * @name: of the device
 * @remote: see struct lh_pw_setup; family AF_UNSPEC if it was not given
 * @session: names of the sessions by enum labelhop_dir, or NULL
 * @has_label: was a label given? by enum labelhop_dir
 * @label: the label, or 0 for none
 * @has_mtu: was an MTU given?
 * @mtu: 0 for the path's
 * @control_word: see struct lh_pw_setup; NULL, as the next two, if it was not given
 * @flow_label: the same
 * @tunnel: the same
 * @steal: take the label in from another pseudowire that has it?
 */
struct lh_pw_config {
	const char *name;
	struct lh_remote remote;
	const char *session[2];
	bool has_label[2];
	u32 label[2];
	bool has_mtu;
	u32 mtu;
	const u8 *control_word;
	const u8 *flow_label;
	const u8 *tunnel;
	bool steal;
};

/* Under RTNL or lh_net.lock, each of which keeps it. */
static inline struct lh_pw_setup *lh_pw_setup(const struct lh_pw *pw)
{
	return rcu_dereference_protected(pw->setup,
					 lockdep_rtnl_is_held() ||
					 lockdep_is_held(&pw->ln->lock));
}

static inline u32 lh_pw_label_in(const struct lh_pw_setup *setup)
{
	return setup->ends[LABELHOP_DIR_IN].label;
}

/* pw.c */
int lh_pw_init(void);
void lh_pw_exit(void);
bool lh_pw_is(const struct net_device *dev);
int lh_pw_net_init(struct lh_net *ln);
void lh_pw_net_exit(struct lh_net *ln);
struct lh_pw *lh_pw_find(struct lh_net *ln, const char *name);
int lh_pw_new(struct lh_net *ln, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack);

/* pw_set.c */
int lh_pw_ends_init(struct rhltable *ends);
struct lh_pw_setup *lh_pw_setup_new(struct lh_pw *pw,
				    const struct lh_pw_config *config);
void lh_pw_setup_free(struct lh_pw_setup *setup);
int lh_pw_publish(struct lh_pw_setup *setup);
void lh_pw_withdraw(struct lh_pw_setup *setup);
int lh_pw_set(struct lh_pw *pw, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack);
void lh_pw_session(struct lh_net *ln, struct lh_session *s, bool exists);
void lh_pw_look(struct lh_pw *pw);

struct rhlist_head *lh_pw_ends_of(struct lh_net *ln, const char *session);

/* pw_check.c */
bool lh_pw_fits(const struct lh_pw_setup *setup, const struct lh_session *s,
		int dir);
int lh_pw_check_label(const struct lh_pw_setup *setup, bool steal,
		      struct netlink_ext_ack *extack);
int lh_pw_check(struct lh_pw_setup *setup, const struct lh_pw_config *config,
		int *attr, struct netlink_ext_ack *extack);
bool lh_pw_warn_lost(const struct lh_pw_setup *before,
		     const struct lh_pw_config *config,
		     struct netlink_ext_ack *extack);
void lh_pw_warn_unnamed(struct lh_net *ln, const struct lh_pw_config *config,
			struct netlink_ext_ack *extack);

/* pw_path.c, pw_tx.c, pw_rx.c */
void lh_pw_work(struct work_struct *work);
int lh_pw_path(struct lh_pw_setup *setup, u32 hash, struct lh_path *path);
void lh_pw_forget(struct lh_pw_setup *setup);
void lh_pw_update(struct lh_pw *pw);
unsigned int lh_pw_growth(const struct lh_pw_setup *setup);
netdev_tx_t lh_pw_xmit(struct sk_buff *skb, struct net_device *dev);
unsigned int lh_pw_receive(const struct lh_pw_setup *to,
			   const struct lh_session *s, bool bare,
			   struct sk_buff *skb, unsigned int at);

#endif /* LABELHOP_PW_H */
