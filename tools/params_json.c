// SPDX-License-Identifier: GPL-2.0
/*
 * Parameter sets in files, strictly: whoever mistypes a member is to hear of
 * it, not to run with something else. json-c passes over a member that is given
 * twice, so names are looked for in the text as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../kmod/hash.h"
#include "parse.h"
#include "set.h"
#include "set_file.h"

#define DEPTH	3	/* the object, an array in it, its entries */

/**
 * struct member - a member of the JSON object
 * @name: its name
 * @allowed: its values, in words
 * @attr: enum labelhop_attr_params
 * @read: reads it; false if it is not allowed
 */
struct member {
	const char *name;
	const char *allowed;
	int attr;
	bool (*read)(struct json_object *value, struct lh_params *p);
};

static bool get_number(struct json_object *value, u64 min, u64 max, u64 *number)
{
	if (!json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return *number >= min && *number <= max;
}

/* NULL if it is no string, or one with a NUL in it. */
static const char *get_string(struct json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    strlen(text) != (size_t)json_object_get_string_len(value))
		return NULL;
	return text;
}

static bool read_version(struct json_object *value, struct lh_params *p)
{
	u64 number;

	(void)p;
	return get_number(value, 1, 1, &number);
}

static bool read_id(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);
	u8 bytes[8];
	int i;

	if (!text || !lh_read_hex(text, 16, bytes))
		return false;
	for (i = 0; i < 8; i++)
		p->id = p->id << 8 | bytes[i];
	return true;
}

static bool read_generation(struct json_object *value, struct lh_params *p)
{
	u64 number;

	if (!get_number(value, 1, ~0U, &number))
		return false;
	p->generation = number;
	return true;
}

static bool read_label(struct json_object *value, struct lh_params *p)
{
	u64 number;

	if (!get_number(value, LABELHOP_LABEL_MIN, LABELHOP_LABEL_MAX,
			&number))
		return false;
	p->label = number;
	return true;
}

static bool read_labels(struct json_object *value, struct lh_params *p)
{
	u32 *labels = (u32 *)p->labels;
	size_t i, n;

	if (!json_object_is_type(value, json_type_array))
		return false;
	n = json_object_array_length(value);
	if (!n || n > LABELHOP_LABELS_MAX)
		return false;
	for (i = 0; i < n; i++) {
		u64 number;

		if (!get_number(json_object_array_get_idx(value, i),
				LABELHOP_LABEL_MIN, LABELHOP_LABEL_MAX,
				&number))
			return false;
		labels[i] = number;
	}
	p->n_labels = n;
	return true;
}

static bool read_slots(struct json_object *value, struct lh_params *p)
{
	u64 *slots = (u64 *)p->slots;
	size_t i, n;

	if (!json_object_is_type(value, json_type_array))
		return false;
	n = json_object_array_length(value);
	if (!n || n > LABELHOP_SLOTS_MAX)
		return false;
	for (i = 0; i < n; i++)
		if (!get_number(json_object_array_get_idx(value, i),
				LABELHOP_SLOT_NS_MIN, LABELHOP_SLOT_NS_MAX,
				&slots[i]))
			return false;
	p->n_slots = n;
	return true;
}

static bool read_hash(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);

	p->hash = text ? lh_hash_index(text) : LABELHOP_HASH_UNSPEC;
	return p->hash != LABELHOP_HASH_UNSPEC;
}

static bool read_hash_len(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);
	u64 number = LABELHOP_HASH_FULL;

	if (!(text && !strcmp(text, "full")) &&
	    !get_number(value, 1, LABELHOP_HASH_LEN_MAX, &number))
		return false;
	p->hash_len = number;
	return true;
}

static bool read_tags(struct json_object *value, struct lh_params *p)
{
	u64 number;

	if (!get_number(value, 1, LABELHOP_TAGS_MAX, &number))
		return false;
	p->tags = number;
	return true;
}

static bool read_select(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);

	p->select = LABELHOP_SELECT_GATHER;
	return text && lh_read_mask(text, &p->mask);
}

static bool read_and(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);

	p->select = LABELHOP_SELECT_AND;
	return text && lh_read_mask(text, &p->mask);
}

static bool read_epoch(struct json_object *value, struct lh_params *p)
{
	return get_number(value, 0, ~0ULL, &p->epoch);
}

static bool read_lifetime(struct json_object *value, struct lh_params *p)
{
	return get_number(value, 0, ~0ULL, &p->lifetime);
}

static bool read_seed(struct json_object *value, struct lh_params *p)
{
	const char *text = get_string(value);
	bool ok = text && lh_read_hex(text, 2 * sizeof(p->seed), p->seed);

	if (text)
		sodium_memzero((char *)text, strlen(text));
	return ok;
}

#define MASK_ALLOWED	"a string of 0x and 1 to 16 hex digits that gives every tag label 16 bits"

