// SPDX-License-Identifier: GPL-2.0
/*
 * Links: ASBR to ASBR, the draft's 2.3.3. What they are made of, and which of them
 * are on a device. link_in.c and link_out.c handle the packets.
 */
#include <linux/etherdevice.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "compat.h"
#include "link.h"
#include "quota.h"

static const struct rhashtable_params by_name = {
	.key_len = LABELHOP_NAME_LEN,
	.key_offset = offsetof(struct lh_link, name),
	.head_offset = offsetof(struct lh_link, by_name),
	.automatic_shrinking = true,
};

static const struct rhashtable_params by_session = {
	.key_len = LABELHOP_NAME_LEN,
	.key_offset = offsetof(struct lh_link, session_name),
	.head_offset = offsetof(struct lh_link, by_session),
	.automatic_shrinking = true,
};

/**
 * lh_link_find - link of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the link, or NULL.
 */
struct lh_link *lh_link_find(struct lh_net *ln, const char *name)
{
	char key[LABELHOP_NAME_LEN];

	lockdep_assert_held(&ln->lock);
	strscpy_pad(key, name, sizeof(key));
	return rhashtable_lookup_fast(&ln->link_names, key, by_name);
}

/**
 * lh_link_takes - is a link for packets with a top label?
 * @link: the link
 * @label: the label
 *
 * Return: true if so.
 */
bool lh_link_takes(const struct lh_link *link, u32 label)
{
	u32 i;

	for (i = 0; i < link->n_lsps; i++)
		if (link->lsps[i] == label)
			return true;
	return !link->n_lsps;
}

static bool share_lsp(const struct lh_link *a, const struct lh_link *b)
{
	u32 i;

	if (!a->n_lsps || !b->n_lsps)
		return true;
	for (i = 0; i < a->n_lsps; i++)
		if (lh_link_takes(b, a->lsps[i]))
			return true;
	return false;
}

/* A packet that comes can be for several links, as its hop label tells which. */
static bool overlap(const struct lh_link *a, const struct lh_link *b)
{
	return a->dir == b->dir && share_lsp(a, b) &&
	       (a->dir == LABELHOP_DIR_OUT ?
		!a->narrowed || !b->narrowed ||
		ether_addr_equal(a->neighbour, b->neighbour) :
		!strcmp(a->session_name, b->session_name));
}

static int check_dev(struct lh_net *ln, const struct lh_link *link,
		     struct netlink_ext_ack *extack)
{
	if (!lh_port_ifindex(ln, link->dev_name)) {
		NL_SET_ERR_MSG(extack, "there is no such device");
		return -ENODEV;
	}
	return 0;
}

static int check_session(struct lh_net *ln, struct lh_link *link,
			 struct netlink_ext_ack *extack)
{
	struct lh_session *s = lh_session_find(ln, link->session_name);

	if (!s) {
		NL_SET_ERR_MSG(extack, "there is no such session");
		return -ENOENT;
	}
	if (s->payload != LABELHOP_PAYLOAD_LINK) {
		NL_SET_ERR_MSG(extack, "the session must have payload link");
		return -EINVAL;
	}
	link->dir = s->dir;
	RCU_INIT_POINTER(link->session, s);
	return 0;
}

static int check_others(const struct lh_name *n, const struct lh_link *link,
			struct netlink_ext_ack *extack)
{
	const struct lh_link *other;

	if (!n)
		return 0;
	list_for_each_entry(other, &n->links, same_dev)
		if (overlap(link, other)) {
			lh_extack_format(extack,
					 "it matches the same packets as link %s",
					 other->name);
			return -EEXIST;
		}
	return 0;
}

static void remove_from_tables(struct lh_net *ln, struct lh_link *link)
{
	rhltable_remove(&ln->link_sessions, &link->by_session, by_session);
	rhashtable_remove_fast(&ln->link_names, &link->by_name, by_name);
}

/* All that can fail, and that is undone: what is in no table is not found there. */
static int link_up(struct lh_net *ln, struct lh_link *link,
		   struct netlink_ext_ack *extack)
{
	int err = rhashtable_insert_fast(&ln->link_names, &link->by_name, by_name) ?:
		  rhltable_insert(&ln->link_sessions, &link->by_session,
				  by_session) ?:
		  lh_ports_use(ln, link->dir, extack);

	if (!err) {
		link->at = lh_name_get(ln, link->dev_name);
		if (link->at)
			return 0;
		lh_ports_unuse(ln, link->dir);
		err = -ENOMEM;
	}
	remove_from_tables(ln, link);
	return err;
}

/* A sentence that comes with success is a warning. */
static void warn_taken(const struct lh_link *link,
		       struct netlink_ext_ack *extack)
{
	if (link->dir == LABELHOP_DIR_IN && link->at->dev &&
	    lh_dev_taken(link->at->dev))
		NL_SET_ERR_MSG(extack,
			       "the device belongs to another: only frames to its own MAC address are checked");
}

