// SPDX-License-Identifier: GPL-2.0
/* Parameter sets in memory, in netlink messages and on the screen. */
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sodium.h>
#include <string.h>
#include "../kmod/hash.h"
#include "nl.h"
#include "set.h"

/**
 * lh_set_new - make room for a parameter set
 * @ctx: the command's context
 *
 * Return: the set, all zero, to be freed by lh_set_free(); NULL after a
 * sentence.
 */
struct lh_set *lh_set_new(const struct lh_ctx *ctx)
{
	/*
	 * Pages of its own: the seed is kept out of core dumps, and of swap space if
	 * the limits allow it.
	 */
	struct lh_set *set = sodium_malloc(sizeof(*set));

	if (!set) {
		lh_fail(ctx, "out of memory");
		return NULL;
	}
	memset(set, 0, sizeof(*set));
	set->p.labels = set->labels;
	set->p.slots = set->slots;
	return set;
}

/**
 * lh_set_free - wipe and free a parameter set
 * @set: the set, or NULL
 */
void lh_set_free(struct lh_set *set)
{
	sodium_free(set); /* wipes as well */
}

/**
 * lh_set_put - add a parameter set to a request
 * @msg: the request
 * @p: the set
 *
 * Return: 0, or not if the request is full.
 */
int lh_set_put(struct nl_msg *msg, const struct lh_params *p)
{
	struct nlattr *nest = nla_nest_start(msg, LABELHOP_A_SESSION_PARAMS);
	int err;

	if (!nest)
		return -1;
	err = nla_put_u64(msg, LABELHOP_A_PARAMS_ID, p->id);
	err |= nla_put_u32(msg, LABELHOP_A_PARAMS_GENERATION, p->generation);
	err |= nla_put_u32(msg, LABELHOP_A_PARAMS_LABEL, p->label);
	err |= nla_put_u64(msg, LABELHOP_A_PARAMS_EPOCH, p->epoch);
	err |= nla_put_u64(msg, LABELHOP_A_PARAMS_LIFETIME, p->lifetime);
	err |= nla_put(msg, LABELHOP_A_PARAMS_LABELS,
		       p->n_labels * sizeof(*p->labels), p->labels);
	err |= nla_put(msg, LABELHOP_A_PARAMS_SLOTS,
		       p->n_slots * sizeof(*p->slots), p->slots);
	err |= nla_put_u8(msg, LABELHOP_A_PARAMS_HASH, p->hash);
	err |= nla_put_u16(msg, LABELHOP_A_PARAMS_HASH_LEN, p->hash_len);
	err |= nla_put_u8(msg, LABELHOP_A_PARAMS_TAGS, p->tags);
	err |= nla_put_u8(msg, LABELHOP_A_PARAMS_SELECT, p->select);
	err |= nla_put_u64(msg, LABELHOP_A_PARAMS_MASK, p->mask);
	err |= nla_put(msg, LABELHOP_A_PARAMS_SEED, sizeof(p->seed), p->seed);
	nla_nest_end(msg, nest);
	return err;
}

static const struct nla_policy params_policy[LABELHOP_A_PARAMS_MAX + 1] = {
	[LABELHOP_A_PARAMS_ID] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_GENERATION] = { .type = NLA_U32 },
	[LABELHOP_A_PARAMS_LABEL] = { .type = NLA_U32 },
	[LABELHOP_A_PARAMS_EPOCH] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_LIFETIME] = { .type = NLA_U64 },
	[LABELHOP_A_PARAMS_LABELS] = { .maxlen = LABELHOP_LABELS_MAX * 4 },
	[LABELHOP_A_PARAMS_SLOTS] = { .maxlen = LABELHOP_SLOTS_MAX * 8 },
	[LABELHOP_A_PARAMS_HASH] = { .type = NLA_U8 },
	[LABELHOP_A_PARAMS_HASH_LEN] = { .type = NLA_U16 },
	[LABELHOP_A_PARAMS_TAGS] = { .type = NLA_U8 },
	[LABELHOP_A_PARAMS_SELECT] = { .type = NLA_U8 },
	[LABELHOP_A_PARAMS_MASK] = { .type = NLA_U64 },
};

