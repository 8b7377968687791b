// SPDX-License-Identifier: GPL-2.0
/* hop.c */
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

static void check_key(const struct lh_key *key, const char *hex)
{
	size_t len, i;
	u8 *bytes = vec_unhex(hex, &len);

	CHECK_U64(len, 16);
	for (i = 0; i < 16; i++)
		CHECK(bytes[i] == (u8)(key->k[i / 8] >> i % 8 * 8),
		      "byte %zu is not that of %s", i, hex);
	free(bytes);
}

static void test_vectors(void)
{
	struct json_object *doc = vec_load("derive.json");
	struct json_object *groups = vec_get(doc, "groups");
	size_t i, j, k;

	for (i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *group = vec_at(groups, i);
		struct json_object *cases = vec_get(group, "cases");
		struct lh_params_fault fault;
		struct lh_params p;
		struct lh_gen gen;

		ktap_context("%s", vec_str(group, "name"));
		vec_params(&p, vec_get(group, "params"));
		CHECK(lh_params_valid(&p, &fault), "refused");
		lh_gen_init(&gen, &p);
		check_key(&gen.hop_key, vec_str(group, "k_hop"));
		check_key(&gen.tag_key, vec_str(group, "k_tag"));
		for (j = 0; j < json_object_array_length(cases); j++) {
			struct json_object *c = vec_at(cases, j);
			struct json_object *wanted = vec_get(c, "tags");
			u32 tags[LABELHOP_TAGS_MAX];
			size_t present, len = 0;
			struct lh_hop hop;
			u8 *payload;

			ktap_context("%s, case %zu", vec_str(group, "name"), j);
			lh_hop_at(&gen, vec_u64(c, "at"), &hop);
			CHECK_U64(hop.slot.number, vec_u64(c, "slot"));
			CHECK_U64(hop.label, vec_u64(c, "hop"));
			check_key(&hop.key, vec_str(c, "k_slot"));
			payload = vec_unhex(vec_str(c, "payload"), &present);
			CHECK(packet_payload_len(LABELHOP_PAYLOAD_IP, payload,
						 present, &len),
			      "malformed");
			CHECK_U64(packet_digest(&gen, &hop, payload, len, tags),
				  vec_bits(c, "digest"));
			CHECK_U64(json_object_array_length(wanted), p.tags);
			for (k = 0; k < p.tags; k++)
				CHECK_U64(tags[k], vec_u64_at(wanted, k));
			free(payload);
		}
		vec_params_free(&p);
	}
	json_object_put(doc);
}

static bool same_hop(const struct lh_hop *a, const struct lh_hop *b)
{
	return a->slot.number == b->slot.number && a->label == b->label &&
	       a->slot.start == b->slot.start && a->slot.end == b->slot.end &&
	       a->key.k[0] == b->key.k[0] && a->key.k[1] == b->key.k[1];
}

/*
 * All slots of first..last whose hop label it is must be found, each as
 * lh_hop_at() derives it, whatever the cache holds.
 */
static void check_match(struct lh_hop_cache *cache, const struct lh_gen *gen,
			const struct lh_window *w, u32 label)
{
	const struct lh_hop *match[LH_HOPS_MAX];
	unsigned int n = lh_hop_match(cache, gen, w, label, match), found = 0;
	struct lh_hop hop;
	u64 t = w->first;

	for (;;) {
		lh_hop_at(gen, t, &hop);
		if (hop.label == label) {
			if (CHECK(found < n, "slot %llu is missing",
				  hop.slot.number))
				CHECK(same_hop(match[found], &hop),
				      "slot %llu is wrong", hop.slot.number);
			found++;
		}
		if (!CHECK(hop.slot.start <= t && hop.slot.end >= t,
			   "slot %llu is not that of %llu", hop.slot.number, t))
			break;
		/* Where a slot's end is cut, it is the last. */
		if (hop.slot.end > w->last ||
		    hop.slot.end - hop.slot.start < LABELHOP_SLOT_NS_MIN)
			break;
		t = hop.slot.end;
	}
	CHECK_U64(n, found);
}

static void test_match_vectors(void)
{
	struct json_object *doc = vec_load("window.json");
	struct json_object *groups = vec_get(doc, "groups");
	size_t i, j, k;
	u32 label;

	for (i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *group = vec_at(groups, i);
		struct json_object *cases = vec_get(group, "cases");
		struct lh_hop_cache old = {};
		struct lh_params p;
		struct lh_gen gen;

		vec_params(&p, vec_get(group, "params"));
		lh_gen_init(&gen, &p);
		for (j = 0; j < json_object_array_length(cases); j++) {
			struct json_object *c = vec_at(cases, j);
			struct json_object *valid = vec_at(c, 3);
			struct lh_hop_cache fresh = {};
			struct lh_hop_cache *const caches[] = { &fresh, &old };
			struct lh_window w;

			if (lh_slot_window(&gen.slots, vec_u64_at(c, 0),
					   vec_u64_at(c, 2), vec_u64_at(c, 1),
					   &w))
				continue;
			for (k = 0; k < 2; k++) {
				const struct lh_hop *match[LH_HOPS_MAX];
				unsigned int n = 0, sum = 0;
				u64 numbers = 0, wanted = 0;

				ktap_context("%s: %s, %s cache",
					     vec_str(group, "name"),
					     json_object_get_string(c),
					     k ? "used" : "fresh");
				for (label = 0; label < p.n_labels; label++) {
					n = lh_hop_match(caches[k], &gen, &w,
							 p.labels[label], match);
					sum += n;
					while (n--)
						numbers += match[n]->slot.number;
				}
				for (n = 0; n < json_object_array_length(valid); n++)
					wanted += vec_u64_at(valid, n);
				CHECK_U64(sum, n);
				CHECK_U64(numbers, wanted);
			}
		}
		vec_params_free(&p);
	}
	json_object_put(doc);
}

