// SPDX-License-Identifier: GPL-2.0
/* Slot arithmetic: protocol.rst, "Slots" and "Validity window". */
#include "slot.h"

#define TIME_MAX	(~0ULL)

static u64 add_sat(u64 a, u64 b)
{
	return a + b < a ? TIME_MAX : a + b;
}

static u64 sub_sat(u64 a, u64 b)
{
	return a < b ? 0 : a - b;
}

/**
 * lh_slots_init - lay out the time line of a valid parameter set
 * @s: receives it
 * @epoch: TAI ns
 * @lifetime: ns, 0 for ever
 * @durations: ns each
 * @n: number of durations, 1..LABELHOP_SLOTS_MAX
 */
void lh_slots_init(struct lh_slots *s, u64 epoch, u64 lifetime,
		   const u64 *durations, u32 n)
{
	u32 i;

	s->epoch = epoch;
	s->last = lifetime ? epoch + lifetime - 1 : TIME_MAX;
	s->n = n;
	s->cycle = 0;
	s->shortest = durations[0];
	for (i = 0; i < n; i++) {
		if (durations[i] < s->shortest)
			s->shortest = durations[i];
		s->cycle += durations[i];
		s->ends[i] = s->cycle;
	}
}

/**
 * lh_slot_state - is the set valid at an instant?
 * @s: the time line
 * @t: TAI ns
 *
 * Return: LABELHOP_REASON_UNSPEC if so, else _NOT_YET or _EXPIRED.
 */
enum labelhop_reason lh_slot_state(const struct lh_slots *s, u64 t)
{
	if (t < s->epoch)
		return LABELHOP_REASON_NOT_YET;
	if (t > s->last)
		return LABELHOP_REASON_EXPIRED;
	return LABELHOP_REASON_UNSPEC;
}

/**
 * lh_slot_at - the slot that holds an instant
 * @s: the time line
 * @t: TAI ns, not before the epoch
 * @slot: receives it
 */
void lh_slot_at(const struct lh_slots *s, u64 t, struct lh_slot *slot)
{
	u64 cycles = (t - s->epoch) / s->cycle;
	u64 rest = (t - s->epoch) % s->cycle;
	u64 base = s->epoch + cycles * s->cycle;
	u32 low = 0, high = s->n - 1;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (rest < s->ends[mid])
			high = mid;
		else
			low = mid + 1;
	}
	slot->number = cycles * s->n + low;
	slot->start = base + (low ? s->ends[low - 1] : 0);
	slot->duration = s->ends[low] - (low ? s->ends[low - 1] : 0);
	slot->end = add_sat(base, s->ends[low]);
}

/**
 * lh_slot_holds - does a slot hold an instant?
 * @slot: the slot; one that is all zero holds none
 * @t: TAI ns
 *
 * Return: true if so.
 */
bool lh_slot_holds(const struct lh_slot *slot, u64 t)
{
	return t >= slot->start && t - slot->start < slot->duration;
}

/**
 * lh_slot_window - when may a packet that arrives now have been stamped?
 * @s: the time line
 * @now: TAI ns
 * @delay: the path's, ns
 * @tolerance: ns, at most half of the shortest slot
 * @w: receives the window, cut to the life of the set
 *
 * Return: LABELHOP_REASON_UNSPEC, or _NOT_YET or _EXPIRED if at no time.
 */
enum labelhop_reason lh_slot_window(const struct lh_slots *s, u64 now,
				    u64 delay, u64 tolerance,
				    struct lh_window *w)
{
	u64 first = sub_sat(now, add_sat(delay, tolerance));
	u64 last = now >= delay ? add_sat(now - delay, tolerance) :
				  sub_sat(tolerance, delay - now);

	if (last < s->epoch)
		return LABELHOP_REASON_NOT_YET;
	if (first > s->last)
		return LABELHOP_REASON_EXPIRED;
	w->first = first < s->epoch ? s->epoch : first;
	w->last = last > s->last ? s->last : last;
	return LABELHOP_REASON_UNSPEC;
}
