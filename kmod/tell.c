// SPDX-License-Identifier: GPL-2.0
/* Events that packets cause: at most one a second in a namespace, however many come. */
#include <linux/jiffies.h>
#include "tell.h"

/**
 * lh_tell_unmatched - tell of a packet that carries a VPN label and is for no session
 * @ln: the namespace
 * @s: a session of the VPN label
 *
 * Context: softirq, under RCU.
 */
void lh_tell_unmatched(struct lh_net *ln, const struct lh_session *s)
{
	if (time_before(jiffies, READ_ONCE(ln->tell_next)))
		return;
	WRITE_ONCE(ln->tell_next, jiffies + HZ);
	WRITE_ONCE(ln->tell_session, s->handle);
	queue_work(lh_queue, &ln->tell_work);
}
