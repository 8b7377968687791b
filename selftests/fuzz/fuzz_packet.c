// SPDX-License-Identifier: GPL-2.0
/* A packet from sender to receiver, changed on the way or not. */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "model.h"
#include "../unit/packet.h"
#include "stack.h"

#define STACK_MAX	4	/* entries before the packet is stamped */
#define PAYLOAD_MAX	200
#define PACKET_MAX	((STACK_MAX + 2 * LABELHOP_TAGS_MAX) * LH_LSE_LEN + \
			 PAYLOAD_MAX)

/**
 * struct packet - a packet
 * @bytes: from the top of the stack on
 * @len: their number
 */
struct packet {
	u8 bytes[PACKET_MAX];
	size_t len;
};

static bool is_word(const char *word, enum labelhop_reason reason)
{
	return !strcmp(word, reason_word(reason));
}

/* Makes payloads that are not only noise: most have a header that is true. */
static u8 *input_payload(struct input *in, size_t *present)
{
	u64 how = input_number(in, 1);
	u8 *payload;

	*present = input_below(in, PAYLOAD_MAX + 1);
	payload = input_bytes(in, *present);
	if (how & 1 && *present >= 20) {
		payload[0] = 0x45;
		payload[2] = 0;
		payload[3] = *present - (how & 2 ? 0 : input_below(in, 3));
	} else if (how & 4 && *present >= 40) {
		payload[0] = 0x60;
		payload[4] = 0;
		payload[5] = *present - 40;
	}
	return payload;
}

static const struct packet_how ip;

/* Return: true if it was stamped; what is then in packet is checked. */
static bool stamp(struct input *in, const struct lh_gen *gen,
		  const struct lh_params *p, u64 t, struct packet *packet)
{
	size_t n = input_below(in, STACK_MAX), present, len, i;
	u8 *stack = input_bytes(in, (n + 1) * LH_LSE_LEN);
	u8 *payload = input_payload(in, &present);
	enum labelhop_reason state = model_state(p, t);
	bool formed = model_payload_len(LABELHOP_PAYLOAD_IP, payload, present,
					present, &len);
	const u8 *hop = packet->bytes + n * LH_LSE_LEN;
	const char *word;

	word = packet_stamp(&ip, gen, t, stack, (n + 1) * LH_LSE_LEN, payload,
			    present, packet->bytes, &packet->len);
	if (state || !formed) {
		CHECK(is_word(word, state ? state : LABELHOP_REASON_MALFORMED),
		      "a packet was %s", word);
	} else {
		CHECK(!strcmp(word, WORD_STAMPED), "a packet was %s", word);
		CHECK_U64(packet->len, (n + 1 + p->tags) * LH_LSE_LEN + present);
		CHECK(!memcmp(packet->bytes, stack, n * LH_LSE_LEN) &&
		      (hop[2] & 15) == (stack[n * LH_LSE_LEN + 2] & 14) &&
		      hop[3] == stack[n * LH_LSE_LEN + 3] &&
		      !memcmp(packet->bytes + packet->len - present, payload,
			      present), "labels or payload were changed");
		for (i = 1; i <= p->tags; i++)
			CHECK(model_be(hop + 4 * i, 4) >> 12 >= 16 &&
			      (model_be(hop + 4 * i, 4) & 0xfff) ==
			      (i == p->tags ? 0x100 : 0), "tag entry %zu", i);
		/* The receiver sees it when the transport labels are gone. */
		packet->len -= n * LH_LSE_LEN;
		memmove(packet->bytes, hop, packet->len);
	}
	free(stack);
	free(payload);
	return !state && formed;
}

/* Return: true if it was verified. */
static bool verify(const struct lh_gen *gen, struct lh_hop_cache *cache,
		   const struct lh_params *p, const struct fuzz_settings *set,
		   const struct packet *packet)
{
	bool verified;
	u8 *bytes = malloc(packet->len), *out = malloc(packet->len);
	const char *word, *wanted;
	size_t out_len;

	CHECK((bytes && out) || !packet->len, "no memory");
	memcpy(bytes, packet->bytes, packet->len);
	word = packet_verify(&ip, gen, cache, set->now, set->tolerance, set->delay,
			     bytes, packet->len, out, &out_len);
	wanted = model_verify(p, set->now, set->tolerance, set->delay, bytes,
			      packet->len);
	CHECK(!strcmp(word, wanted), "a packet is %s, not %s", word, wanted);
	verified = !strcmp(word, WORD_VERIFIED);
	if (verified)
		CHECK(out_len < packet->len &&
		      model_be(out, 4) >> 12 == p->label && out[2] & 1 &&
		      !memcmp(out + LH_LSE_LEN, bytes + packet->len - out_len +
			      LH_LSE_LEN, out_len - LH_LSE_LEN),
		      "what was verified is not the packet it was");
	free(bytes);
	free(out);
	return verified;
}

static void change(struct input *in, struct packet *packet)
{
	size_t at = input_below(in, PACKET_MAX), room;

	switch (input_below(in, 4)) {
	case 0:	/* shorter */
		packet->len = at < packet->len ? at : packet->len;
		break;
	case 1:	/* one more entry on top */
		room = packet->len < PACKET_MAX - LH_LSE_LEN ? packet->len :
						PACKET_MAX - LH_LSE_LEN;
		memmove(packet->bytes + LH_LSE_LEN, packet->bytes, room);
		memset(packet->bytes, 0, LH_LSE_LEN);
		packet->bytes[2] = input_number(in, 1);
		packet->len = room + LH_LSE_LEN;
		break;
	default:
		if (at < packet->len)
			packet->bytes[at] ^= input_number(in, 1);
	}
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	struct lh_hop_cache cache = {};
	struct fuzz_settings settings;
	struct fuzz_set set = {};
	struct packet packet;
	struct lh_gen gen;
	u64 t;

	input_set(&in, &set);
	if (!model_valid(&set.p))
		return;
	lh_gen_init(&gen, &set.p);
	while (in.left) {
		t = input_below(&in, 2) ? set.p.epoch + input_number(&in, 3) :
					  input_time(&in);
		if (!stamp(&in, &gen, &set.p, t, &packet))
			continue;
		settings = (struct fuzz_settings){ .now = t };
		CHECK(verify(&gen, &cache, &set.p, &settings, &packet),
		      "what was just stamped is not verified");
		input_settings(&in, &set.p, t, &settings);
		verify(&gen, &cache, &set.p, &settings, &packet);
		change(&in, &packet);
		verify(&gen, &cache, &set.p, &settings, &packet);
	}
}
