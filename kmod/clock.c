// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of a network namespace. Packets never wait for hardware: a worker
 * reads a PTP hardware clock, and they convert the CPU's raw monotonic time.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/netlink.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>
#include "clock.h"
#include "netlink.h"
#include "phc.h"

/* Between the first two readings: enough for a first idea of the rate. */
#define START_US	2000

/*
 * Grows when the system goes to sleep, and when it is awake again: odd in between.
 * The raw time stands still then, and a view from before is worth nothing. Written
 * by the notifier alone, which is called once at a time.
 */
static u32 sleeps;

static void publish(struct lh_clock *clock, const struct lh_clock_view *view)
{
	lockdep_assert_held(&clock->lock);
	raw_write_seqcount_latch(&clock->seq);
	clock->views[0] = *view;
	raw_write_seqcount_latch(&clock->seq);
	clock->views[1] = *view;
}

static void now(const struct lh_clock_view *view, struct lh_time *t)
{
	*t = (struct lh_time) {};
	switch (view->source) {
	case LABELHOP_CLOCK_TAI:
		t->tai = ktime_get_clocktai_ns();
		break;
	case LABELHOP_CLOCK_REALTIME:
		t->tai = ktime_get_real_ns() +
			 (s64)view->utc_offset * NSEC_PER_SEC;
		break;
	case LABELHOP_CLOCK_PHC:
		lh_timebase_at(&view->base, ktime_get_raw_fast_ns(), t);
		break;
	}
}

/* Has the system slept since, or is it about to? */
static bool slept(const struct lh_clock_view *view)
{
	u32 count = READ_ONCE(sleeps);

	return count % 2 || count != view->sleeps;
}

/**
 * lh_clock_now - what time is it?
 * @clock: the clock
 * @t: receives the time
 *
 * Return: whether it is to be trusted; with LABELHOP_STATE_UNSET there is none.
 */
enum labelhop_state lh_clock_now(const struct lh_clock *clock,
				 struct lh_time *t)
{
	unsigned int seq;
	u8 source;

	do {
		const struct lh_clock_view *view;

		seq = raw_read_seqcount_latch(&clock->seq);
		view = &clock->views[seq & 1];
		source = view->source;
		now(view, t);
		if (source == LABELHOP_CLOCK_PHC && slept(view))
			t->age = ~0ULL;
	} while (read_seqcount_latch_retry(&clock->seq, seq));
	return source == LABELHOP_CLOCK_UNSET ? LABELHOP_STATE_UNSET :
						lh_time_state(t);
}

/* A new state is told once. */
static void tell_state(struct lh_clock *clock)
{
	struct lh_time t;
	u8 state = lh_clock_now(clock, &t);

	if (state == clock->told)
		return;
	clock->told = state;
	lh_nl_clock_tell(clock, LABELHOP_CMD_CLOCK_STATE_NTF);
}

static void miss(struct lh_clock *clock)
{
	clock->bad++;
	clock->fit.period = min(2 * clock->fit.period, LH_PERIOD_NS_MAX);
}

static void take(struct lh_clock *clock, const struct lh_sample *s, u32 count)
{
	struct lh_clock_view view = {
		.sleeps = count,
		.source = LABELHOP_CLOCK_PHC,
	};
	enum lh_fitted fitted;

	fitted = lh_fit_add(&clock->fit, s, ktime_get_raw_ns());
	if (fitted == LH_FITTED_DOUBT) {
		clock->bad++;
		return;
	}
	clock->samples++;
	view.base = clock->fit.base;
	publish(clock, &view);
	if (fitted == LH_FITTED_STEP) {
		clock->steps++;
		lh_nl_clock_tell(clock, LABELHOP_CMD_CLOCK_STEP_NTF);
	}
}

/*
 * The state follows from the age of the last good sample, so that it is right
 * even if this work hangs in hardware. It goes on until the end is told.
 */
static void work(struct work_struct *w)
{
	struct lh_clock *clock = container_of(to_delayed_work(w),
					      struct lh_clock, work);
	u32 count = READ_ONCE(sleeps);
	struct lh_sample s;
	int err = -ENODEV;

	if (clock->phc)
		err = lh_phc_sample(clock->phc, clock->fit.base.line.rate, &s);
	if (err == -ENODEV && clock->phc) {
		fput(clock->phc);
		clock->phc = NULL;
	}
	mutex_lock(&clock->lock);
	/* What it was until now, however short: this sample may end it. */
	tell_state(clock);
	if (err)
		miss(clock);
	else
		take(clock, &s, count);
	tell_state(clock);
	if (clock->phc || clock->told != LABELHOP_STATE_FAILED)
		queue_delayed_work(lh_queue, &clock->work,
				   nsecs_to_jiffies(clock->fit.period));
	mutex_unlock(&clock->lock);
}

