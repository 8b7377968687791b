// SPDX-License-Identifier: GPL-2.0
/* From the attributes of a request to a session: nothing is changed here. */
#include <linux/ctype.h>
#include "compat.h"
#include "index.h"
#include "nl_match.h"
#include "nl_parse.h"
#include "stack.h"

static struct netlink_range_validation label_range = {
	.min = LABELHOP_LABEL_MIN,
	.max = LABELHOP_LABEL_MAX,
};

static struct netlink_range_validation window_range = {
	.max = LABELHOP_WINDOW_NS_MAX,
};

static const struct nla_policy params_policy[LABELHOP_A_PARAMS_MAX + 1] = {
	[LABELHOP_A_PARAMS_ID] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_GENERATION] = NLA_POLICY_MIN(NLA_U32, 1),
	[LABELHOP_A_PARAMS_LABEL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
	[LABELHOP_A_PARAMS_EPOCH] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_LIFETIME] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_LABELS] = {
		.type = NLA_BINARY,
		.len = LABELHOP_LABELS_MAX * sizeof(u32),
	},
	[LABELHOP_A_PARAMS_SLOTS] = {
		.type = NLA_BINARY,
		.len = LABELHOP_SLOTS_MAX * sizeof(u64),
	},
	[LABELHOP_A_PARAMS_HASH] = { .type = NLA_U8 },
	[LABELHOP_A_PARAMS_HASH_LEN] = { .type = NLA_U16 },
	[LABELHOP_A_PARAMS_TAGS] =
		NLA_POLICY_RANGE(NLA_U8, 1, LABELHOP_TAGS_MAX),
	[LABELHOP_A_PARAMS_SELECT] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_SELECT_AND),
	[LABELHOP_A_PARAMS_MASK] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_SEED] = NLA_POLICY_EXACT_LEN(LABELHOP_SEED_LEN),
};

const struct nla_policy lh_session_policy[LABELHOP_A_SESSION_MAX + 1] = {
	[LABELHOP_A_SESSION_NAME] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_SESSION_DIR] = NLA_POLICY_MAX(NLA_U8, LABELHOP_DIR_OUT),
	[LABELHOP_A_SESSION_POLICY] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_POLICY_MONITOR),
	[LABELHOP_A_SESSION_TOLERANCE] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
	[LABELHOP_A_SESSION_DELAY] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
	[LABELHOP_A_SESSION_DEV] = {
		.type = NLA_NUL_STRING,
		.len = IFNAMSIZ - 1,
	},
	[LABELHOP_A_SESSION_OUTER] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &label_range),
	[LABELHOP_A_SESSION_VRF] = {
		.type = NLA_NUL_STRING,
		.len = IFNAMSIZ - 1,
	},
	[LABELHOP_A_SESSION_PREFIX] = NLA_POLICY_NESTED(lh_prefix_policy),
	[LABELHOP_A_SESSION_PARAMS] = NLA_POLICY_NESTED(params_policy),
	[LABELHOP_A_SESSION_LOSS] = NLA_POLICY_MAX(NLA_U8, LABELHOP_LOSS_PASS),
	[LABELHOP_A_SESSION_HOLD] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
	[LABELHOP_A_SESSION_PAYLOAD] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_PAYLOAD_LINK),
	[LABELHOP_A_SESSION_MAC] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[LABELHOP_A_SESSION_UNMATCHED] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_UNMATCHED_DROP),
	[LABELHOP_A_SESSION_ORIGIN] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_ORIGIN_MAIN),
	[LABELHOP_A_SESSION_REMOTE] = { .type = NLA_BINARY, .len = 16 },
};

