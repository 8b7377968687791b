// SPDX-License-Identifier: GPL-2.0
/* Where a session is found by name, by id, by seed, and by the devices that it names. */
#include <linux/once.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include "compat.h"
#include "index.h"
#include "table.h"

static const struct rhashtable_params name_params = {
	.key_len = LABELHOP_NAME_LEN,
	.key_offset = offsetof(struct lh_session, name),
	.head_offset = offsetof(struct lh_session, by_name),
	.automatic_shrinking = true,
};

static const struct rhashtable_params id_params = {
	.key_len = sizeof_field(struct lh_session, params.id),
	.key_offset = offsetof(struct lh_session, params.id),
	.head_offset = offsetof(struct lh_session, by_id),
	.automatic_shrinking = true,
};

static const struct rhashtable_params seed_params = {
	.key_len = sizeof_field(struct lh_session, seed_mark),
	.key_offset = offsetof(struct lh_session, seed_mark),
	.head_offset = offsetof(struct lh_session, by_seed),
	.automatic_shrinking = true,
};

static const struct rhashtable_params bind_params = {
	.key_len = IFNAMSIZ,
	.key_offset = offsetof(struct lh_bind, name),
	.head_offset = offsetof(struct lh_bind, node),
	.automatic_shrinking = true,
};

/**
 * lh_session_find - session of a name
 * @ln: the namespace, locked
 * @name: the name
 *
 * Return: the session, or NULL.
 */
struct lh_session *lh_session_find(struct lh_net *ln, const char *name)
{
	char key[LABELHOP_NAME_LEN];
	struct lh_session *s;

	lockdep_assert_held(&ln->lock);
	strscpy_pad(key, name, sizeof(key));
	rcu_read_lock();
	s = rhashtable_lookup(&ln->session_names, key, name_params);
	rcu_read_unlock();
	return s;
}

/**
 * lh_index_mark - what stands for a seed when the seed itself is wiped
 * @p: the set, with its seed
 *
 * Return: a number that other seeds have but by chance, and that tells nothing of the
 * seed without a key that no one else knows.
 */
u64 lh_index_mark(const struct lh_params *p)
{
	static siphash_key_t key;

	get_random_once(&key, sizeof(key));
	return siphash(p->seed, sizeof(p->seed), &key);
}

/**
 * lh_index_unused - are the id and the seed of a session's set unused?
 * @ln: the namespace, locked
 * @s: the session
 * @extack: receives the reason
 *
 * The id binds a tag to its direction and the keys come from both: a second
 * session must have neither (protocol.rst, "The parameter set").
 *
 * Return: 0 or -EEXIST.
 */
int lh_index_unused(struct lh_net *ln, const struct lh_session *s,
		    struct netlink_ext_ack *extack)
{
	const struct lh_session *same_id, *same_seed;

	rcu_read_lock();
	same_id = rhashtable_lookup(&ln->ids, &s->params.id, id_params);
	same_seed = rhashtable_lookup(&ln->seeds, &s->seed_mark, seed_params);
	rcu_read_unlock();
	if (same_id)
		lh_extack_format(extack,
				 "the set is already used by session %s",
				 same_id->name);
	else if (same_seed)
		lh_extack_format(extack,
				 "the set has the seed of session %s",
				 same_seed->name);
	return same_id || same_seed ? -EEXIST : 0;
}

static int bind_add(struct lh_net *ln, struct lh_bind *bind)
{
	return bind->name[0] ?
	       rhltable_insert(&ln->binds, &bind->node, bind_params) : 0;
}

static void bind_del(struct lh_net *ln, struct lh_bind *bind)
{
	if (bind->name[0])
		rhltable_remove(&ln->binds, &bind->node, bind_params);
}

