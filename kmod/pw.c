// SPDX-License-Identifier: GPL-2.0
/*
 * Pseudowires: Ethernet devices whose frames go to a remote PE. pw_path.c finds the
 * way, pw_tx.c sends, pw_rx.c receives.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include "compat.h"
#include "netlink.h"
#include "port.h"
#include "pw.h"
#include "quota.h"

/* No setup: `ip link add` makes none, as it could not say what is needed. */
static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = "labelhop",
	.priv_size = sizeof(struct lh_pw),
	.dellink = unregister_netdevice_queue,
};

static void destructor(struct net_device *dev)
{
	struct lh_pw *pw = netdev_priv(dev);

	gro_cells_destroy(&pw->cells);
	lh_pw_setup_free(rcu_replace_pointer(pw->setup, NULL, true));
	free_percpu(dev->tstats);
}

static int alloc(struct lh_pw *pw)
{
	int err;

	pw->dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!pw->dev->tstats)
		return -ENOMEM;
	err = gro_cells_init(&pw->cells, pw->dev);
	if (err)
		free_percpu(pw->dev->tstats);
	return err;
}

static int pw_publish(struct lh_pw *pw)
{
	struct lh_net *ln = pw->ln;
	int err;

	err = lh_quota_take(ln, 0, pw->extack);
	if (err)
		return err;
	err = lh_ports_use(ln, LABELHOP_DIR_IN, pw->extack);
	if (err)
		goto err_quota;
	err = lh_pw_publish(lh_pw_setup(pw));
	if (err)
		goto err_ports;
	list_add_tail(&pw->list, &ln->pws);
	ln->changes++;
	lh_pw_look(pw);
	return 0;

err_ports:
	lh_ports_unuse(ln, LABELHOP_DIR_IN);
err_quota:
	lh_quota_give(ln, 0);
	return err;
}

static int init(struct net_device *dev)
{
	struct lh_pw *pw = netdev_priv(dev);
	int err = alloc(pw);

	if (err)
		return err;
	mutex_lock(&pw->ln->lock);
	err = pw_publish(pw);
	mutex_unlock(&pw->ln->lock);
	if (err) {
		destructor(dev);
		return err;
	}
	netif_carrier_off(dev);
	lh_pw_update(pw);
	return 0;
}

static void uninit(struct net_device *dev)
{
	struct lh_pw *pw = netdev_priv(dev);
	struct lh_net *ln = pw->ln;

	mutex_lock(&ln->lock);
	if (pw->announced)
		lh_nl_pw_tell(pw, LABELHOP_CMD_PW_DEL_NTF);
	list_del(&pw->list);
	list_del_init(&pw->look);
	lh_pw_withdraw(lh_pw_setup(pw));
	lh_ports_unuse(ln, LABELHOP_DIR_IN);
	lh_quota_give(ln, 0);
	ln->changes++;
	mutex_unlock(&ln->lock);
	/*
	 * A device that is unregistered waits for its packets. One that could not be
	 * registered does not.
	 */
	if (dev->reg_state == NETREG_UNINITIALIZED)
		synchronize_net();
}

/* An MTU that somebody sets overrides the path's. */
static int change_mtu(struct net_device *dev, int mtu)
{
	struct lh_pw *pw = netdev_priv(dev);

	WRITE_ONCE(dev->mtu, mtu);
	pw->own_mtu |= !pw->following;
	return 0;
}

static const struct net_device_ops dev_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_start_xmit = lh_pw_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_change_mtu = change_mtu,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops ethtool_ops = {
	.get_link = ethtool_op_get_link,
};

/* Neither checksums nor segmentation: what is hashed must be what is sent. */
static void setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &dev_ops;
	dev->ethtool_ops = &ethtool_ops;
	dev->rtnl_link_ops = &link_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = destructor;
	dev->min_mtu = LABELHOP_PW_MTU_MIN;
	dev->max_mtu = LABELHOP_PW_MTU_MAX;
	dev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA;
	dev->hw_features = dev->features;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	lh_dev_lockless(dev);
	lh_dev_stays(dev);
}

/**
 * lh_pw_is - is a device a pseudowire?
 * @dev: the device
 *
 * Return: true if so.
 */
bool lh_pw_is(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &link_ops;
}

