// SPDX-License-Identifier: GPL-2.0
/*
 * Which session is a packet for that this router encapsulated? All sessions of a VPN
 * label are narrowed by the same things, so that one look-up finds the one that a
 * packet is for, however many there are.
 */
#include "compat.h"
#include "match.h"
#include "packet.h"
#include "way.h"

/* What the sessions of a VPN label are narrowed by; a bit each. */
#define BY_OUTER	1
#define BY_VRF		2
#define BY_DEV		4
#define BY_REMOTE	8	/* and by none of the others */

/* Sessions with the same key are told apart by their prefixes alone, one by one. */
#define SAME_KEY_MAX	16

/* In place of the ifindex of a device or VRF that is not there. */
#define NOWHERE		(-2)

/**
 * struct lh_fec - the sessions out of a VPN label
 * @rcu: frees it after the last packet
 * @sessions: struct lh_session.label_node, the last that was added first; written under
 *	      lh_net.lock, read under RCU
 * @n: their number; under lh_net.lock
 * @n_drop: how many drop what carries the label and is for none of them; written under
 *	    lh_net.lock, read by packets
 * @by: what they are narrowed by, BY_OUTER and so on; immutable
 */
struct lh_fec {
	struct rcu_head rcu;
	struct hlist_head sessions;
	unsigned int n;
	unsigned int n_drop;
	u8 by;
};

static const struct rhashtable_params match_params = {
	.key_len = sizeof(struct lh_match_key),
	.key_offset = offsetof(struct lh_session, key),
	.head_offset = offsetof(struct lh_session, key_node),
	.automatic_shrinking = true,
};

/* It is hashed and compared as bytes. */
static_assert(sizeof(struct lh_match_key) == 4 * sizeof(u32));

static int bound_to(const struct lh_bind *bind)
{
	return bind->ifindex ?: NOWHERE;
}

static u8 narrowed_by(const struct lh_session *s)
{
	return (s->outer ? BY_OUTER : 0) | (s->n_remotes ? BY_REMOTE : 0) |
	       (s->vrf.name[0] || s->origin == LABELHOP_ORIGIN_MAIN ? BY_VRF : 0) |
	       (s->dev.name[0] ? BY_DEV : 0);
}

static void key_make(struct lh_session *s)
{
	u8 by = narrowed_by(s);

	s->key = (struct lh_match_key) {
		.label = s->params.label,
		.outer = s->outer,
	};
	if (by & BY_VRF)
		s->key.vrf = s->origin == LABELHOP_ORIGIN_MAIN ?
			     LH_ORIGIN_MAIN : bound_to(&s->vrf);
	if (by & BY_DEV)
		s->key.dev = bound_to(&s->dev);
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

/* Both have the same key. The new one's devices are there: both mean the same ones. */
static int key_check(struct lh_session *s, const struct lh_session *other,
		     unsigned int *n, struct netlink_ext_ack *extack)
{
	if (!prefixes_apart(s, other)) {
		lh_extack_format(extack,
				 "it matches the same packets as session %s",
				 other->name);
		return -EEXIST;
	}
	if (++*n < SAME_KEY_MAX)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "no more than 16 sessions of a VPN label can differ by their prefixes alone");
	return -ENOSPC;
}

static int keys_check(struct lh_net *ln, const struct lh_fec *fec,
		      struct lh_session *s, struct netlink_ext_ack *extack)
{
	struct rhlist_head *list, *at;
	struct lh_session *other;
	unsigned int n = 0;
	int err = 0;

	if (fec->by & BY_REMOTE)
		return 0;
	if (!fec->by) {
		hlist_for_each_entry(other, &fec->sessions, label_node)
			err = err ?: key_check(s, other, &n, extack);
		return err;
	}
	rcu_read_lock();
	list = rhltable_lookup(&ln->matches, &s->key, match_params);
	rhl_for_each_entry_rcu(other, at, list, key_node)
		err = err ?: key_check(s, other, &n, extack);
	rcu_read_unlock();
	return err;
}

static struct lh_fec *fec_get(struct lh_net *ln, struct lh_session *s,
			      struct netlink_ext_ack *extack)
{
	struct lh_fec *fec = xa_load(&ln->out, s->params.label);
	const struct lh_session *first;
	int err;

	if (fec && fec->by == narrowed_by(s))
		return fec;
	if (fec) {
		first = hlist_entry(fec->sessions.first, struct lh_session,
				    label_node);
		lh_extack_format(extack,
				 "vrf, outer and dev must be given as for session %s",
				 first->name);
		return ERR_PTR(-EEXIST);
	}
	fec = kzalloc(sizeof(*fec), GFP_KERNEL_ACCOUNT);
	if (!fec)
		return ERR_PTR(-ENOMEM);
	fec->by = narrowed_by(s);
	err = xa_err(xa_store(&ln->out, s->params.label, fec,
			      GFP_KERNEL_ACCOUNT));
	if (!err)
		return fec;
	kfree(fec);
	return ERR_PTR(err);
}