const struct nla_policy lh_session_set_policy[LABELHOP_A_SESSION_UNMATCHED + 1] = {
	[LABELHOP_A_SESSION_UNMATCHED] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_UNMATCHED_DROP),
	[LABELHOP_A_SESSION_LOSS] = NLA_POLICY_MAX(NLA_U8, LABELHOP_LOSS_PASS),
	[LABELHOP_A_SESSION_HOLD] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
	[LABELHOP_A_SESSION_NAME] = {
		.type = NLA_NUL_STRING,
		.len = LABELHOP_NAME_LEN - 1,
	},
	[LABELHOP_A_SESSION_POLICY] =
		NLA_POLICY_MAX(NLA_U8, LABELHOP_POLICY_MONITOR),
	[LABELHOP_A_SESSION_TOLERANCE] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
	[LABELHOP_A_SESSION_DELAY] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &window_range),
};

static int require_params(struct genl_info *info, struct nlattr **tb)
{
	static const char * const missing[] = {
		[LABELHOP_A_PARAMS_ID] = "the set's id is missing",
		[LABELHOP_A_PARAMS_GENERATION] = "the generation is missing",
		[LABELHOP_A_PARAMS_LABEL] = "the VPN label is missing",
		[LABELHOP_A_PARAMS_EPOCH] = "the epoch is missing",
		[LABELHOP_A_PARAMS_LIFETIME] = "the lifetime is missing",
		[LABELHOP_A_PARAMS_LABELS] = "the label set is missing",
		[LABELHOP_A_PARAMS_SLOTS] = "the slots are missing",
		[LABELHOP_A_PARAMS_HASH] = "the hash is missing",
		[LABELHOP_A_PARAMS_HASH_LEN] = "the hash length is missing",
		[LABELHOP_A_PARAMS_TAGS] = "the number of tags is missing",
		[LABELHOP_A_PARAMS_SELECT] = "the selection is missing",
		[LABELHOP_A_PARAMS_MASK] = "the mask is missing",
		[LABELHOP_A_PARAMS_SEED] = "the seed is missing",
	};
	int i;

	static_assert(ARRAY_SIZE(missing) == LABELHOP_A_PARAMS_MAX + 1);
	for (i = LABELHOP_A_PARAMS_ID; i <= LABELHOP_A_PARAMS_MAX; i++)
		if (!tb[i])
			return lh_nl_refuse(info,
				      info->attrs[LABELHOP_A_SESSION_PARAMS],
				      missing[i]);
	if (nla_len(tb[LABELHOP_A_PARAMS_LABELS]) % sizeof(u32))
		return lh_nl_refuse(info, tb[LABELHOP_A_PARAMS_LABELS],
			      "the label set must be an array of u32");
	if (nla_len(tb[LABELHOP_A_PARAMS_SLOTS]) % sizeof(u64))
		return lh_nl_refuse(info, tb[LABELHOP_A_PARAMS_SLOTS],
			      "the slots must be an array of u64");
	return 0;
}

static int parse_params(struct genl_info *info, struct nlattr **tb,
			struct lh_session *s)
{
	struct lh_params *p = &s->params;
	struct lh_params_fault fault;

	p->id = nla_get_u64(tb[LABELHOP_A_PARAMS_ID]);
	p->generation = nla_get_u32(tb[LABELHOP_A_PARAMS_GENERATION]);
	p->label = nla_get_u32(tb[LABELHOP_A_PARAMS_LABEL]);
	p->epoch = nla_get_u64(tb[LABELHOP_A_PARAMS_EPOCH]);
	p->lifetime = nla_get_u64(tb[LABELHOP_A_PARAMS_LIFETIME]);
	p->hash = nla_get_u8(tb[LABELHOP_A_PARAMS_HASH]);
	p->hash_len = nla_get_u16(tb[LABELHOP_A_PARAMS_HASH_LEN]);
	p->tags = nla_get_u8(tb[LABELHOP_A_PARAMS_TAGS]);
	p->select = nla_get_u8(tb[LABELHOP_A_PARAMS_SELECT]);
	p->mask = nla_get_u64(tb[LABELHOP_A_PARAMS_MASK]);
	p->n_labels = nla_len(tb[LABELHOP_A_PARAMS_LABELS]) / sizeof(u32);
	p->n_slots = nla_len(tb[LABELHOP_A_PARAMS_SLOTS]) / sizeof(u64);
	nla_memcpy(s->labels, tb[LABELHOP_A_PARAMS_LABELS],
		   p->n_labels * sizeof(u32));
	nla_memcpy(s->slots, tb[LABELHOP_A_PARAMS_SLOTS],
		   p->n_slots * sizeof(u64));
	if (!lh_params_valid(p, &fault))
		return lh_nl_refuse(info, tb[fault.attr], fault.text);

