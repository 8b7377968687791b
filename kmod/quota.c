// SPDX-License-Identifier: GPL-2.0
/*
 * How much a user may have who is root in a user namespace only. Whoever made the
 * outermost user namespace pays for all below it, so that more namespaces don't give
 * more. The memory itself is charged to cgroups; this bounds what no cgroup bounds.
 */
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include "net.h"
#include "quota.h"

/*
 * A session has 5 KB and 0.5 KB more for each processor: 4,096 are 20 to 150 MB. Their
 * labels are a quarter of all that there are, 5 MB in the look-up tables.
 */
#define OBJECTS_MAX	4096
#define LABELS_MAX	262144

/**
 * struct lh_quota - what a user has in all namespaces
 * @list: in quotas
 * @refs: namespaces of the user; under quota_lock
 * @user: the user
 * @objects: sessions, pseudowires, links, ports and VRFs; under quota_lock
 * @labels: labels in the K of the sessions; under quota_lock
 */
struct lh_quota {
	struct list_head list;
	unsigned int refs;
	kuid_t user;
	u32 objects;
	u32 labels;
};

/* Taken inside lh_net.lock. */
static DEFINE_MUTEX(quota_lock);
static LIST_HEAD(quotas);

static kuid_t quota_user(const struct user_namespace *ns)
{
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}

static struct lh_quota *quota_find(kuid_t user)
{
	struct lh_quota *quota;

	list_for_each_entry(quota, &quotas, list)
		if (uid_eq(quota->user, user))
			return quota;
	quota = kzalloc(sizeof(*quota), GFP_KERNEL_ACCOUNT);
	if (!quota)
		return NULL;
	quota->user = user;
	list_add(&quota->list, &quotas);
	return quota;
}

/**
 * lh_quota_init - find whose quota counts in a namespace
 * @ln: the namespace
 *
 * In namespaces of the initial user namespace none does.
 *
 * Return: 0 or -ENOMEM.
 */
int lh_quota_init(struct lh_net *ln)
{
	if (ln->net->user_ns == &init_user_ns)
		return 0;
	mutex_lock(&quota_lock);
	ln->quota = quota_find(quota_user(ln->net->user_ns));
	if (ln->quota)
		ln->quota->refs++;
	mutex_unlock(&quota_lock);
	return ln->quota ? 0 : -ENOMEM;
}

/**
 * lh_quota_exit - let go of it, when all objects are gone
 * @ln: the namespace
 */
void lh_quota_exit(struct lh_net *ln)
{
	if (!ln->quota)
		return;
	mutex_lock(&quota_lock);
	if (!--ln->quota->refs) {
		list_del(&ln->quota->list);
		kfree(ln->quota);
	}
	mutex_unlock(&quota_lock);
}

/**
 * lh_quota_take - count an object that is about to be
 * @ln: the namespace, locked
 * @labels: number of labels in its K, 0 if it has none
 * @extack: receives the reason
 *
 * Return: 0, or -EDQUOT and nothing is counted.
 */
int lh_quota_take(struct lh_net *ln, u32 labels,
		  struct netlink_ext_ack *extack)
{
	struct lh_quota *quota = ln->quota;
	int err = 0;

	if (!quota)
		return 0;
	mutex_lock(&quota_lock);
	if (quota->objects >= OBJECTS_MAX) {
		NL_SET_ERR_MSG(extack,
			       "this user's namespaces have 4096 objects: no more may be");
		err = -EDQUOT;
	} else if (labels > LABELS_MAX - quota->labels) {
		NL_SET_ERR_MSG(extack,
			       "the label sets in this user's namespaces may have 262144 labels");
		err = -EDQUOT;
	} else {
		quota->objects++;
		quota->labels += labels;
	}
	mutex_unlock(&quota_lock);
	return err;
}

/**
 * lh_quota_give - count an object no longer
 * @ln: the namespace, locked
 * @labels: as when it was counted
 */
void lh_quota_give(struct lh_net *ln, u32 labels)
{
	if (!ln->quota)
		return;
	mutex_lock(&quota_lock);
	ln->quota->objects--;
	ln->quota->labels -= labels;
	mutex_unlock(&quota_lock);
}
