// SPDX-License-Identifier: GPL-2.0
/* slot.c and params.c: slots, windows and which sets are allowed. */
#include <string.h>
#include "fuzz.h"
#include "model.h"

static void check_slot(const struct lh_slots *s, const struct lh_params *p,
		       u64 t, struct lh_slot *slot)
{
	struct lh_slot wanted;

	lh_slot_at(s, t, slot);
	model_slot(p, t, &wanted);
	CHECK_U64(slot->number, wanted.number);
	CHECK_U64(slot->start, wanted.start);
	CHECK_U64(slot->end, wanted.end);
	CHECK_U64(slot->duration, wanted.duration);
	CHECK(slot->start <= t && lh_slot_holds(slot, t),
	      "the slot does not hold its time");
}

/* Later instants have later slots; a slot ends where the next begins. */
static void check_order(const struct lh_slots *s, const struct lh_params *p,
			u64 a, u64 b)
{
	struct lh_slot first, second, next;

	check_slot(s, p, a, &first);
	check_slot(s, p, b, &second);
	CHECK(a > b || first.number <= second.number, "slots go back in time");
	CHECK_U64(lh_slot_holds(&first, b), first.number == second.number);
	if (first.end - first.start != first.duration ||
	    first.end == FUZZ_TIME_MAX)
		return;
	check_slot(s, p, first.end, &next);
	CHECK_U64(next.number, first.number + 1);
	CHECK_U64(next.start, first.end);
}

/* Counts as the receiver walks: from slot to slot until the window is over. */
static unsigned int slots_in(const struct lh_slots *s,
			     const struct lh_window *w)
{
	struct lh_slot slot;
	unsigned int n = 1;

	lh_slot_at(s, w->first, &slot);
	while (!lh_slot_holds(&slot, w->last) && n <= LH_HOPS_MAX) {
		lh_slot_at(s, slot.end, &slot);
		n++;
	}
	return n;
}

static void check_window(const struct lh_slots *s, const struct lh_params *p,
			 const struct fuzz_settings *set)
{
	struct lh_window w, wanted, later;
	enum labelhop_reason reason;

	reason = lh_slot_window(s, set->now, set->delay, set->tolerance, &w);
	CHECK_U64(reason, model_window(p, set->now, set->delay, set->tolerance,
				       &wanted));
	if (reason)
		return;
	CHECK_U64(w.first, wanted.first);
	CHECK_U64(w.last, wanted.last);
	CHECK(w.first <= w.last, "the window is empty");
	CHECK(!lh_slot_state(s, w.first) && !lh_slot_state(s, w.last),
	      "the window is not within the life of the set");
	if (lh_params_fit_window(p, set->tolerance))
		CHECK(slots_in(s, &w) <= LH_HOPS_MAX,
		      "more slots than the receiver looks at");
	if (set->now == FUZZ_TIME_MAX ||
	    lh_slot_window(s, set->now + 1, set->delay, set->tolerance, &later))
		return;
	CHECK(w.first <= later.first && w.last <= later.last,
	      "the window goes back in time");
}

static void check_fit(const struct lh_params *p, u64 tolerance)
{
	bool fits = true;
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		fits &= p->slots[i] >= (__int128)2 * tolerance;
	CHECK_U64(lh_params_fit_window(p, tolerance), fits);
}

static void check_valid(const struct lh_params *p)
{
	struct lh_params_fault fault = {};
	bool valid = lh_params_valid(p, &fault);

	CHECK_U64(valid, model_valid(p));
	if (valid)
		CHECK(!fault.text, "a valid set has the fault %s", fault.text);
	else
		CHECK(fault.attr > LABELHOP_A_PARAMS_PAD &&
		      fault.attr <= LABELHOP_A_PARAMS_MAX && fault.text &&
		      *fault.text, "no word of what is wrong");
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	struct fuzz_settings settings;
	struct fuzz_set set = {};
	struct lh_slots s;
	u64 a, b;

	input_set(&in, &set);
	check_valid(&set.p);
	if (!model_valid(&set.p))
		return;
	check_fit(&set.p, input_time(&in));
	lh_slots_init(&s, set.p.epoch, set.p.lifetime, set.p.slots,
		      set.p.n_slots);
	while (in.left) {
		a = input_time(&in);
		b = input_below(&in, 2) ? a + input_number(&in, 3) :
					  input_time(&in);
		CHECK_U64(lh_slot_state(&s, a), model_state(&set.p, a));
		if (a >= set.p.epoch && b >= set.p.epoch)
			check_order(&s, &set.p, a, b);
		input_settings(&in, &set.p, b, &settings);
		check_window(&s, &set.p, &settings);
		settings.tolerance = a;
		check_window(&s, &set.p, &settings);
	}
}
