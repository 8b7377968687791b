// SPDX-License-Identifier: GPL-2.0
/* Whole packets through all of the pure core; see packet.h. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

#define ROOM	((LABELHOP_TAGS_MAX + 1) * LH_LSE_LEN + 60)
#define SAMPLE_MAX	128	/* bytes of a random packet */

static const struct packet_how ip;

/* What is not there is 0, or a VPN's IP packet. */
static struct packet_how get_how(struct json_object *c)
{
	struct packet_how how = { .payload = vec_kind(c) };
	struct json_object *value;

	if (json_object_object_get_ex(c, "transport", &value))
		how.transport = json_object_get_uint64(value);
	if (json_object_object_get_ex(c, "error", &value))
		how.error = json_object_get_uint64(value);
	if (json_object_object_get_ex(c, "mtu", &value))
		how.mtu = json_object_get_uint64(value);
	return how;
}

static void check_hex(const u8 *bytes, size_t len, const char *wanted)
{
	char *hex = vec_hex(bytes, len);

	CHECK(!strcmp(hex, wanted), "got %s, not %s", hex, wanted);
	free(hex);
}

static void test_verify_vectors(void)
{
	struct json_object *doc = vec_load("verify.json");
	struct json_object *cases = vec_get(doc, "cases");

	json_object_object_foreach(vec_get(doc, "params"), name, obj) {
		struct lh_hop_cache used = {};
		struct lh_params p;
		struct lh_gen gen;
		size_t i;

		vec_params(&p, obj);
		lh_gen_init(&gen, &p);
		for (i = 0; i < json_object_array_length(cases); i++) {
			struct json_object *c = vec_at(cases, i);
			struct lh_hop_cache fresh = {};
			struct lh_hop_cache *caches[] = { &fresh, &used };
			struct packet_how how = get_how(c);
			size_t len, out_len, j;
			u8 *packet, *out;

			if (strcmp(vec_str(c, "params"), name))
				continue;
			packet = vec_unhex(vec_str(c, "packet"), &len);
			out = vec_copy(packet, len);
			for (j = 0; j < ARRAY_SIZE(caches); j++) {
				const char *word;

				ktap_context("%s: %s, %s cache", name,
					     vec_str(c, "name"),
					     j ? "used" : "fresh");
				word = packet_verify(&how, &gen, caches[j],
						     vec_u64(c, "now"),
						     vec_u64(c, "tolerance"),
						     vec_u64(c, "delay"),
						     packet, len, out, &out_len);
				CHECK(!strcmp(word, vec_str(c, "verdict")),
				      "%s, not %s", word,
				      vec_str(c, "verdict"));
				check_hex(out, out_len, vec_str(c, "out"));
			}
			free(packet);
			free(out);
		}
		vec_params_free(&p);
	}
	json_object_put(doc);
}

static void test_stamp_vectors(void)
{
	struct json_object *doc = vec_load("stamp.json");
	struct json_object *cases = vec_get(doc, "cases");
	size_t i;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = vec_at(cases, i);
		struct packet_how how = get_how(c);
		size_t stack_len, present, out_len;
		u8 *stack, *payload, *out;
		struct lh_params p;
		struct lh_gen gen;
		const char *word;

		ktap_context("%s: %s", vec_str(c, "params"), vec_str(c, "name"));
		vec_params(&p, vec_get(vec_get(doc, "params"),
				       vec_str(c, "params")));
		lh_gen_init(&gen, &p);
		stack = vec_unhex(vec_str(c, "stack"), &stack_len);
		payload = vec_unhex(vec_str(c, "payload"), &present);
		out = malloc(stack_len + present + ROOM);
		if (!out)
			ktap_bail("no memory");
		word = packet_stamp(&how, &gen, vec_u64(c, "at"), stack, stack_len,
				    payload, present, out, &out_len);
		if (CHECK(!strcmp(word, vec_str(c, "verdict")), "%s, not %s",
			  word, vec_str(c, "verdict")) &&
		    !strcmp(word, WORD_STAMPED))
			check_hex(out, out_len, vec_str(c, "out"));
		free(stack);
		free(payload);
		free(out);
		vec_params_free(&p);
	}
	json_object_put(doc);
}

