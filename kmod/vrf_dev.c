// SPDX-License-Identifier: GPL-2.0
/*
 * The VRF devices of a namespace, with the devices of each VRF, as they come and go.
 * A device has a hook of hook_vrf.c while its VRF is protected; a VRF device also if
 * somebody asks for all of them.
 */
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/slab.h>
#include "netlink.h"
#include "vrf.h"

/* Only to hook it can fail. */
static int vrf_hook(struct lh_vrf_dev *d)
{
	bool want = rcu_access_pointer(d->vrf) ||
		    (d->ln->vrf_users && !d->slave);
	int err = 0;

	if (want && !d->hooked)
		err = nf_register_net_hook(d->ln->net, &d->ops);
	else if (!want && d->hooked)
		nf_unregister_net_hook(d->ln->net, &d->ops);
	if (!err)
		d->hooked = want;
	return err;
}

/* Let @v, or nothing, protect this device. On an error nothing is changed. */
static int vrf_point(struct lh_vrf_dev *d, struct lh_vrf *v)
{
	struct lh_vrf *old = rcu_dereference_protected(d->vrf,
						       lockdep_is_held(&d->ln->lock));
	int err;

	rcu_assign_pointer(d->vrf, v);
	err = vrf_hook(d);
	if (err)
		rcu_assign_pointer(d->vrf, old);
	return err;
}

/* The same of a VRF device and the devices of the VRF. */
static int vrf_point_all(struct lh_vrf_dev *d, struct lh_vrf *v)
{
	struct lh_vrf_dev *slave;
	int err = vrf_point(d, v);

	list_for_each_entry(slave, &d->slaves, same)
		err = err ?: vrf_point(slave, v);
	return err;
}

/**
 * lh_vrf_attach - let a VRF device, and the devices of the VRF, be protected
 * @d: the VRF device; lh_net.lock is held
 * @v: what protects it, or NULL
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_vrf_attach(struct lh_vrf_dev *d, struct lh_vrf *v)
{
	struct lh_vrf *old = rcu_dereference_protected(d->vrf,
						       lockdep_is_held(&d->ln->lock));
	int err = vrf_point_all(d, v);

	if (err) {
		/* What was hooked before still is. */
		vrf_point_all(d, old);
		return err;
	}
	if (old)
		old->dev = NULL;
	if (v)
		v->dev = d;
	return 0;
}

static int vrf_hook_all(struct lh_net *ln)
{
	struct lh_vrf_dev *d;
	unsigned long i;
	int err = 0;

	xa_for_each(&ln->vrf_devs, i, d)
		err = vrf_hook(d) ?: err;
	return err;
}

/**
 * lh_vrf_use - let all VRF devices be watched, for lh_note_vrf()
 * @ln: the namespace, locked
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_vrf_use(struct lh_net *ln, struct netlink_ext_ack *extack)
{
	int err = 0;

	lockdep_assert_held(&ln->lock);
	if (!ln->vrf_users++)
		err = vrf_hook_all(ln);
	if (err) {
		NL_SET_ERR_MSG(extack, "the VRF device could not be hooked");
		lh_vrf_unuse(ln);
	}
	return err;
}

/**
 * lh_vrf_unuse - end that
 * @ln: the namespace, locked
 */
void lh_vrf_unuse(struct lh_net *ln)
{
	lockdep_assert_held(&ln->lock);
	if (!--ln->vrf_users)
		vrf_hook_all(ln);
}

static struct lh_vrf_dev *vrf_dev_alloc(struct lh_net *ln,
					struct net_device *dev)
{
	struct lh_vrf_dev *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return ERR_PTR(-ENOMEM);
	d->ln = ln;
	d->dev = dev;
	INIT_LIST_HEAD(&d->slaves);
	d->slave = !netif_is_l3_master(dev);
	d->ops = (struct nf_hook_ops) {
		.hook = d->slave ? lh_hook_vrf_slave : lh_hook_vrf,
		.dev = dev,
		.priv = d,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		/* What is bare shall meet nothing else. */
		.priority = INT_MIN,
	};
	err = xa_err(xa_store(&ln->vrf_devs, dev->ifindex, d, GFP_KERNEL));
	if (err) {
		kfree(d);
		return ERR_PTR(err);
	}
	return d;
}

static void vrf_dev_free(struct lh_vrf_dev *d)
{
	xa_erase(&d->ln->vrf_devs, d->dev->ifindex);
	kfree_rcu(d, rcu);
}

static void vrf_slave_del(struct lh_vrf_dev *slave)
{
	vrf_point(slave, NULL);
	list_del(&slave->same);
	vrf_dev_free(slave);
}

static int vrf_slave_add(struct lh_vrf_dev *d, struct net_device *dev)
{
	struct lh_vrf_dev *slave = vrf_dev_alloc(d->ln, dev);
	int err;

	if (IS_ERR(slave))
		return PTR_ERR(slave);
	list_add_tail(&slave->same, &d->slaves);
	err = vrf_point(slave, rcu_dereference_protected(d->vrf,
							 lockdep_is_held(&d->ln->lock)));
	if (err)
		vrf_slave_del(slave);
	return err;
}

