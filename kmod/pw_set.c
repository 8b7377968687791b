// SPDX-License-Identifier: GPL-2.0
/*
 * What a pseudowire is set up to be: made whole, checked by pw_check.c, then put in
 * place of what was there.
 */
#include <linux/slab.h>
#include "compat.h"
#include "netlink.h"
#include "pw.h"

static const struct rhashtable_params end_params = {
	.head_offset = offsetof(struct lh_end, node),
	.key_offset = offsetof(struct lh_end, name),
	.key_len = LABELHOP_NAME_LEN,
	.automatic_shrinking = true,
};

/**
 * lh_pw_ends_init - make a table of ends by the names of their sessions
 * @ends: the table
 *
 * Return: 0 or a negative errno.
 */
int lh_pw_ends_init(struct rhltable *ends)
{
	return rhltable_init(ends, &end_params);
}

static struct lh_pw_setup *setup_alloc(struct lh_pw *pw)
{
	struct lh_pw_setup *setup = kzalloc(sizeof(*setup), GFP_KERNEL_ACCOUNT);
	int dir;

	if (!setup)
		return NULL;
	setup->pw = pw;
	setup->control_word = true;
	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++) {
		setup->ends[dir].setup = setup;
		setup->ends[dir].dir = dir;
		RCU_INIT_POINTER(setup->ends[dir].entry, LH_MISSING);
	}
	return setup;
}

static struct lh_pw_setup *setup_copy(const struct lh_pw_setup *from)
{
	struct lh_pw_setup *setup = setup_alloc(from->pw);
	int dir;

	if (!setup)
		return NULL;
	setup->remote = from->remote;
	setup->control_word = from->control_word;
	setup->flow_label = from->flow_label;
	setup->tunnel = from->tunnel;
	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++) {
		memcpy(setup->ends[dir].name, from->ends[dir].name,
		       LABELHOP_NAME_LEN);
		setup->ends[dir].label = from->ends[dir].label;
	}
	return setup;
}

static void end_apply(struct lh_end *end, const struct lh_pw_config *config)
{
	const char *name = config->session[end->dir];

	if (!name && !config->has_label[end->dir])
		return;
	strscpy_pad(end->name, name ?: "", sizeof(end->name));
	end->label = config->label[end->dir];
}

static void setup_apply(struct lh_pw_setup *setup,
			const struct lh_pw_config *config)
{
	if (config->remote.family)
		setup->remote = config->remote;
	if (config->control_word)
		setup->control_word = *config->control_word;
	if (config->flow_label)
		setup->flow_label = *config->flow_label;
	if (config->tunnel)
		setup->tunnel = *config->tunnel;
	end_apply(&setup->ends[LABELHOP_DIR_IN], config);
	end_apply(&setup->ends[LABELHOP_DIR_OUT], config);
}

/**
 * lh_pw_setup_new - what a new pseudowire is to be
 * @pw: the pseudowire
 * @config: what was asked for
 *
 * Return: it, unchecked, or NULL.
 */
struct lh_pw_setup *lh_pw_setup_new(struct lh_pw *pw,
				    const struct lh_pw_config *config)
{
	struct lh_pw_setup *setup = setup_alloc(pw);

	if (setup)
		setup_apply(setup, config);
	return setup;
}

/**
 * lh_pw_setup_free - free what no packet sees any more
 * @setup: the setup, or NULL
 */
void lh_pw_setup_free(struct lh_pw_setup *setup)
{
	if (!setup)
		return;
	lh_pw_forget(setup);
	kfree(setup);
}

static void setup_free_rcu(struct rcu_head *rcu)
{
	lh_pw_setup_free(container_of(rcu, struct lh_pw_setup, rcu));
}

/*
 * A session that was deleted and added again is the one that is needed if it is
 * for the same label.
 */
static void end_bind(struct lh_end *end, struct lh_session *s)
{
	void *entry = LH_MISSING;

	if (!end->name[0] && end->label)
		entry = xa_mk_value(end->label);
	else if (s && lh_pw_fits(end->setup, s, end->dir) &&
		 s->params.label == end->label)
		entry = s;
	rcu_assign_pointer(end->entry, entry);
}

