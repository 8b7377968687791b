/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LH_SKB_SHAPE_H
#define LH_SKB_SHAPE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

/**
 * struct shape - how bytes are to lie in an skb; all 0 is one linear piece
 * @room: headroom less what it is otherwise
 * @paged: bytes that are linear, the rest is in pages; 0: all
 * @list: the same, the rest is in a list of skbs
 * @clone: somebody has a clone
 * @shared: somebody has the same skb
 * @tag: VLAN tag beside the frame plus 1
 * @ad: that tag is 802.1ad's
 * @complete: a checksum over all has been made by the device
 * @inner: where the IP header below the labels is in the frame
 * @start: where a checksum that is left to the device begins in the frame, and
 *	the transport header
 * @sum: offset of that checksum from @start
 * @crc: it is a CRC32c
 * @gso: SKB_GSO_ bits
 * @size: payload of a segment
 * @type: packet type plus 1, PACKET_OTHERHOST for instance
 * @proto: protocol in place of what the frame says
 * @nomac: the device has no MAC header: the frame's is taken away
 * @iif: it was received by this device before
 */
struct shape {
	u32 room;
	u32 paged;
	u32 list;
	u32 clone;
	u32 shared;
	u32 tag;
	u32 ad;
	u32 complete;
	u32 inner;
	u32 start;
	u32 sum;
	u32 crc;
	u32 gso;
	u32 size;
	u32 type;
	u32 proto;
	u32 nomac;
	u32 iif;
};

int shape_parse(struct shape *shape, char *words);
struct sk_buff *shape_build(const struct shape *shape, const u8 *frame,
			    unsigned int len);
int shape_receive(const struct shape *shape, struct sk_buff *skb,
		  struct net_device *dev);

#endif /* LH_SKB_SHAPE_H */
