/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_SLOT_H
#define LABELHOP_SLOT_H

#include <linux/types.h>
#include <linux/labelhop.h>

/**
 * struct lh_slots - the time line of a parameter set
 * @epoch: start of slot 0, TAI ns
 * @last: last instant of the set, TAI ns
 * @cycle: sum of all durations, ns
 * @shortest: the shortest of them, ns
 * @n: number of durations
 * @ends: end of each duration in its cycle, ns from the cycle's start
 */
struct lh_slots {
	u64 epoch;
	u64 last;
	u64 cycle;
	u64 shortest;
	u32 n;
	u64 ends[LABELHOP_SLOTS_MAX];
};

/**
 * struct lh_slot - one slot: start <= t < end
 * @number: counts from 0 at the epoch
 * @start: TAI ns
 * @end: TAI ns, U64_MAX if later
 * @duration: ns
 */
struct lh_slot {
	u64 number;
	u64 start;
	u64 end;
	u64 duration;
};

/**
 * struct lh_window - instants at which a packet may have been stamped
 * @first: first of them, TAI ns
 * @last: last of them, TAI ns
 */
struct lh_window {
	u64 first;
	u64 last;
};

void lh_slots_init(struct lh_slots *s, u64 epoch, u64 lifetime,
		   const u64 *durations, u32 n);
enum labelhop_reason lh_slot_state(const struct lh_slots *s, u64 t);
void lh_slot_at(const struct lh_slots *s, u64 t, struct lh_slot *slot);
bool lh_slot_holds(const struct lh_slot *slot, u64 t);
enum labelhop_reason lh_slot_window(const struct lh_slots *s, u64 now,
				    u64 delay, u64 tolerance,
				    struct lh_window *w);

#endif /* LABELHOP_SLOT_H */
