/* SPDX-License-Identifier: GPL-2.0 */
/* Tests in KTAP, Documentation/dev-tools/ktap.rst of the kernel. */
#ifndef LABELHOP_KTAP_H
#define LABELHOP_KTAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>

#define __printf(string, first) __attribute__((			\
	format(printf, string, first)))

/**
 * struct test - one line of the plan
 * @name: area and name, "area.name"
 * @run: does the checks
 */
struct test {
	const char *name;
	void (*run)(void);
};

/* The areas, each an array that ends with a test without a name. */
extern const struct test params_tests[];
extern const struct test slot_tests[];
extern const struct test hop_tests[];
extern const struct test tag_tests[];
extern const struct test stack_tests[];
extern const struct test hash_tests[];
extern const struct test packet_tests[];
extern const struct test timebase_tests[];

void ktap_start(void);
bool ktap_end(unsigned int number, const char *name);
__printf(4, 5)
bool ktap_check(bool ok, const char *file, int line, const char *format, ...);
__printf(1, 2)
void ktap_context(const char *format, ...);
__printf(1, 2)
noreturn void ktap_bail(const char *format, ...);

/* The message says what was found; the context, which case it was. */
#define CHECK(ok, ...)	ktap_check(ok, __FILE__, __LINE__, __VA_ARGS__)
#define CHECK_U64(a, b)							\
	do {								\
		unsigned long long a_ = (a), b_ = (b);			\
									\
		CHECK(a_ == b_, "%s is %llu, not %llu", #a, a_, b_);	\
	} while (0)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* LABELHOP_KTAP_H */
