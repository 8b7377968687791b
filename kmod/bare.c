// SPDX-License-Identifier: GPL-2.0
/*
 * Which session decides over a packet that carries a VPN label without hop and tag
 * labels? Many sessions may have the label: one for each PE that sends. Anybody can
 * send such packets, so the answer must cost the same however many sessions there are.
 */
#include <linux/slab.h>
#include "bare.h"
#include "compat.h"
#include "packet.h"
#include "verify.h"

static const struct rhashtable_params bare_params = {
	.key_len = sizeof(struct lh_bare_key),
	.key_offset = offsetof(struct lh_bare, key),
	.head_offset = offsetof(struct lh_bare, node),
	.automatic_shrinking = true,
};

/* It is hashed and compared as bytes. */
static_assert(sizeof(struct lh_bare_key) == 2 * sizeof(u32));

static struct lh_bare *bare_lookup(const struct lh_net *ln, u32 label,
				   int ifindex)
{
	const struct lh_bare_key key = { .label = label, .ifindex = ifindex };

	return rhashtable_lookup((struct rhashtable *)&ln->bares, &key,
				 bare_params);
}

static struct lh_bare *bare_get(struct lh_net *ln, u32 label, int ifindex)
{
	struct lh_bare *bare;
	int err;

	rcu_read_lock();
	bare = bare_lookup(ln, label, ifindex);
	rcu_read_unlock();
	if (bare)
		return bare;
	bare = kzalloc(sizeof(*bare), GFP_KERNEL_ACCOUNT);
	if (!bare)
		return ERR_PTR(-ENOMEM);
	bare->key.label = label;
	bare->key.ifindex = ifindex;
	err = rhashtable_insert_fast(&ln->bares, &bare->node, bare_params);
	if (!err && !ifindex) {
		err = xa_err(xa_store(&ln->in, label,
				      xa_tag_pointer(bare, LH_BARE),
				      GFP_KERNEL_ACCOUNT));
		if (err)
			rhashtable_remove_fast(&ln->bares, &bare->node,
					       bare_params);
	}
	if (!err)
		return bare;
	/* A packet may have found it already. */
	kfree_rcu(bare, rcu);
	return ERR_PTR(err);
}

static void bare_put(struct lh_net *ln, struct lh_bare *bare)
{
	if (bare->n)
		return;
	if (!bare->key.ifindex)
		xa_erase(&ln->in, bare->key.label);
	rhashtable_remove_fast(&ln->bares, &bare->node, bare_params);
	kfree_rcu(bare, rcu);
}

static bool is_narrow(const struct lh_session *s)
{
	return s->n_prefixes || s->n_macs;
}

static bool is_full(const struct lh_bare *bare, const struct lh_session *s)
{
	return is_narrow(s) && bare->n_narrow >= LH_NARROW_MAX;
}

static void bare_enter(struct lh_bare *bare, struct lh_session *s)
{
	bare->n_narrow += is_narrow(s);
	bare->n++;
	s->bare_policy = s->policy;
	hlist_add_head_rcu(&s->bare_node, is_narrow(s) ? &bare->narrow :
						 &bare->plain[s->policy]);
	s->bare = bare;
}

static void bare_leave(struct lh_net *ln, struct lh_session *s)
{
	struct lh_bare *bare = s->bare;

	hlist_del_rcu(&s->bare_node);
	s->bare = NULL;
	bare->n_narrow -= is_narrow(s);
	bare->n--;
	bare_put(ln, bare);
}

/* The one for all devices says whether to look for those of single ones. */
static int dev_enter(struct lh_net *ln, struct lh_bare *all,
		     struct lh_session *s)
{
	struct lh_bare *bare;

	bare = bare_get(ln, s->params.label, s->dev.ifindex);
	if (IS_ERR(bare))
		return PTR_ERR(bare);
	if (is_full(bare, s))
		return -ENOSPC;
	WRITE_ONCE(all->n_devs, all->n_devs + 1);
	bare_enter(bare, s);
	return 0;
}

static int any_enter(struct lh_bare *all, struct lh_session *s)
{
	if (is_full(all, s))
		return -ENOSPC;
	bare_enter(all, s);
	return 0;
}

static void dev_leave(struct lh_net *ln, struct lh_bare *all,
		      struct lh_session *s)
{
	if (s->bare != all)
		WRITE_ONCE(all->n_devs, all->n_devs - 1);
	bare_leave(ln, s);
}