static const struct member members[] = {
	{ "labelhop", "the number 1", 0, read_version },
	{ "id", "a string of 16 hex digits", LABELHOP_A_PARAMS_ID, read_id },
	{ "generation", "an integer of 1 to 4294967295",
	  LABELHOP_A_PARAMS_GENERATION, read_generation },
	{ "label", "an integer of 16 to 1048575", LABELHOP_A_PARAMS_LABEL,
	  read_label },
	{ "labels", "an array of 1 to 4096 different integers of 16 to 1048575 other than label",
	  LABELHOP_A_PARAMS_LABELS, read_labels },
	{ "slots", "an array of 1 to 256 integers of 1000 to 86400000000000",
	  LABELHOP_A_PARAMS_SLOTS, read_slots },
	{ "hash", "the string siphash-2-4", LABELHOP_A_PARAMS_HASH, read_hash },
	{ "hash-len", "an integer of 1 to 65535 or the string full",
	  LABELHOP_A_PARAMS_HASH_LEN, read_hash_len },
	{ "tags", "an integer of 1 to 3", LABELHOP_A_PARAMS_TAGS, read_tags },
	{ "select", MASK_ALLOWED, LABELHOP_A_PARAMS_MASK, read_select },
	{ "and", MASK_ALLOWED, LABELHOP_A_PARAMS_MASK, read_and },
	{ "epoch", "an integer of 0 to 18446744073709551615",
	  LABELHOP_A_PARAMS_EPOCH, read_epoch },
	{ "lifetime", "an integer of 0 to 18446744073709551615 less epoch",
	  LABELHOP_A_PARAMS_LIFETIME, read_lifetime },
	{ "seed", "a string of 64 hex digits", LABELHOP_A_PARAMS_SEED,
	  read_seed },
};

#define MEMBERS	LH_COUNT(members)

static const struct member *find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < MEMBERS; i++)
		if (strlen(members[i].name) == len &&
		    !memcmp(members[i].name, name, len))
			return &members[i];
	return NULL;
}

/* See lh_fail(); file and member come before what is said. */
#define FAULT(ctx, file, format, ...)					\
	lh_fail(ctx, "params: %s: " format, LH_QUOTE(file), __VA_ARGS__)

static int refuse_name(const struct lh_ctx *ctx, const char *file,
		       const char *name, size_t len)
{
	char list[256] = "", copy[LH_QUOTED_MAX + 2] = "";
	size_t i;

	memcpy(copy, name, len < sizeof(copy) ? len : sizeof(copy) - 1);
	for (i = 0; i < MEMBERS; i++) {
		strcat(list, i ? ", " : "");
		strcat(list, members[i].name);
	}
	return FAULT(ctx, file, "member %s is unknown: %s are allowed",
		     LH_QUOTE(copy), list);
}

/**
 * struct scan - a look at the text of a set that may break off anywhere
 * @text: the text
 * @at: how far it has been looked at
 * @depth: how many objects and arrays are open there
 * @too_great: a number was met that json-c cuts to 64 bits without a word
 */
struct scan {
	const struct lh_text *text;
	size_t at;
	unsigned int depth;
	bool too_great;
};

static void skip_number(struct scan *scan)
{
	const char *data = scan->text->data;
	u64 number;

	if (!lh_read_digits(data + scan->at, &number))
		scan->too_great = true;
	scan->at += strspn(data + scan->at, "0123456789");
}

/* From behind the opening quote to behind what follows the closing one. */
static size_t skip_string(struct scan *scan)
{
	const struct lh_text *text = scan->text;
	size_t start = scan->at, len;

	while (scan->at < text->len && text->data[scan->at] != '"')
		scan->at += text->data[scan->at] == '\\' ? 2 : 1;
	len = scan->at - start;
	scan->at++;
	while (scan->at < text->len &&
	       memchr(" \t\r\n", text->data[scan->at], 4))
		scan->at++;
	return len;
}

/* Return: the next name of a member of the outermost object, or NULL. */
static const char *next_name(struct scan *scan, size_t *len)
{
	const struct lh_text *text = scan->text;

	while (scan->at < text->len) {
		const char *c = text->data + scan->at;

		if (*c >= '0' && *c <= '9') {
			skip_number(scan);
			continue;
		}
		scan->at++;
		if (*c == '{' || *c == '[')
			scan->depth++;
		if (*c == '}' || *c == ']')
			scan->depth--;
		if (*c != '"')
			continue;
		*len = skip_string(scan);
		if (scan->at < text->len && text->data[scan->at] == ':' &&
		    scan->depth == 1)
			return c + 1;
	}
	return NULL;
}

