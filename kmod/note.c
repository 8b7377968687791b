// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a labelled packet on its way from the ingress hook through
 * mpls_forward() to the hooks on VRF devices and below. The packet itself carries
 * it: drivers hand packets over in lists, and then all of a list pass the ingress
 * hook before the first comes to mpls_forward(), so no variable of a CPU would do.
 *
 * It must not be forged, nor outlive the packet's way. It is offset by a random
 * number that only this namespace has, and holds the device that the packet came
 * by: a packet that comes in once more, by a device that nobody hooks, has another
 * one, and a new packet has zeros. If the bytes are overwritten on the way, nothing
 * is known. What is not known to be verified is not.
 */
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/pkt_sched.h>
#include "net.h"
#include "note.h"

/*
 * The last bytes of skb->cb. Neither device layer, traffic control nor IP use them
 * between the hooks; see struct tc_skb_cb, struct inet_skb_parm.
 */
#define NOTE_AT	(sizeof_field(struct sk_buff, cb) - sizeof(u64))

static_assert(NOTE_AT % sizeof(u64) == 0);
static_assert(sizeof(struct tc_skb_cb) <= NOTE_AT);

/* Of a packet that arrived with a label: the label, the device, is it verified? */
#define LABEL_SHIFT	32
#define LABEL_END	52
#define IIF_SHIFT	1
#define VERIFIED	1
/* Of one that has entered a VRF: the VRF device, and the device it came by. */
#define VRF_SHIFT	32

static u64 *note_of(const struct sk_buff *skb)
{
	return (u64 *)((unsigned long)skb->cb + NOTE_AT);
}

static const struct lh_net *note_net(const struct sk_buff *skb)
{
	return lh_net_get(dev_net(skb->dev));
}

/* Did the packet arrive with a label that the ingress hook has seen? */
static bool note_read(const struct sk_buff *skb, u64 *note)
{
	*note = *note_of(skb) - note_net(skb)->note_label;
	return !(*note >> LABEL_END) && (u32)*note >> IIF_SHIFT == skb->skb_iif;
}

/**
 * lh_note_begin - note the label that a packet comes with
 * @skb: the packet in the ingress hook
 * @label: its label, 0 if it is not known
 *
 * This ends all that was noted before. The packet may be shared: nobody else uses
 * the bytes while it is received.
 */
void lh_note_begin(struct sk_buff *skb, u32 label)
{
	*note_of(skb) = note_net(skb)->note_label +
			((u64)label << LABEL_SHIFT |
			 (u32)skb->skb_iif << IIF_SHIFT);
}

/**
 * lh_note_verify - note that the packet is verified
 * @skb: the packet, after lh_note_begin()
 */
void lh_note_verify(struct sk_buff *skb)
{
	*note_of(skb) += VERIFIED;
}

/**
 * lh_note_enter - note that the packet comes through a VRF device
 * @skb: the packet, which arrived with a label
 * @ifindex: of the VRF device
 *
 * That takes the place of what was noted before.
 */
void lh_note_enter(struct sk_buff *skb, int ifindex)
{
	*note_of(skb) = note_net(skb)->note_vrf ^
			((u64)ifindex << VRF_SHIFT | (u32)skb->skb_iif);
}

/**
 * lh_note_seen - has the ingress hook seen the packet arrive with a label?
 * @skb: the packet
 *
 * Return: true if so, false if that is not known, and of what came through a VRF
 * device since.
 */
bool lh_note_seen(const struct sk_buff *skb)
{
	u64 note;

	return note_read(skb, &note);
}

/**
 * lh_note_verified - is the packet verified?
 * @skb: the packet
 *
 * Return: true if so, false if that is not known.
 */
bool lh_note_verified(const struct sk_buff *skb)
{
	u64 note;

	return note_read(skb, &note) && note & VERIFIED;
}

/**
 * lh_note_label - the label that the packet came with
 * @skb: the packet
 *
 * Return: the label, or 0 if it is not known.
 */
u32 lh_note_label(const struct sk_buff *skb)
{
	u64 note;

	return note_read(skb, &note) ? note >> LABEL_SHIFT : 0;
}

/**
 * lh_note_vrf - the VRF device through which a labelled packet arrived
 * @skb: the packet
 *
 * It is known of what the kernel sends on as the same skb or a clone: not of
 * fragments, nor of segments. VRF devices are watched while they are protected or
 * lh_vrf_use() asks for all.
 *
 * Return: its ifindex, or 0 if that is not known.
 */
int lh_note_vrf(const struct sk_buff *skb)
{
	u64 note = *note_of(skb) ^ note_net(skb)->note_vrf;
	u32 vrf = note >> VRF_SHIFT;

	if ((u32)note != skb->skb_iif || vrf > INT_MAX)
		return 0;
	return vrf;
}

/**
 * lh_note_net_init - give a namespace numbers that no other has
 * @ln: the namespace
 */
void lh_note_net_init(struct lh_net *ln)
{
	ln->note_label = get_random_u64();
	ln->note_vrf = get_random_u64();
}