/**
 * lh_link_new - let a link see packets
 * @ln: the namespace, locked
 * @link: the link, complete but for session and direction; the caller's again if
 *	  this fails
 * @attr: receives the enum labelhop_attr_link that is at fault
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_link_new(struct lh_net *ln, struct lh_link *link, int *attr,
		struct netlink_ext_ack *extack)
{
	int err;

	*attr = LABELHOP_A_LINK_NAME;
	if (lh_link_find(ln, link->name)) {
		NL_SET_ERR_MSG(extack, "a link with this name exists");
		return -EEXIST;
	}
	*attr = LABELHOP_A_LINK_DEV;
	err = check_dev(ln, link, extack);
	if (err)
		return err;
	*attr = LABELHOP_A_LINK_SESSION;
	err = check_session(ln, link, extack);
	if (err)
		return err;
	*attr = LABELHOP_A_LINK_NEIGHBOUR;
	if (link->dir == LABELHOP_DIR_IN && link->narrowed) {
		NL_SET_ERR_MSG(extack,
			       "a neighbour is only for direction out: anybody can send with its address");
		return -EINVAL;
	}
	*attr = LABELHOP_A_LINK_NAME;
	err = check_others(lh_name_find(ln, link->dev_name), link, extack);
	if (err)
		return err;
	err = lh_quota_take(ln, 0, extack);
	if (err)
		return err;
	err = link_up(ln, link, extack);
	if (err) {
		lh_quota_give(ln, 0);
		return err;
	}
	list_add_tail(&link->list, &ln->links);
	list_add_tail(&link->same_dev, &link->at->links);
	if (link->at->dev)
		hlist_add_head_rcu(&link->node,
				   &link->at->dev->links[link->dir]);
	warn_taken(link, extack);
	return 0;
}

/**
 * lh_link_del - take a link away
 * @ln: the namespace, locked
 * @link: the link; it is gone a grace period later
 */
void lh_link_del(struct lh_net *ln, struct lh_link *link)
{
	list_del(&link->list);
	list_del(&link->same_dev);
	hlist_del_init_rcu(&link->node);
	lh_name_put(ln, link->at);
	remove_from_tables(ln, link);
	lh_ports_unuse(ln, link->dir);
	lh_quota_give(ln, 0);
	kfree_rcu(link, rcu);
}

/**
 * lh_link_flush - forget all links of a namespace that dies
 * @ln: the namespace, locked
 */
void lh_link_flush(struct lh_net *ln)
{
	struct lh_link *link, *next;

	list_for_each_entry_safe(link, next, &ln->links, list)
		lh_link_del(ln, link);
}

/**
 * lh_link_session - a session has come, or goes
 * @ln: the namespace, locked
 * @s: the session
 * @exists: does it exist from now on?
 *
 * One that was deleted and added again is taken, if it has the same direction.
 */
void lh_link_session(struct lh_net *ln, const struct lh_session *s, bool exists)
{
	bool fits = exists && s->payload == LABELHOP_PAYLOAD_LINK;
	struct rhlist_head *list, *at;
	char key[LABELHOP_NAME_LEN];
	struct lh_link *link;

	strscpy_pad(key, s->name, sizeof(key));
	rcu_read_lock();
	list = rhltable_lookup(&ln->link_sessions, key, by_session);
	rhl_for_each_entry_rcu(link, at, list, by_session)
		rcu_assign_pointer(link->session,
				   fits && link->dir == s->dir ? s : NULL);
	rcu_read_unlock();
}

/**
 * lh_link_attach - a device is known by a name: give it the links that are for it
 * @d: the device; lh_net.lock is held
 */
void lh_link_attach(struct lh_dev *d)
{
	struct lh_link *link;

	list_for_each_entry(link, &d->name->links, same_dev)
		hlist_add_head_rcu(&link->node, &d->links[link->dir]);
}

/**
 * lh_link_detach - a device loses its name: take the links from it
 * @d: the device; lh_net.lock is held
 *
 * Afterwards no packet is at one of them any more: each can be given to another.
 */
void lh_link_detach(struct lh_dev *d)
{
	struct hlist_node *next;
	struct lh_link *link;
	bool any = false;
	int dir;

	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++)
		hlist_for_each_entry_safe(link, next, &d->links[dir], node) {
			hlist_del_init_rcu(&link->node);
			any = true;
		}
	if (any)
		synchronize_net();
}

/**
 * lh_link_init_net - let a namespace have links
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_link_init_net(struct lh_net *ln)
{
	int err;

	INIT_LIST_HEAD(&ln->links);
	err = rhashtable_init(&ln->link_names, &by_name);
	if (err)
		return err;
	err = rhltable_init(&ln->link_sessions, &by_session);
	if (err)
		rhashtable_destroy(&ln->link_names);
	return err;
}

/**
 * lh_link_exit_net - end that
 * @ln: the namespace, without links
 */
void lh_link_exit_net(struct lh_net *ln)
{
	rhltable_destroy(&ln->link_sessions);
	rhashtable_destroy(&ln->link_names);
}
