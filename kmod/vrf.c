// SPDX-License-Identifier: GPL-2.0
/*
 * Protected VRFs, by name, and the VRF devices of a namespace, as they come and go.
 * A device has the hook of hook_vrf.c while it is protected or somebody asks for
 * all of them. See Documentation/decisions.rst, "Into a VRF".
 */
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "netlink.h"
#include "quota.h"
#include "stats.h"
#include "vrf.h"

static const struct rhashtable_params vrf_names = {
	.head_offset = offsetof(struct lh_vrf, node),
	.key_offset = offsetof(struct lh_vrf, name),
	.key_len = sizeof_field(struct lh_vrf, name),
	.automatic_shrinking = true,
};

/* Only to hook it can fail. */
static int vrf_hook(struct lh_vrf_dev *d)
{
	bool want = rcu_access_pointer(d->vrf) || d->ln->vrf_users;
	int err = 0;

	if (want && !d->hooked)
		err = nf_register_net_hook(d->ln->net, &d->ops);
	else if (!want && d->hooked)
		nf_unregister_net_hook(d->ln->net, &d->ops);
	if (!err)
		d->hooked = want;
	return err;
}

/* Let @v, or nothing, protect a device. On an error nothing is changed. */
static int vrf_attach(struct lh_vrf_dev *d, struct lh_vrf *v)
{
	struct lh_vrf *old = rcu_dereference_protected(d->vrf,
						       lockdep_is_held(&d->ln->lock));
	int err;

	rcu_assign_pointer(d->vrf, v);
	err = vrf_hook(d);
	if (err) {
		rcu_assign_pointer(d->vrf, old);
		return err;
	}
	if (old)
		old->dev = NULL;
	if (v)
		v->dev = d;
	return 0;
}

/**
 * lh_vrf_find - protected VRF of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the VRF, or NULL.
 */
struct lh_vrf *lh_vrf_find(struct lh_net *ln, const char *name)
{
	char key[IFNAMSIZ];

	lockdep_assert_held(&ln->lock);
	strscpy_pad(key, name, sizeof(key));
	return rhashtable_lookup_fast(&ln->vrf_names, key, vrf_names);
}

static void vrf_free(struct lh_vrf *v)
{
	free_percpu(v->stats);
	kfree(v);
}

static void vrf_free_rcu(struct rcu_head *rcu)
{
	vrf_free(container_of(rcu, struct lh_vrf, rcu));
}

/* Charged to the cgroup of whoever is root in the user namespace. */
static struct lh_vrf *vrf_alloc(struct lh_net *ln, const char *name, u8 policy)
{
	struct lh_vrf *v = kzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!v)
		return NULL;
	v->stats = alloc_percpu_gfp(struct lh_vrf_stats, GFP_KERNEL_ACCOUNT);
	if (!v->stats) {
		kfree(v);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(v->stats, cpu)->sync);
	v->ln = ln;
	v->policy = policy;
	v->told = jiffies - HZ;
	strscpy(v->name, name, sizeof(v->name));
	return v;
}

/* A VRF that has no device yet. */
static struct lh_vrf *vrf_insert(struct lh_net *ln, const char *name, u8 policy,
				 struct netlink_ext_ack *extack)
{
	int err = lh_quota_take(ln, 0, extack);
	struct lh_vrf *v;

	if (err)
		return ERR_PTR(err);
	v = vrf_alloc(ln, name, policy);
	err = v ? rhashtable_insert_fast(&ln->vrf_names, &v->node, vrf_names) :
		  -ENOMEM;
	if (err) {
		lh_quota_give(ln, 0);
		if (v)
			vrf_free(v);
		return ERR_PTR(err);
	}
	list_add_tail(&v->list, &ln->vrfs);
	ln->changes++;
	return v;
}

/*
 * The VRF device of a name, NULL if no device has the name. One that is coming, or
 * being renamed, at this moment waits for the lock, and is attached then.
 */
static struct lh_vrf_dev *vrf_dev_named(struct lh_net *ln, const char *name)
{
	struct lh_vrf_dev *d = NULL;
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(ln->net, name);
	/* Alternative names come and go without a word from the notifiers. */
	if (dev && !strcmp(dev->name, name))
		d = netif_is_l3_master(dev) ?
		    xa_load(&ln->vrf_devs, dev->ifindex) : ERR_PTR(-EINVAL);
	rcu_read_unlock();
	return d;
}

