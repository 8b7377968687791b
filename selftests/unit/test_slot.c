// SPDX-License-Identifier: GPL-2.0
/* slot.c */
#include <string.h>
#include "ktap.h"
#include "packet.h"
#include "slot.h"
#include "vec.h"

#define TIME_MAX	(~0ULL)

static void slots_of(struct lh_slots *s, struct json_object *obj)
{
	struct lh_params p;

	vec_params(&p, obj);
	lh_slots_init(s, p.epoch, p.lifetime, p.slots, p.n_slots);
	vec_params_free(&p);
}

static void test_vectors(void)
{
	struct json_object *doc = vec_load("derive.json");
	struct json_object *groups = vec_get(doc, "groups");
	size_t i, j;

	for (i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *group = vec_at(groups, i);
		struct json_object *cases = vec_get(group, "cases");
		struct lh_slots s;

		slots_of(&s, vec_get(group, "params"));
		for (j = 0; j < json_object_array_length(cases); j++) {
			struct json_object *c = vec_at(cases, j);
			struct lh_slot slot;

			ktap_context("%s, at %llu", vec_str(group, "name"),
				     vec_u64(c, "at"));
			lh_slot_at(&s, vec_u64(c, "at"), &slot);
			CHECK_U64(slot.number, vec_u64(c, "slot"));
			CHECK_U64(slot.start, vec_u64(c, "start"));
			CHECK_U64(slot.end, vec_u64(c, "end"));
			CHECK(lh_slot_holds(&slot, vec_u64(c, "at")),
			      "the slot does not hold its time");
		}
	}
	json_object_put(doc);
}

static void test_window_vectors(void)
{
	struct json_object *doc = vec_load("window.json");
	struct json_object *groups = vec_get(doc, "groups");
	size_t i, j, k;

	for (i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *group = vec_at(groups, i);
		struct json_object *cases = vec_get(group, "cases");
		struct lh_slots s;

		slots_of(&s, vec_get(group, "params"));
		for (j = 0; j < json_object_array_length(cases); j++) {
			struct json_object *c = vec_at(cases, j);
			struct json_object *valid = vec_at(c, 3);
			struct lh_slot first, last;
			struct lh_window w;
			const char *word;
			u64 number;

			ktap_context("%s: %s", vec_str(group, "name"),
				     json_object_get_string(c));
			word = reason_word(lh_slot_window(&s, vec_u64_at(c, 0),
							  vec_u64_at(c, 2),
							  vec_u64_at(c, 1),
							  &w));
			if (json_object_is_type(valid, json_type_string)) {
				CHECK(!strcmp(word, vec_str_at(c, 3)),
				      "found %s", word);
				continue;
			}
			if (!CHECK(!strcmp(word, "none"), "found %s", word))
				continue;
			CHECK_U64(lh_slot_state(&s, w.first), 0);
			CHECK_U64(lh_slot_state(&s, w.last), 0);
			lh_slot_at(&s, w.first, &first);
			lh_slot_at(&s, w.last, &last);
			number = first.number;
			for (k = 0; k < json_object_array_length(valid); k++)
				CHECK_U64(number++, vec_u64_at(valid, k));
			CHECK_U64(number, last.number + 1);
		}
	}
	json_object_put(doc);
}

/* Slot after slot, as someone would count who has never missed one. */
static void test_accumulated(void)
{
	u64 state = 11, d[LABELHOP_SLOTS_MAX];
	int round;

	for (round = 0; round < 60; round++) {
		u32 n = round % 3 == 2 ? 256 : 1 + vec_random(&state) % 8, i;
		u64 t = vec_random(&state) >> 1, number;
		struct lh_slots s;

		for (i = 0; i < n; i++)
			d[i] = 1000 + vec_random(&state) % 5000;
		lh_slots_init(&s, t, 0, d, n);
		for (number = 0; number < 3 * n + 3; number++) {
			const u64 end = t + d[number % n];
			const u64 at[] = { t, t + 1, (t + end) / 2, end - 1 };
			struct lh_slot slot;
			size_t j;

			ktap_context("round %d, slot %llu", round, number);
			for (j = 0; j < ARRAY_SIZE(at); j++) {
				lh_slot_at(&s, at[j], &slot);
				CHECK_U64(slot.number, number);
				CHECK_U64(slot.start, t);
				CHECK_U64(slot.end, end);
			}
			t = end;
		}
	}
}

