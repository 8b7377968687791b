// SPDX-License-Identifier: GPL-2.0
/* A session on the screen. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "nl.h"
#include "parse.h"
#include "set.h"
#include "show.h"
#include "words.h"

static const struct nla_policy policy[LABELHOP_A_SESSION_MAX + 1] = {
	[LABELHOP_A_SESSION_NAME] = { .type = NLA_STRING },
	[LABELHOP_A_SESSION_DIR] = { .type = NLA_U8 },
	[LABELHOP_A_SESSION_POLICY] = { .type = NLA_U8 },
	[LABELHOP_A_SESSION_TOLERANCE] = { .type = NLA_U64 },
	[LABELHOP_A_SESSION_DELAY] = { .type = NLA_U64 },
	[LABELHOP_A_SESSION_DEV] = { .type = NLA_STRING },
	[LABELHOP_A_SESSION_OUTER] = { .type = NLA_U32 },
	[LABELHOP_A_SESSION_VRF] = { .type = NLA_STRING },
	[LABELHOP_A_SESSION_PREFIX] = { .type = NLA_NESTED },
	[LABELHOP_A_SESSION_PARAMS] = { .type = NLA_NESTED },
	[LABELHOP_A_SESSION_STATS] = { .type = NLA_NESTED },
	[LABELHOP_A_SESSION_SLOT] = { .type = NLA_U64 },
	[LABELHOP_A_SESSION_HOP] = { .type = NLA_U32 },
	[LABELHOP_A_SESSION_LOSS] = { .type = NLA_U8 },
	[LABELHOP_A_SESSION_HOLD] = { .type = NLA_U64 },
	[LABELHOP_A_SESSION_FAILS] = { .type = NLA_U8 },
	[LABELHOP_A_SESSION_PAYLOAD] = { .type = NLA_U8 },
	[LABELHOP_A_SESSION_MAC] = {
		.minlen = LH_MAC_LEN, .maxlen = LH_MAC_LEN
	},
};

static const struct nla_policy prefix_policy[LABELHOP_A_PREFIX_MAX + 1] = {
	[LABELHOP_A_PREFIX_ADDR] = { .minlen = 4, .maxlen = 16 },
	[LABELHOP_A_PREFIX_LEN] = { .type = NLA_U8 },
};

static const struct nla_policy stats_policy[LABELHOP_A_STATS_MAX + 1] = {
	[LABELHOP_A_STATS_STAMPED] = { .type = NLA_U64 },
	[LABELHOP_A_STATS_VERIFIED] = { .type = NLA_U64 },
	[LABELHOP_A_STATS_BARE] = { .type = NLA_U64 },
	[LABELHOP_A_STATS_DROPPED] = { .type = NLA_NESTED },
	[LABELHOP_A_STATS_PASSED] = { .type = NLA_NESTED },
};

static u64 get_u64(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static bool show_prefix(struct lh_out *out, struct nlattr *nest)
{
	struct nlattr *attrs[LABELHOP_A_PREFIX_MAX + 1], *addr;
	struct lh_prefix prefix = {};
	char text[LH_PREFIX_TEXT];

	if (nla_parse_nested(attrs, LABELHOP_A_PREFIX_MAX, nest,
			     prefix_policy) < 0)
		return false;
	addr = attrs[LABELHOP_A_PREFIX_ADDR];
	if (!addr || !attrs[LABELHOP_A_PREFIX_LEN])
		return false;
	prefix.addr_len = nla_len(addr);
	memcpy(prefix.addr, nla_data(addr), prefix.addr_len);
	prefix.bits = nla_get_u8(attrs[LABELHOP_A_PREFIX_LEN]);
	lh_out_string(out, NULL, lh_prefix_text(&prefix, text));
	return true;
}

static int show_prefixes(struct lh_ctx *ctx, const struct nlmsghdr *hdr)
{
	struct nlattr *attr;
	int rest, err = 0;

	lh_out_line(&ctx->out);
	lh_out_array(&ctx->out, "prefixes");
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)hdr, GENL_HDRLEN, rest)
		if (!err && nla_type(attr) == LABELHOP_A_SESSION_PREFIX &&
		    !show_prefix(&ctx->out, attr))
			err = lh_nl_nonsense(ctx);
	lh_out_end(&ctx->out);
	return err;
}

static void show_remotes(struct lh_out *out, const struct nlmsghdr *hdr)
{
	char text[INET6_ADDRSTRLEN];
	struct nlattr *attr;
	int rest;

	lh_out_array(out, "remotes");
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)hdr, GENL_HDRLEN, rest)
		if (nla_type(attr) == LABELHOP_A_SESSION_REMOTE &&
		    inet_ntop(nla_len(attr) == 16 ? AF_INET6 : AF_INET,
			      nla_data(attr), text, sizeof(text)))
			lh_out_string(out, NULL, text);
	lh_out_end(out);
}

static void show_macs(struct lh_out *out, const struct nlmsghdr *hdr)
{
	char text[LH_MAC_TEXT];
	struct nlattr *attr;
	int rest;

	lh_out_line(out);
	lh_out_array(out, "macs");
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)hdr, GENL_HDRLEN, rest)
		if (nla_type(attr) == LABELHOP_A_SESSION_MAC &&
		    nla_len(attr) == LH_MAC_LEN)
			lh_out_string(out, NULL,
				      lh_mac_text(nla_data(attr), text));
	lh_out_end(out);
}

/* All reasons are shown, also those that the kernel does not mention. */
static int show_reasons(struct lh_ctx *ctx, const char *key,
			struct nlattr *nest)
{
	struct nlattr *attrs[LABELHOP_REASON_MAX + 1] = {};
	int i;

