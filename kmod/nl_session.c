// SPDX-License-Identifier: GPL-2.0
/* Netlink operations on sessions: what comes out. nl_parse.c: what goes in. */
#include "compat.h"
#include "netlink.h"
#include "nl_parse.h"
#include "table.h"

static int put_u64(struct sk_buff *msg, int attr, u64 value)
{
	/* LABELHOP_A_*_PAD is the same in every attribute set. */
	return nla_put_u64_64bit(msg, attr, value, LABELHOP_A_SESSION_PAD);
}

static int fill_reasons(struct sk_buff *msg, const struct lh_session *s,
			int attr, unsigned int first)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	int reason;

	if (!nest)
		return -EMSGSIZE;
	for (reason = 1; reason <= LABELHOP_REASON_MAX; reason++)
		if (nla_put_u64_64bit(msg, reason,
				      lh_session_count(s, first + reason),
				      LABELHOP_REASON_UNSPEC))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int fill_stats(struct sk_buff *msg, const struct lh_session *s)
{
	struct nlattr *nest = nla_nest_start(msg, LABELHOP_A_SESSION_STATS);

	if (!nest ||
	    put_u64(msg, LABELHOP_A_STATS_STAMPED,
		    lh_session_count(s, LH_COUNT_STAMPED)) ||
	    put_u64(msg, LABELHOP_A_STATS_VERIFIED,
		    lh_session_count(s, LH_COUNT_VERIFIED)) ||
	    put_u64(msg, LABELHOP_A_STATS_BARE,
		    lh_session_count(s, LH_COUNT_BARE)) ||
	    fill_reasons(msg, s, LABELHOP_A_STATS_DROPPED, LH_COUNT_DROPPED) ||
	    fill_reasons(msg, s, LABELHOP_A_STATS_PASSED, LH_COUNT_PASSED))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* All of a parameter set but its seed, which never comes out. */
static int fill_params(struct sk_buff *msg, const struct lh_params *p)
{
	struct nlattr *nest = nla_nest_start(msg, LABELHOP_A_SESSION_PARAMS);

	if (!nest ||
	    put_u64(msg, LABELHOP_A_PARAMS_ID, p->id) ||
	    nla_put_u32(msg, LABELHOP_A_PARAMS_GENERATION, p->generation) ||
	    nla_put_u32(msg, LABELHOP_A_PARAMS_LABEL, p->label) ||
	    put_u64(msg, LABELHOP_A_PARAMS_EPOCH, p->epoch) ||
	    put_u64(msg, LABELHOP_A_PARAMS_LIFETIME, p->lifetime) ||
	    nla_put(msg, LABELHOP_A_PARAMS_LABELS,
		    p->n_labels * sizeof(*p->labels), p->labels) ||
	    nla_put(msg, LABELHOP_A_PARAMS_SLOTS,
		    p->n_slots * sizeof(*p->slots), p->slots) ||
	    nla_put_u8(msg, LABELHOP_A_PARAMS_HASH, p->hash) ||
	    nla_put_u16(msg, LABELHOP_A_PARAMS_HASH_LEN, p->hash_len) ||
	    nla_put_u8(msg, LABELHOP_A_PARAMS_TAGS, p->tags) ||
	    nla_put_u8(msg, LABELHOP_A_PARAMS_SELECT, p->select) ||
	    put_u64(msg, LABELHOP_A_PARAMS_MASK, p->mask))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int fill_match(struct sk_buff *msg, const struct lh_session *s)
{
	u32 i;

	if ((s->dev.name[0] &&
	     nla_put_string(msg, LABELHOP_A_SESSION_DEV, s->dev.name)) ||
	    (s->vrf.name[0] &&
	     nla_put_string(msg, LABELHOP_A_SESSION_VRF, s->vrf.name)) ||
	    (s->outer &&
	     nla_put_u32(msg, LABELHOP_A_SESSION_OUTER, s->outer)) ||
	    (s->dir == LABELHOP_DIR_OUT &&
	     s->payload == LABELHOP_PAYLOAD_IP &&
	     (nla_put_u8(msg, LABELHOP_A_SESSION_ORIGIN, s->origin) ||
	      nla_put_u8(msg, LABELHOP_A_SESSION_UNMATCHED, s->unmatched))))
		return -EMSGSIZE;
	for (i = 0; i < s->n_remotes; i++)
		if (lh_nl_put_remote(msg, LABELHOP_A_SESSION_REMOTE,
				     &s->remotes[i]))
			return -EMSGSIZE;
	for (i = 0; i < s->n_macs; i++)
		if (nla_put(msg, LABELHOP_A_SESSION_MAC, ETH_ALEN,
			    s->macs[i].addr))
			return -EMSGSIZE;
	for (i = 0; i < s->n_prefixes; i++) {
		const struct lh_prefix *p = &s->prefixes[i];
		struct nlattr *nest;

		nest = nla_nest_start(msg, LABELHOP_A_SESSION_PREFIX);
		if (!nest ||
		    nla_put(msg, LABELHOP_A_PREFIX_ADDR, p->addr_len,
			    p->addr) ||
		    nla_put_u8(msg, LABELHOP_A_PREFIX_LEN, p->bits))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int fill_now(struct sk_buff *msg, const struct lh_net *ln,
		    const struct lh_session *s)
{
	enum labelhop_reason reason;
	struct lh_hop hop;
	struct lh_time t;
	int err;

	reason = lh_session_time(s, &ln->clock, &t);
	if (!reason)
		reason = lh_slot_state(&s->gen.slots, t.tai);
	if (reason)
		return nla_put_u8(msg, LABELHOP_A_SESSION_FAILS, reason);
	lh_hop_at(&s->gen, t.tai, &hop);
	err = put_u64(msg, LABELHOP_A_SESSION_SLOT, hop.slot.number);
	if (!err)
		err = nla_put_u32(msg, LABELHOP_A_SESSION_HOP, hop.label);
	memzero_explicit(&hop, sizeof(hop));
	return err;
}

static void *fill(struct sk_buff *msg, const struct lh_net *ln,
		  const struct lh_session *s, u32 portid, u32 seq, int flags,
		  u8 cmd)
{
	void *header = genlmsg_put(msg, portid, seq, &lh_genl_family, flags,
				   cmd);

	if (!header)
		return NULL;
	if (nla_put_string(msg, LABELHOP_A_SESSION_NAME, s->name) ||
	    nla_put_u8(msg, LABELHOP_A_SESSION_DIR, s->dir) ||
	    nla_put_u8(msg, LABELHOP_A_SESSION_PAYLOAD, s->payload) ||
	    nla_put_u8(msg, LABELHOP_A_SESSION_POLICY, s->policy) ||
	    nla_put_u8(msg, LABELHOP_A_SESSION_LOSS, s->loss) ||
	    (s->loss == LABELHOP_LOSS_HOLD &&
	     put_u64(msg, LABELHOP_A_SESSION_HOLD, s->hold)) ||
	    (s->dir == LABELHOP_DIR_IN &&
	     (put_u64(msg, LABELHOP_A_SESSION_TOLERANCE, s->tolerance) ||
	      put_u64(msg, LABELHOP_A_SESSION_DELAY, s->delay))) ||
	    fill_match(msg, s) || fill_params(msg, &s->params) ||
	    fill_now(msg, ln, s) || fill_stats(msg, s)) {
		genlmsg_cancel(msg, header);
		return NULL;
	}
	return header;
}

static struct sk_buff *message(const struct lh_session *s)
{
	return genlmsg_new(NLMSG_DEFAULT_SIZE +
			   s->params.n_labels * sizeof(*s->labels) +
			   s->params.n_slots * sizeof(*s->slots) +
			   s->n_prefixes * sizeof(*s->prefixes) * 2 +
			   s->n_macs * nla_total_size(ETH_ALEN),
			   GFP_KERNEL);
}

static void notify(struct lh_net *ln, const struct lh_session *s, u8 cmd)
{
	struct sk_buff *msg = message(s);

	lh_nl_announce(ln->net, msg,
		       msg ? fill(msg, ln, s, 0, 0, 0, cmd) : NULL,
		       GFP_KERNEL);
}

static struct lh_session *find(struct lh_net *ln, struct genl_info *info)
{
	struct nlattr *name = info->attrs[LABELHOP_A_SESSION_NAME];
	struct lh_session *s = lh_session_find(ln, nla_data(name));

	if (!s)
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "there is no such session");
	return s;
}

static int require_name(struct genl_info *info)
{
	return lh_nl_require(info, LABELHOP_A_SESSION_NAME,
			     "the session's name is missing");
}

static void warn_clock(const struct lh_session *s,
		       struct netlink_ext_ack *extack)
{
	bool in = s->dir == LABELHOP_DIR_IN;

	if (!lh_session_passes(s, LABELHOP_REASON_CLOCK)) {
		if (in && s->policy == LABELHOP_POLICY_PERMISSIVE)
			lh_extack_format(extack,
					 "session %s drops what is stamped: no clock is set",
					 s->name);
		else
			lh_extack_format(extack,
					 "session %s drops all packets: no clock is set",
					 s->name);
	} else if (in) {
		lh_extack_format(extack,
				 "session %s verifies nothing: no clock is set",
				 s->name);
	} else {
		lh_extack_format(extack,
				 "session %s stamps nothing: no clock is set",
				 s->name);
	}
}

/* There is room for one sentence of 79 characters: the worst comes first. */
static void warn_new(struct lh_net *ln, const struct lh_session *s,
		     struct netlink_ext_ack *extack)
{
	bool in = s->dir == LABELHOP_DIR_IN;
	struct lh_time t;
	u32 label;

	if (in && s->payload == LABELHOP_PAYLOAD_IP &&
	    !lh_table_leads(ln, s->params.label))
		lh_extack_format(extack,
				 "no route here has label %u of session %s",
				 s->params.label, s->name);
	else if (in && lh_table_routed(ln, s, &label))
		lh_extack_format(extack,
				 "label %u has a kernel route, now unused",
				 label);
	else if (lh_clock_now(&ln->clock, &t) == LABELHOP_STATE_UNSET)
		warn_clock(s, extack);
}

/**
 * lh_nl_session_new - LABELHOP_CMD_SESSION_NEW
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_new(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_session *s = lh_nl_parse_session(info);
	int err, attr;

	if (IS_ERR(s))
		return PTR_ERR(s);
	mutex_lock(&ln->lock);
	err = lh_session_new(ln, s, &attr, info->extack);
	if (!err) {
		ln->changes++;
		notify(ln, s, LABELHOP_CMD_SESSION_NEW_NTF);
		warn_new(ln, s, info->extack);
	}
	mutex_unlock(&ln->lock);
	if (err) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
		lh_session_free(s);
	}
	return err;
}

/**
 * lh_nl_session_set - LABELHOP_CMD_SESSION_SET
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_set(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_session *s;
	int err = require_name(info);

	if (err)
		return err;
	mutex_lock(&ln->lock);
	s = find(ln, info);
	err = s ? lh_nl_parse_settings(info, s) : -ENOENT;
	if (!err) {
		lh_session_settled(ln, s);
		notify(ln, s, LABELHOP_CMD_SESSION_SET_NTF);
	}
	mutex_unlock(&ln->lock);
	return err;
}

static void del(struct lh_net *ln, struct lh_session *s)
{
	ln->changes++;
	notify(ln, s, LABELHOP_CMD_SESSION_DEL_NTF);
	lh_session_del(ln, s);
}

/**
 * lh_nl_session_del - LABELHOP_CMD_SESSION_DEL
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_session *s;
	int err = require_name(info);

	if (err)
		return err;
	mutex_lock(&ln->lock);
	s = find(ln, info);
	if (s)
		del(ln, s);
	mutex_unlock(&ln->lock);
	return s ? 0 : -ENOENT;
}

/**
 * lh_nl_session_flush - LABELHOP_CMD_SESSION_FLUSH
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0.
 */
int lh_nl_session_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct lh_session *s;
	unsigned long handle;

	mutex_lock(&ln->lock);
	xa_for_each(&ln->sessions, handle, s)
		del(ln, s);
	mutex_unlock(&ln->lock);
	return 0;
}

/**
 * lh_nl_session_get - LABELHOP_CMD_SESSION_GET of one session
 * @skb: the request
 * @info: the same, parsed
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_session_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lh_net *ln = lh_nl_net(info);
	struct sk_buff *msg = NULL;
	struct lh_session *s;
	void *header = NULL;
	int err = require_name(info);

	if (err)
		return err;
	mutex_lock(&ln->lock);
	s = find(ln, info);
	if (s)
		msg = message(s);
	if (msg)
		header = fill(msg, ln, s, info->snd_portid, info->snd_seq, 0,
			      LABELHOP_CMD_SESSION_GET);
	mutex_unlock(&ln->lock);
	if (!s)
		return -ENOENT;
	return msg ? lh_nl_reply(msg, header, info) : -ENOMEM;
}

/**
 * lh_nl_session_dump_start - ask for parts that the largest session fits in
 * @cb: the dump
 *
 * Return: 0.
 */
int lh_nl_session_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = NLMSG_DEFAULT_SIZE +
			     LABELHOP_LABELS_MAX * sizeof(u32) +
			     LABELHOP_SLOTS_MAX * sizeof(u64) +
			     LABELHOP_PREFIXES_MAX * sizeof(struct lh_prefix) * 2 +
			     LABELHOP_MACS_MAX * nla_total_size(ETH_ALEN);
	return 0;
}

/**
 * lh_nl_session_dump - LABELHOP_CMD_SESSION_GET of all sessions
 * @skb: the part of the answer that is to be filled
 * @cb: where the dump stands: args[0] is the handle of the next session
 *
 * Return: length of the part, 0 at the end, or a negative errno.
 */
int lh_nl_session_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lh_net *ln = lh_net_get(sock_net(skb->sk));
	unsigned long handle;
	struct lh_session *s;
	void *header = skb;

	mutex_lock(&ln->lock);
	cb->seq = ln->changes;
	xa_for_each_start(&ln->sessions, handle, s, cb->args[0]) {
		header = fill(skb, ln, s, NETLINK_CB(cb->skb).portid,
			      cb->nlh->nlmsg_seq, NLM_F_MULTI,
			      LABELHOP_CMD_SESSION_GET);
		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		genlmsg_end(skb, header);
		cb->args[0] = handle + 1;
	}
	mutex_unlock(&ln->lock);
	return !header && !skb->len ? -EMSGSIZE : skb->len;
}

/**
 * lh_nl_session_work - tell of a packet that no session out was for
 * @work: lh_net.tell_work
 */
void lh_nl_session_work(struct work_struct *work)
{
	struct lh_net *ln = container_of(work, struct lh_net, tell_work);
	const struct lh_session *s;

	mutex_lock(&ln->lock);
	s = xa_load(&ln->sessions, READ_ONCE(ln->tell_session));
	if (s)
		notify(ln, s, LABELHOP_CMD_SESSION_UNMATCHED_NTF);
	mutex_unlock(&ln->lock);
}
