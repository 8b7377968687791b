// SPDX-License-Identifier: GPL-2.0
/* From the attributes of a request to what a session is narrowed by. */
#include "compat.h"
#include "nl_match.h"

const struct nla_policy lh_prefix_policy[LABELHOP_A_PREFIX_MAX + 1] = {
	[LABELHOP_A_PREFIX_ADDR] = { .type = NLA_BINARY, .len = 16 },
	[LABELHOP_A_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

static int parse_prefix(struct genl_info *info, const struct nlattr *attr,
			struct lh_prefix *prefix)
{
	struct nlattr *tb[LABELHOP_A_PREFIX_MAX + 1];
	u8 zero[16] = {};
	u8 i, masked;
	int err;

	err = nla_parse_nested(tb, LABELHOP_A_PREFIX_MAX, attr, lh_prefix_policy,
			       info->extack);
	if (err)
		return err;
	if (!tb[LABELHOP_A_PREFIX_ADDR] || !tb[LABELHOP_A_PREFIX_LEN])
		return lh_nl_refuse(info, attr,
			      "a prefix needs an address and a length");
	prefix->addr_len = nla_len(tb[LABELHOP_A_PREFIX_ADDR]);
	prefix->bits = nla_get_u8(tb[LABELHOP_A_PREFIX_LEN]);
	if (prefix->addr_len != 4 && prefix->addr_len != 16)
		return lh_nl_refuse(info, tb[LABELHOP_A_PREFIX_ADDR],
			      "a prefix's address must have 4 or 16 bytes");
	if (prefix->bits > prefix->addr_len * 8)
		return lh_nl_refuse(info, tb[LABELHOP_A_PREFIX_LEN],
			      "a prefix's length must be at most 32 for IPv4 and 128 for IPv6");
	nla_memcpy(prefix->addr, tb[LABELHOP_A_PREFIX_ADDR], prefix->addr_len);

	i = prefix->bits / 8;
	masked = i < 16 ? (u8)(prefix->addr[i] << prefix->bits % 8) : 0;
	if (masked || (i < 15 && memcmp(prefix->addr + i + 1, zero, 15 - i)))
		return lh_nl_refuse(info, tb[LABELHOP_A_PREFIX_ADDR],
			      "a prefix's address must be zero beyond its length");
	return 0;
}

static int parse_prefixes(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LABELHOP_A_SESSION_PREFIX)
			continue;
		err = parse_prefix(info, attr, &s->prefixes[s->n_prefixes]);
		if (err)
			return err;
		s->n_prefixes++;
	}
	return 0;
}

static void parse_macs(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == LABELHOP_A_SESSION_MAC)
			nla_memcpy(s->macs[s->n_macs++].addr, attr, ETH_ALEN);
}

static int parse_bind(struct genl_info *info, const struct nlattr *attr,
		      struct lh_bind *bind)
{
	if (!attr)
		return 0;
	/* An empty name would be none: a session for every device. */
	nla_strscpy(bind->name, attr, sizeof(bind->name));
	if (!bind->name[0])
		return lh_nl_refuse(info, attr, "a device's name must not be empty");
	return 0;
}

/* What a payload does not have can't narrow a session for it. */
static int check_payload(struct genl_info *info, const struct lh_session *s)
{
	struct nlattr *prefix = info->attrs[LABELHOP_A_SESSION_PREFIX];
	struct nlattr *outer = info->attrs[LABELHOP_A_SESSION_OUTER];
	struct nlattr *vrf = info->attrs[LABELHOP_A_SESSION_VRF];
	struct nlattr *dev = info->attrs[LABELHOP_A_SESSION_DEV];
	struct nlattr *mac = info->attrs[LABELHOP_A_SESSION_MAC];

	vrf = vrf ?: info->attrs[LABELHOP_A_SESSION_ORIGIN];
	vrf = vrf ?: info->attrs[LABELHOP_A_SESSION_REMOTE];
	if (s->payload != LABELHOP_PAYLOAD_IP && (prefix ?: outer ?: vrf))
		return lh_nl_refuse(info, prefix ?: outer ?: vrf,
			      "prefix, outer, vrf and remote are only for payload ip");
	if (mac && s->payload != LABELHOP_PAYLOAD_PW &&
	    s->payload != LABELHOP_PAYLOAD_PW_NO_CW)
		return lh_nl_refuse(info, mac,
			      "mac is only for payload pw and pw-no-cw");
	if (dev && s->payload != LABELHOP_PAYLOAD_IP &&
	    (s->dir == LABELHOP_DIR_OUT || s->payload == LABELHOP_PAYLOAD_LINK))
		return lh_nl_refuse(info, dev,
			      "dev is for payload ip, and for pseudowires in direction in");
	return 0;
}

static int parse_remotes(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LABELHOP_A_SESSION_REMOTE)
			continue;
		if (s->n_remotes == LABELHOP_REMOTES_MAX)
			return lh_nl_refuse(info, attr,
				      "a remote PE must have at most 4 addresses");
		err = lh_nl_parse_remote(info, attr,
					 &s->remotes[s->n_remotes]);
		if (err)
			return err;
		s->n_remotes++;
	}
	return 0;
}

/* The way to a PE has its labels and its device. */
static int check_remote(struct genl_info *info, const struct lh_session *s)
{
	static const int others[] = {
		LABELHOP_A_SESSION_OUTER, LABELHOP_A_SESSION_DEV,
		LABELHOP_A_SESSION_VRF, LABELHOP_A_SESSION_ORIGIN,
		LABELHOP_A_SESSION_PREFIX,
	};
	int i;

	for (i = 0; s->n_remotes && i < ARRAY_SIZE(others); i++)
		if (info->attrs[others[i]])
			return lh_nl_refuse(info, info->attrs[others[i]],
				      "outer, dev, vrf and prefix don't go with remote");
	return 0;
}

/**
 * lh_nl_match_parse - parse what a session is narrowed by
 * @info: the request
 * @s: the session, of which payload and direction are there
 *
 * Return: 0 or a negative errno.
 */
int lh_nl_match_parse(struct genl_info *info, struct lh_session *s)
{
	struct nlattr *vrf = info->attrs[LABELHOP_A_SESSION_VRF];
	struct nlattr *origin = info->attrs[LABELHOP_A_SESSION_ORIGIN];
	struct nlattr *outer = info->attrs[LABELHOP_A_SESSION_OUTER];
	int err = check_payload(info, s);

	if (err)
		return err;
	origin = origin ?: info->attrs[LABELHOP_A_SESSION_REMOTE];
	if (s->dir == LABELHOP_DIR_IN && (vrf ?: outer ?: origin))
		return lh_nl_refuse(info, vrf ?: outer ?: origin,
			      "vrf, outer and remote are only for direction out");
	origin = info->attrs[LABELHOP_A_SESSION_ORIGIN];
	s->origin = origin ? nla_get_u8(origin) : LABELHOP_ORIGIN_VRF;
	if (vrf && s->origin == LABELHOP_ORIGIN_MAIN)
		return lh_nl_refuse(info, origin,
			      "packets of the main table have left no VRF");
	if (outer)
		s->outer = nla_get_u32(outer);
	err = parse_bind(info, info->attrs[LABELHOP_A_SESSION_DEV], &s->dev);
	if (!err)
		err = parse_bind(info, vrf, &s->vrf);
	if (!err)
		err = parse_remotes(info, s);
	if (!err)
		err = check_remote(info, s);
	parse_macs(info, s);
	return err ? err : parse_prefixes(info, s);
}
