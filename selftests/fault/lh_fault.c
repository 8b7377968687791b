// SPDX-License-Identifier: GPL-2.0
/*
 * Does harm to labelhop, in the network namespace of who loads it:
 *
 *   hold=DEV      MPLS packets that DEV takes or sends are held by somebody else
 *                 too when labelhop sees them, each once, until this is unloaded
 *   again=1       so are the clones that labelhop makes of them
 *   spoil=DEV     the IP length in MPLS packets that DEV sends is wrong when labelhop
 *                 sees them; not together with hold
 *   fail=SYMBOL   labelhop's calls of that function fail for want of memory:
 *                 skb_clone, __skb_gso_segment, or one that returns an errno
 *
 * For stock kernels, which can't inject faults by themselves.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#define HELD_MAX	256
#define HELD_MARK	0x1ab

static char *hold;
module_param(hold, charp, 0);
MODULE_PARM_DESC(hold, "device whose MPLS packets are held");

static bool again;
module_param(again, bool, 0);
MODULE_PARM_DESC(again, "hold the clones as well");

static char *spoil;
module_param(spoil, charp, 0);
MODULE_PARM_DESC(spoil, "device, what it sends has a wrong IP length");

static char *fail;
module_param(fail, charp, 0);
MODULE_PARM_DESC(fail, "function that fails when labelhop calls it");

static struct sk_buff *held[HELD_MAX];
static atomic_t n_held;
static struct net_device *dev;

/* The clone that labelhop sends in its stead has the mark, and is left alone. */
static unsigned int hold_packet(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	int i;

	if (vlan_get_protocol(skb) != htons(ETH_P_MPLS_UC) ||
	    (skb->mark == HELD_MARK && !again))
		return NF_ACCEPT;
	i = atomic_fetch_inc(&n_held);
	if (i < HELD_MAX) {
		skb->mark = HELD_MARK;
		held[i] = skb_get(skb);
	}
	return NF_ACCEPT;
}

static unsigned int spoil_packet(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	unsigned int at = skb_network_offset(skb);

	if (vlan_get_protocol(skb) != htons(ETH_P_MPLS_UC))
		return NF_ACCEPT;
	do {
		/* The entry, and what may be the IP length behind it. */
		if (skb_ensure_writable(skb, at + 8))
			return NF_ACCEPT;
		at += 4;
	} while (!(skb->data[at - 2] & 1));
	memset(skb->data + at + 2, 0xff, 2);
	return NF_ACCEPT;
}

static struct nf_hook_ops ops[] = {
	{
		.hook = hold_packet,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = INT_MIN,
	},
	{
		.hook = hold_packet,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MIN,
	},
};

/* Of the hooks spoil needs only the last. */
static struct nf_hook_ops *first_hook(void)
{
	return spoil ? &ops[1] : &ops[0];
}

static int hooks_start(void)
{
	struct net *net = current->nsproxy->net_ns;
	int i, err;

	dev = dev_get_by_name(net, spoil ?: hold);
	if (!dev)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i].dev = dev;
	if (spoil)
		ops[1].hook = spoil_packet;
	err = nf_register_net_hooks(net, first_hook(),
				    ops + ARRAY_SIZE(ops) - first_hook());
	if (err)
		dev_put(dev);
	return err;
}

static void hooks_stop(void)
{
	int i;

	nf_unregister_net_hooks(dev_net(dev), first_hook(),
				ops + ARRAY_SIZE(ops) - first_hook());
	synchronize_net();
	for (i = 0; i < HELD_MAX && held[i]; i++)
		kfree_skb(held[i]);
	dev_put(dev);
}

static bool from_labelhop(unsigned long address)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, address);
	return strstr(symbol, "[labelhop]");
}

/* What the function did is undone or does no harm. */
static int fail_call(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sk_buff *made;

	if (!from_labelhop((unsigned long)get_kretprobe_retaddr(ri)))
		return 0;
	made = (void *)regs_return_value(regs);
	if (!strcmp(fail, "skb_clone") || !strcmp(fail, "__skb_gso_segment"))
		kfree_skb_list(IS_ERR(made) ? NULL : made);
	regs_set_return_value(regs, strcmp(fail, "skb_clone") ? -ENOMEM : 0);
	return 0;
}

static struct kretprobe probe = {
	.handler = fail_call,
	.maxactive = 64,
};

static int __init lh_fault_init(void)
{
	int err = 0;

	if (hold || spoil)
		err = hooks_start();
	if (err || !fail)
		return err;
	probe.kp.symbol_name = fail;
	err = register_kretprobe(&probe);
	if (err && (hold || spoil))
		hooks_stop();
	return err;
}

static void __exit lh_fault_exit(void)
{
	if (fail)
		unregister_kretprobe(&probe);
	if (hold || spoil)
		hooks_stop();
}

module_init(lh_fault_init);
module_exit(lh_fault_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Does harm to labelhop");