static void fec_put(struct lh_net *ln, struct lh_fec *fec, u32 label)
{
	if (fec->n)
		return;
	xa_erase(&ln->out, label);
	kfree_rcu(fec, rcu);
}

static bool drops_unmatched(const struct lh_session *s)
{
	return s->policy != LABELHOP_POLICY_MONITOR &&
	       s->unmatched == LABELHOP_UNMATCHED_DROP;
}

/**
 * lh_match_add - let a session out be found by the packets that it is for
 * @ln: the namespace, locked
 * @s: the session
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_match_add(struct lh_net *ln, struct lh_session *s,
		 struct netlink_ext_ack *extack)
{
	struct lh_fec *fec = fec_get(ln, s, extack);
	int err;

	if (IS_ERR(fec))
		return PTR_ERR(fec);
	key_make(s);
	err = keys_check(ln, fec, s, extack);
	if (!err && fec->by & BY_REMOTE)
		err = lh_way_add(ln, s, extack);
	else if (!err && fec->by)
		err = rhltable_insert(&ln->matches, &s->key_node, match_params);
	if (err) {
		fec_put(ln, fec, s->params.label);
		return err;
	}
	s->hashed = fec->by && !s->n_remotes;
	s->drops = drops_unmatched(s);
	WRITE_ONCE(fec->n_drop, fec->n_drop + s->drops);
	fec->n++;
	hlist_add_head_rcu(&s->label_node, &fec->sessions);
	return 0;
}

/**
 * lh_match_del - let a session no longer be found
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_match_del(struct lh_net *ln, struct lh_session *s)
{
	struct lh_fec *fec = xa_load(&ln->out, s->params.label);

	hlist_del_rcu(&s->label_node);
	if (s->n_remotes)
		lh_way_del(ln, s);
	else if (s->hashed)
		rhltable_remove(&ln->matches, &s->key_node, match_params);
	WRITE_ONCE(fec->n_drop, fec->n_drop - s->drops);
	fec->n--;
	fec_put(ln, fec, s->params.label);
}

/**
 * lh_match_moved - a device or VRF of a session out has come, gone or another name
 * @ln: the namespace, locked
 * @s: the session
 *
 * A session that can't be hashed for want of memory is for no packet until the next
 * time; what it was for is unmatched.
 */
void lh_match_moved(struct lh_net *ln, struct lh_session *s)
{
	if (s->hashed)
		rhltable_remove(&ln->matches, &s->key_node, match_params);
	key_make(s);
	s->hashed = !rhltable_insert(&ln->matches, &s->key_node, match_params);
}

/**
 * lh_match_settings - policy, or what becomes of the unmatched, was set
 * @ln: the namespace, locked
 * @s: the session out
 */
void lh_match_settings(struct lh_net *ln, struct lh_session *s)
{
	struct lh_fec *fec = xa_load(&ln->out, s->params.label);

	WRITE_ONCE(fec->n_drop, fec->n_drop - s->drops + drops_unmatched(s));
	s->drops = drops_unmatched(s);
}

/**
 * struct lh_asked - a packet, and what was found of the session that it is for
 * @skb: the packet
 * @st: its label stack
 * @origin: of lh_origin()
 * @found: the session
 * @prefix: is it unmatched by its inner destination alone?
 */
struct lh_asked {
	const struct sk_buff *skb;
	const struct lh_stack_out *st;
	int origin;
	const struct lh_session *found;
	bool prefix;
};

/* Sessions for what left a VRF are not for what is of none, and the other way round. */
static bool takes_origin(const struct lh_session *s, int origin)
{
	return (origin == LH_ORIGIN_MAIN) == (s->origin == LABELHOP_ORIGIN_MAIN);
}

static bool takes_prefix(const struct lh_session *s, struct lh_asked *a)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head;
	size_t len;

	if (!s->n_prefixes)
		return true;
	len = lh_packet_head(a->skb, a->st->at + LH_LSE_LEN, buffer, &head);
	if (lh_session_takes_dst(s, head, len))
		return true;
	a->prefix = true;
	return false;
}

static bool try_session(const struct lh_session *s, struct lh_asked *a)
{
	if (!takes_origin(s, a->origin) || !takes_prefix(s, a))
		return false;
	a->found = s;
	return true;
}

