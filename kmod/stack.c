// SPDX-License-Identifier: GPL-2.0
/* Label stack entries and what follows them: RFC 3032, protocol.rst. */
#include "stack.h"

#define LABEL_IPV4_NULL	0
#define LABEL_IPV6_NULL	2
#define IPV4_HEADER	20
#define IPV4_DST	16
#define IPV6_HEADER	40
#define IPV6_DST	24
#define CW_LENGTH	0x3f

static u16 get_be16(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/**
 * lh_lse_get - decode a label stack entry
 * @bytes: LH_LSE_LEN bytes of a packet
 *
 * Return: the entry.
 */
struct lh_lse lh_lse_get(const u8 *bytes)
{
	return (struct lh_lse) {
		.label = (u32)bytes[0] << 12 | bytes[1] << 4 | bytes[2] >> 4,
		.tc = bytes[2] >> 1 & 7,
		.bos = bytes[2] & 1,
		.ttl = bytes[3],
	};
}

/**
 * lh_lse_put - encode a label stack entry
 * @bytes: receives LH_LSE_LEN bytes
 * @lse: the entry
 */
void lh_lse_put(u8 *bytes, struct lh_lse lse)
{
	bytes[0] = lse.label >> 12;
	bytes[1] = lse.label >> 4;
	bytes[2] = lse.label << 4 | lse.tc << 1 | lse.bos;
	bytes[3] = lse.ttl;
}

/**
 * lh_label_is_null - is a label an explicit null?
 * @label: 20 bits
 *
 * Return: true for that of IPv4 and that of IPv6.
 */
bool lh_label_is_null(u32 label)
{
	return label == LABEL_IPV4_NULL || label == LABEL_IPV6_NULL;
}

/**
 * lh_tag_entries - decode the entries that follow a hop label
 * @bytes: @tags entries
 * @tags: number of tag labels of the session
 * @bottom: is the last of them the bottom of the stack? No other is.
 * @labels: receives them
 *
 * Return: true if so.
 */
bool lh_tag_entries(const u8 *bytes, u8 tags, bool bottom,
		    u32 labels[LABELHOP_TAGS_MAX])
{
	u8 i;

	for (i = 0; i < tags; i++) {
		struct lh_lse lse = lh_lse_get(bytes + i * LH_LSE_LEN);

		if (lse.bos != (bottom && i == tags - 1))
			return false;
		labels[i] = lse.label;
	}
	return true;
}

/**
 * lh_cw_put - write a control word
 * @cw: receives LH_CW_LEN bytes
 * @frame_len: length of the Ethernet frame that follows
 *
 * RFC 4385, section 3. There is no sequence number, which is 0.
 */
void lh_cw_put(u8 *cw, size_t frame_len)
{
	size_t len = LH_CW_LEN + frame_len;

	cw[0] = 0;
	cw[1] = len <= CW_LENGTH ? len : 0;
	cw[2] = 0;
	cw[3] = 0;
}

/**
 * lh_cw_get - length of a control word and its frame
 * @head: the first bytes present
 * @head_len: their number
 * @present: bytes present, padding included
 * @len: receives the length
 *
 * RFC 4385, section 3. An associated channel header (RFC 5586), which looks like
 * a control word but for its first nibble, is refused. RFC 4448, section 4.6, has
 * the other bits of the first half ignored. So the length counts only where RFC
 * 4385 has one, and Ethernet's padding asks for it: below 64 bytes. The bits before
 * it are those of RFC 4623 only where both ends have agreed on that, which none
 * here does.
 *
 * Return: false if there is no control word or no whole frame.
 */
bool lh_cw_get(const u8 *head, size_t head_len, size_t present, size_t *len)
{
	size_t n = present;

	if (head_len < LH_CW_LEN || head[0] >> 4)
		return false;
	if (present <= CW_LENGTH && head[1] & CW_LENGTH)
		n = head[1] & CW_LENGTH;
	if (n < LH_CW_LEN + LH_FRAME_HEADER || n > present)
		return false;
	*len = n;
	return true;
}

static bool ip_len(const u8 *head, size_t head_len, size_t *len)
{
	switch (head_len ? head[0] >> 4 : 0) {
	case 4:
		if (head_len < IPV4_HEADER)
			return false;
		*len = get_be16(head + 2);
		return *len >= IPV4_HEADER;
	case 6:
		if (head_len < IPV6_HEADER)
			return false;
		*len = IPV6_HEADER + (size_t)get_be16(head + 4);
		return true;
	}
	return true;
}

/**
 * lh_payload_len - length of a payload without Ethernet's padding
 * @kind: enum labelhop_payload
 * @head: the first bytes present, up to LH_PAYLOAD_HEAD_MAX
 * @head_len: their number
 * @present: bytes present, padding included
 * @len: receives the length
 *
 * See "The tag input" in protocol.rst.
 *
 * Return: false if the payload is malformed.
 */
bool lh_payload_len(u8 kind, const u8 *head, size_t head_len, size_t present,
		    size_t *len)
{
	size_t n = present;

	if ((kind == LABELHOP_PAYLOAD_IP && !ip_len(head, head_len, &n)) ||
	    (kind == LABELHOP_PAYLOAD_PW &&
	     !lh_cw_get(head, head_len, present, &n)))
		return false;
	if (n > present || n > LH_PAYLOAD_LEN_MAX)
		return false;
	*len = n;
	return true;
}

/**
 * lh_payload_dst - destination address of a payload
 * @head: its first bytes, up to LH_PAYLOAD_HEAD_MAX
 * @head_len: their number
 * @dst: receives a pointer into @head
 *
 * Return: bytes of the address, 4 or 16, or 0 if there is none to be read.
 */
size_t lh_payload_dst(const u8 *head, size_t head_len, const u8 **dst)
{
	switch (head_len ? head[0] >> 4 : 0) {
	case 4:
		if (head_len < IPV4_HEADER)
			return 0;
		*dst = head + IPV4_DST;
		return 4;
	case 6:
		if (head_len < IPV6_HEADER)
			return 0;
		*dst = head + IPV6_DST;
		return 16;
	}
	return 0;
}

/**
 * lh_prefix_holds - does a prefix hold an address?
 * @prefix: its address, of the same family
 * @bits: its length, no more than the address has
 * @addr: the address
 *
 * Return: true if so.
 */
bool lh_prefix_holds(const u8 *prefix, u8 bits, const u8 *addr)
{
	u8 i;

	for (i = 0; i < bits / 8; i++)
		if (prefix[i] != addr[i])
			return false;
	return !(bits % 8) || !((prefix[i] ^ addr[i]) >> (8 - bits % 8));
}
