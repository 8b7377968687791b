// SPDX-License-Identifier: GPL-2.0
/*
 * session_show.c, set.c, pw.c and link.c: sessions, pseudowires and links as the
 * kernel tells of them, or nearly so.
 */
#include <json-c/json.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../tools/nl.h"
#include "../../tools/set.h"
#include "../../tools/show.h"
#include "message.h"
#include "say.h"

#define NEST_MAX	40

/* An address has one of two lengths, or any. */
static void put_address(struct input *in, struct nl_msg *msg, int type,
			size_t first, size_t second)
{
	size_t how = input_below(in, 3);
	size_t len = !how ? first : how == 1 ? second : input_below(in, NEST_MAX);
	u8 *addr = input_bytes(in, len);

	nla_put(msg, type, len, addr);
	free(addr);
}

static void put_prefix(struct input *in, struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, LABELHOP_A_SESSION_PREFIX);
	size_t len = input_below(in, 2) ? 4 : input_below(in, NEST_MAX);
	u8 *addr = input_bytes(in, len);

	nla_put(msg, LABELHOP_A_PREFIX_ADDR, len, addr);
	nla_put_u8(msg, LABELHOP_A_PREFIX_LEN, input_number(in, 1));
	nla_nest_end(msg, nest);
	free(addr);
}

static void put_reasons(struct input *in, struct nl_msg *msg, int type)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	unsigned int n = input_below(in, LABELHOP_REASON_MAX + 2);

	for (; n; n--)
		nla_put_u64(msg, n, input_number(in, 1));
	nla_nest_end(msg, nest);
}

static void put_stats(struct input *in, struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, LABELHOP_A_SESSION_STATS);

	nla_put_u64(msg, LABELHOP_A_STATS_STAMPED, input_number(in, 8));
	put_reasons(in, msg, LABELHOP_A_STATS_DROPPED);
	put_reasons(in, msg, LABELHOP_A_STATS_PASSED);
	nla_nest_end(msg, nest);
}

static void put_name(struct input *in, struct nl_msg *msg, int type)
{
	size_t len = input_below(in, NEST_MAX);
	u8 *name = input_bytes(in, len);

	nla_put(msg, type, len, name);
	free(name);
}

static void put_attr(struct input *in, struct nl_msg *msg,
		     const struct lh_params *p)
{
	int type = 1 + input_below(in, LABELHOP_A_SESSION_MAX + 1);

	switch (type) {
	case LABELHOP_A_SESSION_NAME:
	case LABELHOP_A_SESSION_DEV:
	case LABELHOP_A_SESSION_VRF:
		return put_name(in, msg, type);
	case LABELHOP_A_SESSION_DIR:
	case LABELHOP_A_SESSION_POLICY:
	case LABELHOP_A_SESSION_PAYLOAD:
		nla_put_u8(msg, type, input_number(in, 1));
		break;
	case LABELHOP_A_SESSION_PREFIX:
		return put_prefix(in, msg);
	case LABELHOP_A_SESSION_PARAMS:
		lh_set_put(msg, p);
		break;
	case LABELHOP_A_SESSION_STATS:
		return put_stats(in, msg);
	case LABELHOP_A_SESSION_MAC:
		return put_address(in, msg, type, 6, 6);
	case LABELHOP_A_SESSION_OUTER:
	case LABELHOP_A_SESSION_HOP:
		nla_put_u32(msg, type, input_number(in, 4));
		break;
	default:
		nla_put_u64(msg, type, input_time(in));
	}
}

static void put_pw_attr(struct input *in, struct nl_msg *msg,
			const struct lh_params *p)
{
	int type = 1 + input_below(in, LABELHOP_A_PW_MAX + 1);

	(void)p;
	switch (type) {
	case LABELHOP_A_PW_NAME:
	case LABELHOP_A_PW_IN:
	case LABELHOP_A_PW_OUT:
		return put_name(in, msg, type);
	case LABELHOP_A_PW_REMOTE:
		return put_address(in, msg, type, 4, 16);
	case LABELHOP_A_PW_CONTROL_WORD:
	case LABELHOP_A_PW_FLOW_LABEL:
	case LABELHOP_A_PW_STATE:
		nla_put_u8(msg, type, input_number(in, 1));
		break;
	default:
		nla_put_u32(msg, type, input_number(in, 4));
	}
}