struct sample {
	u32 labels[5];
	u64 slots[3];
	struct lh_params p;
	struct lh_gen gen;
	u64 t;
	u8 packet[SAMPLE_MAX];
	u8 vpn[SAMPLE_MAX];
	size_t len;
	size_t vpn_len;
	size_t hashed;		/* up to here, a change matters */
	size_t needed;		/* up to here, bytes are needed */
};

/* A random set, and a packet of it with an IPv4 or IPv6 or other payload. */
static void random_sample(u64 *state, struct sample *s)
{
	static const u8 first[] = { 0x45, 0x60, 0x10 };
	u64 x = vec_random(state);
	u8 tags = 1 + x % 3, kind = (x >> 8) % 3;
	size_t len = (kind == 1 ? 40 : 20) + (x >> 16) % 30, i;
	struct lh_params_fault fault;
	u8 *payload = s->vpn + LH_LSE_LEN;

	s->p = (struct lh_params) {
		.id = vec_random(state),
		.epoch = vec_random(state) >> 8,
		.mask = vec_random_mask(state, 16 * tags + (x >> 24) % 17, 0, 64),
		.labels = s->labels,
		.slots = s->slots,
		.generation = 1 + (x >> 32) % 9,
		.label = 16 + (x >> 40) % 1000,
		.n_labels = ARRAY_SIZE(s->labels),
		.n_slots = ARRAY_SIZE(s->slots),
		.hash_len = x >> 60 & 1 ? 24 : LABELHOP_HASH_FULL,
		.hash = LABELHOP_HASH_SIPHASH24,
		.tags = tags,
		.select = LABELHOP_SELECT_GATHER,
	};
	for (i = 0; i < ARRAY_SIZE(s->labels); i++)
		s->labels[i] = 2000 + 5000 * i + vec_random(state) % 5000;
	for (i = 0; i < ARRAY_SIZE(s->slots); i++)
		s->slots[i] = 1000 + vec_random(state) % 1000;
	for (i = 0; i < sizeof(s->p.seed); i++)
		s->p.seed[i] = vec_random(state);
	CHECK(lh_params_valid(&s->p, &fault), "refused: %s", fault.text);
	lh_gen_init(&s->gen, &s->p);
	s->t = s->p.epoch + vec_random(state) % 1000000000;

	s->vpn_len = LH_LSE_LEN + len + (x >> 61 & 1) * 6;
	for (i = 0; i < s->vpn_len; i++)
		s->vpn[i] = vec_random(state);
	lh_lse_put(s->vpn, (struct lh_lse) {
		.label = s->p.label,
		.tc = 3,
		.bos = true,
		.ttl = 200,
	});
	payload[0] = first[kind];
	if (kind == 0) {
		payload[2] = 0;
		payload[3] = len;
	} else if (kind == 1) {
		payload[4] = 0;
		payload[5] = len - 40;
	} else {
		len = s->vpn_len - LH_LSE_LEN;
	}
	CHECK(!strcmp(packet_stamp(&ip, &s->gen, s->t, s->vpn, LH_LSE_LEN, payload,
				   s->vpn_len - LH_LSE_LEN, s->packet, &s->len),
		      WORD_STAMPED), "not stamped");
	s->needed = (1 + tags) * LH_LSE_LEN + len;
	s->hashed = (1 + tags) * LH_LSE_LEN +
		    (s->p.hash_len && s->p.hash_len < len ? s->p.hash_len : len);
}