	if (nest && nla_parse_nested(attrs, LABELHOP_REASON_MAX, nest,
				     NULL) < 0)
		return lh_nl_nonsense(ctx);
	lh_out_line(&ctx->out);
	lh_out_object(&ctx->out, key);
	for (i = LABELHOP_REASON_UNSPEC + 1; i <= LABELHOP_REASON_MAX; i++) {
		if (attrs[i] && nla_len(attrs[i]) != sizeof(u64))
			return lh_nl_nonsense(ctx);
		lh_out_number(&ctx->out, lh_reasons[i], get_u64(attrs[i]));
	}
	lh_out_end(&ctx->out);
	return 0;
}

static int show_stats(struct lh_ctx *ctx, struct nlattr *nest)
{
	struct nlattr *attrs[LABELHOP_A_STATS_MAX + 1];
	struct lh_out *out = &ctx->out;
	int err;

	if (nla_parse_nested(attrs, LABELHOP_A_STATS_MAX, nest,
			     stats_policy) < 0)
		return lh_nl_nonsense(ctx);
	lh_out_line(out);
	if (out->json)
		lh_out_object(out, "stats");
	lh_out_number(out, "stamped", get_u64(attrs[LABELHOP_A_STATS_STAMPED]));
	lh_out_number(out, "verified",
		      get_u64(attrs[LABELHOP_A_STATS_VERIFIED]));
	lh_out_number(out, "bare", get_u64(attrs[LABELHOP_A_STATS_BARE]));
	err = show_reasons(ctx, "dropped", attrs[LABELHOP_A_STATS_DROPPED]);
	if (!err)
		err = show_reasons(ctx, "passed",
				   attrs[LABELHOP_A_STATS_PASSED]);
	if (out->json)
		lh_out_end(out);
	return err;
}

/* The default is not worth a word in text. */
static void show_payload(struct lh_out *out, struct nlattr *payload)
{
	u8 number = payload ? nla_get_u8(payload) : LABELHOP_PAYLOAD_IP;

	if (out->json || number != LABELHOP_PAYLOAD_IP)
		lh_out_string(out, "payload", lh_word(lh_payloads, number));
}

static void show_words(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *dir = attrs[LABELHOP_A_SESSION_DIR];
	struct nlattr *rule = attrs[LABELHOP_A_SESSION_POLICY];

	if (dir)
		lh_out_string(out, "dir", lh_word(lh_dirs, nla_get_u8(dir)));
	if (rule)
		lh_out_string(out, "policy",
			      lh_word(lh_policies, nla_get_u8(rule)));
	show_payload(out, attrs[LABELHOP_A_SESSION_PAYLOAD]);
}

static int show_params(struct lh_ctx *ctx, struct nlattr *nest, bool lists)
{
	struct lh_set *set = lh_set_new(ctx);
	int err;

	if (!set)
		return LH_EXIT_INPUT;
	err = lh_set_get(ctx, nest, set);
	if (!err)
		lh_set_show(&ctx->out, &set->p, lists);
	lh_set_free(set);
	return err;
}

/* The defaults are not worth a word in text. */
static void show_origin(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *unmatched = attrs[LABELHOP_A_SESSION_UNMATCHED];
	struct nlattr *origin = attrs[LABELHOP_A_SESSION_ORIGIN];

	if (origin && nla_get_u8(origin) == LABELHOP_ORIGIN_MAIN)
		lh_out_string(out, out->json ? "origin" : "vrf",
			      out->json ? "main" : "none");
	else if (origin && out->json)
		lh_out_string(out, "origin", lh_word(lh_origins, nla_get_u8(origin)));
	if (unmatched && (out->json || nla_get_u8(unmatched)))
		lh_out_string(out, "unmatched",
			      lh_word(lh_unmatched, nla_get_u8(unmatched)));
}

