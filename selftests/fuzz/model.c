// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "model.h"
#include "../unit/packet.h"
#include "stack.h"

static unsigned int bits_between(u64 mask, unsigned int low, unsigned int high)
{
	unsigned int n = 0;

	for (; low < high; low++)
		n += mask >> low & 1;
	return n;
}

static bool label_allowed(u32 label)
{
	return label >= 16 && label <= 1048575;
}

static bool mask_allowed(const struct lh_params *p)
{
	unsigned int j;

	if (p->select == LABELHOP_SELECT_GATHER)
		return bits_between(p->mask, 0, 64) >= 16U * p->tags;
	for (j = 0; j < p->tags; j++)
		if (bits_between(p->mask, 20 * j, 20 * j + 20) < 16)
			return false;
	return true;
}

bool model_valid(const struct lh_params *p)
{
	u32 i, j;

	if (!p->generation || !label_allowed(p->label) ||
	    (__int128)p->epoch + p->lifetime > FUZZ_TIME_MAX ||
	    p->n_labels < 1 || p->n_labels > 4096 ||
	    p->n_slots < 1 || p->n_slots > 256 ||
	    p->hash != 1 || p->tags < 1 || p->tags > 3 ||
	    (p->select != LABELHOP_SELECT_GATHER &&
	     p->select != LABELHOP_SELECT_AND))
		return false;
	for (i = 0; i < p->n_labels; i++) {
		if (!label_allowed(p->labels[i]) || p->labels[i] == p->label)
			return false;
		for (j = i + 1; j < p->n_labels; j++)
			if (p->labels[i] == p->labels[j])
				return false;
	}
	for (i = 0; i < p->n_slots; i++)
		if (p->slots[i] < 1000 || p->slots[i] > 86400000000000)
			return false;
	return mask_allowed(p);
}

static void put_be(u8 *bytes, u64 number, unsigned int n)
{
	while (n--) {
		bytes[n] = number;
		number /= 256;
	}
}

static u64 get_le(const u8 *bytes)
{
	u64 number = 0;
	int i;

	for (i = 7; i >= 0; i--)
		number = number * 256 + bytes[i];
	return number;
}

u32 model_be(const u8 *bytes, unsigned int n)
{
	u32 number = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		number = number * 256 + bytes[i];
	return number;
}

static void model_key(const struct lh_params *p, const char *purpose,
		      struct lh_key *key)
{
	u8 info[31], mac[32];

	memcpy(info, "labelhop-1 ", 11);
	memcpy(info + 11, purpose, 3);
	put_be(info + 14, p->id, 8);
	put_be(info + 22, p->generation, 4);
	put_be(info + 26, p->label, 4);
	info[30] = 1;
	lh_hmac_sha256(p->seed, info, 31, mac);
	key->k[0] = get_le(mac);
	key->k[1] = get_le(mac + 8);
}

void model_keys(const struct lh_params *p, struct lh_key *hop,
		struct lh_key *tag)
{
	model_key(p, "hop", hop);
	model_key(p, "tag", tag);
}

/* Whole cycles at once, then slot after slot; nothing wraps. */
void model_slot(const struct lh_params *p, u64 t, struct lh_slot *slot)
{
	__int128 cycle = 0, start, number;
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		cycle += p->slots[i];
	number = (__int128)(t - p->epoch) / cycle;
	start = p->epoch + number * cycle;
	number *= p->n_slots;
	for (i = 0; start + p->slots[i] <= t; i++, number++)
		start += p->slots[i];
	slot->number = number;
	slot->start = start;
	slot->duration = p->slots[i];
	start += p->slots[i];
	slot->end = start > FUZZ_TIME_MAX ? FUZZ_TIME_MAX : start;
}

static u64 model_prf(const struct lh_key *key, u64 a, u64 b, size_t len)
{
	u8 msg[16];
	int i;

	for (i = 0; i < 8; i++) {
		msg[i] = a >> 8 * i;
		msg[8 + i] = b >> 8 * i;
	}
	return lh_siphash(key, msg, len);
}

void model_hop(const struct lh_params *p, u64 t, struct lh_hop *hop)
{
	struct lh_key hop_key, tag_key;
	u64 number;

	model_keys(p, &hop_key, &tag_key);
	model_slot(p, t, &hop->slot);
	number = hop->slot.number;
	hop->label = p->labels[model_prf(&hop_key, number, 0, 8) % p->n_labels];
	hop->key.k[0] = model_prf(&tag_key, number, 0, 16);
	hop->key.k[1] = model_prf(&tag_key, number, 1, 16);
}

static __int128 over(const struct lh_params *p)
{
	return p->lifetime ? (__int128)p->epoch + p->lifetime : (__int128)1 << 64;
}

enum labelhop_reason model_state(const struct lh_params *p, u64 t)
{
	return t < p->epoch ? LABELHOP_REASON_NOT_YET :
	       t >= over(p) ? LABELHOP_REASON_EXPIRED : LABELHOP_REASON_UNSPEC;
}

enum labelhop_reason model_window(const struct lh_params *p, u64 now,
				  u64 delay, u64 tolerance,
				  struct lh_window *w)
{
	__int128 lo = (__int128)now - delay - tolerance;
	__int128 hi = (__int128)now - delay + tolerance;

	lo = lo < 0 ? 0 : lo;
	hi = hi < 0 ? 0 : hi > FUZZ_TIME_MAX ? FUZZ_TIME_MAX : hi;
	if (hi < p->epoch)
		return LABELHOP_REASON_NOT_YET;
	if (lo >= over(p))
		return LABELHOP_REASON_EXPIRED;
	w->first = lo < p->epoch ? p->epoch : (u64)lo;
	w->last = hi >= over(p) ? (u64)(over(p) - 1) : (u64)hi;
	return LABELHOP_REASON_UNSPEC;
}

