// SPDX-License-Identifier: GPL-2.0
/* hop.c, tag.c and hash.c: keys, hop labels, their cache, tags. */
#include <string.h>
#include "fuzz.h"
#include "hash.h"
#include "model.h"

static void check_same(const struct lh_hop *hop, const struct lh_hop *wanted)
{
	CHECK_U64(hop->slot.number, wanted->slot.number);
	CHECK_U64(hop->slot.start, wanted->slot.start);
	CHECK_U64(hop->slot.end, wanted->slot.end);
	CHECK_U64(hop->slot.duration, wanted->slot.duration);
	CHECK_U64(hop->label, wanted->label);
	CHECK_U64(hop->key.k[0], wanted->key.k[0]);
	CHECK_U64(hop->key.k[1], wanted->key.k[1]);
}

static void check_keys(const struct lh_gen *gen, const struct lh_params *p)
{
	struct lh_key hop, tag;

	model_keys(p, &hop, &tag);
	CHECK(!memcmp(&gen->hop_key, &hop, sizeof(hop)), "another k_hop");
	CHECK(!memcmp(&gen->tag_key, &tag, sizeof(tag)), "another k_tag");
	CHECK(memcmp(&hop, &tag, sizeof(hop)), "k_hop and k_tag are equal");
}

static void check_tags(struct input *in, const struct lh_params *p)
{
	u32 tags[LABELHOP_TAGS_MAX], wanted[LABELHOP_TAGS_MAX];
	u64 digest = input_number(in, 8);
	struct lh_tag_rule rule;
	u8 i;

	lh_tag_init(&rule, p->select, p->mask, p->tags);
	lh_tag_labels(&rule, digest, tags);
	model_tags(p, digest, wanted);
	for (i = 0; i < p->tags; i++) {
		CHECK_U64(tags[i], wanted[i]);
		CHECK(tags[i] >= LABELHOP_LABEL_MIN &&
		      tags[i] <= LABELHOP_LABEL_MAX,
		      "tag label %u is reserved or none", tags[i]);
	}
	CHECK(lh_tag_equal(tags, wanted, p->tags), "equal tags differ");
	i = input_below(in, p->tags);
	wanted[i] ^= 1U << input_below(in, LABELHOP_TAG_BITS);
	CHECK(!lh_tag_equal(tags, wanted, p->tags), "different tags are equal");
}

static void check_hash(struct input *in)
{
	u8 hash = input_number(in, 1);
	const char *name = lh_hash_name(hash);

	CHECK(!name == (hash != LABELHOP_HASH_SIPHASH24), "hash %u", hash);
	CHECK(!name || lh_hash_index(name) == hash, "hash %u by name", hash);
}

/* An instant that is at home in the last slot, next to it, or anywhere. */
static u64 next_time(struct input *in, const struct lh_params *p, u64 t,
		     const struct lh_slot *slot)
{
	switch (input_below(in, 5)) {
	case 0:
		t = slot->end;
		break;
	case 1:
		t = slot->start - 1;
		break;
	case 2:
		t += input_number(in, 3);
		break;
	case 3:
		t -= input_number(in, 3);
		break;
	default:
		t = input_time(in);
	}
	return t < p->epoch ? p->epoch : t;
}

static void check_match(struct input *in, struct lh_hop_cache *cache,
			const struct lh_gen *gen, const struct lh_params *p,
			u64 t)
{
	const struct lh_hop *match[LH_HOPS_MAX];
	unsigned int n, i = 0;
	struct fuzz_settings set;
	struct lh_hop wanted;
	struct lh_window w;
	u32 label;

	input_settings(in, p, t, &set);
	label = p->labels[input_below(in, p->n_labels)];
	if (lh_slot_window(&gen->slots, set.now, set.delay, set.tolerance, &w))
		return;
	n = lh_hop_match(cache, gen, &w, label, match);
	for (t = w.first;; t = wanted.slot.end) {
		model_hop(p, t, &wanted);
		if (wanted.label == label) {
			CHECK(i < n, "slot %llu is not matched",
			      wanted.slot.number);
			check_same(match[i++], &wanted);
		}
		if (w.last - wanted.slot.start < wanted.slot.duration)
			break;
	}
	CHECK_U64(n, i);
}

/* One cache through many instants; no answer may depend on what was before. */
static void check_hops(struct input *in, const struct lh_gen *gen,
		       const struct lh_params *p)
{
	const struct lh_hop *hop, *before = NULL;
	struct lh_hop wanted, wanted_before, plain;
	struct lh_hop_cache cache = {};
	u64 t = p->epoch;

	do {
		model_hop(p, t, &wanted);
		lh_hop_at(gen, t, &plain);
		check_same(&plain, &wanted);
		hop = lh_hop_find(&cache, gen, t);
		check_same(hop, &wanted);
		if (before)
			check_same(before, &wanted_before);
		before = hop;
		wanted_before = wanted;
		t = next_time(in, p, t, &wanted.slot);
		if (input_below(in, 4))
			continue;
		check_match(in, &cache, gen, p, t);
		before = NULL;
	} while (in->left);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	struct fuzz_set set = {};
	struct lh_gen gen;

	check_hash(&in);
	input_set(&in, &set);
	if (!model_valid(&set.p))
		return;
	check_tags(&in, &set.p);
	lh_gen_init(&gen, &set.p);
	check_keys(&gen, &set.p);
	check_hops(&in, &gen, &set.p);
}