	nla_memcpy(p->seed, tb[LABELHOP_A_PARAMS_SEED], sizeof(p->seed));
	lh_gen_init(&s->gen, p);
	s->seed_mark = lh_index_mark(p);
	memzero_explicit(p->seed, sizeof(p->seed));
	return 0;
}

static int count(struct genl_info *info, int type, u32 max, const char *text,
		 u32 *n)
{
	struct nlattr *attr;
	int rem;

	*n = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == type && ++*n > max)
			return lh_nl_refuse(info, attr, text);
	return 0;
}

static int parse_name(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *attr = info->attrs[LABELHOP_A_SESSION_NAME];
	const char *c;

	nla_strscpy(s->name, attr, sizeof(s->name));
	for (c = s->name; *c; c++)
		if (!isascii(*c) || !isgraph(*c))
			break;
	if (*c || c == s->name)
		return lh_nl_refuse(info, attr,
			      "a session's name must be 1 to 31 printable characters without spaces");
	return 0;
}

static int check_loss(struct genl_info *info)
{
	struct nlattr *loss = info->attrs[LABELHOP_A_SESSION_LOSS];
	struct nlattr *hold = info->attrs[LABELHOP_A_SESSION_HOLD];
	bool holds = loss && nla_get_u8(loss) == LABELHOP_LOSS_HOLD;

	if (hold && !holds)
		return lh_nl_refuse(info, hold,
			      "a time to hold is only for on-clock-loss hold");
	if (holds && !hold)
		return lh_nl_refuse(info, loss, "a time is needed with on-clock-loss hold");
	return 0;
}

static void set_loss(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *loss = info->attrs[LABELHOP_A_SESSION_LOSS];
	struct nlattr *hold = info->attrs[LABELHOP_A_SESSION_HOLD];

	if (hold)
		WRITE_ONCE(s->hold, nla_get_u64(hold));
	if (loss)
		WRITE_ONCE(s->loss, nla_get_u8(loss));
}

/* By a time that may be wrong by so much no slot could be told from the next. */
static int check_error(struct genl_info *info, const struct lh_session *s,
		       u64 tolerance)
{
	struct nlattr *attr = info->attrs[LABELHOP_A_SESSION_TOLERANCE];
	struct lh_time t;

	if (lh_clock_now(&lh_nl_net(info)->clock, &t) !=
	    LABELHOP_STATE_LOCKED ||
	    s->gen.slots.shortest / 2 >= tolerance + t.error)
		return 0;
	NL_SET_BAD_ATTR(info->extack,
			attr ?: info->attrs[LABELHOP_A_SESSION_PARAMS]);
	lh_extack_format(info->extack,
			 "tolerance + clock error %llu ns exceed half the shortest slot",
			 t.error);
	return -EINVAL;
}