/* The page's formulas in 128 bits, where nothing wraps. */
static void naive_slot(u64 epoch, const u64 *d, u32 n, u64 t,
		       struct lh_slot *slot)
{
	unsigned __int128 cycle = 0, before = 0, q, r, end;
	u32 i;

	for (i = 0; i < n; i++)
		cycle += d[i];
	q = (t - epoch) / cycle;
	r = (t - epoch) % cycle;
	for (i = 0; r >= before + d[i]; i++)
		before += d[i];
	slot->number = q * n + i;
	slot->start = epoch + q * cycle + before;
	end = epoch + q * cycle + before + d[i];
	slot->end = end > TIME_MAX ? TIME_MAX : end;
}

/* Durations of all kinds: shortest, longest, all the same, and any. */
static u32 random_durations(u64 *state, u64 *d)
{
	static const u32 counts[] = { 1, 2, 3, 8, 255, 256 };
	u32 n = counts[vec_random(state) % ARRAY_SIZE(counts)], i;
	u64 kind = vec_random(state) % 5;

	for (i = 0; i < n; i++) {
		u64 x = vec_random(state);

		switch (kind) {
		case 0:
			d[i] = LABELHOP_SLOT_NS_MIN;
			break;
		case 1:
			d[i] = LABELHOP_SLOT_NS_MAX;
			break;
		case 2:
			d[i] = x & 1 ? LABELHOP_SLOT_NS_MIN :
				       LABELHOP_SLOT_NS_MAX;
			break;
		default:
			d[i] = LABELHOP_SLOT_NS_MIN +
			       x % (kind == 3 ? 100 : LABELHOP_SLOT_NS_MAX -
						      LABELHOP_SLOT_NS_MIN);
		}
	}
	return n;
}

/* A time that is likely to be at a limit of 64 bits, or anywhere. */
static u64 random_time(u64 *state)
{
	u64 x = vec_random(state), near = vec_random(state) % 4000;

	switch (x % 4) {
	case 0:
		return near;
	case 1:
		return TIME_MAX - near;
	case 2:
		return x >> vec_random(state) % 64;
	default:
		return x;
	}
}

static void test_random(void)
{
	u64 state = 12, d[LABELHOP_SLOTS_MAX];
	int round, i;

	for (round = 0; round < 3000; round++) {
		u32 n = random_durations(&state, d);
		u64 epoch = random_time(&state);
		struct lh_slots s;

		lh_slots_init(&s, epoch, 0, d, n);
		for (i = 0; i < 12; i++) {
			u64 t = random_time(&state);
			struct lh_slot slot, other;

			ktap_context("round %d, epoch %llu, %u slots, at %llu",
				     round, epoch, n, t);
			CHECK_U64(lh_slot_state(&s, t),
				  t < epoch ? LABELHOP_REASON_NOT_YET : 0);
			if (t < epoch)
				continue;
			lh_slot_at(&s, t, &slot);
			naive_slot(epoch, d, n, t, &other);
			CHECK_U64(slot.number, other.number);
			CHECK_U64(slot.start, other.start);
			CHECK_U64(slot.end, other.end);
		}
	}
}

/* A slot holds a time if and only if it is the slot of that time. */
static void test_holds(void)
{
	static const struct lh_slot none;
	u64 state = 13, d[LABELHOP_SLOTS_MAX];
	int round;
	size_t i;

	for (round = 0; round < 3000; round++) {
		u32 n = random_durations(&state, d);
		u64 epoch = random_time(&state), t = random_time(&state);
		struct lh_slot slot, other;
		struct lh_slots s;

		/* In every second round a slot ends just at 2^64 - 1. */
		if (round & 1)
			epoch = TIME_MAX - d[0];
		if (t < epoch)
			t = epoch;
		lh_slots_init(&s, epoch, 0, d, n);
		lh_slot_at(&s, t, &slot);
		{
			const u64 at[] = {
				slot.start, slot.start - 1, slot.end,
				slot.end - 1, TIME_MAX, TIME_MAX - 1, epoch,
				random_time(&state),
			};

			for (i = 0; i < ARRAY_SIZE(at); i++) {
				ktap_context("epoch %llu, slot %llu..%llu, at %llu",
					     epoch, slot.start, slot.end,
					     at[i]);
				CHECK(!lh_slot_holds(&none, at[i]),
				      "a free entry holds it");
				if (at[i] < epoch)
					continue;
				lh_slot_at(&s, at[i], &other);
				CHECK_U64(lh_slot_holds(&slot, at[i]),
					  slot.number == other.number);
			}
		}
	}
	ktap_context("time 0");
	CHECK(!lh_slot_holds(&none, 0), "a free entry holds it");
}