/**
 * lh_pw_look - have a pseudowire looked after at once
 * @pw: the pseudowire; lh_net.lock is held
 */
void lh_pw_look(struct lh_pw *pw)
{
	if (list_empty(&pw->look))
		list_add_tail(&pw->look, &pw->ln->pw_looks);
	mod_delayed_work(lh_queue, &pw->ln->pw_work, 0);
}

/**
 * lh_pw_ends_of - ends of pseudowires that name a session
 * @ln: the namespace, locked
 * @session: the name
 *
 * To be called under RCU.
 *
 * Return: the first of them, or NULL.
 */
struct rhlist_head *lh_pw_ends_of(struct lh_net *ln, const char *session)
{
	char key[LABELHOP_NAME_LEN];

	strscpy_pad(key, session, sizeof(key));
	return rhltable_lookup(&ln->pw_ends, key, end_params);
}

/**
 * lh_pw_session - a session has come, or goes
 * @ln: the namespace, locked
 * @s: the session
 * @exists: does it exist from now on?
 */
void lh_pw_session(struct lh_net *ln, struct lh_session *s, bool exists)
{
	struct rhlist_head *first, *pos;
	struct lh_end *end;

	lockdep_assert_held(&ln->lock);
	rcu_read_lock();
	first = lh_pw_ends_of(ln, s->name);
	rhl_for_each_entry_rcu(end, pos, first, node) {
		if (end->dir != s->dir)
			continue;
		end_bind(end, exists ? s : NULL);
		lh_pw_look(end->setup->pw);
	}
	rcu_read_unlock();
}

static void ends_remove(struct lh_net *ln, struct lh_pw_setup *setup, int n)
{
	while (n--)
		if (setup->ends[n].name[0])
			rhltable_remove(&ln->pw_ends, &setup->ends[n].node,
					end_params);
}

/* All that can fail of putting a setup in place. */
static int setup_reserve(struct lh_pw_setup *setup)
{
	struct lh_net *ln = setup->pw->ln;
	int dir, err = 0;

	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++) {
		struct lh_end *end = &setup->ends[dir];

		end_bind(end, end->name[0] ? lh_session_find(ln, end->name) :
					     NULL);
		if (end->name[0])
			err = rhltable_insert(&ln->pw_ends, &end->node,
					      end_params);
		if (err)
			break;
	}
	if (!err && lh_pw_label_in(setup))
		err = xa_reserve(&ln->pw_labels, lh_pw_label_in(setup),
				 GFP_KERNEL_ACCOUNT);
	if (err)
		ends_remove(ln, setup, dir);
	return err;
}

static void label_store(struct lh_pw_setup *setup)
{
	if (lh_pw_label_in(setup))
		xa_store(&setup->pw->ln->pw_labels, lh_pw_label_in(setup), setup,
			 GFP_KERNEL_ACCOUNT);
}

/**
 * lh_pw_publish - let packets find a new pseudowire
 * @setup: what it is; lh_net.lock is held
 *
 * Return: 0 or a negative errno.
 */
int lh_pw_publish(struct lh_pw_setup *setup)
{
	int err;

	/* Another may have taken the label since it was checked. */
	err = lh_pw_check_label(setup, false, setup->pw->extack);
	if (!err)
		err = setup_reserve(setup);
	if (!err)
		label_store(setup);
	return err;
}

/**
 * lh_pw_withdraw - let no packet find a pseudowire any more
 * @setup: what it is; lh_net.lock is held
 */
void lh_pw_withdraw(struct lh_pw_setup *setup)
{
	struct lh_net *ln = setup->pw->ln;

	if (xa_load(&ln->pw_labels, lh_pw_label_in(setup)) == setup)
		xa_erase(&ln->pw_labels, lh_pw_label_in(setup));
	ends_remove(ln, setup, ARRAY_SIZE(setup->ends));
	RCU_INIT_POINTER(setup->ends[LABELHOP_DIR_IN].entry, LH_MISSING);
	RCU_INIT_POINTER(setup->ends[LABELHOP_DIR_OUT].entry, LH_MISSING);
}

/*
 * Frames that come find a setup by their label, frames that leave by the device: each
 * of them one or the other whole. The label that has been another's until now is this
 * one's with one store.
 */