/* Each name must be known and come once. */
static int check_text(const struct lh_ctx *ctx, const char *file,
		      const struct lh_text *text)
{
	const struct member *member = NULL;
	struct scan scan = { .text = text };
	bool seen[MEMBERS] = {};
	const char *name;
	size_t len;

	do {
		name = next_name(&scan, &len);
		if (scan.too_great && member)
			return FAULT(ctx, file, "member %s is wrong: %s is allowed",
				     member->name, member->allowed);
		if (!name)
			return 0;
		member = find(name, len);
		if (!member)
			return refuse_name(ctx, file, name, len);
		if (seen[member - members])
			return FAULT(ctx, file, "member %s is there twice: once is allowed",
				     member->name);
		seen[member - members] = true;
	} while (true);
}

/* The text is no JSON from offset on: name the member that is there. */
static int syntax(const struct lh_ctx *ctx, const char *file,
		  const struct lh_text *text, size_t offset)
{
	struct lh_text part = { .data = text->data, .len = offset };
	const struct member *member = NULL;
	struct scan scan = { .text = &part };
	size_t len, i, line = 1;
	const char *name;

	while ((name = next_name(&scan, &len)))
		member = find(name, len);
	for (i = 0; i < offset && i < text->len; i++)
		line += text->data[i] == '\n';
	if (member && scan.depth)
		return FAULT(ctx, file,
			     "line %zu: member %s, or what follows it, is no valid JSON: %s is allowed",
			     line, member->name, member->allowed);
	return FAULT(ctx, file,
		     "line %zu is no valid JSON: one object with the members of a parameter set is allowed",
		     line);
}

static int read_members(const struct lh_ctx *ctx, const char *file,
			struct json_object *root, struct lh_params *p)
{
	struct json_object *value, *other;
	size_t i;

	for (i = 0; i < MEMBERS; i++) {
		const struct member *member = &members[i];
		bool one_of_two = member->attr == LABELHOP_A_PARAMS_MASK;

		if (!json_object_object_get_ex(root, member->name, &value)) {
			if (one_of_two)
				continue;
			return FAULT(ctx, file, "member %s is missing: %s is needed",
				     member->name, member->allowed);
		}
		if (!member->read(value, p))
			return FAULT(ctx, file, "member %s is wrong: %s is allowed",
				     member->name, member->allowed);
	}
	if (json_object_object_get_ex(root, "select", &value) ==
	    json_object_object_get_ex(root, "and", &other))
		return FAULT(ctx, file, "%s of the members select, and: exactly one is allowed",
			     value ? "there are both" : "there is none");
	return 0;
}

static int check_set(const struct lh_ctx *ctx, const char *file,
		     const struct lh_params *p)
{
	struct lh_params_fault fault;
	const char *name = "labelhop";
	size_t i;

	if (lh_params_valid(p, &fault))
		return 0;
	for (i = 0; i < MEMBERS; i++)
		if (members[i].attr == fault.attr)
			name = members[i].name;
	if (fault.attr == LABELHOP_A_PARAMS_MASK &&
	    p->select == LABELHOP_SELECT_GATHER)
		name = "select";
	if (fault.attr == LABELHOP_A_PARAMS_LABELS ||
	    fault.attr == LABELHOP_A_PARAMS_SLOTS)
		return FAULT(ctx, file, "member %s is wrong at entry %u: %s",
			     name, fault.index + 1, fault.text);
	return FAULT(ctx, file, "member %s is wrong: %s", name, fault.text);
}

static int read_text(const struct lh_ctx *ctx, const char *file,
		     const struct lh_text *text, struct lh_params *p)
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH);
	struct json_object *root;
	int err;

	if (!tok)
		return lh_fail(ctx, "out of memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
			       JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tok, text->data, text->len);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		err = syntax(ctx, file, text, json_tokener_get_parse_end(tok));
	} else if (!json_object_is_type(root, json_type_object)) {
		err = syntax(ctx, file, text, 0);
	} else {
		err = check_text(ctx, file, text);
		if (!err)
			err = read_members(ctx, file, root, p);
		if (!err)
			err = check_set(ctx, file, p);
	}
	json_object_put(root);
	json_tokener_free(tok);
	return err;
}

/**
 * lh_set_read - read a parameter set from a file
 * @ctx: the command's context
 * @file: name of the file, "-" for standard input
 * @set: receives the set, a valid one
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_set_read(const struct lh_ctx *ctx, const char *file,
		struct lh_set *set)
{
	struct lh_text text;
	int err = lh_text_read(ctx, file, &text);

	if (err)
		return err;
	err = read_text(ctx, file, &text, &set->p);
	lh_text_free(&text);
	return err;
}

/**
 * lh_set_load - a parameter set from a file
 * @ctx: the command's context
 * @file: name of the file, "-" for standard input
 *
 * Return: the set, to be freed by lh_set_free(); NULL after a sentence.
 */
struct lh_set *lh_set_load(const struct lh_ctx *ctx, const char *file)
{
	struct lh_set *set = lh_set_new(ctx);

	if (set && lh_set_read(ctx, file, set)) {
		lh_set_free(set);
		set = NULL;
	}
	return set;
}
