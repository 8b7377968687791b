// SPDX-License-Identifier: GPL-2.0
/*
 * Which session a label belongs to. Direction in has one table for the labels
 * of all K and for the VPN labels, so that no label can mean two things.
 */
#include "bare.h"
#include "compat.h"
#include "match.h"
#include "pw.h"
#include "stack.h"
#include "table.h"
#include "vrf.h"

/*
 * Is a session found by its VPN label? A link's is on no packet, and a pseudowire
 * that sends knows its session.
 */
static bool by_label(const struct lh_session *s)
{
	return s->payload == LABELHOP_PAYLOAD_IP ||
	       (s->payload != LABELHOP_PAYLOAD_LINK &&
		s->dir == LABELHOP_DIR_IN);
}

/* A label is a VPN label, or in the K of one session: never both. */
static int label_taken(struct netlink_ext_ack *extack, u32 label, void *entry)
{
	const struct lh_session *s = entry;

	if (xa_pointer_tag(entry) == LH_BARE)
		s = lh_bare_any(xa_untag_pointer(entry));
	lh_extack_format(extack, "label %u is already used by session %s",
			 label, s->name);
	return -EEXIST;
}

static int check_in(struct lh_net *ln, const struct lh_session *s,
		    struct netlink_ext_ack *extack)
{
	u32 vpn = s->params.label, i;
	void *entry;

	for (i = 0; i < s->params.n_labels; i++) {
		const struct lh_pw_setup *to = xa_load(&ln->pw_labels,
						       s->labels[i]);

		entry = xa_load(&ln->in, s->labels[i]);
		if (entry)
			return label_taken(extack, s->labels[i], entry);
		if (to) {
			lh_extack_format(extack,
					 "label %u is already used by device %s",
					 s->labels[i], to->pw->dev->name);
			return -EEXIST;
		}
	}
	if (!by_label(s))
		return 0;
	entry = xa_load(&ln->in, vpn);
	if (entry && xa_pointer_tag(entry) != LH_BARE)
		return label_taken(extack, vpn, entry);
	return 0;
}

static void del_labels(struct lh_net *ln, const struct lh_session *s, u32 n)
{
	while (n--)
		xa_erase(&ln->in, s->labels[n]);
}

static int add_in(struct lh_net *ln, struct lh_session *s,
		  struct netlink_ext_ack *extack)
{
	u32 i = 0;
	int err;

	for (i = 0; i < s->params.n_labels; i++) {
		err = xa_err(xa_store(&ln->in, s->labels[i], s,
				      GFP_KERNEL_ACCOUNT));
		if (err)
			goto err_labels;
	}
	err = by_label(s) ? lh_bare_add(ln, s, extack) : 0;
	if (err)
		goto err_labels;
	return 0;

err_labels:
	del_labels(ln, s, i);
	return err;
}

/* VRF devices are watched, as they tell what a hub's packets have left. */
static int add_out(struct lh_net *ln, struct lh_session *s,
		   struct netlink_ext_ack *extack)
{
	int err = lh_vrf_use(ln, extack);

	if (err)
		return err;
	err = lh_match_add(ln, s, extack);
	if (err)
		lh_vrf_unuse(ln);
	return err;
}

/**
 * lh_table_add - let a session be found by its labels
 * @ln: the namespace, locked
 * @s: the session
 * @extack: receives the reason
 *
 * A packet may have found the session even if this fails.
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_table_add(struct lh_net *ln, struct lh_session *s,
		 struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ln->lock);
	if (s->dir == LABELHOP_DIR_OUT)
		return by_label(s) ? add_out(ln, s, extack) : 0;
	err = check_in(ln, s, extack);
	return err ? err : add_in(ln, s, extack);
}

/**
 * lh_table_del - let a session no longer be found
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_table_del(struct lh_net *ln, struct lh_session *s)
{
	lockdep_assert_held(&ln->lock);
	if (s->dir == LABELHOP_DIR_IN)
		del_labels(ln, s, s->params.n_labels);
	if (!by_label(s))
		return;
	if (s->dir == LABELHOP_DIR_IN) {
		lh_bare_del(ln, s);
		return;
	}
	lh_match_del(ln, s);
	lh_vrf_unuse(ln);
}

/**
 * lh_table_moved - a device or VRF of a session has come, gone or another name
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_table_moved(struct lh_net *ln, struct lh_session *s)
{
	/* Only what is found by its VPN label can name a device or VRF. */
	lockdep_assert_held(&ln->lock);
	if (s->dir == LABELHOP_DIR_IN)
		lh_bare_moved(ln, s);
	else
		lh_match_moved(ln, s);
}

/**
 * lh_table_settled - settings of a session were changed
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_table_settled(struct lh_net *ln, struct lh_session *s)
{
	lockdep_assert_held(&ln->lock);
	if (!by_label(s))
		return;
	if (s->dir == LABELHOP_DIR_IN)
		lh_bare_policy(s);
	else
		lh_match_settings(ln, s);
}

/**
 * lh_table_init - begin, without sessions
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_table_init(struct lh_net *ln)
{
	int err;

	xa_init_flags(&ln->in, XA_FLAGS_ACCOUNT);
	err = lh_bare_init(ln);
	if (err)
		return err;
	err = lh_match_init(ln);
	if (err)
		lh_bare_exit(ln);
	return err;
}

/**
 * lh_table_exit - end, when all sessions are gone
 * @ln: the namespace
 */
void lh_table_exit(struct lh_net *ln)
{
	lh_match_exit(ln);
	lh_bare_exit(ln);
	xa_destroy(&ln->in);
}

/**
 * lh_table_routed - does the kernel route a label of the session's K?
 * @ln: the namespace
 * @s: a session in
 * @label: receives the first such label
 *
 * labelhop sees a packet before the kernel's MPLS input does, so such a route
 * gets no more packets.
 *
 * Return: true if so.
 */
bool lh_table_routed(const struct lh_net *ln, const struct lh_session *s,
		     u32 *label)
{
	struct mpls_route __rcu **table;
	bool routed = false;
	size_t n;
	u32 i;

	rcu_read_lock();
	n = lh_mpls_table(ln->net, &table);
	for (i = 0; i < s->params.n_labels && !routed; i++) {
		*label = s->labels[i];
		routed = *label < n && rcu_access_pointer(table[*label]);
	}
	rcu_read_unlock();
	return routed;
}

/**
 * lh_table_leads - does anything here take packets of a VPN label?
 * @ln: the namespace, locked
 * @label: the label
 *
 * Return: true if a route or a pseudowire has it, or if that can't be known.
 */
bool lh_table_leads(struct lh_net *ln, u32 label)
{
	struct mpls_route __rcu **table;
	bool leads;
	size_t n;

	if (!LH_MPLS_TABLE_SEEN || xa_load(&ln->pw_labels, label))
		return true;
	rcu_read_lock();
	n = lh_mpls_table(ln->net, &table);
	leads = label < n && rcu_access_pointer(table[label]);
	rcu_read_unlock();
	return leads;
}
