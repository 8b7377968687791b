// SPDX-License-Identifier: GPL-2.0
/*
 * What the pure core computes, for agree.py to compare: a request in JSON on
 * each line of the input, an answer in JSON on each line of the output.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

static void add_hex(struct json_object *array, const u8 *bytes, size_t len)
{
	char *hex = vec_hex(bytes, len);

	json_object_array_add(array, json_object_new_string(hex));
	free(hex);
}

static void add_key(struct json_object *array, const struct lh_key *key)
{
	u8 bytes[16];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = key->k[i / 8] >> i % 8 * 8;
	add_hex(array, bytes, sizeof(bytes));
}

static void add_u64(struct json_object *array, u64 x)
{
	json_object_array_add(array, json_object_new_uint64(x));
}

/* [at, payload] -> [slot, start, end, hop, k_slot, digest, tags ...] or null */
static struct json_object *derive(const struct lh_gen *gen,
				  struct json_object *c)
{
	struct json_object *answer = NULL;
	u32 tags[LABELHOP_TAGS_MAX];
	size_t present, len;
	struct lh_hop hop;
	u64 digest;
	u8 *payload, i;

	payload = vec_unhex(vec_str_at(c, 1), &present);
	if (packet_payload_len(LABELHOP_PAYLOAD_IP, payload, present, &len)) {
		lh_hop_at(gen, vec_u64_at(c, 0), &hop);
		digest = packet_digest(gen, &hop, payload, len, tags);
		answer = json_object_new_array();
		add_u64(answer, hop.slot.number);
		add_u64(answer, hop.slot.start);
		add_u64(answer, hop.slot.end);
		add_u64(answer, hop.label);
		add_key(answer, &hop.key);
		add_u64(answer, digest);
		for (i = 0; i < gen->rule.tags; i++)
			add_u64(answer, tags[i]);
	}
	free(payload);
	return answer;
}

/* [now, tolerance, delay] -> [slot, ...] or a word */
static struct json_object *window(const struct lh_gen *gen,
				  struct json_object *c)
{
	struct json_object *answer;
	enum labelhop_reason reason;
	struct lh_slot slot, last;
	struct lh_window w;
	u64 number;

	reason = lh_slot_window(&gen->slots, vec_u64_at(c, 0), vec_u64_at(c, 2),
				vec_u64_at(c, 1), &w);
	if (reason)
		return json_object_new_string(reason_word(reason));
	answer = json_object_new_array();
	lh_slot_at(&gen->slots, w.first, &slot);
	lh_slot_at(&gen->slots, w.last, &last);
	for (number = slot.number; number <= last.number; number++)
		add_u64(answer, number);
	return answer;
}

/* [now, tolerance, delay, packet] -> [verdict, packet] */
static struct json_object *verify(const struct lh_gen *gen,
				  struct lh_hop_cache *cache,
				  struct json_object *c)
{
	struct json_object *answer = json_object_new_array();
	const struct packet_how ip = {};
	const char *word;
	size_t len, out_len;
	u8 *packet = vec_unhex(vec_str_at(c, 3), &len);
	u8 *out = vec_copy(packet, len);

	word = packet_verify(&ip, gen, cache, vec_u64_at(c, 0),
			     vec_u64_at(c, 1), vec_u64_at(c, 2), packet, len,
			     out, &out_len);
	json_object_array_add(answer, json_object_new_string(word));
	add_hex(answer, out, out_len);
	free(packet);
	free(out);
	return answer;
}

static void answer_all(struct json_object *request)
{
	static const char *const names[] = { "derive", "window", "verify" };
	struct json_object *answer = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct lh_params_fault fault;
	struct lh_hop_cache cache = {};
	const char *member;
	struct lh_params p;
	struct lh_gen gen;
	size_t i, j;

	vec_params(&p, vec_get(request, "params"));
	if (!lh_params_valid(&p, &fault)) {
		member = vec_member(&p, fault.attr);
		json_object_object_add(answer, "fault",
				       json_object_new_string(member));
		json_object_put(array);
		goto out;
	}
	lh_gen_init(&gen, &p);
	add_key(array, &gen.hop_key);
	add_key(array, &gen.tag_key);
	json_object_object_add(answer, "keys", array);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct json_object *cases = vec_get(request, names[i]);

		array = json_object_new_array();
		for (j = 0; j < json_object_array_length(cases); j++) {
			struct json_object *c = vec_at(cases, j);

			json_object_array_add(array,
					      i == 0 ? derive(&gen, c) :
					      i == 1 ? window(&gen, c) :
					      verify(&gen, &cache, c));
		}
		json_object_object_add(answer, names[i], array);
	}
out:
	puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
	vec_params_free(&p);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;

	if (sodium_init() < 0)
		ktap_bail("libsodium does not start");
	while (getline(&line, &room, stdin) > 0) {
		struct json_object *request = json_tokener_parse(line);

		if (!request)
			ktap_bail("not JSON: %.100s", line);
		answer_all(request);
		json_object_put(request);
	}
	free(line);
	return ferror(stdin) || fflush(stdout);
}
