// SPDX-License-Identifier: GPL-2.0
/* What the ingress hook of labelhop lets pass on a device: the last hook, and end. */
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/slab.h>
#include <net/checksum.h>
#include "watch.h"

#define SEEN_MAX	4096

/**
 * struct watch - a watched device
 * @list: in watches
 * @ops: the hook, with the device
 * @net: its namespace
 */
struct watch {
	struct list_head list;
	struct nf_hook_ops ops;
	struct net *net;
};

/**
 * struct seen - a packet that passed
 * @list: in seen
 * @dev: by this device
 * @proto: as the stack would read it
 * @mac_len: bytes of MAC header at the beginning of @bytes
 * @len: bytes in all
 * @sum: whether a complete checksum is right: "good", "bad" or "-"
 * @bytes: MAC header, and all from skb->data on
 */
struct seen {
	struct list_head list;
	char dev[IFNAMSIZ];
	u16 proto;
	u16 mac_len;
	u32 len;
	const char *sum;
	u8 bytes[];
};

static LIST_HEAD(watches);
static LIST_HEAD(seen);
static unsigned int n_seen;
static DEFINE_SPINLOCK(seen_lock);

static const char *sum_state(const struct sk_buff *skb)
{
	__wsum sum;
	__sum16 off;

	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return "-";
	sum = skb_checksum(skb, 0, skb->len, 0);
	/* There are two zeros. */
	off = csum_fold(csum_sub(skb->csum, sum));
	return !off || off == CSUM_MANGLED_0 ? "good" : "bad";
}

static unsigned int look(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	unsigned int mac_len = skb->data - skb_mac_header(skb);
	struct seen *s;

	s = kmalloc(sizeof(*s) + mac_len + skb->len, GFP_ATOMIC);
	if (!s)
		return NF_DROP;
	strscpy(s->dev, skb->dev->name, sizeof(s->dev));
	s->proto = ntohs(skb->protocol);
	s->mac_len = mac_len;
	s->len = mac_len + skb->len;
	s->sum = skb_network_offset(skb) ? "offset" : sum_state(skb);
	memcpy(s->bytes, skb_mac_header(skb), mac_len);
	skb_copy_bits(skb, 0, s->bytes + mac_len, skb->len);

	spin_lock_bh(&seen_lock);
	if (n_seen++ < SEEN_MAX)
		list_add_tail(&s->list, &seen);
	else
		kfree(s);
	spin_unlock_bh(&seen_lock);
	/* By way of lo it could come, and be counted, once more. */
	return NF_DROP;
}

/**
 * watch_add - take all that a device receives, until watch_exit()
 * @dev: the device, which must outlive the watch
 *
 * Return: 0 or a negative errno.
 */
int watch_add(struct net_device *dev)
{
	struct watch *w = kzalloc(sizeof(*w), GFP_KERNEL);
	int err;

	if (!w)
		return -ENOMEM;
	w->ops = (struct nf_hook_ops) {
		.hook = look,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = INT_MAX,
	};
	w->net = dev_net(dev);
	err = nf_register_net_hook(w->net, &w->ops);
	if (err)
		kfree(w);
	else
		list_add(&w->list, &watches);
	return err;
}

/**
 * watch_forget - forget what was seen
 */
void watch_forget(void)
{
	struct seen *s, *next;

	spin_lock_bh(&seen_lock);
	list_for_each_entry_safe(s, next, &seen, list) {
		list_del(&s->list);
		kfree(s);
	}
	n_seen = 0;
	spin_unlock_bh(&seen_lock);
}

/**
 * watch_show - print what was seen, a packet a line
 * @m: where to
 *
 * DEVICE PROTOCOL CHECKSUM MAC-HEADER BYTES, in hex, "-" for nothing.
 */
void watch_show(struct seq_file *m)
{
	const struct seen *s;
	u32 i;

	spin_lock_bh(&seen_lock);
	list_for_each_entry(s, &seen, list) {
		seq_printf(m, "%s %04x %s ", s->dev, s->proto, s->sum);
		for (i = 0; i < s->mac_len; i++)
			seq_printf(m, "%02x", s->bytes[i]);
		seq_puts(m, s->mac_len ? " " : "- ");
		for (i = s->mac_len; i < s->len; i++)
			seq_printf(m, "%02x", s->bytes[i]);
		seq_puts(m, s->len > s->mac_len ? "\n" : "-\n");
	}
	spin_unlock_bh(&seen_lock);
}

/**
 * watch_exit - watch nothing any more
 */
void watch_exit(void)
{
	struct watch *w, *next;

	list_for_each_entry_safe(w, next, &watches, list) {
		nf_unregister_net_hook(w->net, &w->ops);
		list_del(&w->list);
		kfree(w);
	}
	watch_forget();
}
