/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sender's and the receiver's steps on plain bytes, put together from the
 * pure core as protocol.rst has them. The module's own packet path works on
 * socket buffers and is tested with packets.
 */
#ifndef LABELHOP_TEST_PACKET_H
#define LABELHOP_TEST_PACKET_H

#include "hop.h"

#define WORD_STAMPED	"stamped"
#define WORD_VERIFIED	"verified"
#define WORD_NOT_OURS	"not-ours"
#define WORD_TOO_MANY	"too-many"

/* What a packet is, and what is known beside it. All zero is a VPN's IP packet. */
struct packet_how {
	u8 payload;		/* enum labelhop_payload */
	u32 transport;		/* a link's, or 0 */
	u64 error;		/* bound of the time's error */
	u64 mtu;		/* 0 for none */
};

const char *reason_word(enum labelhop_reason reason);
u64 packet_digest(const struct lh_gen *gen, const struct lh_hop *hop,
		  const u8 *payload, size_t len, u32 tags[LABELHOP_TAGS_MAX]);
bool packet_payload_len(u8 kind, const u8 *payload, size_t present,
			size_t *len);
const char *packet_stamp(const struct packet_how *how,
			 const struct lh_gen *gen, u64 t,
			 const u8 *stack, size_t stack_len,
			 const u8 *payload, size_t present,
			 u8 *out, size_t *out_len);
const char *packet_verify(const struct packet_how *how,
			  const struct lh_gen *gen, struct lh_hop_cache *cache,
			  u64 now, u64 tolerance, u64 delay,
			  const u8 *packet, size_t len,
			  u8 *out, size_t *out_len);

#endif /* LABELHOP_TEST_PACKET_H */