static void test_state(void)
{
	static const struct {
		u64 epoch, lifetime, t;
		enum labelhop_reason reason;
	} cases[] = {
		{ 0, 0, 0, 0 },
		{ 0, 0, TIME_MAX, 0 },
		{ 0, 1, 0, 0 },
		{ 0, 1, 1, LABELHOP_REASON_EXPIRED },
		{ 0, TIME_MAX, TIME_MAX - 1, 0 },
		{ 0, TIME_MAX, TIME_MAX, LABELHOP_REASON_EXPIRED },
		{ 1, 0, 0, LABELHOP_REASON_NOT_YET },
		{ 5, 10, 4, LABELHOP_REASON_NOT_YET },
		{ 5, 10, 5, 0 },
		{ 5, 10, 14, 0 },
		{ 5, 10, 15, LABELHOP_REASON_EXPIRED },
		{ TIME_MAX, 0, TIME_MAX - 1, LABELHOP_REASON_NOT_YET },
		{ TIME_MAX, 0, TIME_MAX, 0 },
		{ TIME_MAX - 1, 1, TIME_MAX - 1, 0 },
		{ TIME_MAX - 1, 1, TIME_MAX, LABELHOP_REASON_EXPIRED },
	};
	const u64 d = 1000;
	struct lh_slots s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ktap_context("case %zu", i);
		lh_slots_init(&s, cases[i].epoch, cases[i].lifetime, &d, 1);
		CHECK_U64(lh_slot_state(&s, cases[i].t), cases[i].reason);
	}
}

/*
 * The page's window in 128 bits, for any settings: also those that no receiver
 * is given may not wrap.
 */
static void test_window_random(void)
{
	u64 state = 14, d[LABELHOP_SLOTS_MAX];
	int round;

	for (round = 0; round < 60000; round++) {
		u64 epoch = random_time(&state), now = random_time(&state);
		u64 tolerance = random_time(&state), lifetime = 0;
		u64 delay = random_time(&state);
		__int128 lo, hi, over = (__int128)1 << 64;
		struct lh_slots s;
		struct lh_window w;
		u32 reason;

		if (round & 1 && epoch < TIME_MAX)
			lifetime = 1 + random_time(&state) % (TIME_MAX - epoch);
		if (round & 2)
			now = epoch + lifetime + delay;
		if (lifetime)
			over = (__int128)epoch + lifetime;
		lo = (__int128)now - delay - tolerance;
		hi = (__int128)now - delay + tolerance;
		if (lo < 0)
			lo = 0;
		if (hi < 0)
			hi = 0;
		if (hi > TIME_MAX)
			hi = TIME_MAX;
		lh_slots_init(&s, epoch, lifetime, d,
			      random_durations(&state, d));
		ktap_context("epoch %llu, lifetime %llu, now %llu, delay %llu, tolerance %llu",
			     epoch, lifetime, now, delay, tolerance);
		reason = lh_slot_window(&s, now, delay, tolerance, &w);
		if (hi < epoch) {
			CHECK_U64(reason, LABELHOP_REASON_NOT_YET);
		} else if (lo >= over) {
			CHECK_U64(reason, LABELHOP_REASON_EXPIRED);
		} else if (CHECK(!reason, "%s", reason_word(reason))) {
			CHECK_U64(w.first, lo < epoch ? epoch : (u64)lo);
			CHECK_U64(w.last, hi >= over ? over - 1 : hi);
		}
	}
}

