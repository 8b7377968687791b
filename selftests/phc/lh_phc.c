// SPDX-License-Identifier: GPL-2.0
/*
 * PTP hardware clocks that tests can set, spoil and unplug. Each is what a driver's
 * would be: /dev/ptpN, adjusted by phc2sys or phc_ctl, and found by a network device
 * lhphcI (in the namespace of who loads this), which can do nothing else.
 *
 *   modprobe lh_phc [clocks=N]        1 to 8 clocks, 1 if not said
 *   cat /sys/kernel/debug/lh_phc/0    the first: "ptp N", which /dev/ptpN it is or
 *                                     -1; what the knobs are; "now NS", its time;
 *                                     "readings N", how many were begun; "gap NS",
 *                                     the longest time between two of them since a
 *                                     knob was turned
 *   echo "KNOB NUMBER" > /sys/kernel/debug/lh_phc/0, with these knobs:
 *
 *   step NS      steps by so much, once
 *   tai N        steps to CLOCK_REALTIME plus N seconds; 37 is what it is loaded with
 *   rate PPB     is too fast by so much, up to +-2000000000, on top of what adjfine says
 *   freeze 1     stands still, and 0 goes on from there
 *   jitter NS    each reading is off by a random number of up to +-NS
 *   slow US      a reading takes so much longer, and is of the time at its beginning
 *   hiccup US    the same for one reading in five
 *   fail ERRNO   a reading fails so, 5 is EIO; 0 no more
 *   plug 0       unplugs it: /dev/ptpN is gone, who has it open gets ENODEV; 1 plugs it
 *                in again, maybe with another N, and it has run on
 *
 * It runs on the raw monotonic clock, so nothing that is done to the system's clock
 * moves it, and it is exact but for what the knobs do.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#ifndef LH_TS_INFO
#define LH_TS_INFO	ethtool_ts_info
#endif

#define CLOCKS_MAX	8
#define RATE_MAX	(2LL * NSEC_PER_SEC)

enum knob { STEP, TAI, RATE, FREEZE, JITTER, SLOW, HICCUP, FAIL, PLUG,
	    KNOBS };

static const struct {
	const char *name;
	s64 min;
	s64 max;
} knobs[KNOBS] = {
	[STEP] = { "step", S64_MIN, S64_MAX },
	[TAI] = { "tai", S32_MIN, S32_MAX },
	[RATE] = { "rate", -RATE_MAX, RATE_MAX },
	[FREEZE] = { "freeze", 0, 1 },
	[JITTER] = { "jitter", 0, NSEC_PER_SEC },
	[SLOW] = { "slow", 0, 10 * USEC_PER_SEC },
	[HICCUP] = { "hiccup", 0, 10 * USEC_PER_SEC },
	[FAIL] = { "fail", 0, MAX_ERRNO },
	[PLUG] = { "plug", 0, 1 },
};

static unsigned int clocks = 1;
module_param(clocks, uint, 0);
MODULE_PARM_DESC(clocks, "number of clocks");

/*
 * struct phc - a clock
 *
 * At the raw monotonic time raw it was now. Until that is set anew it gains
 * fraction / 2^40 ns a ns.
 */
struct phc {
	struct ptp_clock_info info;
	struct ptp_clock *ptp;
	struct net_device *dev;
	int index;		/* -1: unplugged; read without a lock */
	struct mutex plugging;	/* of ptp, and who writes index */
	spinlock_t lock;	/* of what follows */
	u64 raw;
	u64 now;
	s64 fraction;
	s64 scaled_ppm;
	u32 readings;
	u64 last;		/* when the last reading was begun */
	u64 gap;
	s64 knob[KNOBS];
};

static struct phc phcs[CLOCKS_MAX];
static struct dentry *directory;

/* What time it is, with phc->lock held. */
static u64 time_at(const struct phc *phc, u64 raw)
{
	s64 delta = raw - phc->raw;

	if (phc->knob[FREEZE])
		return phc->now;
	return phc->now + delta + (s64)(((__int128)delta * phc->fraction) >> 40);
}

