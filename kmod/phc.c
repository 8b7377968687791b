// SPDX-License-Identifier: GPL-2.0
/*
 * A PTP hardware clock by its open file: the kernel exports no other way to one.
 * The file keeps the clock's structure, but not its hardware, which may be
 * unplugged at any time: then the clock is a zombie.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/netdevice.h>
#include <linux/posix-clock.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>
#include "phc.h"

#define READINGS	5
/* The last whole second that 64 bits of ns can count. */
#define SECONDS_MAX	18446744072LL

static struct posix_clock *clock_of(const struct file *file)
{
	return container_of(file_inode(file)->i_cdev, struct posix_clock, cdev);
}

/* All devices are of one type of kernel objects, which has no other name. */
static bool is_device(const struct kobject *kobj)
{
	return kobj && kobj->ktype == init_net.loopback_dev->dev.kobj.ktype;
}

/*
 * Only the class "ptp" has clocks of this kind, and each says which device it
 * belongs to. What a file's private data is differs between kernels.
 */
static bool is_phc(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	const struct device *dev;

	if (!S_ISCHR(inode->i_mode) || !inode->i_cdev ||
	    !is_device(inode->i_cdev->kobj.parent))
		return false;
	dev = container_of(inode->i_cdev->kobj.parent, struct device, kobj);
	return dev->class && !strcmp(dev->class->name, "ptp") &&
	       clock_of(file)->dev == dev;
}

/**
 * lh_phc_get - hold the PTP hardware clock that a file is
 * @fd: the file's number in the current process
 *
 * Return: the file, for fput(), or an ERR_PTR: -EBADF if there is no such file,
 * -ENOTTY if it is something else.
 */
struct file *lh_phc_get(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (is_phc(file))
		return file;
	fput(file);
	return ERR_PTR(-ENOTTY);
}

/**
 * lh_phc_name - name of a PTP hardware clock
 * @file: the clock
 *
 * Return: its name, "ptp0" for instance; it lives as long as the file is held.
 */
const char *lh_phc_name(const struct file *file)
{
	return dev_name(clock_of(file)->dev);
}

static int read_once(struct posix_clock *clock, struct lh_reading *r)
{
	struct timespec64 ts;
	int err;

	r->before = ktime_get_raw_ns();
	err = clock->ops.clock_gettime(clock, &ts);
	r->after = ktime_get_raw_ns();
	if (err)
		return err;
	if (ts.tv_sec < 0 || ts.tv_sec > SECONDS_MAX)
		return -ERANGE;
	r->clock = (u64)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	return 0;
}

/**
 * lh_phc_sample - read a PTP hardware clock
 * @file: the clock
 * @rate: its rate, LH_RATE_ONE if it is not known
 * @s: receives the sample
 *
 * Takes as long as the hardware does, and may sleep.
 *
 * Return: 0, or -ENODEV if the clock is gone, -ETIME if it took too long, or
 * what the clock's driver says.
 */
int lh_phc_sample(struct file *file, u32 rate, struct lh_sample *s)
{
	struct posix_clock *clock = clock_of(file);
	struct lh_reading readings[READINGS];
	u32 n = 0, slow = 0;
	int err;

	down_read(&clock->rwsem);
	err = clock->zombie ? -ENODEV : 0;
	/* One slow reading may be bad luck, two are a slow clock. */
	while (!err && n < READINGS && slow < 2) {
		err = read_once(clock, &readings[n]);
		if (readings[n].after - readings[n].before > LH_BRACKET_NS_MAX)
			slow++;
		n++;
	}
	up_read(&clock->rwsem);
	if (!err && !lh_sample_make(s, readings, n, rate))
		err = -ETIME;
	return err;
}
