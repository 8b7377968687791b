// SPDX-License-Identifier: GPL-2.0
/* skbs of all shapes from the bytes of a frame. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include "shape.h"

#define ROOM	128
/* Odd sizes, so that what is read in one go lies in several pieces. */
#define PIECE	57
#define PIECES	5

#define KEY(name)	{ #name, offsetof(struct shape, name) }

static const struct {
	const char *name;
	size_t at;
} keys[] = {
	KEY(room), KEY(paged), KEY(list), KEY(clone), KEY(shared), KEY(tag),
	KEY(ad), KEY(complete), KEY(inner), KEY(start), KEY(sum), KEY(crc),
	KEY(gso), KEY(size), KEY(type), KEY(proto), KEY(nomac), KEY(iif),
};

static int parse_word(struct shape *shape, char *word)
{
	const char *name = strsep(&word, "=");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		u32 *value = (u32 *)((u8 *)shape + keys[i].at);

		if (strcmp(name, keys[i].name))
			continue;
		*value = 1;
		return word ? kstrtou32(word, 0, value) : 0;
	}
	return -EINVAL;
}

/**
 * shape_parse - read a shape
 * @shape: receives it
 * @words: NAME or NAME=NUMBER, with commas between; "-" for none. Changed
 *
 * Return: 0 or a negative errno.
 */
int shape_parse(struct shape *shape, char *words)
{
	char *word;
	int err;

	memset(shape, 0, sizeof(*shape));
	if (!strcmp(words, "-"))
		return 0;
	while ((word = strsep(&words, ","))) {
		err = parse_word(shape, word);
		if (err)
			return err;
	}
	return shape->room > ROOM ? -EINVAL : 0;
}

static int fill_pages(struct sk_buff *skb, const u8 *bytes, unsigned int len)
{
	int i;

	for (i = 0; len; i++) {
		unsigned int n = i == PIECES ? len : min_t(u32, len, PIECE + i);
		unsigned int at = i == PIECES ? 0 : 3 * i + 1;
		unsigned int order = get_order(at + n);
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

		if (!page)
			return -ENOMEM;
		memcpy(page_address(page) + at, bytes, n);
		skb_add_rx_frag(skb, i, page, at, n, PAGE_SIZE << order);
		bytes += n;
		len -= n;
	}
	return 0;
}

/* Pieces of a segment's size, as GRO and SCTP make them, or of odd ones. */
static int fill_list(struct sk_buff *skb, const u8 *bytes, unsigned int len,
		     unsigned int piece)
{
	struct sk_buff **next = &skb_shinfo(skb)->frag_list;

	for (; len; next = &(*next)->next) {
		unsigned int n = min(len, piece ?: max(len / 2, 1U));

		*next = alloc_skb(n, GFP_KERNEL);
		if (!*next)
			return -ENOMEM;
		skb_put_data(*next, bytes, n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += (*next)->truesize;
		bytes += n;
		len -= n;
	}
	return 0;
}

static void set_offloads(const struct shape *shape, struct sk_buff *skb)
{
	__be16 tpid = htons(shape->ad ? ETH_P_8021AD : ETH_P_8021Q);

	/* As the encapsulation leaves them, for segmentation. */
	if (shape->inner && shape->inner < skb_headlen(skb)) {
		bool ip6 = skb->data[shape->inner] >> 4 == 6;

		skb_set_inner_network_header(skb, shape->inner);
		skb_set_inner_protocol(skb, htons(ip6 ? ETH_P_IPV6 : ETH_P_IP));
	}
	if (shape->sum) {
		skb_set_transport_header(skb, shape->start);
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + shape->start;
		skb->csum_offset = shape->sum;
		skb->csum_not_inet = shape->crc;
	}
	if (shape->gso) {
		skb_shinfo(skb)->gso_type = shape->gso;
		skb_shinfo(skb)->gso_size = shape->size;
		skb_shinfo(skb)->gso_segs =
			DIV_ROUND_UP(skb->len, shape->size ?: 1);
	}
	if (shape->tag)
		__vlan_hwaccel_put_tag(skb, tpid, shape->tag - 1);
	skb->skb_iif = shape->iif;
}

/**
 * shape_build - make an skb
 * @shape: how
 * @frame: its bytes
 * @len: their number
 *
 * Return: the skb, skb->data at the MAC header, or NULL.
 */
struct sk_buff *shape_build(const struct shape *shape, const u8 *frame,
			    unsigned int len)
{
	unsigned int linear = len;
	struct sk_buff *skb;
	int err = 0;

	if (shape->paged || shape->list)
		linear = min(len, shape->paged ?: shape->list);
	skb = alloc_skb(ROOM + linear, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, ROOM - shape->room);
	skb_put_data(skb, frame, linear);
	if (shape->paged)
		err = fill_pages(skb, frame + linear, len - linear);
	else if (shape->list)
		err = fill_list(skb, frame + linear, len - linear, shape->size);
	if (err) {
		kfree_skb(skb);
		return NULL;
	}
	skb_reset_mac_header(skb);
	set_offloads(shape, skb);
	return skb;
}

/**
 * shape_receive - do what a driver does before it hands an skb up
 * @shape: its shape
 * @skb: the skb
 * @dev: the device
 *
 * Return: 0, or a negative errno if there is no MAC header in one piece.
 */
int shape_receive(const struct shape *shape, struct sk_buff *skb,
		  struct net_device *dev)
{
	if (skb_headlen(skb) < ETH_HLEN)
		return -EINVAL;
	skb->protocol = eth_type_trans(skb, dev);
	if (shape->nomac)
		skb_reset_mac_header(skb);
	if (shape->type)
		skb->pkt_type = shape->type - 1;
	if (shape->proto)
		skb->protocol = htons(shape->proto);
	if (shape->complete) {
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
		skb->ip_summed = CHECKSUM_COMPLETE;
	}
	return 0;
}