/**
 * lh_set_get - take a parameter set out of an answer
 * @ctx: the command's context
 * @nest: the attribute LABELHOP_A_SESSION_PARAMS
 * @set: receives the set, without the seed
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_set_get(struct lh_ctx *ctx, struct nlattr *nest, struct lh_set *set)
{
	struct nlattr *attrs[LABELHOP_A_PARAMS_MAX + 1], *labels, *slots;
	struct lh_params *p = &set->p;
	int type;

	if (nla_parse_nested(attrs, LABELHOP_A_PARAMS_MAX, nest,
			     params_policy) < 0)
		return lh_nl_nonsense(ctx);
	for (type = LABELHOP_A_PARAMS_ID; type < LABELHOP_A_PARAMS_SEED; type++)
		if (!attrs[type])
			return lh_nl_nonsense(ctx);
	labels = attrs[LABELHOP_A_PARAMS_LABELS];
	slots = attrs[LABELHOP_A_PARAMS_SLOTS];

	p->id = nla_get_u64(attrs[LABELHOP_A_PARAMS_ID]);
	p->generation = nla_get_u32(attrs[LABELHOP_A_PARAMS_GENERATION]);
	p->label = nla_get_u32(attrs[LABELHOP_A_PARAMS_LABEL]);
	p->epoch = nla_get_u64(attrs[LABELHOP_A_PARAMS_EPOCH]);
	p->lifetime = nla_get_u64(attrs[LABELHOP_A_PARAMS_LIFETIME]);
	p->n_labels = nla_len(labels) / sizeof(*set->labels);
	memcpy(set->labels, nla_data(labels),
	       p->n_labels * sizeof(*set->labels));
	p->n_slots = nla_len(slots) / sizeof(*set->slots);
	memcpy(set->slots, nla_data(slots), p->n_slots * sizeof(*set->slots));
	p->hash = nla_get_u8(attrs[LABELHOP_A_PARAMS_HASH]);
	p->hash_len = nla_get_u16(attrs[LABELHOP_A_PARAMS_HASH_LEN]);
	p->tags = nla_get_u8(attrs[LABELHOP_A_PARAMS_TAGS]);
	p->select = nla_get_u8(attrs[LABELHOP_A_PARAMS_SELECT]);
	p->mask = nla_get_u64(attrs[LABELHOP_A_PARAMS_MASK]);
	return 0;
}

/* In text a long list may be left out: its length is all that is told. */
static void show_lists(struct lh_out *out, const struct lh_params *p,
		       bool lists)
{
	u64 cycle = 0;
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		cycle += p->slots[i];
	if (!out->json && !lists) {
		lh_out_number(out, "labels", p->n_labels);
		lh_out_number(out, "slots", p->n_slots);
		lh_out_duration(out, "cycle", cycle);
		return;
	}
	lh_out_array(out, "labels");
	for (i = 0; i < p->n_labels; i++)
		lh_out_number(out, NULL, p->labels[i]);
	lh_out_end(out);
	lh_out_line(out);
	lh_out_array(out, "slots");
	for (i = 0; i < p->n_slots; i++)
		lh_out_duration(out, NULL, p->slots[i]);
	lh_out_end(out);
}

/**
 * lh_set_show - print the members of a parameter set, except the seed
 * @out: the output
 * @p: the set
 * @lists: print labels and slots one by one, even if it is text
 */
void lh_set_show(struct lh_out *out, const struct lh_params *p, bool lists)
{
	const char *hash = lh_hash_name(p->hash);

	lh_out_hex(out, "id", "", p->id);
	lh_out_number(out, "generation", p->generation);
	lh_out_number(out, "label", p->label);
	lh_out_line(out);
	show_lists(out, p, lists);
	lh_out_line(out);
	lh_out_string(out, "hash", hash ? hash : "unknown");
	if (p->hash_len == LABELHOP_HASH_FULL)
		lh_out_string(out, "hash-len", "full");
	else
		lh_out_number(out, "hash-len", p->hash_len);
	lh_out_number(out, "tags", p->tags);
	lh_out_hex(out, p->select == LABELHOP_SELECT_AND ? "and" : "select",
		   "0x", p->mask);
	lh_out_line(out);
	lh_out_time(out, "epoch", p->epoch);
	lh_out_duration(out, "lifetime", p->lifetime);
	if (!p->lifetime)
		lh_out_note(out, "(for ever)");
}
