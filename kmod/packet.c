// SPDX-License-Identifier: GPL-2.0
/* Reading and rewriting the label stack of an skb. */
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "packet.h"

/*
 * The tag input must be in one piece, and a packet need not be. The input is
 * put together in a buffer of the CPU's own: no allocation, and nothing of the
 * packet is touched before it is verified.
 */
#define INPUT_MAX	(LH_INPUT_PREFIX + LH_PAYLOAD_LEN_MAX)

/* MAC header, VLAN tags, as many labels as a route can push, and ours. */
#define MEMBER_ROOM	256

static DEFINE_PER_CPU(u8 *, input_buffer);

/**
 * lh_packet_bytes - look at bytes of a packet
 * @skb: the packet
 * @offset: of the bytes from skb->data
 * @len: their number
 * @buffer: room for them, used if they are not in one piece
 *
 * Return: the bytes, valid until the packet is changed, or NULL.
 */
const u8 *lh_packet_bytes(const struct sk_buff *skb, int offset, size_t len,
			  void *buffer)
{
	return skb_header_pointer(skb, offset, len, buffer);
}

/**
 * lh_packet_head - look at the first bytes of a payload
 * @skb: the packet
 * @offset: of the payload from skb->data, not beyond the packet's end
 * @buffer: room for LH_PAYLOAD_HEAD_MAX bytes
 * @head: receives the bytes, valid until the packet is changed
 *
 * Return: their number, less than LH_PAYLOAD_HEAD_MAX if there are no more.
 */
size_t lh_packet_head(const struct sk_buff *skb, int offset, u8 *buffer,
		      const u8 **head)
{
	size_t len = min_t(size_t, skb->len - offset, LH_PAYLOAD_HEAD_MAX);

	*head = len ? lh_packet_bytes(skb, offset, len, buffer) : buffer;
	return *head ? len : 0;
}

/**
 * lh_packet_input - put the tag input together
 * @gen: the generation
 * @skb: the packet
 * @offset: of the payload from skb->data
 * @payload_len: true length of the payload, of lh_payload_len()
 * @len: receives the input's length
 *
 * To be called with bottom halves off.
 *
 * Return: the input, valid until the next call on this CPU, or NULL.
 */
const u8 *lh_packet_input(const struct lh_gen *gen, const struct sk_buff *skb,
			  int offset, size_t payload_len, size_t *len)
{
	size_t n = lh_hop_input_len(gen, payload_len);
	u8 *input = this_cpu_read(input_buffer);

	lh_hop_input_prefix(input, payload_len);
	if (skb_copy_bits(skb, offset, input + LH_INPUT_PREFIX, n))
		return NULL;
	*len = LH_INPUT_PREFIX + n;
	return input;
}

/**
 * lh_packet_checksum - finish a checksum that was left to a device
 * @skb: a packet about to leave
 *
 * The internet's, or the CRC32c of SCTP.
 *
 * Return: 0 or a negative errno.
 */
int lh_packet_checksum(struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_PARTIAL ?
	       skb_csum_hwoffload_help(skb, 0) : 0;
}

/**
 * lh_packet_shrink - take entries off the top of the stack
 * @skb: a packet that arrived, skb->data at its first entry; not shared
 * @strip: bytes by which the stack gets shorter
 * @top: what the next entry becomes, or NULL if it stays
 *
 * Pointers into the packet are no longer valid.
 *
 * Return: 0, or a negative errno and the packet is as it was.
 */
int lh_packet_shrink(struct sk_buff *skb, unsigned int strip,
		     const struct lh_lse *top)
{
	unsigned int changed = strip + (top ? LH_LSE_LEN : 0);
	int err = skb_ensure_writable(skb, changed);

	if (err)
		return err;
	skb_postpull_rcsum(skb, skb->data, changed);
	memmove(skb_mac_header(skb) + strip, skb_mac_header(skb), skb->mac_len);
	skb->mac_header += strip;
	__skb_pull(skb, strip);
	skb_reset_network_header(skb);
	/* A super-packet's is that of TCP or UDP, and segmentation needs it. */
	if (!skb_transport_header_was_set(skb) ||
	    skb_transport_offset(skb) < 0)
		skb_reset_transport_header(skb);
	if (top) {
		lh_lse_put(skb->data, *top);
		skb_postpush_rcsum(skb, skb->data, LH_LSE_LEN);
	}
	return 0;
}

/**
 * lh_packet_grow - make room in front of the bottom of the stack
 * @skb: a packet about to leave, skb->data at its MAC header; not shared
 * @at: offset of the room from skb->data
 * @grow: bytes of room
 *
 * Pointers into the packet are no longer valid. The bytes from @at on, @grow
 * of them and those of the entry that was there, are the caller's to write.
 *
 * Return: 0, or a negative errno and the packet is as it was.
 */
int lh_packet_grow(struct sk_buff *skb, unsigned int at, unsigned int grow)
{
	unsigned int network = skb_network_offset(skb);
	int err = skb_ensure_writable(skb, at + LH_LSE_LEN);

	if (!err)
		err = skb_cow_head(skb, grow);
	if (err)
		return err;
	skb_push(skb, grow);
	memmove(skb->data, skb->data + grow, at);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, network);
	return 0;
}

/* A member that others hold too is replaced by a copy of its own. */
static int member_room(struct sk_buff **member)
{
	struct sk_buff *skb = *member;

	if (skb_shared(skb)) {
		skb = skb_clone(skb, GFP_ATOMIC);
		if (!skb)
			return -ENOMEM;
		skb->next = (*member)->next;
		consume_skb(*member);
		*member = skb;
	}
	/* The kernel puts the member's IP header in front before the labels. */
	if ((int)skb_headroom(skb) + skb_network_offset(skb) >= MEMBER_ROOM &&
	    !skb_cloned(skb))
		return 0;
	return pskb_expand_head(skb, MEMBER_ROOM, 0, GFP_ATOMIC);
}

/**
 * lh_packet_gso_room - make room for labels in what a super-packet is made of
 * @skb: a super-packet about to leave; not shared
 *
 * GRO by list (ethtool's rx-gro-list) keeps the packets whole. The kernel copies the
 * headers, labels included, in front of each, and does not look whether there is
 * room: packets that came without labels have too little.
 *
 * Return: 0, or a negative errno and the packet must not be segmented.
 */
int lh_packet_gso_room(struct sk_buff *skb)
{
	struct sk_buff **member;
	int err;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST))
		return 0;
	err = skb_unclone(skb, GFP_ATOMIC);
	for (member = &skb_shinfo(skb)->frag_list; !err && *member;
	     member = &(*member)->next)
		err = member_room(member);
	return err;
}

/**
 * lh_packet_exit - free the buffers
 */
void lh_packet_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		kvfree(per_cpu(input_buffer, cpu));
		per_cpu(input_buffer, cpu) = NULL;
	}
}

/**
 * lh_packet_init - allocate the buffers
 *
 * Return: 0 or a negative errno.
 */
int lh_packet_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		u8 *buffer = kvmalloc_node(INPUT_MAX, GFP_KERNEL,
					   cpu_to_node(cpu));

		if (!buffer) {
			lh_packet_exit();
			return -ENOMEM;
		}
		per_cpu(input_buffer, cpu) = buffer;
	}
	return 0;
}