/**
 * lh_vrf_new - protect a VRF
 * @ln: the namespace, locked
 * @name: name of its device, which need not exist yet
 * @policy: enum labelhop_policy
 * @extack: receives the reason
 *
 * Return: the VRF, or an ERR_PTR() and nothing is changed.
 */
struct lh_vrf *lh_vrf_new(struct lh_net *ln, const char *name, u8 policy,
			  struct netlink_ext_ack *extack)
{
	struct lh_vrf_dev *d;
	struct lh_vrf *v;
	int err;

	if (lh_vrf_find(ln, name)) {
		NL_SET_ERR_MSG(extack, "this VRF is protected already");
		return ERR_PTR(-EEXIST);
	}
	d = vrf_dev_named(ln, name);
	if (IS_ERR(d)) {
		NL_SET_ERR_MSG(extack, "the device of this name is not a VRF");
		return ERR_CAST(d);
	}
	v = vrf_insert(ln, name, policy, extack);
	if (IS_ERR(v))
		return v;
	err = d ? vrf_attach(d, v) : 0;
	if (err) {
		NL_SET_ERR_MSG(extack, "the VRF device could not be hooked");
		lh_vrf_del(ln, v);
		return ERR_PTR(err);
	}
	return v;
}

/**
 * lh_vrf_del - protect a VRF no longer
 * @ln: the namespace, locked
 * @v: the VRF; it is gone a grace period later
 */
void lh_vrf_del(struct lh_net *ln, struct lh_vrf *v)
{
	if (v->dev)
		vrf_attach(v->dev, NULL);
	rhashtable_remove_fast(&ln->vrf_names, &v->node, vrf_names);
	list_del(&v->list);
	ln->changes++;
	lh_quota_give(ln, 0);
	call_rcu(&v->rcu, vrf_free_rcu);
}

/**
 * lh_vrf_count - value of a counter
 * @v: the VRF
 * @count: which
 *
 * Return: the sum over all CPUs.
 */
u64 lh_vrf_count(const struct lh_vrf *v, enum lh_vrf_count count)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct lh_vrf_stats *stats = per_cpu_ptr(v->stats, cpu);

		sum += lh_stats_read(&stats->counts[count], &stats->sync);
	}
	return sum;
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

static void vrf_dev_del(struct lh_net *ln, struct lh_vrf_dev *d)
{
	/* Nothing protects a device that is gone; its hook goes, whoever asks for it. */
	vrf_attach(d, NULL);
	if (d->hooked)
		nf_unregister_net_hook(ln->net, &d->ops);
	xa_erase(&ln->vrf_devs, d->dev->ifindex);
	kfree_rcu(d, rcu);
}

static int vrf_dev_add(struct lh_net *ln, struct net_device *dev)
{
	struct lh_vrf_dev *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return -ENOMEM;
	d->ln = ln;
	d->dev = dev;
	d->ops = (struct nf_hook_ops) {
		.hook = lh_hook_vrf,
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
		return err;
	}
	err = vrf_attach(d, lh_vrf_find(ln, dev->name));
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
		made = vrf_insert(ln, d->dev->name, READ_ONCE(old->policy),
				  NULL);
		if (IS_ERR(made))
			return PTR_ERR(made);
		v = made;
	}
	/* One that is protected has its hook already: for it, this does not fail. */
	err = vrf_attach(d, v);
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

static int vrf_dev_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lh_net *ln;
	int err;

	if (!netif_is_l3_master(dev) ||
	    (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME &&
	     event != NETDEV_UNREGISTER))
		return NOTIFY_DONE;
	ln = lh_net_get(dev_net(dev));
	mutex_lock(&ln->lock);
	err = vrf_dev_changed(ln, dev, event);
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
 * lh_vrf_net_init - no VRF is protected in a new namespace
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_vrf_net_init(struct lh_net *ln)
{
	INIT_LIST_HEAD(&ln->vrfs);
	xa_init(&ln->vrf_devs);
	return rhashtable_init(&ln->vrf_names, &vrf_names);
}

/**
 * lh_vrf_net_exit - forget the VRFs of a namespace that dies
 * @ln: the namespace, which has no device any more
 */
void lh_vrf_net_exit(struct lh_net *ln)
{
	struct lh_vrf *v, *next;

	mutex_lock(&ln->lock);
	list_for_each_entry_safe(v, next, &ln->vrfs, list)
		lh_vrf_del(ln, v);
	mutex_unlock(&ln->lock);
	rhashtable_destroy(&ln->vrf_names);
	xa_destroy(&ln->vrf_devs);
}

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
