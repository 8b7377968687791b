/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PORT_H
#define LABELHOP_PORT_H

#include <linux/if.h>
#include <linux/netfilter.h>
#include "net.h"

struct net_device;

/**
 * struct lh_dev - labelhop on a device
 * @list: in lh_net.devs
 * @rcu: frees it after the last packet
 * @ln: its namespace
 * @dev: the device; NETDEV_UNREGISTER ends both
 * @ops: the hooks, by enum labelhop_dir
 * @hooked: which of them are registered; under lh_net.lock
 * @port: is it named as a port? written under lh_net.lock, read by packets
 * @passers: devices above whose rx handler passes labelled packets to this device;
 *	     written under RTNL and lh_net.lock, read by packets
 * @links: struct lh_link.node, by enum labelhop_dir; written under lh_net.lock, read
 *	   under RCU
 */
struct lh_dev {
	struct list_head list;
	struct rcu_head rcu;
	struct lh_net *ln;
	struct net_device *dev;
	struct nf_hook_ops ops[2];
	bool hooked[2];
	bool port;
	unsigned int passers;
	struct hlist_head links[2];
};

/**
 * struct lh_port - a name that narrows the devices labelhop acts on
 * @list: in lh_net.ports
 * @name: of the device, which may come and go
 *
 * Written under lh_net.lock; nothing reads it without.
 */
struct lh_port {
	struct list_head list;
	char name[IFNAMSIZ];
};

int lh_ports_update(struct lh_net *ln);
int lh_ports_use(struct lh_net *ln, enum labelhop_dir dir,
		 struct netlink_ext_ack *extack);
void lh_ports_unuse(struct lh_net *ln, enum labelhop_dir dir);
struct lh_port *lh_port_find(struct lh_net *ln, const char *name);
int lh_port_ifindex(const struct lh_net *ln, const char *name);
int lh_port_new(struct lh_net *ln, const char *name,
		struct netlink_ext_ack *extack);
int lh_port_del(struct lh_net *ln, struct lh_port *port);
void lh_port_flush(struct lh_net *ln);
int lh_port_init(void);
void lh_port_exit(void);

#endif /* LABELHOP_PORT_H */
