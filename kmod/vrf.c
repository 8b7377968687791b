// SPDX-License-Identifier: GPL-2.0
/*
 * Protected VRFs, by name: see Documentation/decisions.rst, "Into a VRF". vrf_dev.c has
 * the devices.
 */
#include <linux/netdevice.h>
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

/**
 * lh_vrf_insert - protect a VRF that has no device yet
 * @ln: the namespace, locked
 * @name: name of the device, which no protected VRF has
 * @policy: enum labelhop_policy
 * @extack: receives the reason, or NULL
 *
 * Return: the VRF, or an ERR_PTR() and nothing is changed.
 */
struct lh_vrf *lh_vrf_insert(struct lh_net *ln, const char *name, u8 policy,
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
	v = lh_vrf_insert(ln, name, policy, extack);
	if (IS_ERR(v))
		return v;
	err = d ? lh_vrf_attach(d, v) : 0;
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
		lh_vrf_attach(v->dev, NULL);
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
