// SPDX-License-Identifier: GPL-2.0
/*
 * Which session a label belongs to. Direction in has one table for the labels
 * of all K and for the VPN labels, so that no label can mean two things.
 */
#include "compat.h"
#include "pw.h"
#include "stack.h"
#include "table.h"

static void *bare_entry(struct lh_session *s)
{
	return s ? xa_tag_pointer(s, LH_BARE) : NULL;
}

static struct lh_session *entry_session(void *entry)
{
	return xa_untag_pointer(entry);
}

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

static int taken(struct netlink_ext_ack *extack, u32 label,
		 const struct lh_session *by)
{
	lh_extack_format(extack, "label %u is already used by session %s",
			 label, by->name);
	return -EEXIST;
}

static int check_in(struct lh_net *ln, const struct lh_session *s,
		    struct netlink_ext_ack *extack)
{
	u32 vpn = s->params.label, i;
	void *entry;

	for (i = 0; i < s->params.n_labels; i++) {
		const struct lh_pw *pw = xa_load(&ln->pw_labels, s->labels[i]);

		entry = xa_load(&ln->in, s->labels[i]);
		if (entry)
			return taken(extack, s->labels[i],
				     entry_session(entry));
		if (pw) {
			lh_extack_format(extack,
					 "label %u is already used by device %s",
					 s->labels[i], pw->dev->name);
			return -EEXIST;
		}
	}
	if (!by_label(s))
		return 0;
	entry = xa_load(&ln->in, vpn);
	if (entry && xa_pointer_tag(entry) != LH_BARE)
		return taken(extack, vpn, entry_session(entry));
	return 0;
}

static void del_labels(struct lh_net *ln, const struct lh_session *s, u32 n)
{
	while (n--)
		xa_erase(&ln->in, s->labels[n]);
}

static int add_in(struct lh_net *ln, struct lh_session *s)
{
	struct lh_session *first;
	u32 i = 0;
	int err;

	for (i = 0; i < s->params.n_labels; i++) {
		err = xa_err(xa_store(&ln->in, s->labels[i], s, GFP_KERNEL));
		if (err)
			goto err_labels;
	}
	if (!by_label(s))
		return 0;
	first = entry_session(xa_load(&ln->in, s->params.label));
	RCU_INIT_POINTER(s->same_label, first);
	err = xa_err(xa_store(&ln->in, s->params.label, bare_entry(s),
			      GFP_KERNEL));
	if (err)
		goto err_labels;
	return 0;

err_labels:
	del_labels(ln, s, i);
	/* A packet may have found it by a label, and the caller frees it now. */
	synchronize_rcu();
	return err;
}

static bool narrowed_apart(const struct lh_bind *a, const struct lh_bind *b)
{
	return a->name[0] && b->name[0] && strcmp(a->name, b->name);
}

static bool prefixes_meet(const struct lh_prefix *a, const struct lh_prefix *b)
{
	return a->addr_len == b->addr_len &&
	       lh_prefix_holds(a->addr, min(a->bits, b->bits), b->addr);
}

static bool prefixes_apart(const struct lh_session *a,
			   const struct lh_session *b)
{
	u32 i, j;

	if (!a->n_prefixes || !b->n_prefixes)
		return false;
	for (i = 0; i < a->n_prefixes; i++)
		for (j = 0; j < b->n_prefixes; j++)
			if (prefixes_meet(&a->prefixes[i], &b->prefixes[j]))
				return false;
	return true;
}

static bool out_overlap(const struct lh_session *a, const struct lh_session *b)
{
	return !(narrowed_apart(&a->dev, &b->dev) ||
		 narrowed_apart(&a->vrf, &b->vrf) ||
		 (a->outer && b->outer && a->outer != b->outer) ||
		 prefixes_apart(a, b));
}

static int add_out(struct lh_net *ln, struct lh_session *s,
		   struct netlink_ext_ack *extack)
{
	struct lh_session *first = xa_load(&ln->out, s->params.label);
	struct lh_session *other;

	for (other = first; other;
	     other = rcu_dereference_protected(other->same_label,
					       lockdep_is_held(&ln->lock)))
		if (out_overlap(s, other)) {
			lh_extack_format(extack,
					 "it matches the same packets as session %s",
					 other->name);
			return -EEXIST;
		}

	RCU_INIT_POINTER(s->same_label, first);
	return xa_err(xa_store(&ln->out, s->params.label, s, GFP_KERNEL));
}

/**
 * lh_table_add - let a session be found by its labels
 * @ln: the namespace, locked
 * @s: the session
 * @extack: receives the reason
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
	return err ? err : add_in(ln, s);
}

static void unchain(struct lh_net *ln, struct lh_session *first,
		    struct lh_session *s)
{
	struct lh_session *next, *at;

	next = rcu_dereference_protected(s->same_label,
					 lockdep_is_held(&ln->lock));
	if (first == s) {
		struct xarray *xa = s->dir == LABELHOP_DIR_IN ? &ln->in :
								&ln->out;
		void *entry = s->dir == LABELHOP_DIR_IN ? bare_entry(next) :
							  next;

		/* Replacing or erasing an entry needs no memory. */
		xa_store(xa, s->params.label, entry, GFP_KERNEL);
		return;
	}
	for (at = first; ; at = next) {
		next = rcu_dereference_protected(at->same_label,
						 lockdep_is_held(&ln->lock));
		if (next == s)
			break;
	}
	rcu_assign_pointer(at->same_label,
			   rcu_dereference_protected(s->same_label,
						     lockdep_is_held(&ln->lock)));
}

/**
 * lh_table_del - let a session no longer be found
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_table_del(struct lh_net *ln, struct lh_session *s)
{
	struct lh_session *first;

	lockdep_assert_held(&ln->lock);
	if (s->dir == LABELHOP_DIR_IN)
		del_labels(ln, s, s->params.n_labels);
	if (!by_label(s))
		return;
	first = s->dir == LABELHOP_DIR_IN ?
		entry_session(xa_load(&ln->in, s->params.label)) :
		xa_load(&ln->out, s->params.label);
	unchain(ln, first, s);
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