/*
 * A set with some labels, and slots that are just twice the tolerance, at the
 * end of time or well before it.
 */
static void random_gen(u64 *state, struct lh_gen *gen, u32 *labels, u64 *slots,
		       u64 tolerance)
{
	struct lh_params p = {
		.id = vec_random(state),
		.epoch = vec_random(state) & 1 ? ~0ULL - 40000 : 1000,
		.mask = ~0ULL,
		.labels = labels,
		.slots = slots,
		.generation = 1,
		.label = 16,
		.n_labels = 1 + vec_random(state) % 3,
		.n_slots = 1 + vec_random(state) % 3,
		.hash = LABELHOP_HASH_SIPHASH24,
		.tags = 1,
		.select = LABELHOP_SELECT_GATHER,
	};
	struct lh_params_fault fault;
	u32 i;

	for (i = 0; i < 3; i++) {
		labels[i] = 100 + i;
		slots[i] = 2 * tolerance + vec_random(state) % 3;
	}
	for (i = 0; i < sizeof(p.seed); i++)
		p.seed[i] = vec_random(state);
	CHECK(lh_params_valid(&p, &fault), "refused: %s", fault.text);
	CHECK(lh_params_fit_window(&p, tolerance), "tolerance refused");
	lh_gen_init(gen, &p);
}

/* A clock that goes on, stands, and steps far and back. */
static void test_match_random(void)
{
	const u64 tolerance = 500;
	u64 state = 21, slots[3];
	int round, step;
	u32 labels[3];

	for (round = 0; round < 300; round++) {
		struct lh_hop_cache cache = {};
		struct lh_gen gen;
		u64 t;

		ktap_context("round %d", round);
		random_gen(&state, &gen, labels, slots, tolerance);
		t = gen.slots.epoch;
		for (step = 0; step < 200; step++) {
			struct lh_window w;
			u64 x = vec_random(&state);

			if (x % 8 == 0)
				t = gen.slots.epoch + (x >> 8) % 12000;
			else if (x % 8 == 1)
				t = ~0ULL - (x >> 8) % 3000;
			else if (x % 8 < 6)
				t += (x >> 8) % 800;
			if (t < gen.slots.epoch)
				t = gen.slots.epoch;
			CHECK_U64(lh_slot_window(&gen.slots, t, 0,
						 x >> 32 & 1 ? tolerance : 0,
						 &w), 0);
			ktap_context("round %d, step %d, window %llu..%llu",
				     round, step, w.first, w.last);
			check_match(&cache, &gen, &w,
				    labels[x >> 40 & 1 ? 0 : (x >> 48) % 3]);
		}
	}
}

/* The cache changes nothing but the time it takes. */
static void test_cache(void)
{
	u64 state = 22, slots[3];
	int round, step;
	u32 labels[3];

	for (round = 0; round < 300; round++) {
		struct lh_hop_cache cache = {};
		struct lh_gen gen;

		random_gen(&state, &gen, labels, slots, 500);
		for (step = 0; step < 100; step++) {
			u64 x = vec_random(&state), t;
			struct lh_hop hop;

			t = gen.slots.epoch + (x >> 1) % 20000;
			if (x & 1)
				t = ~0ULL - (x >> 1) % 3000;
			ktap_context("round %d, at %llu", round, t);
			lh_hop_at(&gen, t, &hop);
			CHECK(same_hop(lh_hop_find(&cache, &gen, t), &hop),
			      "not that of lh_hop_at()");
		}
	}
}

/* What has been found is found again without being derived again. */
static void test_cache_hit(void)
{
	struct lh_hop_cache cache = {};
	struct lh_gen gen;
	u64 state = 23, slots[3];
	const struct lh_hop *hop;
	u32 labels[3];
	u64 label;

	random_gen(&state, &gen, labels, slots, 500);
	hop = lh_hop_find(&cache, &gen, gen.slots.epoch);
	label = hop->label;
	memset(&gen.tag_key, 0, sizeof(gen.tag_key));
	CHECK(lh_hop_find(&cache, &gen, gen.slots.epoch + 999) == hop,
	      "another entry");
	CHECK_U64(hop->label, label);
}

static void test_input(void)
{
	static const struct {
		u16 hash_len;
		size_t len, n;
	} cases[] = {
		{ LABELHOP_HASH_FULL, 0, 0 },
		{ LABELHOP_HASH_FULL, 1, 1 },
		{ LABELHOP_HASH_FULL, 65575, 65575 },
		{ 1, 0, 0 },
		{ 1, 1, 1 },
		{ 1, 2, 1 },
		{ 64, 63, 63 },
		{ 64, 64, 64 },
		{ 64, 65, 64 },
		{ 65535, 65534, 65534 },
		{ 65535, 65535, 65535 },
		{ 65535, 65536, 65535 },
	};
	u8 prefix[LH_INPUT_PREFIX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct lh_gen gen = { .hash_len = cases[i].hash_len };

		ktap_context("case %zu", i);
		CHECK_U64(lh_hop_input_len(&gen, cases[i].len), cases[i].n);
	}
	ktap_context("prefix");
	lh_hop_input_prefix(prefix, 0x0123456789abcdef);
	for (i = 0; i < sizeof(prefix); i++)
		CHECK_U64(prefix[i], (u8)(0x0123456789abcdefULL >> 8 * i));
}

const struct test hop_tests[] = {
	{ "hop.vectors", test_vectors },
	{ "hop.match_vectors", test_match_vectors },
	{ "hop.match_random", test_match_random },
	{ "hop.cache", test_cache },
	{ "hop.cache_hit", test_cache_hit },
	{ "hop.input", test_input },
	{}
};
