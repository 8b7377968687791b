// SPDX-License-Identifier: GPL-2.0
/* params.c */
#include <string.h>
#include "ktap.h"
#include "vec.h"

#define UNTOUCHED	-77

/* base with the members of patch in their places, without those that are null. */
static struct json_object *apply(struct json_object *base,
				 struct json_object *patch)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_foreach(base, member, value)
		json_object_object_add(obj, member, json_object_get(value));
	json_object_object_foreach(patch, changed, other) {
		if (other)
			json_object_object_add(obj, changed,
					       json_object_get(other));
		else
			json_object_object_del(obj, changed);
	}
	return obj;
}

static void test_refused(void)
{
	struct json_object *doc = vec_load("params.json");
	struct json_object *cases = vec_get(doc, "refused");
	size_t i;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = vec_at(cases, i), *obj;
		struct lh_params_fault fault = { .attr = UNTOUCHED };
		const char *member = vec_str(c, "member");
		struct lh_params p;

		/* What has not even the form does not get to the core. */
		if (!strcmp(vec_str(c, "kind"), "form"))
			continue;
		obj = apply(vec_get(doc, "base"), vec_get(c, "patch"));
		ktap_context("%.200s",
			     json_object_get_string(vec_get(c, "patch")));
		vec_params(&p, obj);
		if (CHECK(!lh_params_valid(&p, &fault), "accepted")) {
			const char *got = vec_member(&p, fault.attr);

			CHECK(!strcmp(got, member), "%s is at fault, not %s",
			      got, member);
			CHECK(fault.text && *fault.text, "no text");
		}
		vec_params_free(&p);
		json_object_put(obj);
	}
	json_object_put(doc);
}

static void test_accepted(void)
{
	struct json_object *doc = vec_load("params.json");
	struct json_object *cases = vec_get(doc, "accepted");
	size_t i;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *patch = vec_get(vec_at(cases, i), "patch");
		struct json_object *obj = apply(vec_get(doc, "base"), patch);
		struct lh_params_fault fault = { .attr = UNTOUCHED };
		struct lh_params p;

		ktap_context("%.200s", json_object_get_string(patch));
		vec_params(&p, obj);
		CHECK(lh_params_valid(&p, &fault), "refused: %s", fault.text);
		CHECK_U64(fault.attr, UNTOUCHED);
		vec_params_free(&p);
		json_object_put(obj);
	}
	json_object_put(doc);
}

static void test_tolerance(void)
{
	struct json_object *doc = vec_load("params.json");
	struct json_object *cases = vec_get(doc, "tolerance");
	size_t i;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = vec_at(cases, i), *obj;
		struct lh_params p;

		obj = apply(vec_get(doc, "base"), vec_get(c, "patch"));
		ktap_context("%s", json_object_get_string(c));
		vec_params(&p, obj);
		CHECK_U64(lh_params_fit_window(&p, vec_u64(c, "tolerance")),
			  json_object_get_boolean(vec_get(c, "accepted")));
		/* Twice the tolerance does not fit in 64 bits. */
		CHECK(!lh_params_fit_window(&p, 1ULL << 63), "2^63");
		CHECK(!lh_params_fit_window(&p, ~0ULL), "2^64 - 1");
		vec_params_free(&p);
		json_object_put(obj);
	}
	json_object_put(doc);
}

/* A set at the limits that the tests below change in one place. */
static struct {
	u32 labels[LABELHOP_LABELS_MAX + 1];
	u64 slots[LABELHOP_SLOTS_MAX + 1];
	struct lh_params p;
} limits;

