// SPDX-License-Identifier: GPL-2.0
/*
 * Gives odd skbs to the network stack, for the packet fuzzer. In debugfs, in
 * lh_odd_skb, one thing at a time and in the network namespace of who writes:
 *
 *   inject  "in DEVICE SHAPE HEX": receive a frame; "out DEVICE SHAPE HEX
 *           ROUTE VRF": send it, with the route to that address, or "-"
 *   watch   "DEVICE": take what comes past labelhop's ingress hook; "-": of no
 *           device any more, before those that are watched go
 *   seen    what came since the last "inject": watch_show(). The first line says
 *           whether who else held the skb still has the bytes: "same" or "changed"
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/if_vlan.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include "shape.h"
#include "watch.h"
/* Once a part of kernel.h. */
#if __has_include(<linux/hex.h>)
#include <linux/hex.h>
#endif

#define LINE_MAX	(2 * 70000 + 200)

/**
 * struct job - a line that was written to inject
 * @shape: of the skb
 * @frame: its bytes, owned
 * @len: their number
 * @dev: the device, held
 * @dst: route of a packet to be sent, held, or NULL
 */
struct job {
	struct shape shape;
	u8 *frame;
	unsigned int len;
	struct net_device *dev;
	struct dst_entry *dst;
};

static struct dentry *dir;
static DEFINE_MUTEX(lock);
static bool changed;

static struct dst_entry *find_route(const char *address, int vrf)
{
	struct net *net = current->nsproxy->net_ns;
	struct flowi4 fl4 = { .flowi4_oif = vrf };
	struct flowi6 fl6 = { .flowi6_oif = vrf };
	struct dst_entry *dst;
	struct rtable *rt;

	if (in4_pton(address, -1, (u8 *)&fl4.daddr, -1, NULL)) {
		rt = ip_route_output_key(net, &fl4);
		return IS_ERR(rt) ? NULL : &rt->dst;
	}
	if (!in6_pton(address, -1, fl6.daddr.s6_addr, -1, NULL))
		return NULL;
	dst = ip6_route_output(net, NULL, &fl6);
	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	return dst;
}

static int parse_route(struct job *job, const char *address, const char *name)
{
	struct net_device *vrf;

	if (!address || !strcmp(address, "-"))
		return 0;
	vrf = name ? dev_get_by_name(current->nsproxy->net_ns, name) : NULL;
	if (!vrf)
		return -ENODEV;
	job->dst = find_route(address, vrf->ifindex);
	dev_put(vrf);
	return job->dst ? 0 : -EHOSTUNREACH;
}

static int parse_frame(struct job *job, const char *hex)
{
	size_t digits = strlen(hex);

	if (digits < 2 * ETH_HLEN || digits % 2)
		return -EINVAL;
	job->len = digits / 2;
	job->frame = kmalloc(job->len, GFP_KERNEL);
	if (!job->frame)
		return -ENOMEM;
	return hex2bin(job->frame, hex, job->len);
}

/* Whoever else holds the packet must find in it what was there. */
static bool still_same(const struct job *job, const struct sk_buff *held,
		       unsigned int at)
{
	u8 *bytes = kmalloc(job->len, GFP_KERNEL);
	bool same;

	same = bytes && held->len == job->len - at &&
	       !skb_copy_bits(held, 0, bytes, held->len) &&
	       !memcmp(bytes, job->frame + at, held->len);
	kfree(bytes);
	return same;
}

static void give(struct job *job, struct sk_buff *skb, bool in)
{
	struct sk_buff *held = NULL;

	if (job->shape.clone)
		held = skb_clone(skb, GFP_KERNEL);
	else if (job->shape.shared)
		held = skb_get(skb);

	local_bh_disable();
	if (in)
		netif_receive_skb(skb);
	else
		dev_queue_xmit(skb);
	local_bh_enable();

	if (held) {
		changed = !still_same(job, held, in ? ETH_HLEN : 0);
		kfree_skb(held);
	}
}

