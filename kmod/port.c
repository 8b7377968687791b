// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that labelhop acts on: all of a namespace, as they come and go,
 * or those that ports name. Hooks are there only while sessions need them.
 */
#include <linux/if_macvlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>
#include "hook.h"
#include "link.h"
#include "port.h"
#include "session.h"
#include "unskip.h"

/*
 * lo is always covered: a label that the kernel pops to it brings the next one
 * past the hook there, and that must not be a way around a port. So is the device
 * of a link, which would be open without a word.
 */
static bool covered(const struct lh_dev *d)
{
	return d->port || list_empty(&d->ln->ports) ||
	       d->dev->flags & IFF_LOOPBACK || lh_link_on(d->ln, d->dev->name);
}

static int hook_update(struct lh_dev *d, enum labelhop_dir dir, bool want)
{
	int err = 0;

	if (want && !d->hooked[dir])
		err = nf_register_net_hook(d->ln->net, &d->ops[dir]);
	else if (!want && d->hooked[dir])
		nf_unregister_net_hook(d->ln->net, &d->ops[dir]);
	if (!err)
		d->hooked[dir] = want;
	return err;
}

static int dev_update(struct lh_dev *d)
{
	const unsigned int *users = d->ln->users;
	bool cover;
	int err;

	WRITE_ONCE(d->port, lh_port_find(d->ln, d->dev->name));
	cover = covered(d);
	err = hook_update(d, LABELHOP_DIR_IN, cover && users[LABELHOP_DIR_IN]);
	return err ? err : hook_update(d, LABELHOP_DIR_OUT,
				       cover && users[LABELHOP_DIR_OUT]);
}

/**
 * lh_ports_update - make the hooks what their users, ports and links ask for
 * @ln: the namespace, locked
 *
 * Return: 0, or the first error; the other devices are done all the same.
 */
int lh_ports_update(struct lh_net *ln)
{
	struct lh_dev *d;
	int err = 0;

	lockdep_assert_held(&ln->lock);
	list_for_each_entry(d, &ln->devs, list) {
		int e = dev_update(d);

		if (e && !err)
			err = e;
	}
	return err;
}

/* The other hook that what leaves has to pass; the last user takes it away. */
static int unskip_update(struct lh_net *ln)
{
	bool want = ln->users[LABELHOP_DIR_OUT];
	int err = 0;

	if (want && !ln->unskips)
		err = lh_unskip_begin(ln->net);
	else if (!want && ln->unskips)
		lh_unskip_end(ln->net);
	if (!err)
		ln->unskips = want;
	return err;
}

/**
 * lh_ports_use - let something need the hooks of a direction
 * @ln: the namespace, locked
 * @dir: the direction
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_ports_use(struct lh_net *ln, enum labelhop_dir dir,
		 struct netlink_ext_ack *extack)
{
	int err;

	ln->users[dir]++;
	err = lh_ports_update(ln);
	if (!err)
		err = unskip_update(ln);
	if (err) {
		NL_SET_ERR_MSG(extack, "a device could not be hooked");
		lh_ports_unuse(ln, dir);
	}
	return err;
}

/**
 * lh_ports_unuse - let it no longer need them
 * @ln: the namespace, locked
 * @dir: the direction
 */
void lh_ports_unuse(struct lh_net *ln, enum labelhop_dir dir)
{
	ln->users[dir]--;
	lh_ports_update(ln);
	unskip_update(ln);
}

/**
 * lh_port_find - port of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the port, or NULL.
 */
struct lh_port *lh_port_find(struct lh_net *ln, const char *name)
{
	struct lh_port *port;

	lockdep_assert_held(&ln->lock);
	list_for_each_entry(port, &ln->ports, list)
		if (!strcmp(port->name, name))
			return port;
	return NULL;
}

/**
 * lh_port_ifindex - device of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Only the device's own name counts: an alternative one comes and goes without
 * a word from the notifiers.
 *
 * Return: its ifindex, or 0.
 */