/*
 * No drift: after any number of cycles, over decades and up to the end of time,
 * all is as it was in the first. A slot is found as fast there as here: counting
 * to a slot of a microsecond in the year 2100 would take days.
 */
static void test_years(void)
{
	static const u64 year_2100 = 4102444837000000000;
	u64 state = 15, d[LABELHOP_SLOTS_MAX];
	int round, i;

	for (round = 0; round < 3000; round++) {
		u32 n = random_durations(&state, d);
		u64 epoch = vec_random(&state) % year_2100;
		struct lh_slot first, later;
		struct lh_slots s;

		lh_slots_init(&s, epoch, 0, d, n);
		for (i = 0; i < 12; i++) {
			u64 t = epoch + vec_random(&state) % s.cycle;
			u64 cycles = (year_2100 - epoch) / s.cycle;

			if (i & 1)
				cycles = vec_random(&state) %
					 ((TIME_MAX - t) / s.cycle);
			ktap_context("epoch %llu, %u slots, at %llu, %llu cycles later",
				     epoch, n, t, cycles);
			lh_slot_at(&s, t, &first);
			lh_slot_at(&s, t + cycles * s.cycle, &later);
			CHECK_U64(later.number, first.number + cycles * n);
			CHECK_U64(later.start, first.start + cycles * s.cycle);
			CHECK_U64(later.duration, first.duration);
			CHECK_U64(later.duration, d[later.number % n]);
		}
	}
}

/*
 * What the window is for: a packet that was stamped within the tolerance of when
 * it should have been is in a valid slot; a slot that is not valid has no instant
 * within the tolerance.
 */
static void test_window_meaning(void)
{
	u64 state = 16, d[LABELHOP_SLOTS_MAX];
	int round, i;

	for (round = 0; round < 20000; round++) {
		u64 delay = vec_random(&state) % LABELHOP_SLOT_NS_MAX;
		u64 epoch = vec_random(&state) / 2, tolerance, wanted, now;
		struct lh_slot first, last, slot;
		struct lh_slots s;
		struct lh_window w;
		u32 n = random_durations(&state, d), k;

		tolerance = d[0];
		for (k = 1; k < n; k++)
			tolerance = d[k] < tolerance ? d[k] : tolerance;
		tolerance = vec_random(&state) % (tolerance / 2 + 1);
		lh_slots_init(&s, epoch, 0, d, n);
		/* When it should have been stamped, often just at a boundary. */
		wanted = epoch + LABELHOP_SLOT_NS_MAX + vec_random(&state) / 4;
		lh_slot_at(&s, wanted, &slot);
		if (round & 1)
			wanted = slot.start + vec_random(&state) % 3 - 1 +
				 (round & 2 ? tolerance : -tolerance);
		now = wanted + delay;
		ktap_context("epoch %llu, now %llu, delay %llu, tolerance %llu",
			     epoch, now, delay, tolerance);
		if (!CHECK(!lh_slot_window(&s, now, delay, tolerance, &w),
			   "not valid"))
			continue;
		lh_slot_at(&s, w.first, &first);
		lh_slot_at(&s, w.last, &last);
		for (i = 0; i < 6; i++) {
			u64 off = i == 0 ? 0 : i == 1 ? 2 * tolerance :
				  vec_random(&state) % (2 * tolerance + 1);

			lh_slot_at(&s, wanted - tolerance + off, &slot);
			CHECK(slot.number >= first.number &&
			      slot.number <= last.number,
			      "slot %llu, off by %llu, is not valid",
			      slot.number, off);
		}
		CHECK(last.number - first.number < 2, "%llu to %llu are valid",
		      first.number, last.number);
		CHECK(first.end > wanted - tolerance,
		      "the first valid slot was over");
		CHECK(last.start <= wanted + tolerance,
		      "the last valid slot was yet to come");
	}
}

const struct test slot_tests[] = {
	{ "slot.vectors", test_vectors },
	{ "slot.window_vectors", test_window_vectors },
	{ "slot.accumulated", test_accumulated },
	{ "slot.random", test_random },
	{ "slot.holds", test_holds },
	{ "slot.state", test_state },
	{ "slot.window_random", test_window_random },
	{ "slot.years", test_years },
	{ "slot.window_meaning", test_window_meaning },
	{}
};