/**
 * lh_pw_find - pseudowire of a name
 * @ln: the namespace, locked
 * @name: of its device
 *
 * A device has lost its name a grace period before ndo_uninit(), which takes the lock:
 * one that is found stays while the lock is held.
 *
 * Return: the pseudowire, or NULL.
 */
struct lh_pw *lh_pw_find(struct lh_net *ln, const char *name)
{
	struct net_device *dev;
	struct lh_pw *pw = NULL;

	lockdep_assert_held(&ln->lock);
	rcu_read_lock();
	dev = dev_get_by_name_rcu(ln->net, name);
	if (dev && dev->rtnl_link_ops == &link_ops)
		pw = netdev_priv(dev);
	rcu_read_unlock();
	return pw;
}

static struct net_device *alloc_dev(struct lh_net *ln,
				    const struct lh_pw_config *config)
{
	struct net_device *dev = alloc_netdev(sizeof(struct lh_pw),
					      config->name, NET_NAME_USER,
					      setup);
	struct lh_pw_setup *made;
	struct lh_pw *pw;

	if (!dev)
		return NULL;
	dev_net_set(dev, ln->net);
	pw = netdev_priv(dev);
	INIT_LIST_HEAD(&pw->look);
	pw->ln = ln;
	pw->dev = dev;
	pw->state = LABELHOP_PW_NO_ROUTE;
	pw->own_mtu = config->mtu;
	if (config->mtu)
		dev->mtu = config->mtu;
	made = lh_pw_setup_new(pw, config);
	if (!made) {
		free_netdev(dev);
		return NULL;
	}
	rcu_assign_pointer(pw->setup, made);
	return dev;
}

static void pw_announce(struct lh_pw *pw, const struct lh_pw_config *config,
			struct netlink_ext_ack *extack)
{
	mutex_lock(&pw->ln->lock);
	pw->announced = true;
	lh_nl_pw_tell(pw, LABELHOP_CMD_PW_NEW_NTF);
	lh_pw_warn_unnamed(pw->ln, config, extack);
	mutex_unlock(&pw->ln->lock);
}

/**
 * lh_pw_new - make a pseudowire and its device
 * @ln: the namespace; RTNL is held
 * @config: what it is to be
 * @attr: receives the enum labelhop_attr_pw that is at fault
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_pw_new(struct lh_net *ln, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack)
{
	struct net_device *dev = alloc_dev(ln, config);
	struct lh_pw *pw;
	int err;

	*attr = LABELHOP_A_PW_NAME;
	if (!dev)
		return -ENOMEM;
	pw = netdev_priv(dev);
	mutex_lock(&ln->lock);
	err = lh_pw_check(lh_pw_setup(pw), config, attr, extack);
	mutex_unlock(&ln->lock);
	if (!err) {
		*attr = LABELHOP_A_PW_NAME;
		pw->extack = extack;
		err = register_netdevice(dev);
		pw->extack = NULL;
	}
	if (err) {
		/* There is one still if it did not come as far as ndo_init(). */
		lh_pw_setup_free(rcu_replace_pointer(pw->setup, NULL, true));
		free_netdev(dev);
		return err;
	}
	pw_announce(pw, config, extack);
	return 0;
}

/**
 * lh_pw_net_init - let there be pseudowires in a namespace
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_pw_net_init(struct lh_net *ln)
{
	INIT_LIST_HEAD(&ln->pws);
	INIT_LIST_HEAD(&ln->pw_looks);
	INIT_DELAYED_WORK(&ln->pw_work, lh_pw_work);
	xa_init_flags(&ln->pw_labels, XA_FLAGS_ACCOUNT);
	return lh_pw_ends_init(&ln->pw_ends);
}

/**
 * lh_pw_net_exit - the end of a namespace, with no pseudowires and no sessions left
 * @ln: the namespace
 */
void lh_pw_net_exit(struct lh_net *ln)
{
	cancel_delayed_work_sync(&ln->pw_work);
	rhltable_destroy(&ln->pw_ends);
	xa_destroy(&ln->pw_labels);
}

/**
 * lh_pw_init - let there be pseudowires
 *
 * Return: 0 or a negative errno.
 */
int lh_pw_init(void)
{
	return rtnl_link_register(&link_ops);
}

/**
 * lh_pw_exit - take all pseudowires away
 */
void lh_pw_exit(void)
{
	rtnl_link_unregister(&link_ops);
	/* What was replaced is freed by code of this module. */
	rcu_barrier();
}
