// SPDX-License-Identifier: GPL-2.0
/* Extack sentences that are made at run time, for kernels without
 * NL_SET_ERR_MSG_FMT().
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include "compat.h"

#define SENTENCES	64
#define SENTENCE_LEN	160

/**
 * lh_extack_format - make a sentence that outlives the handler
 * @format: as printf
 *
 * netlink_ack() copies the sentence after the handler has returned, in the
 * same task. A ring is enough: a sentence is spoilt only if SENTENCES others
 * are made in between, and then it is another sentence of this function.
 *
 * Return: the sentence.
 */
const char *lh_extack_format(const char *format, ...)
{
	static char ring[SENTENCES][SENTENCE_LEN];
	static atomic_t next;
	char *sentence = ring[(u32)atomic_inc_return(&next) % SENTENCES];
	va_list args;

	va_start(args, format);
	vscnprintf(sentence, SENTENCE_LEN, format, args);
	va_end(args);
	return sentence;
}