static int inject_in(struct job *job)
{
	struct sk_buff *skb = shape_build(&job->shape, job->frame, job->len);
	int err = skb ? shape_receive(&job->shape, skb, job->dev) : -ENOMEM;

	if (err)
		kfree_skb(skb);
	else
		give(job, skb, true);
	return err;
}

/* VLAN tags in a frame belong to the link's header, as VLAN devices have it. */
static unsigned int network_offset(const struct job *job)
{
	unsigned int at = ETH_HLEN;

	while (at + VLAN_HLEN <= job->len &&
	       eth_type_vlan(*(__be16 *)(job->frame + at - 2)))
		at += VLAN_HLEN;
	return at;
}

static int inject_out(struct job *job)
{
	struct sk_buff *skb = shape_build(&job->shape, job->frame, job->len);

	if (!skb)
		return -ENOMEM;
	skb->dev = job->dev;
	skb->protocol = job->shape.proto ?
			htons(job->shape.proto) : eth_hdr(skb)->h_proto;
	skb_set_network_header(skb, network_offset(job));
	if (job->dst)
		skb_dst_set(skb, dst_clone(job->dst));
	give(job, skb, false);
	return 0;
}

static int inject_line(char *line)
{
	struct job job = {};
	char *word[6] = {};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(word) && line; i++)
		word[i] = strsep(&line, " ");
	if (!word[3] || shape_parse(&job.shape, word[2]))
		return -EINVAL;
	job.dev = dev_get_by_name(current->nsproxy->net_ns, word[1]);
	if (!job.dev)
		return -ENODEV;
	err = parse_frame(&job, word[3]);
	if (!err)
		err = parse_route(&job, word[4], word[5]);
	changed = false;
	watch_forget();
	if (!err)
		err = strcmp(word[0], "in") ? inject_out(&job) :
					      inject_in(&job);
	dst_release(job.dst);
	dev_put(job.dev);
	kfree(job.frame);
	return err;
}

static ssize_t inject_write(struct file *file, const char __user *from,
			    size_t len, loff_t *at)
{
	char *line;
	int err;

	if (len > LINE_MAX)
		return -EINVAL;
	line = memdup_user_nul(from, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&lock);
	err = inject_line(line);
	mutex_unlock(&lock);
	kfree(line);
	return err ?: len;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = inject_write,
};

static ssize_t watch_write(struct file *file, const char __user *from,
			   size_t len, loff_t *at)
{
	struct net_device *dev;
	char name[IFNAMSIZ] = {};
	int err;

	if (len >= IFNAMSIZ)
		return -EINVAL;
	if (copy_from_user(name, from, len))
		return -EFAULT;
	if (!strcmp(name, "-")) {
		mutex_lock(&lock);
		watch_exit();
		mutex_unlock(&lock);
		return len;
	}
	dev = dev_get_by_name(current->nsproxy->net_ns, name);
	if (!dev)
		return -ENODEV;
	mutex_lock(&lock);
	err = watch_add(dev);
	mutex_unlock(&lock);
	dev_put(dev);
	return err ?: len;
}

static const struct file_operations watch_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = watch_write,
};

static int seen_show(struct seq_file *m, void *unused)
{
	seq_puts(m, changed ? "changed\n" : "same\n");
	watch_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(seen);

static int __init odd_init(void)
{
	dir = debugfs_create_dir("lh_odd_skb", NULL);
	debugfs_create_file("inject", 0200, dir, NULL, &inject_fops);
	debugfs_create_file("watch", 0200, dir, NULL, &watch_fops);
	debugfs_create_file("seen", 0400, dir, NULL, &seen_fops);
	return 0;
}

static void __exit odd_exit(void)
{
	debugfs_remove(dir);
	watch_exit();
}

module_init(odd_init);
module_exit(odd_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Odd skbs for the tests of labelhop");
