// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "ktap.h"
#include "vec.h"

/* A file of selftests/vectors; to be put by the caller. */
struct json_object *vec_load(const char *name)
{
	struct json_object *obj;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	obj = json_object_from_file(path);
	if (!obj)
		ktap_bail("%s: %s", path, json_util_get_last_err());
	return obj;
}

struct json_object *vec_get(struct json_object *obj, const char *member)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, member, &value))
		ktap_bail("no member %s", member);
	return value;
}

static u64 number(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_int))
		ktap_bail("not an integer: %s", json_object_get_string(value));
	return json_object_get_uint64(value);
}

static const char *string(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		ktap_bail("not text: %s", json_object_get_string(value));
	return json_object_get_string(value);
}

u64 vec_u64(struct json_object *obj, const char *member)
{
	return number(vec_get(obj, member));
}

const char *vec_str(struct json_object *obj, const char *member)
{
	return string(vec_get(obj, member));
}

/* The member "kind", what a payload is: enum labelhop_payload. */
u8 vec_kind(struct json_object *obj)
{
	static const char * const words[] = { "ip", "pw", "pw-no-cw", "link" };
	struct json_object *value;
	u8 kind;

	if (!json_object_object_get_ex(obj, "kind", &value))
		return LABELHOP_PAYLOAD_IP;
	for (kind = 0; kind < ARRAY_SIZE(words); kind++)
		if (!strcmp(words[kind], string(value)))
			return kind;
	ktap_bail("no kind of payload: %s", string(value));
}

/* A member that is 64 bits in hex digits, with or without 0x. */
u64 vec_bits(struct json_object *obj, const char *member)
{
	return strtoull(vec_str(obj, member), NULL, 16);
}

struct json_object *vec_at(struct json_object *array, size_t i)
{
	if (i >= json_object_array_length(array))
		ktap_bail("no entry %zu", i);
	return json_object_array_get_idx(array, i);
}

u64 vec_u64_at(struct json_object *array, size_t i)
{
	return number(vec_at(array, i));
}

const char *vec_str_at(struct json_object *array, size_t i)
{
	return string(vec_at(array, i));
}

/*
 * Memory of exactly that length, so that the address sanitizer finds every
 * byte that is read beyond.
 */
void *vec_copy(const void *bytes, size_t len)
{
	void *copy = malloc(len);

	if (!copy)
		ktap_bail("no memory");
	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

u8 *vec_unhex(const char *hex, size_t *len)
{
	unsigned int byte;
	u8 *bytes;
	size_t i;

	*len = strlen(hex) / 2;
	bytes = malloc(*len);
	if (!bytes)
		ktap_bail("no memory");
	for (i = 0; i < *len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			ktap_bail("not hex: %s", hex);
		bytes[i] = byte;
	}
	return bytes;
}

char *vec_hex(const u8 *bytes, size_t len)
{
	char *hex = malloc(2 * len + 1);
	size_t i;

	if (!hex)
		ktap_bail("no memory");
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	hex[2 * len] = 0;
	return hex;
}

/*
 * A parameter set in JSON that has the right form, though its members may be
 * out of their ranges.
 */
void vec_params(struct lh_params *p, struct json_object *obj)
{
	struct json_object *labels = vec_get(obj, "labels");
	struct json_object *slots = vec_get(obj, "slots");
	bool gather = json_object_object_get_ex(obj, "select", NULL);
	u32 *label;
	u64 *slot;
	u8 *seed;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->id = vec_bits(obj, "id");
	p->epoch = vec_u64(obj, "epoch");
	p->lifetime = vec_u64(obj, "lifetime");
	p->mask = vec_bits(obj, gather ? "select" : "and");
	p->select = gather ? LABELHOP_SELECT_GATHER : LABELHOP_SELECT_AND;
	p->generation = vec_u64(obj, "generation");
	p->label = vec_u64(obj, "label");
	p->hash = lh_hash_index(vec_str(obj, "hash"));
	p->tags = vec_u64(obj, "tags");
	if (json_object_is_type(vec_get(obj, "hash-len"), json_type_int))
		p->hash_len = vec_u64(obj, "hash-len");

	p->n_labels = json_object_array_length(labels);
	p->n_slots = json_object_array_length(slots);
	label = malloc(p->n_labels * sizeof(*label));
	slot = malloc(p->n_slots * sizeof(*slot));
	if (!label || !slot)
		ktap_bail("no memory");
	for (i = 0; i < p->n_labels; i++)
		label[i] = vec_u64_at(labels, i);
	for (i = 0; i < p->n_slots; i++)
		slot[i] = vec_u64_at(slots, i);
	p->labels = label;
	p->slots = slot;

	seed = vec_unhex(vec_str(obj, "seed"), &i);
	if (i != sizeof(p->seed))
		ktap_bail("seed of %zu bytes", i);
	memcpy(p->seed, seed, sizeof(p->seed));
	free(seed);
}

void vec_params_free(struct lh_params *p)
{
	free((void *)p->labels);
	free((void *)p->slots);
}

/* The JSON member that is meant by an attribute. */
const char *vec_member(const struct lh_params *p, int attr)
{
	switch (attr) {
	case LABELHOP_A_PARAMS_ID:
		return "id";
	case LABELHOP_A_PARAMS_GENERATION:
		return "generation";
	case LABELHOP_A_PARAMS_LABEL:
		return "label";
	case LABELHOP_A_PARAMS_EPOCH:
		return "epoch";
	case LABELHOP_A_PARAMS_LIFETIME:
		return "lifetime";
	case LABELHOP_A_PARAMS_LABELS:
		return "labels";
	case LABELHOP_A_PARAMS_SLOTS:
		return "slots";
	case LABELHOP_A_PARAMS_HASH:
		return "hash";
	case LABELHOP_A_PARAMS_HASH_LEN:
		return "hash-len";
	case LABELHOP_A_PARAMS_TAGS:
		return "tags";
	case LABELHOP_A_PARAMS_SELECT:
	case LABELHOP_A_PARAMS_MASK:
		return p->select == LABELHOP_SELECT_AND ? "and" : "select";
	case LABELHOP_A_PARAMS_SEED:
		return "seed";
	default:
		return "none";
	}
}

/* SplitMix64: the same numbers in each run and on each machine. */
u64 vec_random(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* A mask with that many of the bits from .. from + width - 1. */
u64 vec_random_mask(u64 *state, unsigned int bits, unsigned int from,
		    unsigned int width)
{
	u64 mask = 0;

	while (bits) {
		u64 bit = 1ULL << (from + vec_random(state) % width);

		bits -= !(mask & bit);
		mask |= bit;
	}
	return mask;
}