int lh_port_ifindex(const struct lh_net *ln, const char *name)
{
	const struct lh_dev *d;

	lockdep_assert_held(&ln->lock);
	list_for_each_entry(d, &ln->devs, list)
		if (!strcmp(d->dev->name, name))
			return d->dev->ifindex;
	return 0;
}

/**
 * lh_port_new - narrow labelhop to a device
 * @ln: the namespace, locked
 * @name: of a device that exists
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_port_new(struct lh_net *ln, const char *name,
		struct netlink_ext_ack *extack)
{
	struct lh_port *port;
	int err;

	if (lh_port_find(ln, name)) {
		NL_SET_ERR_MSG(extack, "a port with this name exists");
		return -EEXIST;
	}
	if (!lh_port_ifindex(ln, name)) {
		NL_SET_ERR_MSG(extack, "there is no such device");
		return -ENODEV;
	}
	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (!port)
		return -ENOMEM;
	strscpy(port->name, name, sizeof(port->name));
	list_add_tail(&port->list, &ln->ports);
	err = lh_ports_update(ln);
	if (err) {
		NL_SET_ERR_MSG(extack, "a device could not be hooked");
		list_del(&port->list);
		kfree(port);
		lh_ports_update(ln);
	}
	return err;
}

/**
 * lh_port_del - take a port away
 * @ln: the namespace, locked
 * @port: the port
 *
 * With the last port, all devices are covered again.
 *
 * Return: 0, or the error of a device that could not be hooked, and nothing is
 * changed.
 */
int lh_port_del(struct lh_net *ln, struct lh_port *port)
{
	int err;

	list_del(&port->list);
	err = lh_ports_update(ln);
	if (err) {
		list_add_tail(&port->list, &ln->ports);
		lh_ports_update(ln);
		return err;
	}
	kfree(port);
	return 0;
}

/**
 * lh_port_flush - forget all ports of a namespace that dies
 * @ln: the namespace, which has no device any more
 */
void lh_port_flush(struct lh_net *ln)
{
	struct lh_port *port, *next;

	list_for_each_entry_safe(port, next, &ln->ports, list) {
		list_del(&port->list);
		kfree(port);
	}
}

static struct lh_dev *dev_find(struct lh_net *ln, const struct net_device *dev)
{
	struct lh_dev *d;

	list_for_each_entry(d, &ln->devs, list)
		if (d->dev == dev)
			return d;
	return NULL;
}

static bool is_kind(const struct net_device *dev, const char *kind)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, kind);
}

/*
 * Does the rx handler of a device above pass labelled packets for the device
 * below to the device below? Those of macvlan do, but for mode passthru, which can't
 * be changed. ipvlan knows no labels, and MACsec's uncontrolled port is the device
 * below. All others take what they get: bonds, teams, bridges, Open vSwitch, PRP,
 * failover. An answer that is wrong costs good packets, and lets in no forged one.
 */
static bool is_passer(const struct net_device *upper)
{
	if (netif_is_macvlan(upper))
		return ((const struct macvlan_dev *)netdev_priv(upper))->mode !=
		       MACVLAN_MODE_PASSTHRU;
	return netif_is_macsec(upper) || is_kind(upper, "ipvlan") ||
	       is_kind(upper, "ipvtap");
}

static unsigned int count_passers(struct net_device *dev)
{
	struct list_head *iter;
	struct net_device *upper;
	unsigned int n = 0;

	rcu_read_lock();
	netdev_for_each_upper_dev_rcu(dev, upper, iter)
		n += is_passer(upper);
	rcu_read_unlock();
	return n;
}

static void upper_changed(struct lh_dev *d,
			  const struct netdev_notifier_changeupper_info *info)
{
	if (is_passer(info->upper_dev))
		WRITE_ONCE(d->passers, d->passers + (info->linking ? 1 : -1));
}

