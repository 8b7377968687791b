// SPDX-License-Identifier: GPL-2.0
/*
 * What passed an ifb keeps the mark that its egress hooks are done, from the receive
 * path on to the device that it leaves by: there, the mark would let it leave without
 * hop and tag labels. Take the mark off what is about to be encapsulated.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_netdev.h>
#include <net/dst.h>
#include <net/lwtunnel.h>
#include "unskip.h"

/* Runs after routing, before the MPLS labels of the route are pushed. */
static unsigned int unskip_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (dst && dst->lwtstate && dst->lwtstate->type == LWTUNNEL_ENCAP_MPLS)
		nf_skip_egress(skb, false);
	return NF_ACCEPT;
}

static const struct nf_hook_ops unskip_ops[] = {
	{
		.hook = unskip_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = INT_MAX,
	},
	{
		.hook = unskip_hook,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = INT_MAX,
	},
};

/**
 * lh_unskip_begin - let no packet of a namespace skip the egress hooks by an old mark
 * @net: the namespace
 *
 * Return: 0 or a negative errno.
 */
int lh_unskip_begin(struct net *net)
{
	return nf_register_net_hooks(net, unskip_ops, ARRAY_SIZE(unskip_ops));
}

/**
 * lh_unskip_end - undo lh_unskip_begin()
 * @net: the namespace
 */
void lh_unskip_end(struct net *net)
{
	nf_unregister_net_hooks(net, unskip_ops, ARRAY_SIZE(unskip_ops));
}
