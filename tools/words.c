// SPDX-License-Identifier: GPL-2.0
/* Words for numbers. */
#include <stddef.h>
#include "words.h"

const char * const lh_dirs[] = {
	[LABELHOP_DIR_IN] = "in",
	[LABELHOP_DIR_OUT] = "out",
	NULL
};

const char * const lh_policies[] = {
	[LABELHOP_POLICY_STRICT] = "strict",
	[LABELHOP_POLICY_PERMISSIVE] = "permissive",
	[LABELHOP_POLICY_MONITOR] = "monitor",
	NULL
};

const char * const lh_clocks[] = {
	[LABELHOP_CLOCK_UNSET] = "unset",
	[LABELHOP_CLOCK_TAI] = "tai",
	[LABELHOP_CLOCK_REALTIME] = "realtime",
	NULL
};

/* In the order of the enumeration. */
#define REASON_WORD(id, word)	word,

const char * const lh_reasons[] = {
	"unspec",
	LABELHOP_REASONS(REASON_WORD)
	NULL
};

/**
 * lh_word - the word for a number
 * @words: the list
 * @number: the number, maybe one of a later version
 *
 * Return: the word.
 */
const char *lh_word(const char * const *words, unsigned int number)
{
	while (*words && number--)
		words++;
	return *words ? *words : "unknown";
}