static void replace(struct lh_clock *clock, struct file *phc,
		    const struct lh_fit *fit, const struct lh_clock_view *view)
{
	struct file *old;

	cancel_delayed_work_sync(&clock->work);
	mutex_lock(&clock->lock);
	old = clock->phc;
	clock->phc = phc;
	if (phc) {
		clock->fit = *fit;
		strscpy(clock->name, lh_phc_name(phc), sizeof(clock->name));
	}
	publish(clock, view);
	clock->samples = 0;
	clock->bad = 0;
	clock->steps = 0;
	clock->told = view->source == LABELHOP_CLOCK_UNSET ?
		      LABELHOP_STATE_UNSET : LABELHOP_STATE_LOCKED;
	lh_nl_clock_tell(clock, LABELHOP_CMD_CLOCK_SET_NTF);
	mutex_unlock(&clock->lock);
	if (phc)
		queue_delayed_work(lh_queue, &clock->work,
				   nsecs_to_jiffies(fit->period));
	if (old)
		fput(old);
}

/**
 * lh_clock_set - choose the system's clock, or none
 * @clock: the clock
 * @source: enum labelhop_clock other than LABELHOP_CLOCK_PHC
 * @utc_offset: TAI - UTC in s, for LABELHOP_CLOCK_REALTIME
 */
void lh_clock_set(struct lh_clock *clock, u8 source, s32 utc_offset)
{
	const struct lh_clock_view view = {
		.source = source,
		.utc_offset = utc_offset,
	};

	replace(clock, NULL, NULL, &view);
}

static int start(struct file *phc, struct lh_fit *fit,
		 struct netlink_ext_ack *extack)
{
	struct lh_sample first, second;
	int err = lh_phc_sample(phc, LH_RATE_ONE, &first);

	usleep_range(START_US, 2 * START_US);
	if (!err)
		err = lh_phc_sample(phc, LH_RATE_ONE, &second);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the PTP hardware clock can't be read, or not within 10 ms");
		return err;
	}
	if (lh_fit_start(fit, &first, &second))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "the PTP hardware clock stands still, or is far from keeping time");
	return -EINVAL;
}

/**
 * lh_clock_set_phc - choose a PTP hardware clock
 * @clock: the clock
 * @fd: an open file of the current process that is one
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_clock_set_phc(struct lh_clock *clock, int fd,
		     struct netlink_ext_ack *extack)
{
	struct lh_clock_view view = {
		.sleeps = READ_ONCE(sleeps),
		.source = LABELHOP_CLOCK_PHC,
	};
	struct file *phc = lh_phc_get(fd);
	struct lh_fit fit;
	int err;

	if (IS_ERR(phc)) {
		NL_SET_ERR_MSG(extack, "fd is not a PTP hardware clock");
		return PTR_ERR(phc);
	}
	err = start(phc, &fit, extack);
	if (err) {
		fput(phc);
		return err;
	}
	view.base = fit.base;
	replace(clock, phc, &fit, &view);
	return 0;
}

/**
 * lh_clock_init - a clock that is not set
 * @clock: the clock, all zero
 */
void lh_clock_init(struct lh_clock *clock)
{
	mutex_init(&clock->lock);
	seqcount_latch_init(&clock->seq);
	INIT_DELAYED_WORK(&clock->work, work);
}

/**
 * lh_clock_exit - let go of a clock
 * @clock: the clock, which nothing uses any more
 */
void lh_clock_exit(struct lh_clock *clock)
{
	cancel_delayed_work_sync(&clock->work);
	if (clock->phc)
		fput(clock->phc);
	mutex_destroy(&clock->lock);
}

/*
 * What was known of a PTP hardware clock holds neither while the system sleeps nor
 * after, until its worker has read it again. The worker tells of the state.
 */
static int pm_event(struct notifier_block *nb, unsigned long event,
		    void *unused)
{
	bool asleep = event == PM_SUSPEND_PREPARE ||
		      event == PM_HIBERNATION_PREPARE ||
		      event == PM_RESTORE_PREPARE;

	if (asleep != sleeps % 2)
		WRITE_ONCE(sleeps, sleeps + 1);
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = {
	.notifier_call = pm_event,
};

/**
 * lh_clock_init_module - what all clocks need
 *
 * Return: 0 or a negative errno.
 */
int lh_clock_init_module(void)
{
	return register_pm_notifier(&pm_notifier);
}

/**
 * lh_clock_exit_module - the same, when no clock is left
 */
void lh_clock_exit_module(void)
{
	unregister_pm_notifier(&pm_notifier);
}