static struct lh_params *limits_init(void)
{
	struct lh_params_fault fault;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(limits.labels); i++)
		limits.labels[i] = 17 + i;
	for (i = 0; i < ARRAY_SIZE(limits.slots); i++)
		limits.slots[i] = LABELHOP_SLOT_NS_MIN + i;
	limits.p = (struct lh_params) {
		.epoch = 1,
		.lifetime = ~0ULL - 1,
		.mask = ~0ULL,
		.labels = limits.labels,
		.slots = limits.slots,
		.generation = 1,
		.label = 16,
		.n_labels = LABELHOP_LABELS_MAX,
		.n_slots = LABELHOP_SLOTS_MAX,
		.hash_len = 0xffff,
		.hash = LABELHOP_HASH_SIPHASH24,
		.tags = 3,
		.select = LABELHOP_SELECT_GATHER,
	};
	ktap_context("good");
	CHECK(lh_params_valid(&limits.p, &fault), "refused: %s", fault.text);
	return &limits.p;
}

static void refuses(const struct lh_params *p, int attr, u32 index,
		    const char *name)
{
	struct lh_params_fault fault = { .attr = UNTOUCHED };

	ktap_context("%s", name);
	if (!CHECK(!lh_params_valid(p, &fault), "accepted"))
		return;
	CHECK_U64(fault.attr, attr);
	CHECK_U64(fault.index, index);
}

static void test_label_limits(void)
{
	const int attr = LABELHOP_A_PARAMS_LABELS;
	struct lh_params *p = limits_init();
	u32 *last = &limits.labels[LABELHOP_LABELS_MAX - 1];

	p->n_labels = LABELHOP_LABELS_MAX + 1;
	refuses(p, attr, 0, "4097 labels");
	p->n_labels = ~0u;
	refuses(p, attr, 0, "2^32 - 1 labels");
	p->n_labels = 0;
	p->labels = NULL;
	refuses(p, attr, 0, "no labels");

	limits_init();
	*last = 1048576;
	refuses(p, attr, 4095, "last label too large");
	*last = 15;
	refuses(p, attr, 4095, "last label reserved");
	*last = p->label;
	refuses(p, attr, 4095, "last label the VPN label");
	*last = limits.labels[0];
	refuses(p, attr, 4095, "last label the first");
	*last = limits.labels[4094];
	refuses(p, attr, 4095, "last label twice");
}

static void test_slot_limits(void)
{
	const int attr = LABELHOP_A_PARAMS_SLOTS;
	struct lh_params *p = limits_init();
	u64 *last = &limits.slots[LABELHOP_SLOTS_MAX - 1];

	p->n_slots = LABELHOP_SLOTS_MAX + 1;
	refuses(p, attr, 0, "257 slots");
	p->n_slots = ~0u;
	refuses(p, attr, 0, "2^32 - 1 slots");
	p->n_slots = 0;
	p->slots = NULL;
	refuses(p, attr, 0, "no slots");

	limits_init();
	*last = LABELHOP_SLOT_NS_MAX + 1;
	refuses(p, attr, 255, "last slot too long");
	*last = LABELHOP_SLOT_NS_MIN - 1;
	refuses(p, attr, 255, "last slot too short");
	*last = 0;
	refuses(p, attr, 255, "last slot 0");
}

static void test_number_limits(void)
{
	const struct lh_params good = *limits_init();
	struct lh_params p = good;
	unsigned int i;

	/* The check for distinct labels takes its time; once was enough. */
	for (i = 0; i < 256; i++) {
		p = good;
		p.n_labels = 1;
		p.hash = i;
		if (i != LABELHOP_HASH_SIPHASH24)
			refuses(&p, LABELHOP_A_PARAMS_HASH, 0, "hash");
		p.hash = good.hash;
		p.tags = i;
		if (i < 1 || i > 3)
			refuses(&p, LABELHOP_A_PARAMS_TAGS, 0, "tags");
		p.tags = good.tags;
		p.select = i;
		if (i > LABELHOP_SELECT_AND)
			refuses(&p, LABELHOP_A_PARAMS_SELECT, 0, "select");
	}
	p = good;
	p.mask = 0;
	refuses(&p, LABELHOP_A_PARAMS_MASK, 0, "no bits");
	p = good;
	p.generation = 0;
	refuses(&p, LABELHOP_A_PARAMS_GENERATION, 0, "generation 0");
	p = good;
	p.label = 15;
	refuses(&p, LABELHOP_A_PARAMS_LABEL, 0, "label 15");
	p.label = ~0u;
	refuses(&p, LABELHOP_A_PARAMS_LABEL, 0, "label 2^32 - 1");
	p = good;
	p.epoch = 2;
	refuses(&p, LABELHOP_A_PARAMS_LIFETIME, 0, "end at 2^64");
}

