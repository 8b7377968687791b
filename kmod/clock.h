/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_CLOCK_H
#define LABELHOP_CLOCK_H

#include <linux/mutex.h>
#include <linux/seqlock.h>
#include <linux/workqueue.h>
#include "timebase.h"

struct file;
struct netlink_ext_ack;

/**
 * struct lh_clock_view - what the packet path reads of a clock
 * @base: for LABELHOP_CLOCK_PHC
 * @sleeps: the count of clock.c when @base was made
 * @utc_offset: TAI - UTC in s, for LABELHOP_CLOCK_REALTIME
 * @source: enum labelhop_clock
 */
struct lh_clock_view {
	struct lh_timebase base;
	u32 sleeps;
	s32 utc_offset;
	u8 source;
};

/**
 * struct lh_clock - where the time of a network namespace comes from
 * @lock: serialises all but the packet path; never held while hardware is read
 * @views: what holds, twice: one is read while the other is written
 * @seq: says which; a latch, as an update then needs neither memory, which it
 *	might not get, nor does a reader wait for one that was preempted
 * @fit: of the PTP hardware clock; written under @lock by @work alone
 * @phc: the PTP hardware clock, NULL if there is none, or it is gone; set while
 *	@work does not run, or by it
 * @name: of that clock, also when it is gone
 * @work: reads it
 * @samples: readings that were good; under @lock, as what follows
 * @bad: those that failed, took too long or did not fit
 * @steps: steps that were followed
 * @told: the state that the last event told of
 */
struct lh_clock {
	struct mutex lock; /* see above */
	struct lh_clock_view views[2];
	seqcount_latch_t seq;
	struct lh_fit fit;
	struct file *phc;
	char name[LABELHOP_DEVICE_LEN];
	struct delayed_work work;
	u64 samples;
	u64 bad;
	u64 steps;
	u8 told;
};

int lh_clock_init_module(void);
void lh_clock_exit_module(void);
void lh_clock_init(struct lh_clock *clock);
void lh_clock_exit(struct lh_clock *clock);
void lh_clock_set(struct lh_clock *clock, u8 source, s32 utc_offset);
int lh_clock_set_phc(struct lh_clock *clock, int fd,
		     struct netlink_ext_ack *extack);
enum labelhop_state lh_clock_now(const struct lh_clock *clock,
				 struct lh_time *t);

#endif /* LABELHOP_CLOCK_H */
