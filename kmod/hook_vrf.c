// SPDX-License-Identifier: GPL-2.0
/*
 * What enters a VRF by a label. Runs in the egress hook of the VRF device, through
 * which mpls_forward() sends what a label route leads there, as the same packet that
 * the ingress hook saw: see note.c. A label with a next hop of its own leads past it:
 * that is seen in the egress hooks of the devices of the VRF.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include "hook.h"
#include "netlink.h"
#include "note.h"
#include "vrf.h"

/*
 * mpls_forward() sends what was received, and takes socket and route off it. What
 * the VRF's own stack sends, or another table routes here, has a route; what a
 * packet socket sends has a socket. What is left came by a label, or was redirected
 * to the device by traffic control, which can't be told from it.
 */
static bool came_by_label(const struct sk_buff *skb)
{
	return skb->skb_iif && !skb->sk && !skb_valid_dst(skb);
}

static void vrf_count(const struct lh_vrf *v, enum lh_vrf_count which)
{
	struct lh_vrf_stats *stats = this_cpu_ptr(v->stats);

	u64_stats_update_begin(&stats->sync);
	u64_stats_inc(&stats->counts[which]);
	u64_stats_update_end(&stats->sync);
}

/* Tell of the first bare packet, and then at most once a second. */
static void vrf_tell(struct lh_vrf *v, const struct sk_buff *skb)
{
	unsigned long told = READ_ONCE(v->told);
	unsigned long now = jiffies;

	if (time_before(now, told + HZ) || cmpxchg(&v->told, told, now) != told)
		return;
	lh_nl_vrf_bare(v, lh_note_label(skb));
}

static unsigned int vrf_bare(struct lh_vrf *v, struct sk_buff *skb)
{
	u8 policy = READ_ONCE(v->policy);

	vrf_count(v, policy == LABELHOP_POLICY_STRICT ? LH_VRF_DROPPED :
							LH_VRF_BARE);
	if (policy != LABELHOP_POLICY_PERMISSIVE)
		vrf_tell(v, skb);
	if (policy == LABELHOP_POLICY_STRICT)
		return lh_verdict_refuse(v->name, skb, LABELHOP_REASON_BARE);
	return NF_ACCEPT;
}

static unsigned int vrf_judge(struct lh_vrf *v, struct sk_buff *skb)
{
	if (!lh_note_verified(skb))
		return vrf_bare(v, skb);
	vrf_count(v, LH_VRF_VERIFIED);
	return NF_ACCEPT;
}

/**
 * lh_hook_vrf - the egress hook of a VRF device
 * @priv: struct lh_vrf_dev
 * @skb: the packet, skb->data at the MAC header
 * @state: not used
 *
 * Bottom halves are off for what was received. A packet socket may get here with
 * them on, so that is sorted out first.
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_vrf(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	const struct lh_vrf_dev *d = priv;
	unsigned int verdict = NF_ACCEPT;
	struct lh_vrf *v;

	if (!came_by_label(skb))
		return NF_ACCEPT;
	v = rcu_dereference(d->vrf);
	if (v)
		verdict = vrf_judge(v, skb);
	if (verdict == NF_ACCEPT)
		lh_note_enter(skb, d->dev->ifindex);
	return verdict;
}

/**
 * lh_hook_vrf_slave - the egress hook of a device of a VRF
 * @priv: struct lh_vrf_dev
 * @skb: the packet, skb->data at the MAC header
 * @state: not used
 *
 * The VRF's customers also get what is bridged, or redirected, to the device. So only
 * packets that the ingress hook saw arrive with a label are judged.
 *
 * Return: a netfilter verdict.
 */
unsigned int lh_hook_vrf_slave(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct lh_vrf_dev *d = priv;
	struct lh_vrf *v = rcu_dereference(d->vrf);

	return v && came_by_label(skb) && lh_note_seen(skb) ? vrf_judge(v, skb) :
							      NF_ACCEPT;
}