/* A session is narrowed to a name, which nothing may have now. */
static bool is_missing(struct nlattr *dev)
{
	return dev && !if_nametoindex(nla_get_string(dev));
}

static int show_match(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		      struct nlattr **attrs)
{
	struct nlattr *dev = attrs[LABELHOP_A_SESSION_DEV];
	struct nlattr *outer = attrs[LABELHOP_A_SESSION_OUTER];
	struct nlattr *vrf = attrs[LABELHOP_A_SESSION_VRF];

	if (dev)
		lh_out_string(&ctx->out, "dev", nla_get_string(dev));
	if (outer)
		lh_out_number(&ctx->out, "outer", nla_get_u32(outer));
	if (vrf)
		lh_out_string(&ctx->out, "vrf", nla_get_string(vrf));
	show_origin(&ctx->out, attrs);
	if (attrs[LABELHOP_A_SESSION_REMOTE])
		show_remotes(&ctx->out, hdr);
	if (is_missing(dev) || is_missing(vrf))
		lh_out_string(&ctx->out, "state", "no-device");
	if (attrs[LABELHOP_A_SESSION_MAC])
		show_macs(&ctx->out, hdr);
	if (attrs[LABELHOP_A_SESSION_PREFIX])
		return show_prefixes(ctx, hdr);
	return 0;
}

/* The default is not worth a word in text. */
static void show_loss(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *loss = attrs[LABELHOP_A_SESSION_LOSS];
	struct nlattr *hold = attrs[LABELHOP_A_SESSION_HOLD];
	u8 number = loss ? nla_get_u8(loss) : LABELHOP_LOSS_DROP;

	if (!out->json && number == LABELHOP_LOSS_DROP)
		return;
	lh_out_string(out, "on-clock-loss", lh_word(lh_losses, number));
	if (!hold)
		return;
	if (out->json)
		lh_out_duration(out, "hold", nla_get_u64(hold));
	else
		lh_out_duration(out, NULL, nla_get_u64(hold));
}

static void show_window(struct lh_out *out, struct nlattr **attrs)
{
	struct nlattr *tolerance = attrs[LABELHOP_A_SESSION_TOLERANCE];
	struct nlattr *delay = attrs[LABELHOP_A_SESSION_DELAY];
	struct nlattr *slot = attrs[LABELHOP_A_SESSION_SLOT];
	struct nlattr *hop = attrs[LABELHOP_A_SESSION_HOP];
	struct nlattr *fails = attrs[LABELHOP_A_SESSION_FAILS];

	lh_out_line(out);
	show_loss(out, attrs);
	if (tolerance)
		lh_out_duration(out, "tolerance", nla_get_u64(tolerance));
	if (delay)
		lh_out_duration(out, "delay", nla_get_u64(delay));
	if (slot)
		lh_out_number(out, "slot", nla_get_u64(slot));
	if (hop)
		lh_out_number(out, "hop", nla_get_u32(hop));
	if (fails)
		lh_out_string(out, "fails",
			      lh_word(lh_reasons, nla_get_u8(fails)));
}

static int show_body(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		     struct nlattr **attrs, unsigned int what)
{
	int err = 0;

	show_words(&ctx->out, attrs);
	if (attrs[LABELHOP_A_SESSION_PARAMS])
		err = show_params(ctx, attrs[LABELHOP_A_SESSION_PARAMS],
				  what & LH_SHOW_LISTS);
	if (!err)
		err = show_match(ctx, hdr, attrs);
	if (err)
		return err;
	show_window(&ctx->out, attrs);
	if ((what & LH_SHOW_STATS) && attrs[LABELHOP_A_SESSION_STATS])
		err = show_stats(ctx, attrs[LABELHOP_A_SESSION_STATS]);
	return err;
}

/**
 * lh_session_show - print a session
 * @ctx: the command's context
 * @hdr: a message about it
 * @what: LH_SHOW_*
 *
 * In an event, the caller has begun the record.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_session_show(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		    unsigned int what)
{
	struct nlattr *attrs[LABELHOP_A_SESSION_MAX + 1];
	int err = lh_nl_parse(ctx, hdr, attrs, LABELHOP_A_SESSION_MAX, policy);

	if (err)
		return err;
	if (!attrs[LABELHOP_A_SESSION_NAME])
		return lh_nl_nonsense(ctx);
	if (!(what & LH_SHOW_EVENT))
		lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "name",
		     nla_get_string(attrs[LABELHOP_A_SESSION_NAME]), ":");
	err = show_body(ctx, hdr, attrs, what);
	if (!(what & LH_SHOW_EVENT))
		lh_out_end(&ctx->out);
	return err;
}
