// SPDX-License-Identifier: GPL-2.0
/*
 * What this CPU knows of the labelled packet that it is forwarding. The ingress
 * hook begins a note, mpls_forward() takes the packet on in the same call, and
 * the hooks on VRF devices and below read it.
 *
 * A note is bound to its packet by a number that both have. Each CPU counts its
 * own from a random start, so a number is never used twice: a note ends when the
 * CPU begins the next, and no packet that is allocated later can have its number,
 * at whatever address. If the bytes that hold it are overwritten on the way, the
 * packet has no note. It then counts as not verified.
 */
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/pkt_sched.h>
#include "note.h"

/*
 * The last bytes of skb->cb. Neither device layer, traffic control nor IP use them
 * between the hooks; see struct tc_skb_cb, struct inet_skb_parm.
 */
#define NOTE_AT	(sizeof_field(struct sk_buff, cb) - sizeof(u64))

static_assert(NOTE_AT % sizeof(u64) == 0);
static_assert(sizeof(struct tc_skb_cb) <= NOTE_AT);

/**
 * struct lh_note - what a CPU knows of a packet
 * @serial: the number that the packet has too; never 0
 * @label: the label that the packet came with
 * @vrf: ifindex of the VRF device that it has come through last, 0 if there is none
 * @verified: has a session of IP packets verified it?
 *
 * Used with bottom halves off, on that CPU.
 */
struct lh_note {
	u64 serial;
	u32 label;
	int vrf;
	bool verified;
};

static DEFINE_PER_CPU(struct lh_note, lh_notes);

static u64 *note_serial(const struct sk_buff *skb)
{
	return (u64 *)((unsigned long)skb->cb + NOTE_AT);
}

/* The note on a packet, or NULL. */
static struct lh_note *note_find(const struct sk_buff *skb)
{
	struct lh_note *note = this_cpu_ptr(&lh_notes);

	return *note_serial(skb) == note->serial ? note : NULL;
}

/**
 * lh_note_begin - begin a note, which ends that on the packet before
 * @skb: a labelled packet
 * @label: its label
 *
 * To be called with bottom halves off. A packet that somebody else holds too is
 * not written to, and gets no note.
 */
void lh_note_begin(struct sk_buff *skb, u32 label)
{
	struct lh_note *note = this_cpu_ptr(&lh_notes);

	note->serial++;
	note->label = label;
	note->vrf = 0;
	note->verified = false;
	if (!skb_shared(skb))
		*note_serial(skb) = note->serial;
}

/**
 * lh_note_verify - note that the packet is verified
 * @skb: the packet
 */
void lh_note_verify(const struct sk_buff *skb)
{
	struct lh_note *note = note_find(skb);

	if (note)
		note->verified = true;
}

/**
 * lh_note_enter - note that the packet comes through a VRF device
 * @skb: the packet, which need not have a note
 * @ifindex: of the VRF device
 */
void lh_note_enter(struct sk_buff *skb, int ifindex)
{
	if (!note_find(skb))
		lh_note_begin(skb, 0);
	this_cpu_ptr(&lh_notes)->vrf = ifindex;
}

/**
 * lh_note_verified - is the packet verified?
 * @skb: the packet
 *
 * Return: true if so, false if that is not known.
 */
bool lh_note_verified(const struct sk_buff *skb)
{
	const struct lh_note *note = note_find(skb);

	return note && note->verified;
}

/**
 * lh_note_label - the label that the packet came with
 * @skb: the packet
 *
 * Return: the label, or 0 if it is not known.
 */
u32 lh_note_label(const struct sk_buff *skb)
{
	const struct lh_note *note = note_find(skb);

	return note ? note->label : 0;
}

/**
 * lh_note_vrf - the VRF device through which the packet has come last
 * @skb: the packet
 *
 * To be called with bottom halves off, below the call that brought the packet in.
 * Known is only what the kernel sends on at once, as the same skb: no fragment, no
 * segment, and nothing that waited in a queue. VRF devices are watched while one is
 * protected or lh_vrf_use() asks for it.
 *
 * Return: its ifindex, or 0 if that is not known.
 */
int lh_note_vrf(const struct sk_buff *skb)
{
	const struct lh_note *note = note_find(skb);

	return note ? note->vrf : 0;
}

/**
 * lh_note_init - give each CPU numbers that no other has
 */
void lh_note_init(void)
{
	int cpu;

	/* 63 bits are never counted through, so 0, a new packet's, never comes. */
	for_each_possible_cpu(cpu)
		per_cpu(lh_notes, cpu).serial = get_random_u64() >> 1 | 1;
}