/**
 * lh_nl_parse_settings - change what of a session may be changed
 * @info: the request
 * @s: the session; lh_net.lock is held if packets can see it
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_nl_parse_settings(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *policy = info->attrs[LABELHOP_A_SESSION_POLICY];
	struct nlattr *tolerance = info->attrs[LABELHOP_A_SESSION_TOLERANCE];
	struct nlattr *delay = info->attrs[LABELHOP_A_SESSION_DELAY];
	struct nlattr *unmatched = info->attrs[LABELHOP_A_SESSION_UNMATCHED];
	u64 value = tolerance ? nla_get_u64(tolerance) : s->tolerance;
	int err;

	if (s->dir == LABELHOP_DIR_OUT && (tolerance || delay))
		return lh_nl_refuse(info, tolerance ?: delay,
			      "tolerance and delay are only for direction in");
	if (unmatched && (s->dir == LABELHOP_DIR_IN ||
			  s->payload != LABELHOP_PAYLOAD_IP))
		return lh_nl_refuse(info, unmatched,
			      "unmatched is only for direction out and payload ip");
	if (s->dir == LABELHOP_DIR_IN &&
	    !lh_params_fit_window(&s->params, value))
		return lh_nl_refuse(info,
			      tolerance ?: info->attrs[LABELHOP_A_SESSION_PARAMS],
			      "the shortest slot must be at least twice the tolerance");
	err = check_loss(info);
	if (!err && (tolerance || info->attrs[LABELHOP_A_SESSION_PARAMS]))
		err = check_error(info, s, value);
	if (err)
		return err;
	set_loss(info, s);
	WRITE_ONCE(s->tolerance, value);
	if (delay)
		WRITE_ONCE(s->delay, nla_get_u64(delay));
	if (policy)
		WRITE_ONCE(s->policy, nla_get_u8(policy));
	if (unmatched)
		s->unmatched = nla_get_u8(unmatched);
	return 0;
}

static struct lh_session *parse(struct genl_info *info, struct nlattr **tb)
{
	struct nlattr *payload = info->attrs[LABELHOP_A_SESSION_PAYLOAD];
	u32 n_prefixes, n_macs;
	struct lh_session *s;
	int err;

	err = require_params(info, tb);
	if (!err)
		err = count(info, LABELHOP_A_SESSION_PREFIX,
			    LABELHOP_PREFIXES_MAX,
			    "a session must have at most 64 prefixes",
			    &n_prefixes);
	if (!err)
		err = count(info, LABELHOP_A_SESSION_MAC, LABELHOP_MACS_MAX,
			    "a session must have at most 64 MAC addresses",
			    &n_macs);
	if (err)
		return ERR_PTR(err);
	s = lh_session_alloc(nla_len(tb[LABELHOP_A_PARAMS_LABELS]) / sizeof(u32),
			     nla_len(tb[LABELHOP_A_PARAMS_SLOTS]) / sizeof(u64),
			     n_prefixes, n_macs);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->payload = payload ? nla_get_u8(payload) : LABELHOP_PAYLOAD_IP;
	s->dir = nla_get_u8(info->attrs[LABELHOP_A_SESSION_DIR]);
	s->tolerance = s->dir == LABELHOP_DIR_IN ? LH_TOLERANCE_DEFAULT_NS : 0;
	err = parse_name(info, s);
	if (!err)
		err = parse_params(info, tb, s);
	if (!err)
		err = lh_nl_match_parse(info, s);
	if (!err)
		err = lh_nl_parse_settings(info, s);
	if (!err)
		return s;
	lh_session_free(s);
	return ERR_PTR(err);
}

static int require(struct genl_info *info, struct nlattr **tb)
{
	int err;

	err = lh_nl_require(info, LABELHOP_A_SESSION_NAME,
			    "the session's name is missing");
	if (!err)
		err = lh_nl_require(info, LABELHOP_A_SESSION_DIR,
				    "the direction is missing");
	if (!err)
		err = lh_nl_require(info, LABELHOP_A_SESSION_PARAMS,
				    "the parameter set is missing");
	if (!err)
		err = nla_parse_nested(tb, LABELHOP_A_PARAMS_MAX,
				       info->attrs[LABELHOP_A_SESSION_PARAMS],
				       params_policy, info->extack);
	return err;
}

/**
 * lh_nl_parse_session - make a session of a request
 * @info: the request
 *
 * Return: the session, or an ERR_PTR.
 */
struct lh_session *lh_nl_parse_session(struct genl_info *info)
{
	struct nlattr *tb[LABELHOP_A_PARAMS_MAX + 1];
	int err = require(info, tb);

	return err ? ERR_PTR(err) : parse(info, tb);
}