/**
 * lh_bare_add - let a session in decide over packets that lack its labels
 * @ln: the namespace, locked
 * @s: the session
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_bare_add(struct lh_net *ln, struct lh_session *s,
		struct netlink_ext_ack *extack)
{
	struct lh_bare *all = bare_get(ln, s->params.label, 0);
	int err;

	if (IS_ERR(all))
		return PTR_ERR(all);
	all->n++;
	err = s->dev.name[0] ? dev_enter(ln, all, s) : any_enter(all, s);
	if (!err) {
		hlist_add_head(&s->label_node, &all->sessions);
		return 0;
	}
	all->n--;
	bare_put(ln, all);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack,
			       "no more than 16 sessions of a VPN label can have prefixes or MAC addresses");
	return err;
}

/**
 * lh_bare_del - let a session in no longer decide
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_bare_del(struct lh_net *ln, struct lh_session *s)
{
	struct lh_bare *all = bare_get(ln, s->params.label, 0);

	hlist_del(&s->label_node);
	dev_leave(ln, all, s);
	all->n--;
	bare_put(ln, all);
}

/**
 * lh_bare_moved - the device of a session in has come, gone or another name
 * @ln: the namespace, locked
 * @s: the session
 *
 * Without a device, or memory, the session decides for all devices: nothing opens.
 */
void lh_bare_moved(struct lh_net *ln, struct lh_session *s)
{
	struct lh_bare *all = bare_get(ln, s->params.label, 0);

	dev_leave(ln, all, s);
	if (!s->dev.ifindex || dev_enter(ln, all, s))
		bare_enter(all, s);
}

/**
 * lh_bare_policy - the policy of a session in was set
 * @s: the session; lh_net.lock is held
 */
void lh_bare_policy(struct lh_session *s)
{
	/* It must not be away for a moment if it stays what it is. */
	if (is_narrow(s) || s->bare_policy == s->policy)
		return;
	s->bare_policy = s->policy;
	hlist_del_rcu(&s->bare_node);
	hlist_add_head_rcu(&s->bare_node, &s->bare->plain[s->policy]);
}

static bool takes_inner(const struct lh_session *s, const struct sk_buff *skb,
			const struct lh_stack_in *st)
{
	u8 buffer[LH_PAYLOAD_HEAD_MAX];
	const u8 *head = buffer;
	size_t len = 0;

	if (st->top.bos)
		len = lh_packet_head(skb, st->at + LH_LSE_LEN, buffer, &head);
	return s->n_macs ? lh_session_takes_frame(s, head, len) :
			   lh_session_takes_dst(s, head, len);
}

static const struct lh_session *stricter(const struct lh_session *a,
					 const struct lh_session *b)
{
	if (!a || !b)
		return a ?: b;
	return READ_ONCE(b->policy) < READ_ONCE(a->policy) ? b : a;
}

static const struct lh_session *strictest_of(const struct lh_bare *bare,
					     const struct sk_buff *skb,
					     const struct lh_stack_in *st)
{
	const struct lh_session *s, *found = NULL;
	int policy;

	for (policy = 0; policy < ARRAY_SIZE(bare->plain) && !found; policy++)
		found = hlist_entry_safe(rcu_dereference(hlist_first_rcu(&bare->plain[policy])),
					 struct lh_session, bare_node);
	hlist_for_each_entry_rcu(s, &bare->narrow, bare_node)
		if (!st || takes_inner(s, skb, st))
			found = stricter(found, s);
	return found;
}

/**
 * lh_bare_find - the session that decides over a packet that is bare
 * @ln: the namespace
 * @all: of the packet's label, for all devices
 * @skb: the packet
 * @st: its stack, NULL if it can't be read
 *
 * Of the sessions that a packet is for, the strictest decides.
 *
 * Context: under RCU.
 *
 * Return: the session, or NULL if it is for none.
 */
const struct lh_session *lh_bare_find(const struct lh_net *ln,
				      const struct lh_bare *all,
				      const struct sk_buff *skb,
				      const struct lh_stack_in *st)
{
	const struct lh_session *s = strictest_of(all, skb, st);
	const struct lh_bare *bare;

	if (!READ_ONCE(all->n_devs))
		return s;
	bare = bare_lookup(ln, all->key.label, skb->dev->ifindex);
	return bare ? stricter(s, strictest_of(bare, skb, st)) : s;
}

/**
 * lh_bare_any - one of the sessions of a VPN label, to name it
 * @all: for all devices; lh_net.lock is held
 *
 * Return: a session.
 */
const struct lh_session *lh_bare_any(const struct lh_bare *all)
{
	return hlist_entry(all->sessions.first, struct lh_session, label_node);
}

/**
 * lh_bare_init - begin, without sessions
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_bare_init(struct lh_net *ln)
{
	return rhashtable_init(&ln->bares, &bare_params);
}

/**
 * lh_bare_exit - end, when all sessions are gone
 * @ln: the namespace
 */
void lh_bare_exit(struct lh_net *ln)
{
	rhashtable_destroy(&ln->bares);
}