static void put_link_attr(struct input *in, struct nl_msg *msg,
			  const struct lh_params *p)
{
	int type = 1 + input_below(in, LABELHOP_A_LINK_MAX + 1);

	(void)p;
	switch (type) {
	case LABELHOP_A_LINK_NAME:
	case LABELHOP_A_LINK_DEV:
	case LABELHOP_A_LINK_SESSION:
		return put_name(in, msg, type);
	case LABELHOP_A_LINK_NEIGHBOUR:
		return put_address(in, msg, type, 6, 6);
	case LABELHOP_A_LINK_LSP:
		return put_address(in, msg, type, 4, 4);
	default:
		nla_put_u32(msg, type, input_number(in, 4));
	}
}

/* What the kernel tells of. */
static const struct kind {
	lh_nl_printer *show;
	void (*put)(struct input *in, struct nl_msg *msg,
		    const struct lh_params *p);
	int name;
} kinds[] = {
	{ lh_session_show, put_attr, LABELHOP_A_SESSION_NAME },
	{ lh_session_show, put_attr, LABELHOP_A_SESSION_NAME },
	{ lh_pw_show, put_pw_attr, LABELHOP_A_PW_NAME },
	{ lh_link_show, put_link_attr, LABELHOP_A_LINK_NAME },
};

static struct nlmsghdr *message(struct input *in, const struct kind *kind,
				const struct lh_params *p)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);
	unsigned int n = input_below(in, 16);

	CHECK(msg && nlmsg_put(msg, 0, 7, 99, GENL_HDRLEN, 0), "no memory");
	nla_put_string(msg, kind->name, "blue");
	while (n--)
		kind->put(in, msg, p);
	return message_spoil(in, msg);
}

/* What is put into a message and taken out of it is the same set. */
static void check_set(const struct lh_params *p)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);
	struct lh_ctx ctx = {};
	struct lh_set *set = lh_set_new(&ctx);

	CHECK(msg && set && nlmsg_put(msg, 0, 7, 99, 0, 0) &&
	      !lh_set_put(msg, p), "no memory");
	CHECK(!lh_set_get(&ctx, nlmsg_attrdata(nlmsg_hdr(msg), 0), set),
	      "a set is no set");
	CHECK_U64(set->p.id, p->id);
	CHECK_U64(set->p.generation, p->generation);
	CHECK_U64(set->p.label, p->label);
	CHECK_U64(set->p.epoch, p->epoch);
	CHECK_U64(set->p.lifetime, p->lifetime);
	CHECK_U64(set->p.hash, p->hash);
	CHECK_U64(set->p.hash_len, p->hash_len);
	CHECK_U64(set->p.tags, p->tags);
	CHECK_U64(set->p.select, p->select);
	CHECK_U64(set->p.mask, p->mask);
	CHECK_U64(set->p.n_labels, p->n_labels);
	CHECK_U64(set->p.n_slots, p->n_slots);
	CHECK(!memcmp(set->labels, p->labels, p->n_labels * sizeof(u32)) &&
	      !memcmp(set->slots, p->slots, p->n_slots * sizeof(u64)),
	      "other labels or slots");
	lh_set_free(set);
	nlmsg_free(msg);
}

static void check_show(const struct kind *kind, const struct nlmsghdr *hdr,
		       bool json, unsigned int what)
{
	struct lh_ctx ctx = { .out = { .json = json } };
	struct said said = {};
	int status;

	say_begin(&said);
	lh_out_array(&ctx.out, NULL);
	status = kind->show(&ctx, hdr, what);
	if (status)
		lh_out_drop(&ctx.out);
	else
		CHECK(lh_out_end(&ctx.out), "no memory");
	say_end(&said);
	CHECK_U64(ctx.out.depth, 0);
	if (json || !status)
		say_check(&said, status, LH_EXIT_KERNEL, "Error: labelhop: ");
	if (json && !status) {
		struct json_object *value = json_tokener_parse(said.out);

		CHECK(value && json_object_array_length(value) == 1,
		      "no JSON: %s", said.out);
		json_object_put(value);
	}
	say_free(&said);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	unsigned int how = input_number(&in, 1);
	const struct kind *kind = &kinds[how >> 3 & 3];
	struct fuzz_set set = {};
	struct nlmsghdr *hdr;

	input_set(&in, &set);
	if (set.p.n_labels > FUZZ_LABELS)
		set.p.n_labels = FUZZ_LABELS;
	if (set.p.n_slots > FUZZ_SLOTS)
		set.p.n_slots = FUZZ_SLOTS;
	check_set(&set.p);
	hdr = message(&in, kind, &set.p);
	check_show(kind, hdr, how & 1, how >> 1 & (LH_SHOW_LISTS | LH_SHOW_STATS));
	free(hdr);
}