static void vrf_dev_del(struct lh_net *ln, struct lh_vrf_dev *d)
{
	struct lh_vrf_dev *slave, *next;

	/* Nothing protects a device that is gone; its hook goes, whoever asks for it. */
	lh_vrf_attach(d, NULL);
	if (d->hooked)
		nf_unregister_net_hook(ln->net, &d->ops);
	list_for_each_entry_safe(slave, next, &d->slaves, same)
		vrf_slave_del(slave);
	vrf_dev_free(d);
}

/* A VRF device that was there before the module has devices already. */
static int vrf_dev_add(struct lh_net *ln, struct net_device *dev)
{
	struct lh_vrf_dev *d = vrf_dev_alloc(ln, dev);
	struct net_device *slave;
	struct list_head *iter;
	int err;

	if (IS_ERR(d))
		return PTR_ERR(d);
	err = lh_vrf_attach(d, lh_vrf_find(ln, dev->name));
	netdev_for_each_lower_dev(dev, slave, iter)
		err = err ?: vrf_slave_add(d, slave);
	if (err)
		vrf_dev_del(ln, d);
	return err;
}

/*
 * A device that is renamed stays protected, and so does its old name: a VRF that is
 * made under that again is closed from the beginning.
 */
static int vrf_dev_renamed(struct lh_net *ln, struct lh_vrf_dev *d)
{
	struct lh_vrf *old = rcu_dereference_protected(d->vrf,
						       lockdep_is_held(&ln->lock));
	struct lh_vrf *v = lh_vrf_find(ln, d->dev->name);
	struct lh_vrf *made = NULL;
	int err;

	if (!v && old) {
		made = lh_vrf_insert(ln, d->dev->name,
				     READ_ONCE(old->policy), NULL);
		if (IS_ERR(made))
			return PTR_ERR(made);
		v = made;
	}
	/* One that is protected has its hook already: for it, this does not fail. */
	err = lh_vrf_attach(d, v);
	if (made)
		lh_nl_vrf_tell(made, LABELHOP_CMD_VRF_NEW_NTF);
	return err;
}

static int vrf_dev_changed(struct lh_net *ln, struct net_device *dev,
			   unsigned long event)
{
	struct lh_vrf_dev *d = xa_load(&ln->vrf_devs, dev->ifindex);

	switch (event) {
	case NETDEV_REGISTER:
		return d ? 0 : vrf_dev_add(ln, dev);
	case NETDEV_CHANGENAME:
		return d ? vrf_dev_renamed(ln, d) : 0;
	case NETDEV_UNREGISTER:
		if (d)
			vrf_dev_del(ln, d);
	}
	return 0;
}

/* A device enters or leaves a VRF. */
static int vrf_slave_changed(struct lh_net *ln, struct net_device *dev,
			     const struct netdev_notifier_changeupper_info *info)
{
	struct lh_vrf_dev *d = xa_load(&ln->vrf_devs, info->upper_dev->ifindex);
	struct lh_vrf_dev *slave = xa_load(&ln->vrf_devs, dev->ifindex);

	if (info->linking)
		return d ? vrf_slave_add(d, dev) : -ENODEV;
	if (slave)
		vrf_slave_del(slave);
	return 0;
}

static bool is_vrf_event(const struct net_device *dev, unsigned long event,
			 const struct netdev_notifier_changeupper_info *info)
{
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
	case NETDEV_UNREGISTER:
		return netif_is_l3_master(dev);
	case NETDEV_CHANGEUPPER:
		return netif_is_l3_master(info->upper_dev);
	}
	return false;
}

static int vrf_dev_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lh_net *ln = lh_net_get(dev_net(dev));
	int err;

	if (!is_vrf_event(dev, event, ptr))
		return NOTIFY_DONE;
	mutex_lock(&ln->lock);
	err = event == NETDEV_CHANGEUPPER ? vrf_slave_changed(ln, dev, ptr) :
					    vrf_dev_changed(ln, dev, event);
	mutex_unlock(&ln->lock);

	/* Better no VRF than one that lets bare packets in. */
	if (err)
		netdev_err(dev, "labelhop: the VRF could not be hooked\n");
	return notifier_from_errno(err);
}

static struct notifier_block vrf_notifier = {
	.notifier_call = vrf_dev_event,
};

/**
 * lh_vrf_init - begin to follow VRF devices, those that exist included
 *
 * Return: 0 or a negative errno.
 */
int lh_vrf_init(void)
{
	return register_netdevice_notifier(&vrf_notifier);
}

/**
 * lh_vrf_exit - cease to follow them; no hook is left
 */
void lh_vrf_exit(void)
{
	unregister_netdevice_notifier(&vrf_notifier);
}
