/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_CLOCK_H
#define LABELHOP_CLOCK_H

#include <linux/types.h>
#include <linux/labelhop.h>

/**
 * struct lh_clock - where the time of a network namespace comes from
 * @source: enum labelhop_clock
 * @utc_offset: TAI - UTC in s, for LABELHOP_CLOCK_REALTIME
 *
 * Written under lh_net.lock, read by the packet path without any: @utc_offset
 * is written before @source and means nothing to the other sources.
 */
struct lh_clock {
	u8 source;
	s32 utc_offset;
};

void lh_clock_set(struct lh_clock *clock, u8 source, s32 utc_offset);
bool lh_clock_now(const struct lh_clock *clock, u64 *now);

#endif /* LABELHOP_CLOCK_H */
