// SPDX-License-Identifier: GPL-2.0
/*
 * Names of devices, for ports and links, which may be there before or after the
 * device. A device that is renamed keeps what it had until another one gets the
 * name: nothing opens by a new name. While a port has no device at all, narrowing
 * ends and all devices are covered.
 */
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "link.h"
#include "port.h"

static const struct rhashtable_params name_params = {
	.key_len = IFNAMSIZ,
	.key_offset = offsetof(struct lh_name, name),
	.head_offset = offsetof(struct lh_name, node),
	.automatic_shrinking = true,
};

/**
 * lh_dev_find - device of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Only the device's own name counts: an alternative one comes and goes without
 * a word from the notifiers.
 *
 * Return: the device, or NULL.
 */
struct lh_dev *lh_dev_find(struct lh_net *ln, const char *name)
{
	const struct net_device *dev;
	struct lh_dev *d = NULL;

	lockdep_assert_held(&ln->lock);
	rcu_read_lock();
	dev = dev_get_by_name_rcu(ln->net, name);
	if (dev && !strcmp(dev->name, name))
		d = xa_load(&ln->devs, dev->ifindex);
	rcu_read_unlock();
	return d;
}

/**
 * lh_name_find - what is known by a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the name, or NULL if no port and no link has it.
 */
struct lh_name *lh_name_find(struct lh_net *ln, const char *name)
{
	char key[IFNAMSIZ];

	lockdep_assert_held(&ln->lock);
	strscpy_pad(key, name, sizeof(key));
	return rhashtable_lookup_fast(&ln->names, key, name_params);
}

static void narrow_update(struct lh_net *ln)
{
	WRITE_ONCE(ln->narrowed, !list_empty(&ln->ports) && !ln->lost);
}

static void port_begin(struct lh_dev *d)
{
	WRITE_ONCE(d->port, true);
	smp_wmb(); /* pairs with lh_dev_covered() */
	narrow_update(d->ln);
}

static void port_end(struct lh_dev *d)
{
	narrow_update(d->ln);
	smp_wmb(); /* pairs with lh_dev_covered() */
	WRITE_ONCE(d->port, false);
}

/**
 * lh_name_unbind - a device is no longer known by its name
 * @d: the device; lh_net.lock is held
 */
void lh_name_unbind(struct lh_dev *d)
{
	struct lh_name *n = d->name;

	if (!n)
		return;
	d->name = NULL;
	n->dev = NULL;
	if (n->port) {
		d->ln->lost++;
		port_end(d);
	}
	lh_link_detach(d);
}

static void name_take(struct lh_name *n, struct lh_dev *d)
{
	lh_name_unbind(d);
	if (n->dev)
		lh_name_unbind(n->dev);
	d->name = n;
	n->dev = d;
	if (n->port) {
		d->ln->lost--;
		port_begin(d);
	}
	lh_link_attach(d);
}

/**
 * lh_name_bind - a device has a name
 * @d: the device; lh_net.lock is held
 */
void lh_name_bind(struct lh_dev *d)
{
	struct lh_name *n = lh_name_find(d->ln, d->dev->name);

	if (n && n->dev != d)
		name_take(n, d);
}

/**
 * lh_name_get - let something be known by a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the name, or NULL for want of memory.
 */
struct lh_name *lh_name_get(struct lh_net *ln, const char *name)
{
	struct lh_name *n = lh_name_find(ln, name);
	struct lh_dev *d;

	if (n)
		return n;
	n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
	if (!n)
		return NULL;
	strscpy(n->name, name, sizeof(n->name));
	INIT_LIST_HEAD(&n->links);
	if (rhashtable_insert_fast(&ln->names, &n->node, name_params)) {
		kfree(n);
		return NULL;
	}
	d = lh_dev_find(ln, name);
	if (d)
		name_take(n, d);
	return n;
}

/**
 * lh_name_put - forget a name that nothing is known by
 * @ln: the namespace, locked
 * @n: the name
 */
void lh_name_put(struct lh_net *ln, struct lh_name *n)
{
	if (n->port || !list_empty(&n->links))
		return;
	if (n->dev)
		n->dev->name = NULL;
	rhashtable_remove_fast(&ln->names, &n->node, name_params);
	kfree(n);
}

/**
 * lh_name_port - there is a port of a name, or no longer
 * @ln: the namespace, locked
 * @n: the name
 * @port: the port, in lh_net.ports, or NULL: then it is there no more
 */
void lh_name_port(struct lh_net *ln, struct lh_name *n, struct lh_port *port)
{
	n->port = port;
	if (!n->dev) {
		ln->lost += port ? 1 : -1;
		narrow_update(ln);
		return;
	}
	if (port)
		port_begin(n->dev);
	else
		port_end(n->dev);
}

/**
 * lh_name_init_net - let a namespace have names
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_name_init_net(struct lh_net *ln)
{
	INIT_LIST_HEAD(&ln->ports);
	xa_init(&ln->devs);
	return rhashtable_init(&ln->names, &name_params);
}

/**
 * lh_name_exit_net - end that
 * @ln: the namespace, without devices, ports and links
 */
void lh_name_exit_net(struct lh_net *ln)
{
	rhashtable_destroy(&ln->names);
	xa_destroy(&ln->devs);
}
