/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_LINK_H
#define LABELHOP_LINK_H

#include <linux/if_ether.h>
#include <linux/rculist.h>
#include "compat.h"
#include "net.h"
#include "port.h"
#include "session.h"

/**
 * struct lh_link - labels of a session above the stacks that pass a device
 * @list: in lh_net.links; under lh_net.lock
 * @same_dev: in lh_name.links of @at; under lh_net.lock
 * @by_name: in lh_net.link_names; under lh_net.lock
 * @by_session: in lh_net.link_sessions; under lh_net.lock
 * @at: what the name of the device is known as; immutable
 * @node: in lh_dev.links of the device of @at, unhashed if there is none; written
 *	  under lh_net.lock, read under RCU
 * @rcu: frees it after the last packet
 * @session: its session while it exists, a grace period longer for packets; written
 *	     under lh_net.lock, read under RCU. While there is none nothing passes
 * @session_name: its name; immutable
 * @dev_name: name of the device; immutable
 * @name: unique in the namespace; immutable
 * @dir: enum labelhop_dir, the session's; immutable
 * @narrowed: is it only for frames to @neighbour? immutable
 * @neighbour: a MAC address; immutable
 * @transport: label above the hop label, 0 if there is none; immutable
 * @n_lsps: number of @lsps, 0 for all packets; immutable
 * @lsps: top labels that it is for; immutable
 */
struct lh_link {
	struct list_head list;
	struct list_head same_dev;
	struct rhash_head by_name;
	struct rhlist_head by_session;
	struct lh_name *at;
	struct hlist_node node;
	struct rcu_head rcu;
	const struct lh_session __rcu *session;
	char session_name[LABELHOP_NAME_LEN];
	char dev_name[IFNAMSIZ];
	char name[LABELHOP_NAME_LEN];
	u8 dir;
	bool narrowed;
	u8 neighbour[ETH_ALEN];
	u32 transport;
	u32 n_lsps;
	u32 lsps[] __counted_by(n_lsps);
};

struct lh_link *lh_link_find(struct lh_net *ln, const char *name);
int lh_link_new(struct lh_net *ln, struct lh_link *link, int *attr,
		struct netlink_ext_ack *extack);
void lh_link_del(struct lh_net *ln, struct lh_link *link);
void lh_link_flush(struct lh_net *ln);
void lh_link_session(struct lh_net *ln, const struct lh_session *s,
		     bool exists);
int lh_link_init_net(struct lh_net *ln);
void lh_link_exit_net(struct lh_net *ln);
void lh_link_attach(struct lh_dev *d);
void lh_link_detach(struct lh_dev *d);

bool lh_link_takes(const struct lh_link *link, u32 label);
const struct lh_link *lh_link_out(const struct lh_dev *d,
				  const struct sk_buff *skb);
unsigned int lh_link_closed(const struct lh_link *link, struct sk_buff *skb);
unsigned int lh_link_growth(const struct lh_link *link,
			    const struct lh_session *s);
enum labelhop_reason lh_link_stamp(const struct lh_net *ln,
				   const struct lh_link *link,
				   const struct lh_session *s,
				   struct sk_buff *skb);
unsigned int lh_link_in(const struct lh_dev *d, struct sk_buff *skb);
unsigned int lh_link_hidden(const struct lh_dev *d, struct sk_buff *skb);

#endif /* LABELHOP_LINK_H */