/* Lets the time so far be as it was, before something changes; with phc->lock held. */
static void settle(struct phc *phc)
{
	u64 raw = ktime_get_raw_ns();

	phc->now = time_at(phc, raw);
	phc->raw = raw;
}

/* 2^40 / (10^9 * 2^16) is 2^15 / 5^9. */
static void set_fraction(struct phc *phc)
{
	s64 scaled_ppb = phc->scaled_ppm * 1000 + phc->knob[RATE] * 65536;

	phc->fraction = div_s64(scaled_ppb * 32768, 1953125);
}

static struct phc *phc_of(struct ptp_clock_info *info)
{
	return container_of(info, struct phc, info);
}

static int phc_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	struct phc *phc = phc_of(info);

	spin_lock(&phc->lock);
	settle(phc);
	phc->scaled_ppm = scaled_ppm;
	set_fraction(phc);
	spin_unlock(&phc->lock);
	return 0;
}

static int phc_adjtime(struct ptp_clock_info *info, s64 delta)
{
	struct phc *phc = phc_of(info);

	spin_lock(&phc->lock);
	phc->now += delta;
	spin_unlock(&phc->lock);
	return 0;
}

static int phc_settime(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	struct phc *phc = phc_of(info);

	spin_lock(&phc->lock);
	phc->raw = ktime_get_raw_ns();
	phc->now = timespec64_to_ns(ts);
	spin_unlock(&phc->lock);
	return 0;
}

static int phc_gettime(struct ptp_clock_info *info, struct timespec64 *ts,
		       struct ptp_system_timestamp *sts)
{
	struct phc *phc = phc_of(info);
	s64 jitter, slow, fail;
	u64 raw, now;

	spin_lock(&phc->lock);
	ptp_read_system_prets(sts);
	raw = ktime_get_raw_ns();
	now = time_at(phc, raw);
	phc->gap = max(phc->gap, raw - phc->last);
	phc->last = raw;
	jitter = phc->knob[JITTER];
	slow = phc->knob[SLOW];
	if (++phc->readings % 5 == 0)
		slow += phc->knob[HICCUP];
	fail = phc->knob[FAIL];
	if (!slow)
		ptp_read_system_postts(sts);
	spin_unlock(&phc->lock);
	if (slow) {
		usleep_range(slow, slow + 1);
		ptp_read_system_postts(sts);
	}
	if (jitter)
		now += get_random_u32() % (2 * jitter + 1) - jitter;
	*ts = ns_to_timespec64(now);
	return -fail;
}

/* The core calls it, whatever the clock says that it can. */
static int phc_enable(struct ptp_clock_info *info,
		      struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static int plug(struct phc *phc)
{
	struct ptp_clock *ptp = ptp_clock_register(&phc->info, NULL);

	if (IS_ERR(ptp))
		return PTR_ERR(ptp);
	phc->ptp = ptp;
	WRITE_ONCE(phc->index, ptp_clock_index(ptp));
	return 0;
}

static void unplug(struct phc *phc)
{
	WRITE_ONCE(phc->index, -1);
	if (phc->ptp)
		ptp_clock_unregister(phc->ptp);
	phc->ptp = NULL;
}

static int set_plug(struct phc *phc, bool on)
{
	int err = 0;

	mutex_lock(&phc->plugging);
	if (!on)
		unplug(phc);
	else if (!phc->ptp)
		err = plug(phc);
	mutex_unlock(&phc->plugging);
	return err;
}

static void turn(struct phc *phc, enum knob knob, s64 number)
{
	spin_lock(&phc->lock);
	settle(phc);
	phc->gap = 0;
	switch (knob) {
	case STEP:
		phc->now += number;
		break;
	case TAI:
		phc->now = ktime_get_real_ns() + number * NSEC_PER_SEC;
		break;
	default:
		phc->knob[knob] = number;
		set_fraction(phc);
	}
	spin_unlock(&phc->lock);
}

static ssize_t phc_write(struct file *file, const char __user *from, size_t len,
			 loff_t *at)
{
	struct phc *phc = file_inode(file)->i_private;
	char line[64], name[16];
	int i, err = 0;
	s64 number;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, len))
		return -EFAULT;
	line[len] = '\0';
	if (sscanf(line, "%15s %lld", name, &number) != 2)
		return -EINVAL;
	for (i = 0; i < KNOBS; i++)
		if (!strcmp(name, knobs[i].name))
			break;
	if (i == KNOBS || number < knobs[i].min || number > knobs[i].max)
		return -EINVAL;
	if (i == PLUG)
		err = set_plug(phc, number);
	else
		turn(phc, i, number);
	return err ?: len;
}