static void ops_init(struct lh_dev *d)
{
	d->ops[LABELHOP_DIR_IN] = (struct nf_hook_ops) {
		.hook = lh_hook_in,
		.dev = d->dev,
		.priv = d,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		/* What is forged shall meet nothing else. */
		.priority = INT_MIN,
	};
	d->ops[LABELHOP_DIR_OUT] = (struct nf_hook_ops) {
		.hook = lh_hook_out,
		.dev = d->dev,
		.priv = d,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		/* Segments skip the egress hooks: the others come first. */
		.priority = INT_MAX,
	};
}

static int dev_add(struct lh_net *ln, struct net_device *dev)
{
	struct lh_dev *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return -ENOMEM;
	d->ln = ln;
	d->dev = dev;
	d->passers = count_passers(dev);
	ops_init(d);
	err = dev_update(d);
	if (err) {
		hook_update(d, LABELHOP_DIR_IN, false);
		kfree(d);
		return err;
	}
	list_add_tail(&d->list, &ln->devs);
	lh_link_attach(d);
	lh_session_bind(ln, dev->name, dev->ifindex);
	return 0;
}

static void dev_del(struct lh_net *ln, struct lh_dev *d)
{
	hook_update(d, LABELHOP_DIR_IN, false);
	hook_update(d, LABELHOP_DIR_OUT, false);
	lh_session_bind(ln, d->dev->name, 0);
	lh_link_detach(d);
	list_del(&d->list);
	kfree_rcu(d, rcu);
}

/*
 * A device has one name less and one more: only the new one is known. If this
 * fails the kernel gives the old name back, and says so here.
 */
static int dev_renamed(struct lh_net *ln, struct lh_dev *d)
{
	struct lh_session *s;

	list_for_each_entry(s, &ln->sessions, list) {
		if (s->dev.ifindex == d->dev->ifindex)
			WRITE_ONCE(s->dev.ifindex, 0);
		if (s->vrf.ifindex == d->dev->ifindex)
			WRITE_ONCE(s->vrf.ifindex, 0);
	}
	lh_session_bind(ln, d->dev->name, d->dev->ifindex);
	lh_link_detach(d);
	lh_link_attach(d);
	return dev_update(d);
}

/*
 * A device that moves to another namespace is registered there whatever
 * NETDEV_REGISTER returns, but down. So what failed then is tried again when it
 * is put up, which can be refused.
 */
static int dev_changed(struct lh_net *ln, struct net_device *dev,
		       unsigned long event, const void *info)
{
	struct lh_dev *d = dev_find(ln, dev);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:
		return d ? 0 : dev_add(ln, dev);
	case NETDEV_CHANGENAME:
		return d ? dev_renamed(ln, d) : 0;
	case NETDEV_CHANGEUPPER:
		if (d)
			upper_changed(d, info);
		return 0;
	case NETDEV_UNREGISTER:
		if (d)
			dev_del(ln, d);
	}
	return 0;
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lh_net *ln = lh_net_get(dev_net(dev));
	int err;

	/* The others come often, and shall not wait for a configuration. */
	if (event != NETDEV_REGISTER && event != NETDEV_PRE_UP &&
	    event != NETDEV_CHANGENAME && event != NETDEV_CHANGEUPPER &&
	    event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&ln->lock);
	err = dev_changed(ln, dev, event, ptr);
	mutex_unlock(&ln->lock);

	/* Better no device than one that lets forged packets in. */
	if (err)
		netdev_err(dev, "labelhop: a hook could not be registered\n");
	return notifier_from_errno(err);
}

static struct notifier_block dev_notifier = {
	.notifier_call = dev_event,
};

/**
 * lh_port_init - begin to follow devices, those that exist included
 *
 * Return: 0 or a negative errno.
 */
int lh_port_init(void)
{
	return register_netdevice_notifier(&dev_notifier);
}

/**
 * lh_port_exit - cease to follow devices; no hook is left
 */
void lh_port_exit(void)
{
	unregister_netdevice_notifier(&dev_notifier);
}
