// SPDX-License-Identifier: GPL-2.0
/*
 * Links: ASBR to ASBR, the draft's 2.3.3. What they are made of, and which of them
 * are on a device. link_in.c and link_out.c handle the packets.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include "compat.h"
#include "link.h"

/**
 * lh_link_find - link of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the link, or NULL.
 */
struct lh_link *lh_link_find(struct lh_net *ln, const char *name)
{
	struct lh_link *link;

	lockdep_assert_held(&ln->lock);
	list_for_each_entry(link, &ln->links, list)
		if (!strcmp(link->name, name))
			return link;
	return NULL;
}

/**
 * lh_link_on - is there a link on a device?
 * @ln: the namespace, locked
 * @dev_name: name of the device
 *
 * Return: true if so.
 */
bool lh_link_on(const struct lh_net *ln, const char *dev_name)
{
	const struct lh_link *link;

	list_for_each_entry(link, &ln->links, list)
		if (!strcmp(link->dev_name, dev_name))
			return true;
	return false;
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
	return a->dir == b->dir && !strcmp(a->dev_name, b->dev_name) &&
	       share_lsp(a, b) &&
	       (a->dir == LABELHOP_DIR_OUT ?
		!a->narrowed || !b->narrowed ||
		ether_addr_equal(a->neighbour, b->neighbour) :
		!strcmp(a->session_name, b->session_name));
}

static void attach(struct lh_dev *d, struct lh_link *link)
{
	if (!strcmp(link->dev_name, d->dev->name))
		hlist_add_head_rcu(&link->node, &d->links[link->dir]);
}

static int check_dev(const struct lh_net *ln, const struct lh_link *link,
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

static int check_others(struct lh_net *ln, const struct lh_link *link,
			struct netlink_ext_ack *extack)
{
	const struct lh_link *other;

	list_for_each_entry(other, &ln->links, list)
		if (overlap(link, other)) {
			lh_extack_format(extack,
					 "it matches the same packets as link %s",
					 other->name);
			return -EEXIST;
		}
	return 0;
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
	struct lh_dev *d;
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
	err = check_others(ln, link, extack);
	if (err)
		return err;
	/* The list says which devices are to be hooked. */
	list_add_tail(&link->list, &ln->links);
	err = lh_ports_use(ln, link->dir, extack);
	if (err) {
		list_del(&link->list);
		lh_ports_update(ln);
		return err;
	}
	list_for_each_entry(d, &ln->devs, list)
		attach(d, link);
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
	hlist_del_init_rcu(&link->node);
	lh_ports_unuse(ln, link->dir);
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
	struct lh_link *link;

	list_for_each_entry(link, &ln->links, list)
		if (!strcmp(link->session_name, s->name))
			rcu_assign_pointer(link->session,
					   fits && link->dir == s->dir ?
					   s : NULL);
}

/**
 * lh_link_attach - a device has a name: give it the links that are for it
 * @d: the device; lh_net.lock is held
 */
void lh_link_attach(struct lh_dev *d)
{
	struct lh_link *link;

	list_for_each_entry(link, &d->ln->links, list)
		if (hlist_unhashed(&link->node))
			attach(d, link);
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
