// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that labelhop acts on: all of a namespace, as they come and go,
 * or those that ports name. Hooks are there only while sessions need them.
 */
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include "hook.h"
#include "link.h"
#include "port.h"
#include "quota.h"
#include "session.h"
#include "unskip.h"

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
	int err = hook_update(d, LABELHOP_DIR_IN, users[LABELHOP_DIR_IN]);

	return err ? err : hook_update(d, LABELHOP_DIR_OUT,
				       users[LABELHOP_DIR_OUT]);
}

/* The other devices are done all the same if one fails. */
static int devs_update(struct lh_net *ln)
{
	unsigned long ifindex;
	struct lh_dev *d;
	int err = 0;

	lockdep_assert_held(&ln->lock);
	xa_for_each(&ln->devs, ifindex, d)
		err = dev_update(d) ?: err;
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

	if (ln->users[dir]++)
		return 0;
	err = devs_update(ln);
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
	if (--ln->users[dir])
		return;
	devs_update(ln);
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
	struct lh_name *n = lh_name_find(ln, name);

	return n ? n->port : NULL;
}

/**
 * lh_port_ifindex - device of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: its ifindex, or 0.
 */
int lh_port_ifindex(struct lh_net *ln, const char *name)
{
	const struct lh_dev *d = lh_dev_find(ln, name);

	return d ? d->dev->ifindex : 0;
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
	struct lh_name *n;
	int err;

	if (lh_port_find(ln, name)) {
		NL_SET_ERR_MSG(extack, "a port with this name exists");
		return -EEXIST;
	}
	if (!lh_port_ifindex(ln, name)) {
		NL_SET_ERR_MSG(extack, "there is no such device");
		return -ENODEV;
	}
	err = lh_quota_take(ln, 0, extack);
	if (err)
		return err;
	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	n = port ? lh_name_get(ln, name) : NULL;
	if (!n) {
		kfree(port);
		lh_quota_give(ln, 0);
		return -ENOMEM;
	}
	strscpy(port->name, name, sizeof(port->name));
	list_add_tail(&port->list, &ln->ports);
	lh_name_port(ln, n, port);
	return 0;
}

/**
 * lh_port_del - take a port away
 * @ln: the namespace, locked
 * @port: the port
 *
 * With the last port, all devices are covered again.
 */
void lh_port_del(struct lh_net *ln, struct lh_port *port)
{
	struct lh_name *n = lh_name_find(ln, port->name);

	list_del(&port->list);
	lh_name_port(ln, n, NULL);
	lh_name_put(ln, n);
	lh_quota_give(ln, 0);
	kfree(port);
}

/**
 * lh_port_flush - forget all ports of a namespace that dies
 * @ln: the namespace, which has no device any more
 */
void lh_port_flush(struct lh_net *ln)
{
	struct lh_port *port, *next;

	list_for_each_entry_safe(port, next, &ln->ports, list)
		lh_port_del(ln, port);
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
	d->loopback = dev->flags & IFF_LOOPBACK;
	ops_init(d);
	err = xa_err(xa_store(&ln->devs, dev->ifindex, d, GFP_KERNEL));
	if (!err)
		err = dev_update(d);
	if (err) {
		hook_update(d, LABELHOP_DIR_IN, false);
		xa_erase(&ln->devs, dev->ifindex);
		kfree_rcu(d, rcu);
		return err;
	}
	lh_upper_begin(d);
	lh_name_bind(d);
	strscpy(d->known_as, dev->name, sizeof(d->known_as));
	lh_session_bind(ln, d->known_as, dev->ifindex);
	return 0;
}

static void dev_del(struct lh_net *ln, struct lh_dev *d)
{
	hook_update(d, LABELHOP_DIR_IN, false);
	hook_update(d, LABELHOP_DIR_OUT, false);
	lh_session_bind(ln, d->known_as, 0);
	lh_name_unbind(d);
	lh_upper_end(d);
	xa_erase(&ln->devs, d->dev->ifindex);
	kfree_rcu(d, rcu);
}

/* A device has one name less and one more: only the new one is known. */
static void dev_renamed(struct lh_net *ln, struct lh_dev *d)
{
	lh_session_bind(ln, d->known_as, 0);
	strscpy(d->known_as, d->dev->name, sizeof(d->known_as));
	lh_session_bind(ln, d->known_as, d->dev->ifindex);
	lh_name_bind(d);
}

/*
 * A device that moves to another namespace is registered there whatever
 * NETDEV_REGISTER returns, but down. So what failed then is tried again when it
 * is put up, which can be refused.
 */
static int dev_changed(struct lh_net *ln, struct net_device *dev,
		       unsigned long event)
{
	struct lh_dev *d = lh_dev_of(dev);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:
		return d ? 0 : dev_add(ln, dev);
	case NETDEV_CHANGENAME:
		if (d)
			dev_renamed(ln, d);
		return 0;
	case NETDEV_UNREGISTER:
		if (d)
			dev_del(ln, d);
	}
	return 0;
}

static void upper_changed(const struct net_device *dev,
			  const struct netdev_notifier_changeupper_info *info)
{
	struct lh_dev *d = lh_dev_of(dev);

	if (d)
		lh_upper_changed(d, info->upper_dev, info->linking);
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lh_net *ln = lh_net_get(dev_net(dev));
	int err;

	/* The others come often, and shall not wait for a configuration. */
	if (event == NETDEV_CHANGEUPPER)
		upper_changed(dev, ptr);
	if (event != NETDEV_REGISTER && event != NETDEV_PRE_UP &&
	    event != NETDEV_CHANGENAME && event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&ln->lock);
	err = dev_changed(ln, dev, event);
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