/* Memory of exactly the packet's length: nothing may be read beyond. */
static bool verified(const struct sample *s, const u8 *bytes, size_t len,
		     u64 now)
{
	struct lh_hop_cache cache = {};
	u8 *packet = vec_copy(bytes, len), *out = vec_copy(bytes, len);
	const char *word;
	size_t out_len;
	bool ok;

	word = packet_verify(&ip, &s->gen, &cache, now, 500, 0, packet, len, out,
			     &out_len);
	ok = !strcmp(word, WORD_VERIFIED);
	if (ok && len == s->len && !memcmp(bytes, s->packet, len))
		CHECK(out_len == s->vpn_len && !memcmp(out, s->vpn, out_len),
		      "not restored");
	free(packet);
	free(out);
	return ok;
}

static void test_roundtrip(void)
{
	u64 state = 41;
	int round;

	for (round = 0; round < 2000; round++) {
		struct sample s;

		ktap_context("round %d", round);
		random_sample(&state, &s);
		CHECK(verified(&s, s.packet, s.len, s.t), "at once");
		CHECK(verified(&s, s.packet, s.len, s.t + 500), "500 ns later");
		CHECK(s.t - s.p.epoch < 500 ||
		      verified(&s, s.packet, s.len, s.t - 500), "500 ns before");
		CHECK(!verified(&s, s.packet, s.len, s.t + 100000), "too late");
	}
}

static void test_flip(void)
{
	u64 state = 42;
	int round;

	for (round = 0; round < 60; round++) {
		u8 packet[SAMPLE_MAX];
		unsigned int bit;
		struct sample s;
		size_t stack;

		random_sample(&state, &s);
		memcpy(packet, s.packet, s.len);
		stack = (1 + s.p.tags) * LH_LSE_LEN;
		for (bit = 0; bit < s.len * 8; bit++) {
			size_t at = bit / 8;
			bool free_bit = at >= s.hashed;

			/* TC and TTL are free as well. */
			if (at < stack)
				free_bit = at % 4 == 3 ||
					   (at % 4 == 2 && (0xe >> bit % 8 & 1));
			ktap_context("round %d, byte %zu, bit %u", round, at,
				     bit % 8);
			packet[at] ^= 1 << bit % 8;
			CHECK_U64(verified(&s, packet, s.len, s.t), free_bit);
			packet[at] ^= 1 << bit % 8;
		}
	}
}

static void test_cut(void)
{
	u64 state = 43;
	int round;

	for (round = 0; round < 300; round++) {
		struct sample s;
		size_t len;

		random_sample(&state, &s);
		for (len = 0; len < s.len; len++) {
			ktap_context("round %d, %zu of %zu bytes", round, len,
				     s.len);
			CHECK_U64(verified(&s, s.packet, len, s.t),
				  len >= s.needed);
		}
	}
}

/* Anything at all behind a hop label: nothing breaks and nothing gets in. */
static void test_noise(void)
{
	u64 state = 44;
	int round;

	for (round = 0; round < 30000; round++) {
		static struct sample s;
		size_t len = vec_random(&state) % SAMPLE_MAX, i;
		u8 noise[SAMPLE_MAX];

		if (round % 1000 == 0)
			random_sample(&state, &s);
		for (i = 0; i < len; i++)
			noise[i] = vec_random(&state);
		if (len >= LH_LSE_LEN && round & 1)
			memcpy(noise, s.packet, LH_LSE_LEN);
		/* Entries that are well-formed get further. */
		if (len >= 16 && round & 2) {
			for (i = 1; i <= s.p.tags; i++)
				noise[4 * i + 2] = (noise[4 * i + 2] & 0xfe) |
						   (i == s.p.tags);
		}
		ktap_context("round %d", round);
		CHECK(!verified(&s, noise, len, s.t), "verified");
	}
}

const struct test packet_tests[] = {
	{ "packet.verify_vectors", test_verify_vectors },
	{ "packet.stamp_vectors", test_stamp_vectors },
	{ "packet.roundtrip", test_roundtrip },
	{ "packet.flip", test_flip },
	{ "packet.cut", test_cut },
	{ "packet.noise", test_noise },
	{}
};
