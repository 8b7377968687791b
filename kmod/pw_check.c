// SPDX-License-Identifier: GPL-2.0
/* What a pseudowire can't be, and what its user should be told. */
#include "bare.h"
#include "compat.h"
#include "pw.h"

/**
 * lh_pw_fits - can a session be a pseudowire's?
 * @setup: the pseudowire
 * @s: the session
 * @dir: enum labelhop_dir
 *
 * Return: true if it has the direction, and the payload by the control word.
 */
bool lh_pw_fits(const struct lh_pw_setup *setup, const struct lh_session *s,
		int dir)
{
	u8 payload = setup->control_word ? LABELHOP_PAYLOAD_PW :
					   LABELHOP_PAYLOAD_PW_NO_CW;

	return s->dir == dir && s->payload == payload;
}

static int check_session(struct lh_net *ln, struct lh_end *end,
			 struct netlink_ext_ack *extack)
{
	const struct lh_session *s = lh_session_find(ln, end->name);

	if (!s) {
		lh_extack_format(extack, "there is no session %s", end->name);
		return -ENOENT;
	}
	if (s->dir != end->dir) {
		lh_extack_format(extack, "session %s has the other direction",
				 end->name);
		return -EINVAL;
	}
	if (!lh_pw_fits(end->setup, s, end->dir)) {
		lh_extack_format(extack, "session %s must have payload %s",
				 end->name, end->setup->control_word ?
				 "pw" : "pw-no-cw");
		return -EINVAL;
	}
	end->label = s->params.label;
	return 0;
}

/* Another control word wants other sessions; one that is missing now can be any. */
static int check_kept(struct lh_net *ln, const struct lh_end *end,
		      struct netlink_ext_ack *extack)
{
	const struct lh_session *s = end->name[0] ?
				     lh_session_find(ln, end->name) : NULL;

	if (!s || s->dir != end->dir || lh_pw_fits(end->setup, s, end->dir))
		return 0;
	lh_extack_format(extack, "session %s must have payload %s", end->name,
			 end->setup->control_word ? "pw" : "pw-no-cw");
	return -EINVAL;
}

static int check_ends(struct lh_net *ln, struct lh_pw_setup *setup,
		      const struct lh_pw_config *config, int *attr,
		      struct netlink_ext_ack *extack)
{
	static const int attrs[] = { LABELHOP_A_PW_IN, LABELHOP_A_PW_OUT };
	int dir, err = 0;

	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT && !err; dir++) {
		if (config->session[dir]) {
			*attr = attrs[dir];
			err = check_session(ln, &setup->ends[dir], extack);
		} else if (config->control_word) {
			*attr = LABELHOP_A_PW_CONTROL_WORD;
			err = check_kept(ln, &setup->ends[dir], extack);
		}
	}
	return err;
}

/**
 * lh_pw_check_label - can a pseudowire have its label in?
 * @setup: what it is to be; lh_net.lock is held
 * @steal: may another pseudowire have it?
 * @extack: receives the reason
 *
 * Return: 0 or -EEXIST.
 */
int lh_pw_check_label(const struct lh_pw_setup *setup, bool steal,
		      struct netlink_ext_ack *extack)
{
	struct lh_net *ln = setup->pw->ln;
	const struct lh_pw_setup *other = xa_load(&ln->pw_labels,
						  lh_pw_label_in(setup));
	void *entry = xa_load(&ln->in, lh_pw_label_in(setup));

	if (other && other->pw != setup->pw && !steal) {
		lh_extack_format(extack, "label %u is already used by device %s",
				 lh_pw_label_in(setup), other->pw->dev->name);
		return -EEXIST;
	}
	if (entry && xa_pointer_tag(entry) != LH_BARE) {
		lh_extack_format(extack, "label %u is in the label set of a session",
				 lh_pw_label_in(setup));
		return -EEXIST;
	}
	return 0;
}

/**
 * lh_pw_check - can a pseudowire be this?
 * @setup: what it is to be; receives the labels of its sessions
 * @config: what was asked for
 * @attr: receives the enum labelhop_attr_pw that is at fault
 * @extack: receives the reason
 *
 * With lh_net.lock. A session that is missing now can stay as it is.
 *
 * Return: 0 or a negative errno.
 */
int lh_pw_check(struct lh_pw_setup *setup, const struct lh_pw_config *config,
		int *attr, struct netlink_ext_ack *extack)
{
	struct lh_net *ln = setup->pw->ln;
	int err = check_ends(ln, setup, config, attr, extack);

	lockdep_assert_held(&ln->lock);
	if (err)
		return err;
	*attr = LABELHOP_A_PW_OUT;
	if (setup->flow_label && setup->ends[LABELHOP_DIR_OUT].name[0]) {
		NL_SET_ERR_MSG(extack,
			       "a flow label is of no use with a session: tags differ by packet");
		return -EINVAL;
	}
	*attr = config->session[LABELHOP_DIR_IN] ? LABELHOP_A_PW_IN :
						   LABELHOP_A_PW_IN_LABEL;
	return lh_pw_check_label(setup, config->steal, extack);
}

static bool is_named(struct lh_net *ln, const struct lh_session *s)
{
	bool named;

	rcu_read_lock();
	named = lh_pw_ends_of(ln, s->name);
	rcu_read_unlock();
	return named;
}

/**
 * lh_pw_warn_lost - say which session a change takes away
 * @before: what the pseudowire was
 * @config: the change
 * @extack: receives a sentence if there is something to be said
 *
 * Return: true if there is.
 */
bool lh_pw_warn_lost(const struct lh_pw_setup *before,
		     const struct lh_pw_config *config,
		     struct netlink_ext_ack *extack)
{
	int dir;

	for (dir = LABELHOP_DIR_IN; dir <= LABELHOP_DIR_OUT; dir++) {
		if (!config->label[dir] || !before->ends[dir].name[0])
			continue;
		lh_extack_format(extack, "session %s protects it no more",
				 before->ends[dir].name);
		return true;
	}
	return false;
}

/**
 * lh_pw_warn_unnamed - say whose label a pseudowire has without naming the session
 * @ln: the namespace, locked
 * @config: a change that was made
 * @extack: receives a sentence if there is something to be said
 */
void lh_pw_warn_unnamed(struct lh_net *ln, const struct lh_pw_config *config,
			struct netlink_ext_ack *extack)
{
	u32 label = config->label[LABELHOP_DIR_IN];
	void *entry = label ? xa_load(&ln->in, label) : NULL;
	const struct lh_session *s = NULL;

	if (entry && xa_pointer_tag(entry) == LH_BARE)
		s = lh_bare_any(xa_untag_pointer(entry));
	if (s && !is_named(ln, s))
		lh_extack_format(extack,
				 "no pseudowire names session %s, whose label it is",
				 s->name);
}
