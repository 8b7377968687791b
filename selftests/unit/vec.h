/* SPDX-License-Identifier: GPL-2.0 */
/* Reading of test vectors, and fixed randomness. */
#ifndef LABELHOP_VEC_H
#define LABELHOP_VEC_H

#include <json-c/json.h>
#include "params.h"

struct json_object *vec_load(const char *name);
struct json_object *vec_get(struct json_object *obj, const char *member);
u64 vec_u64(struct json_object *obj, const char *member);
const char *vec_str(struct json_object *obj, const char *member);
u8 vec_kind(struct json_object *obj);
u64 vec_bits(struct json_object *obj, const char *member);
struct json_object *vec_at(struct json_object *array, size_t i);
u64 vec_u64_at(struct json_object *array, size_t i);
const char *vec_str_at(struct json_object *array, size_t i);
u8 *vec_unhex(const char *hex, size_t *len);
char *vec_hex(const u8 *bytes, size_t len);
void vec_params(struct lh_params *p, struct json_object *obj);
void vec_params_free(struct lh_params *p);
const char *vec_member(const struct lh_params *p, int attr);

void *vec_copy(const void *bytes, size_t len);
u64 vec_random(u64 *state);
u64 vec_random_mask(u64 *state, unsigned int bits, unsigned int from,
		    unsigned int width);

#endif /* LABELHOP_VEC_H */
