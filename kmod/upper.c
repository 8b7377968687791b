// SPDX-License-Identifier: GPL-2.0
/*
 * What is above and below devices, counted as that changes, so that no packet has to
 * look. The devices of a stack can be in several namespaces; all is under RTNL.
 */
#include <linux/if_macvlan.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>
#include "port.h"
#include "pw.h"

/**
 * lh_dev_of - labelhop on a device
 * @dev: the device
 *
 * To be called under RTNL, or with lh_net.lock of its namespace held.
 *
 * Return: the lh_dev, or NULL.
 */
struct lh_dev *lh_dev_of(const struct net_device *dev)
{
	struct lh_net *ln = lh_net_get(dev_net(dev));
	struct lh_dev *d = xa_load(&ln->devs, dev->ifindex);

	return d && d->dev == dev ? d : NULL;
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

/* A device above gets, or loses, one below that has a pseudowire. */
static void pws_change(struct net_device *upper, int change)
{
	struct lh_dev *d = lh_dev_of(upper);
	struct net_device *above;
	struct list_head *iter;
	unsigned int before;

	if (!d)
		return;
	before = d->pws;
	WRITE_ONCE(d->pws, before + change);
	if (!before == !d->pws)
		return;
	/* As deep as the kernel lets devices be stacked. */
	netdev_for_each_upper_dev_rcu(upper, above, iter)
		pws_change(above, change);
}

static void pws_tell(struct lh_dev *d, int change)
{
	struct net_device *above;
	struct list_head *iter;

	rcu_read_lock();
	if (d->pws)
		netdev_for_each_upper_dev_rcu(d->dev, above, iter)
			pws_change(above, change);
	rcu_read_unlock();
}

/**
 * lh_upper_begin - count what is above and below a device that is new to labelhop
 * @d: the device, which lh_dev_of() finds; RTNL is held
 */
void lh_upper_begin(struct lh_dev *d)
{
	const struct lh_dev *below;
	struct net_device *other;
	struct list_head *iter;

	d->pws = lh_pw_is(d->dev);
	rcu_read_lock();
	netdev_for_each_upper_dev_rcu(d->dev, other, iter)
		d->passers += is_passer(other);
	rcu_read_unlock();
	netdev_for_each_lower_dev(d->dev, other, iter) {
		below = lh_dev_of(other);
		d->pws += below && below->pws;
	}
	pws_tell(d, 1);
}

/**
 * lh_upper_end - a device is no longer labelhop's
 * @d: the device, which lh_dev_of() still finds; RTNL is held
 */
void lh_upper_end(struct lh_dev *d)
{
	pws_tell(d, -1);
}

/**
 * lh_upper_changed - a device above comes or goes
 * @d: the device below; RTNL is held
 * @upper: the device above
 * @linking: does it come?
 */
void lh_upper_changed(struct lh_dev *d, struct net_device *upper, bool linking)
{
	int change = linking ? 1 : -1;

	if (is_passer(upper))
		WRITE_ONCE(d->passers, d->passers + change);
	if (!d->pws)
		return;
	rcu_read_lock();
	pws_change(upper, change);
	rcu_read_unlock();
}