static int phc_show(struct seq_file *seq, void *unused)
{
	struct phc *phc = seq->private;
	int i;

	seq_printf(seq, "ptp %d\n", READ_ONCE(phc->index));
	spin_lock(&phc->lock);
	for (i = RATE; i <= FAIL; i++)
		seq_printf(seq, "%s %lld\n", knobs[i].name, phc->knob[i]);
	seq_printf(seq, "now %llu\n", time_at(phc, ktime_get_raw_ns()));
	seq_printf(seq, "readings %u\n", phc->readings);
	seq_printf(seq, "gap %llu\n", phc->gap);
	spin_unlock(&phc->lock);
	return 0;
}

static int phc_open(struct inode *inode, struct file *file)
{
	return single_open(file, phc_show, inode->i_private);
}

static const struct file_operations phc_fops = {
	.owner = THIS_MODULE,
	.open = phc_open,
	.read = seq_read,
	.write = phc_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct ptp_clock_info phc_info = {
	.owner = THIS_MODULE,
	.name = "lh_phc",
	.max_adj = 10000000,
	.adjfine = phc_adjfine,
	.adjtime = phc_adjtime,
	.gettimex64 = phc_gettime,
	.settime64 = phc_settime,
	.enable = phc_enable,
};

static int dev_ts_info(struct net_device *dev, struct LH_TS_INFO *info)
{
	struct phc *phc = *(struct phc **)netdev_priv(dev);

	/* From 7.x on it is asked under RCU. */
	info->phc_index = READ_ONCE(phc->index);
	return 0;
}

static netdev_tx_t dev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct ethtool_ops dev_ethtool_ops = {
	.get_ts_info = dev_ts_info,
};

static const struct net_device_ops dev_ops = {
	.ndo_start_xmit = dev_xmit,
};

static int phc_start_dev(struct phc *phc)
{
	struct net_device *dev = alloc_netdev(sizeof(phc), "lhphc%d",
					      NET_NAME_ENUM, ether_setup);
	int err;

	if (!dev)
		return -ENOMEM;
	*(struct phc **)netdev_priv(dev) = phc;
	dev->netdev_ops = &dev_ops;
	dev->ethtool_ops = &dev_ethtool_ops;
	eth_hw_addr_random(dev);
	dev_net_set(dev, current->nsproxy->net_ns);
	err = register_netdev(dev);
	if (err)
		free_netdev(dev);
	else
		phc->dev = dev;
	return err;
}

static int phc_start(struct phc *phc)
{
	char name[] = { '0' + (phc - phcs), '\0' };
	int err;

	mutex_init(&phc->plugging);
	spin_lock_init(&phc->lock);
	phc->info = phc_info;
	phc->index = -1;
	turn(phc, TAI, 37);
	err = plug(phc);
	if (!err)
		err = phc_start_dev(phc);
	debugfs_create_file(name, 0600, directory, phc, &phc_fops);
	return err;
}

static void phcs_stop(void)
{
	int i;

	debugfs_remove(directory);
	for (i = 0; i < CLOCKS_MAX; i++) {
		if (phcs[i].dev) {
			unregister_netdev(phcs[i].dev);
			free_netdev(phcs[i].dev);
		}
		unplug(&phcs[i]);
	}
}

static int __init lh_phc_init(void)
{
	int i, err = 0;

	if (!clocks || clocks > CLOCKS_MAX)
		return -EINVAL;
	directory = debugfs_create_dir("lh_phc", NULL);
	for (i = 0; !err && i < clocks; i++)
		err = phc_start(&phcs[i]);
	if (err)
		phcs_stop();
	return err;
}

module_init(lh_phc_init);
module_exit(phcs_stop);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("PTP hardware clocks that tests can set, spoil and unplug");
