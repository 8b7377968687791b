// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return sodium_init() < 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	fuzz_one(data, len);
	return 0;
}

/* Ends the program, on which libFuzzer keeps the input. */
void fuzz_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	/* The target may have put something else in the place of stderr. */
	dprintf(2, "check failed: %s:%d: ", file, line);
	va_start(args, format);
	vdprintf(2, format, args);
	va_end(args);
	dprintf(2, "\n");
	abort();
}

/* Up to 8 bytes, least significant first. */
u64 input_number(struct input *in, unsigned int bytes)
{
	u64 number = 0;
	unsigned int i;

	for (i = 0; i < bytes && in->left; i++, in->left--)
		number |= (u64)*in->at++ << 8 * i;
	return number;
}

/* 0..n-1 */
u64 input_below(struct input *in, u64 n)
{
	return input_number(in, n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 8) % n;
}

/* A number that is likely to be at a limit of 64 bits, or anywhere. */
u64 input_time(struct input *in)
{
	switch (input_below(in, 4)) {
	case 0:
		return input_number(in, 2);
	case 1:
		return FUZZ_TIME_MAX - input_number(in, 2);
	case 2:
		return input_number(in, 4) << 28;
	default:
		return input_number(in, 8);
	}
}

/* Just as many bytes, to be freed: who reads past their end is found out. */
u8 *input_bytes(struct input *in, size_t len)
{
	u8 *bytes = calloc(1, len);
	size_t n = len < in->left ? len : in->left;

	CHECK(bytes, "no memory");
	memcpy(bytes, in->at, n);
	in->at += n;
	in->left -= n;
	return bytes;
}

static void input_labels(struct input *in, struct fuzz_set *set)
{
	u32 first = input_number(in, 3), step = 1 + input_number(in, 1), i;

	set->p.labels = set->labels;
	set->p.n_labels = input_below(in, FUZZ_LABELS + 1);
	for (i = 0; i < set->p.n_labels; i++)
		set->labels[i] = (first + i * step) & LABELHOP_LABEL_MAX;
	/* One of them may be there twice, or anything. */
	i = input_number(in, 1);
	if (i < set->p.n_labels)
		set->labels[i] = input_below(in, 2) ? set->labels[i / 2] :
						      input_number(in, 4);
	else if (i == 255)
		set->p.n_labels = LABELHOP_LABELS_MAX + 1;
}

static u64 input_slot(struct input *in)
{
	switch (input_below(in, 4)) {
	case 0:
		return LABELHOP_SLOT_NS_MIN + input_number(in, 1) - 1;
	case 1:
		return LABELHOP_SLOT_NS_MAX - input_number(in, 1) + 1;
	default:
		return input_number(in, 6);
	}
}

static void input_slots(struct input *in, struct fuzz_set *set)
{
	u32 n = input_below(in, FUZZ_SLOTS + 2), i;

	set->p.slots = set->slots;
	set->p.n_slots = n > FUZZ_SLOTS ? LABELHOP_SLOTS_MAX + 1 : n;
	for (i = 0; i < n && i < FUZZ_SLOTS; i++)
		set->slots[i] = i < 8 ? input_slot(in) : set->slots[i - 8];
}

/* A parameter set of which each member may, but need not, be allowed. */
void input_set(struct input *in, struct fuzz_set *set)
{
	struct lh_params *p = &set->p;
	u64 rare = input_number(in, 1);

	input_labels(in, set);
	input_slots(in, set);
	p->id = input_number(in, 8);
	p->generation = rare & 1 ? input_number(in, 4) : 1;
	p->label = input_number(in, 3);
	p->epoch = input_time(in);
	p->lifetime = input_time(in);
	if (!(rare & 2) && p->lifetime > FUZZ_TIME_MAX - p->epoch)
		p->lifetime = 0;
	p->hash_len = input_number(in, rare & 4 ? 2 : 1);
	p->hash = rare & 8 ? input_number(in, 1) : LABELHOP_HASH_SIPHASH24;
	p->tags = rare & 16 ? input_number(in, 1) : 1 + input_below(in, 3);
	p->select = rare & 32 ? input_number(in, 1) : input_below(in, 2);
	p->mask = rare & 64 ? input_number(in, 8) : ~0ULL;
	memset(p->seed, input_number(in, 1), sizeof(p->seed));
}

/* Settings that a session with this set could have; t is likely to matter. */
void input_settings(struct input *in, const struct lh_params *p, u64 t,
		    struct fuzz_settings *settings)
{
	u64 most = FUZZ_TIME_MAX, how = input_number(in, 1);
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		if (p->slots[i] / 2 < most)
			most = p->slots[i] / 2;
	settings->tolerance = how & 1 ? most : input_time(in) % (most + 1);
	settings->delay = how & 2 ? 0 : input_time(in);
	settings->now = how & 4 ? input_time(in) : t + settings->delay;
	if (how & 8)
		settings->now += settings->tolerance;
	if (how & 16)
		settings->now -= settings->tolerance;
	settings->now += input_number(in, 1);
}
