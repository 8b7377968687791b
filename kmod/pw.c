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
#include "stack.h"

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
	lh_pw_forget(pw);
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

static bool fits(const struct lh_pw *pw, const struct lh_session *s, int dir)
{
	u8 payload = pw->control_word ? LABELHOP_PAYLOAD_PW :
					LABELHOP_PAYLOAD_PW_NO_CW;

	return s->dir == dir && s->payload == payload;
}

/*
 * A session that was deleted and added again is the one that is needed if it is
 * for the same label.
 */
static void bind(struct lh_net *ln, struct lh_pw *pw, int dir)
{
	struct lh_end *end = &pw->ends[dir];
	void *entry = xa_mk_value(end->label);
	struct lh_session *s;

	if (end->name[0]) {
		s = lh_session_find(ln, end->name);
		if (!s || !fits(pw, s, dir) || s->params.label != end->label)
			entry = LH_MISSING;
		else
			entry = s;
	}
	rcu_assign_pointer(end->entry, entry);
}

/**
 * lh_pw_session - a session has come, or goes
 * @ln: the namespace, locked
 * @s: the session
 * @exists: does it exist from now on?
 */
void lh_pw_session(struct lh_net *ln, const struct lh_session *s, bool exists)
{
	struct lh_end *end;
	struct lh_pw *pw;

	lockdep_assert_held(&ln->lock);
	list_for_each_entry(pw, &ln->pws, list) {
		end = &pw->ends[s->dir];
		if (strcmp(end->name, s->name))
			continue;
		if (exists)
			bind(ln, pw, s->dir);
		else
			RCU_INIT_POINTER(end->entry, LH_MISSING);
		mod_delayed_work(lh_queue, &ln->pw_work, 0);
	}
}

static int publish(struct lh_pw *pw)
{
	u32 label = pw->ends[LABELHOP_DIR_IN].label;
	struct lh_net *ln = pw->ln;
	int err;

	err = lh_ports_use(ln, LABELHOP_DIR_IN, NULL);
	if (err)
		return err;
	err = xa_insert(&ln->pw_labels, label, pw, GFP_KERNEL_ACCOUNT);
	if (err) {
		lh_ports_unuse(ln, LABELHOP_DIR_IN);
		return err == -EBUSY ? -EEXIST : err;
	}
	bind(ln, pw, LABELHOP_DIR_IN);
	bind(ln, pw, LABELHOP_DIR_OUT);
	list_add_tail(&pw->list, &ln->pws);
	ln->changes++;
	queue_delayed_work(lh_queue, &ln->pw_work, 0);
	return 0;
}

static int init(struct net_device *dev)
{
	struct lh_pw *pw = netdev_priv(dev);
	int err = alloc(pw);

	if (err)
		return err;
	mutex_lock(&pw->ln->lock);
	err = publish(pw);
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
	xa_erase(&ln->pw_labels, pw->ends[LABELHOP_DIR_IN].label);
	RCU_INIT_POINTER(pw->ends[LABELHOP_DIR_IN].entry, LH_MISSING);
	RCU_INIT_POINTER(pw->ends[LABELHOP_DIR_OUT].entry, LH_MISSING);
	lh_ports_unuse(ln, LABELHOP_DIR_IN);
	ln->changes++;
	mutex_unlock(&ln->lock);
	/* Who unregisters a device waits for its packets; who could not register it not. */
	if (dev->reg_state == NETREG_UNINITIALIZED)
		synchronize_net();
}

/* Who sets an MTU does not want the path's. */
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

static int check_session(struct lh_net *ln, const struct lh_pw *pw,
			 struct lh_end *end, int dir, int *attr,
			 struct netlink_ext_ack *extack)
{
	const struct lh_session *s;

	*attr = dir == LABELHOP_DIR_IN ? LABELHOP_A_PW_IN : LABELHOP_A_PW_OUT;

	s = lh_session_find(ln, end->name);
	if (!s) {
		lh_extack_format(extack, "there is no session %s", end->name);
		return -ENOENT;
	}
	if (s->dir != dir) {
		lh_extack_format(extack, "session %s has the other direction",
				 end->name);
		return -EINVAL;
	}
	if (!fits(pw, s, dir)) {
		lh_extack_format(extack, "session %s must have payload %s",
				 end->name, pw->control_word ? "pw" : "pw-no-cw");
		return -EINVAL;
	}
	end->label = s->params.label;
	return 0;
}

static int check_label(struct lh_net *ln, const struct lh_pw *pw, u32 label,
		       struct netlink_ext_ack *extack)
{
	const struct lh_pw *other = xa_load(&ln->pw_labels, label);
	void *entry = xa_load(&ln->in, label);

	if (other && other->dev != pw->dev) {
		lh_extack_format(extack, "label %u is already used by device %s",
				 label, other->dev->name);
		return -EEXIST;
	}
	if (entry && xa_pointer_tag(entry) != LH_BARE) {
		lh_extack_format(extack, "label %u is in the label set of a session",
				 label);
		return -EEXIST;
	}
	return 0;
}

