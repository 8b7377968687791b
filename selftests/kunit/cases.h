/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of the tables that vectors.py makes, and what the kernels' KUnit
 * versions differ in.
 */
#ifndef LABELHOP_KUNIT_CASES_H
#define LABELHOP_KUNIT_CASES_H

#include <kunit/test.h>
#include <linux/string.h>
#include "hop.h"
#include "params.h"

/* 6.1 lacks it. */
#ifndef KUNIT_ARRAY_PARAM_DESC
#define KUNIT_ARRAY_PARAM_DESC(name, array, desc_member)		\
	static void name##_desc(typeof((array)[0]) *c, char *desc)	\
	{								\
		strscpy(desc, c->desc_member, KUNIT_PARAM_DESC_SIZE);	\
	}								\
	KUNIT_ARRAY_PARAM(name, array, name##_desc)
#endif

/**
 * struct derive_case - what is derived at a time, and for a payload
 * @at: TAI ns
 * @slot: number of the slot
 * @start: of the slot
 * @end: of the slot
 * @label: hop label
 * @key: slot key
 * @payload: the payload
 * @present: its bytes, padding included
 * @digest: its digest
 * @tags: its tag labels
 */
struct derive_case {
	u64 at;
	u64 slot;
	u64 start;
	u64 end;
	u32 label;
	struct lh_key key;
	const u8 *payload;
	size_t present;
	u64 digest;
	u32 tags[LABELHOP_TAGS_MAX];
};

/**
 * struct derive_group - cases of one parameter set
 * @name: what they are about
 * @params: the set
 * @hop_key: k_hop
 * @tag_key: k_tag
 * @cases: the cases
 * @n: their number
 */
struct derive_group {
	const char *name;
	const struct lh_params *params;
	struct lh_key hop_key;
	struct lh_key tag_key;
	const struct derive_case *cases;
	size_t n;
};

/**
 * struct window_case - which slots are valid at a time
 * @now: TAI ns
 * @tolerance: ns
 * @delay: ns
 * @reason: why none is
 * @first: number of the first one
 * @last: number of the last one
 */
struct window_case {
	u64 now;
	u64 tolerance;
	u64 delay;
	enum labelhop_reason reason;
	u64 first;
	u64 last;
};

/**
 * struct window_group - cases of one parameter set
 * @name: what they are about
 * @params: the set
 * @cases: the cases
 * @n: their number
 */
struct window_group {
	const char *name;
	const struct lh_params *params;
	const struct window_case *cases;
	size_t n;
};

/**
 * struct tag_case - tag labels of a digest
 * @name: of the case
 * @select: enum labelhop_select
 * @mask: bit selection
 * @tags: number of tag labels
 * @digest: the digest
 * @labels: the tag labels
 */
struct tag_case {
	const char *name;
	u8 select;
	u64 mask;
	u8 tags;
	u64 digest;
	u32 labels[LABELHOP_TAGS_MAX];
};

/**
 * struct payload_case - true length of a payload
 * @name: of the case
 * @kind: enum labelhop_payload
 * @head: its bytes
 * @present: how many there are, padding included
 * @good: it is not malformed
 * @len: its length
 */
struct payload_case {
	const char *name;
	u8 kind;
	const u8 *head;
	size_t present;
	bool good;
	size_t len;
};

/**
 * struct params_case - a parameter set that is or is not allowed
 * @name: of the case
 * @params: the set
 * @attr: enum labelhop_attr_params of the member at fault, 0 if none is
 */
struct params_case {
	const char *name;
	const struct lh_params *params;
	int attr;
};

/**
 * struct tolerance_case - a tolerance that does or does not fit the slots
 * @name: of the case
 * @params: the set
 * @tolerance: ns
 * @fits: it does
 */
struct tolerance_case {
	const char *name;
	const struct lh_params *params;
	u64 tolerance;
	bool fits;
};

#endif /* LABELHOP_KUNIT_CASES_H */
