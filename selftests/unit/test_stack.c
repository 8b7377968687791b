// SPDX-License-Identifier: GPL-2.0
/* stack.c */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "packet.h"
#include "stack.h"
#include "vec.h"

static void test_payload_vectors(void)
{
	struct json_object *doc = vec_load("payload.json");
	struct json_object *cases = vec_get(doc, "cases");
	size_t i;

	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = vec_at(cases, i);
		struct json_object *length = vec_get(c, "length");
		size_t present, len = 12345;
		u8 *payload;
		bool ok;

		ktap_context("%s: %.100s of %s", vec_str(c, "kind"),
			     vec_str(c, "payload"),
			     json_object_get_string(length));
		payload = vec_unhex(vec_str(c, "payload"), &present);
		ok = packet_payload_len(vec_kind(c), payload, present,
					&len);
		CHECK_U64(ok, !!length);
		if (ok && length)
			CHECK_U64(len, vec_u64(c, "length"));
		free(payload);
	}
	json_object_put(doc);
}

/* A header of which bytes are missing, whatever is said to be present. */
static void test_payload_cut(void)
{
	u8 head[LH_PAYLOAD_HEAD_MAX] = {};
	size_t n, len;

	for (n = 1; n <= sizeof(head); n++) {
		u8 *cut;

		ktap_context("%zu bytes", n);
		memset(head, 0, sizeof(head));
		head[0] = 0x45;
		head[3] = 20;
		cut = vec_copy(head, n);
		CHECK_U64(lh_payload_len(LABELHOP_PAYLOAD_IP, cut, n, n, &len), n >= 20);
		CHECK_U64(lh_payload_len(LABELHOP_PAYLOAD_IP, cut, n, 100, &len), n >= 20);
		free(cut);
		head[0] = 0x60;
		head[3] = 0;
		cut = vec_copy(head, n);
		CHECK_U64(lh_payload_len(LABELHOP_PAYLOAD_IP, cut, n, n, &len), n >= 40);
		CHECK_U64(lh_payload_len(LABELHOP_PAYLOAD_IP, cut, n, 100, &len), n >= 40);
		free(cut);
		head[0] = 0x10;
		cut = vec_copy(head, n);
		CHECK(lh_payload_len(LABELHOP_PAYLOAD_IP, cut, n, n, &len), "malformed");
		CHECK_U64(len, n);
		free(cut);
	}
	ktap_context("no bytes");
	len = 7;
	CHECK(lh_payload_len(LABELHOP_PAYLOAD_IP, NULL, 0, 0, &len), "malformed");
	CHECK_U64(len, 0);
}

static void test_payload_long(void)
{
	u8 head[LH_PAYLOAD_HEAD_MAX] = { 0x45, 0, 0xff, 0xff };
	size_t len;

	ktap_context("IPv4");
	CHECK(!lh_payload_len(LABELHOP_PAYLOAD_IP, head, sizeof(head), 65534, &len), "accepted");
	CHECK(lh_payload_len(LABELHOP_PAYLOAD_IP, head, sizeof(head), 65535, &len), "refused");
	CHECK_U64(len, 65535);
	ktap_context("IPv6");
	memcpy(head, (u8 []) { 0x60, 0, 0, 0, 0xff, 0xff }, 6);
	CHECK(!lh_payload_len(LABELHOP_PAYLOAD_IP, head, sizeof(head), 65574, &len), "accepted");
	CHECK(lh_payload_len(LABELHOP_PAYLOAD_IP, head, sizeof(head), 65575, &len), "refused");
	CHECK_U64(len, 65575);
}

/* RFC 4448, section 4.6: the first nibble counts, and the length of what is short. */
static void test_control_word(void)
{
	static const struct {
		u8 cw[LH_CW_LEN];
		size_t present, len;
	} cases[] = {
		{ { 0x00, 0x17, 0x00, 0x00 }, 46, 23 },
		{ { 0x00, 0x71, 0x01, 0x00 }, 604, 604 },
		{ { 0x00, 0x3f, 0x00, 0x00 }, 63, 63 },
		{ { 0x00, 0x12, 0x00, 0x00 }, 63, 18 },
		{ { 0x00, 0x12, 0x00, 0x00 }, 64, 64 },
		{ { 0x00, 0x40, 0x01, 0x00 }, 604, 604 },
		{ { 0x00, 0xc0, 0xff, 0xff }, 604, 604 },
		{ { 0x0f, 0xd7, 0x00, 0x01 }, 46, 23 },
		{ { 0x10, 0x17, 0x00, 0x00 }, 46, 0 },
		{ { 0x80, 0x17, 0x00, 0x00 }, 46, 0 },
		{ { 0x00, 0x11, 0x00, 0x00 }, 46, 0 },
		{ { 0x00, 0x17, 0x00, 0x00 }, 22, 0 },
		{ { 0x00, 0x00, 0x00, 0x00 }, 17, 0 },
	};
	u8 cw[LH_CW_LEN];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ktap_context("case %zu", i);
		len = 0;
		CHECK_U64(lh_cw_get(cases[i].cw, LH_CW_LEN, cases[i].present,
				    &len), !!cases[i].len);
		CHECK_U64(len, cases[i].len);
	}
	ktap_context("frame of 19 bytes");
	lh_cw_put(cw, 19);
	CHECK(!memcmp(cw, cases[0].cw, sizeof(cw)), "%02x %02x", cw[0], cw[1]);
}

