// SPDX-License-Identifier: GPL-2.0
/* stack.c: each of its functions on the same bytes. */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "model.h"
#include "stack.h"

static void check_entry(struct input in)
{
	u8 *bytes = input_bytes(&in, LH_LSE_LEN), again[LH_LSE_LEN];
	struct lh_lse lse = lh_lse_get(bytes);
	u32 entry = model_be(bytes, LH_LSE_LEN);

	CHECK_U64(lse.label, entry >> 12);
	CHECK_U64(lse.tc, entry >> 9 & 7);
	CHECK_U64(lse.bos, entry >> 8 & 1);
	CHECK_U64(lse.ttl, entry & 255);
	CHECK_U64(lh_label_is_null(lse.label), lse.label == 0 || lse.label == 2);
	lh_lse_put(again, lse);
	CHECK(!memcmp(again, bytes, LH_LSE_LEN), "an entry is put otherwise");
	free(bytes);
}

static void check_tags(struct input in)
{
	u8 tags = 1 + input_below(&in, LABELHOP_TAGS_MAX), i;
	u8 *bytes = input_bytes(&in, tags * LH_LSE_LEN);
	u32 labels[LABELHOP_TAGS_MAX];
	bool bottom = input_below(&in, 2), right = true, ok;

	for (i = 0; i < tags; i++)
		right &= (bytes[4 * i + 2] & 1) == (bottom && i == tags - 1);
	ok = lh_tag_entries(bytes, tags, bottom, labels);
	CHECK_U64(ok, right);
	for (i = 0; ok && i < tags; i++)
		CHECK_U64(labels[i], model_be(bytes + 4 * i, 4) >> 12);
	free(bytes);
}

/* What is written is read again, whatever Ethernet pads a short frame with. */
static void check_cw(struct input in)
{
	size_t frame = input_number(&in, 2), len, wanted = LH_CW_LEN + frame;
	size_t present = wanted < 46 ? 46 + input_below(&in, 8) : wanted;
	u8 cw[LH_CW_LEN];
	bool ok;

	lh_cw_put(cw, frame);
	CHECK_U64(model_be(cw, 4), wanted < 64 ? wanted << 16 : 0);
	ok = lh_cw_get(cw, LH_CW_LEN, present, &len);
	CHECK_U64(ok, frame >= 14);
	if (ok)
		CHECK_U64(len, wanted);
}

static void check_payload(struct input in)
{
	u64 number = input_number(&in, 3);
	u8 kind = number >> 17 & 3;
	size_t more = number & 0x1ffff, len, wanted, n;
	size_t head_len = in.left < LH_PAYLOAD_HEAD_MAX ? in.left :
							  LH_PAYLOAD_HEAD_MAX;
	size_t present = head_len == LH_PAYLOAD_HEAD_MAX ? head_len + more :
							   head_len;
	u8 *head = input_bytes(&in, head_len);
	unsigned int version = head_len ? head[0] >> 4 : 0;
	const u8 *dst = NULL;
	bool right, ok;

	right = model_payload_len(kind, head, head_len, present, &wanted);
	ok = lh_payload_len(kind, head, head_len, present, &len);
	CHECK_U64(ok, right);
	if (ok)
		CHECK_U64(len, wanted);

	n = lh_payload_dst(head, head_len, &dst);
	if (version == 4 && head_len >= 20)
		CHECK(n == 4 && dst == head + 16, "no IPv4 destination");
	else if (version == 6 && head_len >= 40)
		CHECK(n == 16 && dst == head + 24, "no IPv6 destination");
	else
		CHECK_U64(n, 0);
	free(head);
}

static void check_prefix(struct input in)
{
	size_t len = input_below(&in, 2) ? 16 : 4;
	u8 bits = input_below(&in, 8 * len + 1), i;
	u8 *prefix = input_bytes(&in, len), *addr = input_bytes(&in, len);
	bool right = true;

	for (i = 0; i < bits; i++)
		right &= !((prefix[i / 8] ^ addr[i / 8]) & 0x80 >> i % 8);
	CHECK_U64(lh_prefix_holds(prefix, bits, addr), right);
	free(prefix);
	free(addr);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };

	check_entry(in);
	check_tags(in);
	check_cw(in);
	check_payload(in);
	check_prefix(in);
}
