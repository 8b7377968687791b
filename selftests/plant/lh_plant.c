// SPDX-License-Identifier: GPL-2.0
/*
 * Does what a debug kernel must report, once, when it is loaded:
 *
 *   fault=leak      memory that nobody can free any more
 *   fault=order     two locks, in one order and then in the other
 *   fault=sleep     what may sleep, below a spin lock
 *   fault=rcu       reads what RCU protects, without its protection
 *   fault=timer     frees a timer that still runs
 *   fault=shift     shifts an integer by more bits than it has
 *   fault=race      two threads write to the same memory, without a word to the
 *                   compiler
 *
 * LKDTM, which these kernels have too, does the rest.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *fault = "";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "what to do wrong");

static void *last;

/* Many: stale pointers to some may still be in a cache of the allocator. */
static void plant_leak(void)
{
	int i;

	for (i = 0; i < 1000; i++)
		WRITE_ONCE(last, kmalloc(64, GFP_KERNEL));
}

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);

static void plant_order(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);

	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static void plant_sleep(void)
{
	spin_lock(&first);
	might_sleep();
	spin_unlock(&first);
}

static int __rcu *shared;

static void plant_rcu(void)
{
	pr_info("read %p\n", rcu_dereference(shared));
}

static void expired(struct timer_list *timer)
{
}

static void plant_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, expired, 0);
	mod_timer(timer, jiffies + 100 * HZ);
	kfree(timer);
}

static int bits = 40;

static void plant_shift(void)
{
	pr_info("shifted %x\n", 1U << READ_ONCE(bits));
}

static int raced;

static int race(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		cond_resched();
	}
	return 0;
}

static void plant_race(void)
{
	struct task_struct *threads[2];
	int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = kthread_run(race, NULL, "lh_race");
	msleep(2000);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (!IS_ERR(threads[i]))
			kthread_stop(threads[i]);
}

static const struct {
	const char *name;
	void (*plant)(void);
} faults[] = {
	{ "leak", plant_leak },
	{ "order", plant_order },
	{ "sleep", plant_sleep },
	{ "rcu", plant_rcu },
	{ "timer", plant_timer },
	{ "shift", plant_shift },
	{ "race", plant_race },
};

static int __init lh_plant_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(fault, faults[i].name))
			continue;
		faults[i].plant();
		return 0;
	}
	return -EINVAL;
}

static void __exit lh_plant_exit(void)
{
}

module_init(lh_plant_init);
module_exit(lh_plant_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Does wrong, for a debug kernel to see");
