// SPDX-License-Identifier: GPL-2.0
/*
 * params_json.c and set_file.c, on a text. What is read must be printed and read
 * again as the same set; what is not must be refused with a sentence.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../tools/args.h"
#include "../../tools/set.h"
#include "fuzz.h"
#include "say.h"

/* The text becomes the standard input. */
static void provide(const void *text, size_t len)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("set", 0);
		CHECK(fd >= 0 && !fchmod(fd, 0600) && dup2(fd, 0) == 0,
		      "no file in memory");
	}
	CHECK(!ftruncate(fd, 0) && pwrite(fd, text, len, 0) == (ssize_t)len &&
	      !lseek(fd, 0, SEEK_SET), "no file in memory");
}

/* As labelhop params new prints it. */
static void print(const struct lh_params *p, bool pretty)
{
	struct lh_out out = { .json = true, .pretty = pretty };
	char seed[2 * sizeof(p->seed) + 1];

	lh_out_object(&out, NULL);
	lh_out_number(&out, "labelhop", 1);
	lh_set_show(&out, p, true);
	sodium_bin2hex(seed, sizeof(seed), p->seed, sizeof(p->seed));
	lh_out_string(&out, "seed", seed);
	CHECK(lh_out_end(&out), "no memory");
}

static struct lh_set *read_again(const struct lh_params *p, bool pretty)
{
	struct lh_ctx ctx = {};
	struct said said = {};
	struct lh_set *again;

	say_begin(&said);
	print(p, pretty);
	say_end(&said);
	provide(said.out, said.out_len);
	say_free(&said);
	again = lh_set_new(&ctx);
	CHECK(again, "no memory");
	CHECK(!lh_set_read(&ctx, "-", again), "what was printed is refused");
	return again;
}

static void check_same(const struct lh_params *a, const struct lh_params *b)
{
	CHECK_U64(a->id, b->id);
	CHECK_U64(a->generation, b->generation);
	CHECK_U64(a->label, b->label);
	CHECK_U64(a->epoch, b->epoch);
	CHECK_U64(a->lifetime, b->lifetime);
	CHECK_U64(a->hash, b->hash);
	CHECK_U64(a->hash_len, b->hash_len);
	CHECK_U64(a->tags, b->tags);
	CHECK_U64(a->select, b->select);
	CHECK_U64(a->mask, b->mask);
	CHECK_U64(a->n_labels, b->n_labels);
	CHECK_U64(a->n_slots, b->n_slots);
	CHECK(!memcmp(a->labels, b->labels, a->n_labels * sizeof(*a->labels)),
	      "other labels");
	CHECK(!memcmp(a->slots, b->slots, a->n_slots * sizeof(*a->slots)),
	      "other slots");
	CHECK(!memcmp(a->seed, b->seed, sizeof(a->seed)), "another seed");
}

/* A set that was read has each member once. Its values hold no quotes. */
static void check_members(const u8 *data, size_t len)
{
	static const char *const names[] = {
		"\"labelhop\"", "\"id\"", "\"generation\"", "\"label\"",
		"\"labels\"", "\"slots\"", "\"hash\"", "\"hash-len\"",
		"\"tags\"", "\"epoch\"", "\"lifetime\"", "\"seed\"",
		"\"select\"", "\"and\"",
	};
	unsigned int all = 0, i;

	for (i = 0; i < LH_COUNT(names); i++) {
		size_t left = len, skip = strlen(names[i]);
		const u8 *at = data;
		unsigned int n = 0;

		while ((at = memmem(at, left, names[i], skip))) {
			at += skip;
			left = len - (at - data);
			n++;
		}
		CHECK(n <= 1, "%s is there %u times", names[i], n);
		all += n;
	}
	CHECK_U64(all, i - 1);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct lh_params_fault fault;
	struct lh_ctx ctx = {};
	struct said said = {};
	struct lh_set *set, *again;
	int status, pretty;

	provide(data, len);
	set = lh_set_new(&ctx);
	CHECK(set, "no memory");
	say_begin(&said);
	status = lh_set_read(&ctx, "-", set);
	say_end(&said);
	say_check(&said, status, LH_EXIT_INPUT, "labelhop: params: ");
	say_check_shown(&said);
	say_free(&said);
	if (!status) {
		CHECK(lh_params_valid(&set->p, &fault),
		      "a set that is not allowed was read: %s", fault.text);
		check_members(data, len);
		for (pretty = 0; pretty < 2; pretty++) {
			again = read_again(&set->p, pretty);
			check_same(&again->p, &set->p);
			lh_set_free(again);
		}
	}
	lh_set_free(set);
}
