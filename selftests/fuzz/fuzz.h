/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share: the input taken apart, and complaints. A target
 * is a file with fuzz_one(), which checks what must hold whatever the input.
 */
#ifndef LABELHOP_FUZZ_H
#define LABELHOP_FUZZ_H

#include <stdnoreturn.h>
#include "params.h"

#define __printf(string, first) __attribute__((			\
	format(printf, string, first)))

#define FUZZ_LABELS	64	/* labels and slots of a set made of an input; */
#define FUZZ_SLOTS	64	/* more would only take longer */
#define FUZZ_TIME_MAX	(~0ULL)

/**
 * struct input - what is left of an input
 * @at: its first byte
 * @left: number of bytes; all that is taken beyond them is 0
 */
struct input {
	const u8 *at;
	size_t left;
};

/**
 * struct fuzz_set - a parameter set with the room for its arrays
 * @p: the set, valid or not
 * @labels: K
 * @slots: TS
 */
struct fuzz_set {
	struct lh_params p;
	u32 labels[FUZZ_LABELS];
	u64 slots[FUZZ_SLOTS];
};

/**
 * struct fuzz_settings - when a packet arrives, and a receiver's settings
 * @now: TAI ns
 * @tolerance: ns, no more than the set allows
 * @delay: ns
 */
struct fuzz_settings {
	u64 now;
	u64 tolerance;
	u64 delay;
};

void fuzz_one(const u8 *data, size_t len);

u64 input_number(struct input *in, unsigned int bytes);
u64 input_below(struct input *in, u64 n);
u64 input_time(struct input *in);
u8 *input_bytes(struct input *in, size_t len);
void input_set(struct input *in, struct fuzz_set *set);
void input_settings(struct input *in, const struct lh_params *p, u64 t,
		    struct fuzz_settings *settings);

__printf(3, 4)
noreturn void fuzz_fail(const char *file, int line, const char *format, ...);

/* The message says what was found. */
#define CHECK(ok, ...)							\
	do {								\
		if (!(ok))						\
			fuzz_fail(__FILE__, __LINE__, __VA_ARGS__);	\
	} while (0)
#define CHECK_U64(a, b)							\
	do {								\
		unsigned long long a_ = (a), b_ = (b);			\
									\
		CHECK(a_ == b_, "%s is %llu, not %llu", #a, a_, b_);	\
	} while (0)

#endif /* LABELHOP_FUZZ_H */