/*
 * Random bytes as a set: whatever they are, the answer must be that of the
 * page's table, taken literally.
 */
static bool literally_valid(const struct lh_params *p)
{
	unsigned __int128 end = p->epoch;
	u32 i, j, ones;

	end += p->lifetime;
	if (!p->generation || p->label < 16 || p->label > 1048575 ||
	    end >> 64 || p->n_labels < 1 || p->n_labels > 4096 ||
	    p->n_slots < 1 || p->n_slots > 256 || p->hash != 1 ||
	    p->tags < 1 || p->tags > 3 || p->select > 1)
		return false;
	for (i = 0; i < p->n_labels; i++) {
		if (p->labels[i] < 16 || p->labels[i] > 1048575 ||
		    p->labels[i] == p->label)
			return false;
		for (j = i + 1; j < p->n_labels; j++)
			if (p->labels[i] == p->labels[j])
				return false;
	}
	for (i = 0; i < p->n_slots; i++)
		if (p->slots[i] < 1000 || p->slots[i] > 86400000000000)
			return false;
	if (p->select == LABELHOP_SELECT_GATHER)
		return __builtin_popcountll(p->mask) / p->tags >= 16;
	for (i = 0; i < p->tags; i++) {
		ones = 0;
		for (j = i * 20; j < i * 20 + 20; j++)
			ones += p->mask >> j & 1;
		if (ones < 16)
			return false;
	}
	return true;
}

static void test_random(void)
{
	unsigned int round, valid = 0;
	u64 state = 3;

	for (round = 0; round < 20000; round++) {
		struct lh_params_fault fault;
		u32 labels[4], i;
		u64 slots[3];
		struct lh_params p = {
			.epoch = vec_random(&state) >> vec_random(&state) % 64,
			.lifetime = vec_random(&state) >> vec_random(&state) % 64,
			.mask = vec_random(&state) | vec_random(&state) |
				vec_random(&state) | vec_random(&state),
			.generation = vec_random(&state) % 16,
			.label = vec_random(&state) % 1100000,
			.n_labels = vec_random(&state) % 40 ? 1 + round % 4 : 0,
			.n_slots = vec_random(&state) % 40 ? 1 + round % 3 : 0,
			.hash = vec_random(&state) % 20 ? 1 : round % 4,
			.tags = vec_random(&state) % 10 ? 1 + round % 3 :
							  vec_random(&state),
			.select = vec_random(&state) % 10 ? round & 1 :
							   vec_random(&state),
		};

		for (i = 0; i < p.n_labels; i++)
			labels[i] = vec_random(&state) % 60 ?
				    vec_random(&state) % 1060000 :
				    i ? labels[0] : p.label;
		for (i = 0; i < p.n_slots; i++)
			slots[i] = vec_random(&state) % 30 ?
				   1000 + vec_random(&state) % 86400000000000 :
				   vec_random(&state) >> round % 64;
		p.labels = vec_copy(labels, p.n_labels * sizeof(*labels));
		p.slots = vec_copy(slots, p.n_slots * sizeof(*slots));
		ktap_context("round %u", round);
		CHECK_U64(lh_params_valid(&p, &fault), literally_valid(&p));
		valid += literally_valid(&p);
		vec_params_free(&p);
	}
	ktap_context("both answers are common");
	CHECK(valid > round / 10 && valid < round - round / 10,
	      "%u of %u valid", valid, round);
}

const struct test params_tests[] = {
	{ "params.refused", test_refused },
	{ "params.accepted", test_accepted },
	{ "params.tolerance", test_tolerance },
	{ "params.label_limits", test_label_limits },
	{ "params.slot_limits", test_slot_limits },
	{ "params.number_limits", test_number_limits },
	{ "params.random", test_random },
	{}
};
