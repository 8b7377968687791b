// SPDX-License-Identifier: GPL-2.0
/* The one file that reads time. */
#include <asm/barrier.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include "clock.h"

/**
 * lh_clock_set - choose the source of time
 * @clock: the clock
 * @source: enum labelhop_clock
 * @utc_offset: TAI - UTC in s, for LABELHOP_CLOCK_REALTIME
 */
void lh_clock_set(struct lh_clock *clock, u8 source, s32 utc_offset)
{
	WRITE_ONCE(clock->utc_offset, utc_offset);
	/* Pairs with lh_clock_now(): a reader of the source has its offset. */
	smp_store_release(&clock->source, source);
}

/**
 * lh_clock_now - what time is it?
 * @clock: the clock
 * @now: receives TAI ns since 1970
 *
 * Return: false if there is no usable time.
 */
bool lh_clock_now(const struct lh_clock *clock, u64 *now)
{
	/* Pairs with lh_clock_set(). */
	switch (smp_load_acquire(&clock->source)) {
	case LABELHOP_CLOCK_TAI:
		*now = ktime_get_clocktai_ns();
		return true;
	case LABELHOP_CLOCK_REALTIME:
		*now = ktime_get_real_ns() +
		       (s64)READ_ONCE(clock->utc_offset) * NSEC_PER_SEC;
		return true;
	default:
		return false;
	}
}
