// SPDX-License-Identifier: GPL-2.0
/* Extack sentences that are made at run time, for kernels whose extack has no
 * room for one: NL_SET_ERR_MSG_FMT() came after 6.1.
 */
#include <linux/kernel.h>
#include "compat.h"

#ifndef NL_SET_ERR_MSG_FMT

#define SENTENCES	128
#define SENTENCE_LEN	80

/**
 * lh_extack_format - give a reason that is made at run time
 * @extack: receives it
 * @format: as printf
 *
 * For handlers of generic netlink only, of which its mutex lets one run at a
 * time. netlink_ack() copies the sentence when the handler has returned, in the
 * same task and without the mutex: it is another one of these if SENTENCES were
 * made in between.
 */
void lh_extack_format(struct netlink_ext_ack *extack, const char *format, ...)
{
	static char ring[SENTENCES][SENTENCE_LEN];
	static unsigned int next;
	char *sentence = ring[next++ % SENTENCES];
	va_list args;

	va_start(args, format);
	vscnprintf(sentence, SENTENCE_LEN, format, args);
	va_end(args);
	extack->_msg = sentence;
}
#endif