/*
 * What the ends are to be. Their labels come from their sessions, if they are given
 * any; one whose session is missing now can stay as it is.
 */
static int check(struct lh_net *ln, const struct lh_pw *pw,
		 struct lh_end ends[2], const struct lh_pw_config *config,
		 int *attr, struct netlink_ext_ack *extack)
{
	int dir, err = 0;

	lockdep_assert_held(&ln->lock);
	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT && !err; dir++)
		if (config->session[dir])
			err = check_session(ln, pw, &ends[dir], dir, attr,
					    extack);
	*attr = err ? *attr : LABELHOP_A_PW_OUT;
	if (!err && pw->flow_label && ends[LABELHOP_DIR_OUT].name[0]) {
		NL_SET_ERR_MSG(extack,
			       "a flow label is of no use with a session: tags differ by packet");
		err = -EINVAL;
	}
	if (err)
		return err;
	*attr = ends[LABELHOP_DIR_IN].name[0] ? LABELHOP_A_PW_IN :
						LABELHOP_A_PW_IN_LABEL;
	return check_label(ln, pw, ends[LABELHOP_DIR_IN].label, extack);
}

static void set_end(struct lh_end *end, const char *name, u32 label)
{
	if (!name && !label)
		return;
	strscpy_pad(end->name, name ?: "", sizeof(end->name));
	if (!name)
		end->label = label;
}

static void set_ends(struct lh_end ends[2], const struct lh_pw_config *config)
{
	int dir;

	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++)
		set_end(&ends[dir], config->session[dir], config->label[dir]);
}

/**
 * lh_pw_find - pseudowire of a name
 * @ln: the namespace, locked or under RTNL
 * @name: of its device
 *
 * Return: the pseudowire, or NULL.
 */
struct lh_pw *lh_pw_find(struct lh_net *ln, const char *name)
{
	struct lh_pw *pw;

	list_for_each_entry(pw, &ln->pws, list)
		if (!strcmp(pw->dev->name, name))
			return pw;
	return NULL;
}

static struct net_device *alloc_dev(struct lh_net *ln,
				    const struct lh_pw_config *config)
{
	struct net_device *dev = alloc_netdev(sizeof(struct lh_pw),
					      config->name, NET_NAME_USER,
					      setup);
	struct lh_pw *pw;

	if (!dev)
		return NULL;
	dev_net_set(dev, ln->net);
	pw = netdev_priv(dev);
	pw->ln = ln;
	pw->dev = dev;
	pw->remote = config->remote;
	pw->control_word = config->control_word;
	pw->flow_label = config->flow_label;
	pw->tunnel = config->tunnel;
	pw->state = LABELHOP_PW_NO_ROUTE;
	pw->own_mtu = config->mtu;
	if (config->mtu)
		dev->mtu = config->mtu;
	set_ends(pw->ends, config);
	return dev;
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
	err = check(ln, pw, pw->ends, config, attr, extack);
	mutex_unlock(&ln->lock);
	if (!err) {
		*attr = LABELHOP_A_PW_NAME;
		err = register_netdevice(dev);
	}
	if (err) {
		free_netdev(dev);
		return err;
	}
	mutex_lock(&ln->lock);
	pw->announced = true;
	lh_nl_pw_tell(pw, LABELHOP_CMD_PW_NEW_NTF);
	mutex_unlock(&ln->lock);
	return 0;
}

/**
 * lh_pw_set - change sessions or labels of a pseudowire
 * @pw: the pseudowire; RTNL and lh_net.lock are held
 * @config: its sessions and labels; those that are neither stay
 * @attr: receives the enum labelhop_attr_pw that is at fault
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_pw_set(struct lh_pw *pw, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack)
{
	u32 label, before = pw->ends[LABELHOP_DIR_IN].label;
	struct lh_net *ln = pw->ln;
	struct lh_end ends[2];
	int err, dir;

	lockdep_assert_held(&ln->lock);
	memcpy(ends, pw->ends, sizeof(ends));
	set_ends(ends, config);
	err = check(ln, pw, ends, config, attr, extack);
	label = ends[LABELHOP_DIR_IN].label;
	if (!err && label != before)
		err = xa_insert(&ln->pw_labels, label, pw, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++) {
		set_end(&pw->ends[dir],
			ends[dir].name[0] ? ends[dir].name : NULL,
			ends[dir].label);
		pw->ends[dir].label = ends[dir].label;
		bind(ln, pw, dir);
	}
	if (label != before)
		xa_erase(&ln->pw_labels, before);
	mod_delayed_work(lh_queue, &ln->pw_work, 0);
	return 0;
}

/**
 * lh_pw_init - let there be pseudowires
 *
 * Return: 0 or a negative errno.
 */
int __init lh_pw_init(void)
{
	return rtnl_link_register(&link_ops);
}

/**
 * lh_pw_exit - take all pseudowires away
 */
void lh_pw_exit(void)
{
	rtnl_link_unregister(&link_ops);
}