static void try_key(struct lh_net *ln, u8 by, struct lh_asked *a)
{
	const struct lh_match_key key = {
		.label = a->st->vpn.label,
		.outer = by & BY_OUTER ? a->st->outer : 0,
		.vrf = by & BY_VRF ? a->origin : 0,
		.dev = by & BY_DEV ? a->skb->dev->ifindex : 0,
	};
	struct rhlist_head *list, *at;
	struct lh_session *s;

	list = rhltable_lookup(&ln->matches, &key, match_params);
	rhl_for_each_entry_rcu(s, at, list, key_node)
		if (try_session(s, a))
			return;
}

/* Until the routes have been looked at again, the packet is for none of them. */
static void try_remote(struct lh_net *ln, struct lh_asked *a)
{
	const struct lh_match_key key = {
		.label = a->st->vpn.label,
		.outer = a->st->outer,
		.dev = a->skb->dev->ifindex,
	};
	const struct lh_session *s = lh_way_find(ln, a->skb, &key);

	if (s)
		try_session(s, a);
	else if (a->origin != LH_ORIGIN_MAIN)
		lh_way_kick(ln);
}

static bool fits_but_for_vrf(const struct lh_session *s, u8 by,
			     const struct lh_asked *a)
{
	return (!(by & BY_OUTER) || s->key.outer == a->st->outer) &&
	       (!(by & BY_DEV) || s->key.dev == a->skb->dev->ifindex);
}

/*
 * It can't be told which VRF the packet has left: a session of one whose routes give
 * it these labels is for it, or else the first one. Better a stamp that the far PE
 * does not take than none.
 */
static void try_unknown(const struct lh_fec *fec, struct lh_asked *a)
{
	const struct lh_session *s, *fallback = NULL;
	unsigned int n = 0;
	int fits;

	hlist_for_each_entry_rcu(s, &fec->sessions, label_node) {
		if (++n > SAME_KEY_MAX)
			break;
		if (!fits_but_for_vrf(s, fec->by, a) || !try_session(s, a))
			continue;
		fits = s->key.vrf > 0 ?
		       lh_origin_fits(a->skb, a->st, s->key.vrf) : -1;
		if (fits > 0)
			return;
		if (!fits && !fallback)
			fallback = s;
	}
	a->found = fallback;
}

static void try_all(const struct lh_fec *fec, struct lh_asked *a)
{
	const struct lh_session *s;

	hlist_for_each_entry_rcu(s, &fec->sessions, label_node)
		if (try_session(s, a))
			return;
}

/**
 * lh_match_out - find the session that a packet is for
 * @ln: the namespace
 * @skb: a packet in the egress hook that this router encapsulated
 * @st: its label stack
 * @unmatched: receives a session of the VPN label if the packet is for none though it
 *	       left a VRF: outer label, device or VRF are not those of any; else NULL
 * @drop: receives whether it is to be dropped then, as one of the sessions says
 *
 * What is narrowed by prefixes leaves the rest bare on purpose: that is not unmatched.
 *
 * Context: under RCU.
 *
 * Return: the session, or NULL.
 */
const struct lh_session *lh_match_out(struct lh_net *ln,
				      const struct sk_buff *skb,
				      const struct lh_stack_out *st,
				      const struct lh_session **unmatched,
				      bool *drop)
{
	struct lh_asked a = { .skb = skb, .st = st };
	const struct lh_fec *fec;

	*unmatched = NULL;
	fec = xa_load(&ln->out, st->vpn.label);
	if (!fec)
		return NULL;
	a.origin = lh_origin(skb, st);
	if (!fec->by)
		try_all(fec, &a);
	else if (fec->by & BY_REMOTE)
		try_remote(ln, &a);
	else if (fec->by & BY_VRF && a.origin == LH_ORIGIN_UNKNOWN)
		try_unknown(fec, &a);
	else
		try_key(ln, fec->by, &a);
	*drop = READ_ONCE(fec->n_drop);
	if (!a.found && !a.prefix && a.origin != LH_ORIGIN_MAIN)
		*unmatched = hlist_entry_safe(rcu_dereference(hlist_first_rcu(&fec->sessions)),
					      struct lh_session, label_node);
	return a.found;
}

/**
 * lh_match_init - begin, without sessions
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_match_init(struct lh_net *ln)
{
	int err;

	xa_init_flags(&ln->out, XA_FLAGS_ACCOUNT);
	err = rhltable_init(&ln->matches, &match_params);
	if (err)
		return err;
	err = lh_way_init(ln);
	if (err)
		rhltable_destroy(&ln->matches);
	return err;
}

/**
 * lh_match_exit - end, when all sessions are gone
 * @ln: the namespace
 */
void lh_match_exit(struct lh_net *ln)
{
	lh_way_exit(ln);
	rhltable_destroy(&ln->matches);
	xa_destroy(&ln->out);
}