/* Compared with the entry as one integer, most significant byte first. */
static void test_entry(void)
{
	u64 state = 31;
	u32 label;

	for (label = 0; label <= LABELHOP_LABEL_MAX; label++) {
		u64 x = vec_random(&state);
		struct lh_lse lse = {
			.label = label,
			.tc = x & 7,
			.bos = x >> 3 & 1,
			.ttl = x >> 8,
		};
		u32 word = label << 12 | lse.tc << 9 | lse.bos << 8 | lse.ttl;
		const u8 wanted[] = { word >> 24, word >> 16, word >> 8, word };
		u8 bytes[LH_LSE_LEN];
		struct lh_lse got;

		lh_lse_put(bytes, lse);
		got = lh_lse_get(wanted);
		CHECK(!memcmp(bytes, wanted, sizeof(bytes)), "put %#x", word);
		CHECK(got.label == label && got.tc == lse.tc &&
		      got.bos == lse.bos && got.ttl == lse.ttl, "get %#x", word);
	}
}

static void test_null(void)
{
	u32 label;

	for (label = 0; label <= LABELHOP_LABEL_MAX; label++)
		CHECK(lh_label_is_null(label) == (label == 0 || label == 2),
		      "label %u", label);
}

static void test_tag_entries(void)
{
	unsigned int s, tags, j;
	u64 state = 32;

	for (tags = 1; tags <= LABELHOP_TAGS_MAX; tags++) {
		for (s = 0; s < 1u << tags; s++) {
			u32 labels[LABELHOP_TAGS_MAX] = {};
			u32 wanted[LABELHOP_TAGS_MAX];
			u8 *bytes = malloc(tags * LH_LSE_LEN);
			bool ok;

			if (!bytes)
				ktap_bail("no memory");
			for (j = 0; j < tags; j++) {
				u64 x = vec_random(&state);

				wanted[j] = x & 0xfffff;
				lh_lse_put(bytes + j * LH_LSE_LEN,
					   (struct lh_lse) {
						   .label = wanted[j],
						   .tc = x >> 20 & 7,
						   .bos = s >> j & 1,
						   .ttl = x >> 24,
					   });
			}
			ktap_context("%u tags, S bits %#x", tags, s);
			ok = lh_tag_entries(bytes, tags, true, labels);
			CHECK_U64(ok, s == 1u << (tags - 1));
			for (j = 0; ok && j < tags; j++)
				CHECK_U64(labels[j], wanted[j]);
			free(bytes);
		}
	}
}

static void test_destination(void)
{
	u8 head[LH_PAYLOAD_HEAD_MAX];
	unsigned int nibble;
	const u8 *dst;
	size_t n, i;

	for (nibble = 0; nibble < 16; nibble++) {
		for (n = 0; n <= sizeof(head); n++) {
			size_t wanted = 0, got;
			u8 *cut;

			for (i = 0; i < sizeof(head); i++)
				head[i] = i;
			head[0] = nibble << 4;
			cut = vec_copy(head, n);
			if (nibble == 4 && n >= 20)
				wanted = 4;
			if (nibble == 6 && n >= 40)
				wanted = 16;
			ktap_context("nibble %u, %zu bytes", nibble, n);
			dst = NULL;
			got = lh_payload_dst(cut, n, &dst);
			CHECK_U64(got, wanted);
			if (got)
				CHECK_U64(dst - cut, got == 4 ? 16 : 24);
			free(cut);
		}
	}
}

static void test_prefix(void)
{
	u64 state = 33;
	int round;

	for (round = 0; round < 1000; round++) {
		size_t len = round & 1 ? 4 : 16, i;
		u8 a[16], b[16], *prefix, *addr;
		unsigned int bit, common;
		unsigned int bits;

		for (i = 0; i < len; i++)
			a[i] = vec_random(&state);
		memcpy(b, a, len);
		/* The first bit that differs decides; later ones do not. */
		common = vec_random(&state) % (len * 8 + 1);
		for (bit = common; bit < len * 8; bit++)
			if (bit == common || vec_random(&state) & 1)
				b[bit / 8] ^= 0x80 >> bit % 8;
		prefix = vec_copy(a, len);
		addr = vec_copy(b, len);
		for (bits = 0; bits <= len * 8; bits++) {
			ktap_context("%u bits, %u common", bits, common);
			CHECK_U64(lh_prefix_holds(prefix, bits, addr),
				  bits <= common);
		}
		free(prefix);
		free(addr);
	}
}

const struct test stack_tests[] = {
	{ "stack.payload_vectors", test_payload_vectors },
	{ "stack.payload_cut", test_payload_cut },
	{ "stack.payload_long", test_payload_long },
	{ "stack.control_word", test_control_word },
	{ "stack.entry", test_entry },
	{ "stack.null", test_null },
	{ "stack.tag_entries", test_tag_entries },
	{ "stack.destination", test_destination },
	{ "stack.prefix", test_prefix },
	{}
};