static void setup_commit(struct lh_pw_setup *setup)
{
	struct lh_pw *pw = setup->pw;
	struct lh_pw_setup *before = lh_pw_setup(pw);
	struct lh_net *ln = pw->ln;

	rcu_assign_pointer(pw->setup, setup);
	label_store(setup);
	if (xa_load(&ln->pw_labels, lh_pw_label_in(before)) == before)
		xa_erase(&ln->pw_labels, lh_pw_label_in(before));
	ends_remove(ln, before, ARRAY_SIZE(before->ends));
	call_rcu(&before->rcu, setup_free_rcu);
	lh_pw_look(pw);
	lh_nl_pw_tell(pw, LABELHOP_CMD_PW_SET_NTF);
}

static void setup_discard(struct lh_pw_setup *setup)
{
	struct lh_net *ln = setup->pw->ln;

	ends_remove(ln, setup, ARRAY_SIZE(setup->ends));
	if (lh_pw_label_in(setup))
		xa_release(&ln->pw_labels, lh_pw_label_in(setup));
	kfree(setup);
}

/* The pseudowire that has the label now, as it is to be without. */
static int setup_rob(const struct lh_pw_setup *setup,
		     struct lh_pw_setup **robbed)
{
	const struct lh_pw_setup *other = NULL;
	struct lh_end *end;
	int err;

	*robbed = NULL;
	if (lh_pw_label_in(setup))
		other = xa_load(&setup->pw->ln->pw_labels, lh_pw_label_in(setup));
	if (!other || other->pw == setup->pw)
		return 0;
	*robbed = setup_copy(other);
	if (!*robbed)
		return -ENOMEM;
	end = &(*robbed)->ends[LABELHOP_DIR_IN];
	memset(end->name, 0, sizeof(end->name));
	end->label = 0;
	err = setup_reserve(*robbed);
	if (err)
		kfree(*robbed);
	return err;
}

static int pw_set_mtu(struct lh_pw *pw, const struct lh_pw_config *config)
{
	int err;

	if (!config->has_mtu)
		return 0;
	if (!config->mtu) {
		pw->own_mtu = false;
		return 0;
	}
	err = dev_set_mtu(pw->dev, config->mtu);
	if (!err)
		pw->own_mtu = true;
	return err;
}

/* With everything reserved that can fail but the MTU. */
static int pw_commit(struct lh_pw_setup *setup, struct lh_pw_setup *robbed,
		     const struct lh_pw_config *config,
		     struct netlink_ext_ack *extack)
{
	struct lh_pw *pw = setup->pw;
	int err = pw_set_mtu(pw, config);
	bool said;

	if (err) {
		setup_discard(setup);
		if (robbed)
			setup_discard(robbed);
		return err;
	}
	said = lh_pw_warn_lost(lh_pw_setup(pw), config, extack);
	setup_commit(setup);
	if (robbed)
		setup_commit(robbed);
	/* The one that was robbed names its session no more. */
	if (!said)
		lh_pw_warn_unnamed(pw->ln, config, extack);
	return 0;
}

/**
 * lh_pw_set - change a pseudowire under traffic
 * @pw: the pseudowire; RTNL and lh_net.lock are held
 * @config: what is to change
 * @attr: receives the enum labelhop_attr_pw that is at fault
 * @extack: receives the reason, or a warning
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_pw_set(struct lh_pw *pw, const struct lh_pw_config *config, int *attr,
	      struct netlink_ext_ack *extack)
{
	struct lh_pw_setup *setup = setup_copy(lh_pw_setup(pw)), *robbed;
	int err;

	lockdep_assert_held(&pw->ln->lock);
	*attr = LABELHOP_A_PW_NAME;
	if (!setup)
		return -ENOMEM;
	setup_apply(setup, config);
	err = lh_pw_check(setup, config, attr, extack);
	if (!err)
		err = setup_reserve(setup);
	if (err) {
		kfree(setup);
		return err;
	}
	err = setup_rob(setup, &robbed);
	if (err) {
		setup_discard(setup);
		return err;
	}
	*attr = LABELHOP_A_PW_MTU;
	return pw_commit(setup, robbed, config, extack);
}