void model_tags(const struct lh_params *p, u64 digest, u32 *tags)
{
	unsigned int ones = bits_between(p->mask, 0, 64), width = 20, n = 0;
	unsigned int bit, j;
	u64 pool = 0;

	if (p->select == LABELHOP_SELECT_GATHER && ones / p->tags < 20)
		width = ones / p->tags;
	for (bit = 0; bit < 64; bit++) {
		if (!(p->mask >> bit & 1)) {
			n += p->select == LABELHOP_SELECT_AND;
			continue;
		}
		pool |= (digest >> bit & 1) << n++;
	}
	for (j = 0; j < p->tags; j++) {
		tags[j] = 0;
		for (bit = 0; bit < width; bit++)
			tags[j] |= (pool >> (j * width + bit) & 1) << bit;
		if (tags[j] < 16)
			tags[j] += 524288;
	}
}

/* RFC 4448: 0000, bits to be ignored, length, sequence number. */
static bool model_cw(const u8 *head, size_t head_len, size_t present,
		     size_t *len)
{
	u32 cw = head_len < 4 ? ~0U : model_be(head, 4), told = cw >> 16 & 63;

	*len = told && present < 64 ? told : present;
	return cw < 1U << 28 && *len >= 4 + 14 && *len <= present &&
	       *len <= 65575;
}

bool model_payload_len(u8 kind, const u8 *head, size_t head_len,
		       size_t present, size_t *len)
{
	unsigned int version = head_len ? head[0] / 16 : 0;

	if (kind == LABELHOP_PAYLOAD_PW)
		return model_cw(head, head_len, present, len);
	*len = present;
	if (kind != LABELHOP_PAYLOAD_IP)
		version = 0;
	if (version == 4) {
		if (head_len < 20 || model_be(head + 2, 2) < 20)
			return false;
		*len = model_be(head + 2, 2);
	}
	if (version == 6) {
		if (head_len < 40)
			return false;
		*len = 40 + model_be(head + 4, 2);
	}
	return *len <= present && *len <= 65575;
}

static bool model_match(const struct lh_params *p, const struct lh_hop *hop,
			const u8 *tags, const u8 *payload, size_t len)
{
	size_t n = p->hash_len && p->hash_len < len ? p->hash_len : len;
	u8 *input = malloc(8 + n);
	u32 wanted[3];
	u64 digest;
	unsigned int i;

	CHECK(input, "no memory");
	for (i = 0; i < 8; i++)
		input[i] = (u64)len >> 8 * i;
	memcpy(input + 8, payload, n);
	digest = lh_siphash(&hop->key, input, 8 + n);
	free(input);
	model_tags(p, digest, wanted);
	for (i = 0; i < p->tags; i++)
		if (model_be(tags + 4 * i, 4) >> 12 != wanted[i])
			return false;
	return true;
}

static bool model_holds(const struct lh_params *p, u32 label)
{
	u32 i;

	for (i = 0; i < p->n_labels; i++)
		if (p->labels[i] == label)
			return true;
	return false;
}

/* The receiver's steps on what follows the explicit nulls. */
static const char *model_receive(const struct lh_params *p,
				 const struct lh_window *w, const u8 *top,
				 const u8 *payload, size_t len)
{
	bool hop_ok = false;
	struct lh_hop hop;
	u64 t = w->first;

	for (;;) {
		model_hop(p, t, &hop);
		if (hop.label == model_be(top, 4) >> 12) {
			hop_ok = true;
			if (model_match(p, &hop, top + 4, payload, len))
				return WORD_VERIFIED;
		}
		if (w->last - hop.slot.start < hop.slot.duration)
			break;
		t = hop.slot.end;
	}
	return reason_word(hop_ok ? LABELHOP_REASON_BAD_TAG :
				    LABELHOP_REASON_BAD_HOP);
}

const char *model_verify(const struct lh_params *p, u64 now, u64 tolerance,
			 u64 delay, const u8 *packet, size_t len)
{
	enum labelhop_reason reason;
	unsigned int i, nulls = 0;
	struct lh_window w;
	size_t true_len;
	u32 top;

	while (len >= 4 && !(packet[2] & 1) && (model_be(packet, 4) >> 12 == 0 ||
						model_be(packet, 4) >> 12 == 2)) {
		if (++nulls > 128)
			return WORD_TOO_MANY;
		packet += 4;
		len -= 4;
	}
	if (len < 4)
		return WORD_NOT_OURS;
	top = model_be(packet, 4) >> 12;
	if (top == p->label)
		return reason_word(LABELHOP_REASON_BARE);
	if (!model_holds(p, top))
		return WORD_NOT_OURS;
	if (len < 4U + 4U * p->tags)
		return reason_word(LABELHOP_REASON_MALFORMED);
	for (i = 0; i <= p->tags; i++)
		if ((packet[4 * i + 2] & 1) != (i < p->tags ? 0 : 1))
			return reason_word(LABELHOP_REASON_MALFORMED);
	len -= 4 + 4 * p->tags;
	if (!model_payload_len(LABELHOP_PAYLOAD_IP, packet + 4 + 4 * p->tags,
			       len, len, &true_len))
		return reason_word(LABELHOP_REASON_MALFORMED);
	reason = model_window(p, now, delay, tolerance, &w);
	if (reason)
		return reason_word(reason);
	return model_receive(p, &w, packet, packet + 4 + 4 * p->tags, true_len);
}