/**
 * lh_index_add - let a session be found by name, id, seed and device
 * @ln: the namespace, locked
 * @s: the session
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_index_add(struct lh_net *ln, struct lh_session *s)
{
	int err;

	err = xa_alloc_cyclic(&ln->sessions, &s->handle, s, xa_limit_31b,
			      &ln->next_handle, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	err = rhashtable_insert_fast(&ln->session_names, &s->by_name, name_params);
	if (err)
		goto err_handle;
	err = rhashtable_insert_fast(&ln->ids, &s->by_id, id_params);
	if (err)
		goto err_name;
	err = rhashtable_insert_fast(&ln->seeds, &s->by_seed, seed_params);
	if (err)
		goto err_id;
	err = bind_add(ln, &s->dev);
	if (err)
		goto err_seed;
	err = bind_add(ln, &s->vrf);
	if (err)
		goto err_dev;
	return 0;

err_dev:
	bind_del(ln, &s->dev);
err_seed:
	rhashtable_remove_fast(&ln->seeds, &s->by_seed, seed_params);
err_id:
	rhashtable_remove_fast(&ln->ids, &s->by_id, id_params);
err_name:
	rhashtable_remove_fast(&ln->session_names, &s->by_name, name_params);
err_handle:
	xa_erase(&ln->sessions, s->handle);
	return err;
}

/**
 * lh_index_del - let a session no longer be found
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_index_del(struct lh_net *ln, struct lh_session *s)
{
	bind_del(ln, &s->vrf);
	bind_del(ln, &s->dev);
	rhashtable_remove_fast(&ln->seeds, &s->by_seed, seed_params);
	rhashtable_remove_fast(&ln->ids, &s->by_id, id_params);
	rhashtable_remove_fast(&ln->session_names, &s->by_name, name_params);
	xa_erase(&ln->sessions, s->handle);
}

/**
 * lh_session_bind - a device has got, or lost, a name
 * @ln: the namespace, locked
 * @name: the name
 * @ifindex: of the device, 0 if no device has the name
 */
void lh_session_bind(struct lh_net *ln, const char *name, int ifindex)
{
	struct rhlist_head *list, *at;
	char key[IFNAMSIZ];
	struct lh_bind *bind;

	lockdep_assert_held(&ln->lock);
	strscpy_pad(key, name, sizeof(key));
	/* Nothing leaves the list: lh_net.lock is held. */
	rcu_read_lock();
	list = rhltable_lookup(&ln->binds, key, bind_params);
	rcu_read_unlock();
	for (at = list; at; at = rcu_dereference_protected(at->next, true)) {
		bind = container_of(at, struct lh_bind, node);
		WRITE_ONCE(bind->ifindex, ifindex);
		lh_table_moved(ln, bind->session);
	}
}

/**
 * lh_index_init - begin, without sessions
 * @ln: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_index_init(struct lh_net *ln)
{
	int err;

	xa_init_flags(&ln->sessions, XA_FLAGS_ALLOC | XA_FLAGS_ACCOUNT);
	err = rhashtable_init(&ln->session_names, &name_params);
	if (err)
		return err;
	err = rhashtable_init(&ln->ids, &id_params);
	if (err)
		goto err_names;
	err = rhashtable_init(&ln->seeds, &seed_params);
	if (err)
		goto err_ids;
	err = rhltable_init(&ln->binds, &bind_params);
	if (err)
		goto err_seeds;
	return 0;

err_seeds:
	rhashtable_destroy(&ln->seeds);
err_ids:
	rhashtable_destroy(&ln->ids);
err_names:
	rhashtable_destroy(&ln->session_names);
	return err;
}

/**
 * lh_index_exit - end, when all sessions are gone
 * @ln: the namespace
 */
void lh_index_exit(struct lh_net *ln)
{
	rhltable_destroy(&ln->binds);
	rhashtable_destroy(&ln->seeds);
	rhashtable_destroy(&ln->ids);
	rhashtable_destroy(&ln->session_names);
	xa_destroy(&ln->sessions);
}
