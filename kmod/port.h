/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PORT_H
#define LABELHOP_PORT_H

#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rculist.h>
#include "net.h"

/**
 * struct lh_dev - labelhop on a device
 * @rcu: frees it after the last packet
 * @ln: its namespace
 * @dev: the device; NETDEV_UNREGISTER ends both
 * @known_as: the name by which sessions were told of the device; under lh_net.lock
 * @ops: the hooks, by enum labelhop_dir
 * @hooked: which of them are registered; under lh_net.lock
 * @name: what ports and links know it by, NULL if by nothing; under lh_net.lock
 * @loopback: is it lo? immutable
 * @port: is it a port's? written under lh_net.lock, read by packets
 * @passers: devices above whose rx handler passes labelled packets to this device;
 *	     written under RTNL, read by packets
 * @pws: is it a pseudowire, and how many devices just below are, or have one below?
 *	 written under RTNL, read by packets
 * @links: struct lh_link.node, by enum labelhop_dir; written under lh_net.lock, read
 *	   under RCU
 */
struct lh_dev {
	struct rcu_head rcu;
	struct lh_net *ln;
	struct net_device *dev;
	char known_as[IFNAMSIZ];
	struct nf_hook_ops ops[2];
	bool hooked[2];
	struct lh_name *name;
	bool loopback;
	bool port;
	unsigned int passers;
	unsigned int pws;
	struct hlist_head links[2];
};

/**
 * struct lh_name - a name of a device, for ports and links
 * @node: in lh_net.names
 * @dev: the device that has the name, or had it last and no other device has it now;
 *	 NULL if there is none
 * @port: the port of the name, or NULL
 * @links: struct lh_link.same_dev
 * @name: the name; immutable
 *
 * It exists while a port or a link needs it. All under lh_net.lock.
 */
struct lh_name {
	struct rhash_head node;
	struct lh_dev *dev;
	struct lh_port *port;
	struct list_head links;
	char name[IFNAMSIZ];
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

/*
 * Does a device above take what comes? The kernel looks at the same pointer, under
 * RCU.
 */
static inline bool lh_dev_taken(const struct lh_dev *d)
{
	return rcu_access_pointer(d->dev->rx_handler) && !READ_ONCE(d->passers);
}

/*
 * Does a device bring what customers send? It does in a VRF, as the way to a remote PE
 * is looked for outside of all, and if it is a pseudowire or, as a bridge, above one.
 * The kernel takes labels there only if net.mpls.conf says so, which can't be asked.
 * A port is said to be none.
 */
static inline bool lh_dev_customers(const struct lh_dev *d)
{
	return netif_is_l3_slave(d->dev) || READ_ONCE(d->pws);
}

/*
 * Is a device one that labelhop acts on? lo always is: a label that the kernel pops to
 * it brings the next one past the hook there, and that must not be a way around a port.
 * So is the device of a link.
 *
 * A device becomes a port's before narrowing begins, and ceases to be one after it has
 * ended. So a packet that meets narrowing before and after it looks at the port has
 * seen a state that there was.
 */
static inline bool lh_dev_covered(const struct lh_dev *d)
{
	bool before = READ_ONCE(d->ln->narrowed), port;

	if (likely(!before) || d->loopback)
		return true;
	smp_rmb(); /* pairs with port_begin() */
	port = READ_ONCE(d->port);
	smp_rmb(); /* pairs with port_end() */
	return port || !READ_ONCE(d->ln->narrowed) ||
	       !hlist_empty(&d->links[0]) || !hlist_empty(&d->links[1]);
}

struct lh_dev *lh_dev_of(const struct net_device *dev);
void lh_upper_begin(struct lh_dev *d);
void lh_upper_end(struct lh_dev *d);
void lh_upper_changed(struct lh_dev *d, struct net_device *upper, bool linking);
int lh_ports_use(struct lh_net *ln, enum labelhop_dir dir,
		 struct netlink_ext_ack *extack);
void lh_ports_unuse(struct lh_net *ln, enum labelhop_dir dir);
struct lh_port *lh_port_find(struct lh_net *ln, const char *name);
int lh_port_ifindex(struct lh_net *ln, const char *name);
int lh_port_new(struct lh_net *ln, const char *name,
		struct netlink_ext_ack *extack);
void lh_port_del(struct lh_net *ln, struct lh_port *port);
void lh_port_flush(struct lh_net *ln);

struct lh_dev *lh_dev_find(struct lh_net *ln, const char *name);
struct lh_name *lh_name_find(struct lh_net *ln, const char *name);
struct lh_name *lh_name_get(struct lh_net *ln, const char *name);
void lh_name_put(struct lh_net *ln, struct lh_name *n);
void lh_name_bind(struct lh_dev *d);
void lh_name_unbind(struct lh_dev *d);
void lh_name_port(struct lh_net *ln, struct lh_name *n, struct lh_port *port);
int lh_name_init_net(struct lh_net *ln);
void lh_name_exit_net(struct lh_net *ln);
int lh_port_init(void);
void lh_port_exit(void);

#endif /* LABELHOP_PORT_H */
