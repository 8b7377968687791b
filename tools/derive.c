// SPDX-License-Identifier: GPL-2.0
/* labelhop derive: what a packet gets at an instant, without the module. */
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../kmod/hash.h"
#include "../kmod/hop.h"
#include "../kmod/stack.h"
#include "args.h"
#include "parse.h"
#include "set.h"
#include "words.h"

struct values {
	const char *file;
	const char *hex;
	u64 at;
	u8 kind;
};

enum { ARG_PARAMS, ARG_AT, ARG_PAYLOAD, ARG_PAYLOAD_KIND };

static int parse_hex(const struct lh_ctx *ctx, const struct lh_arg *arg,
		     const char *text, void *to)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF");

	if (text[len])
		return lh_parse_refuse(ctx, arg, text,
				       "has a character that is no hex digit");
	if (len % 2)
		return lh_parse_refuse(ctx, arg, text,
				       "has an odd number of digits");
	if (len / 2 > LH_PAYLOAD_LEN_MAX)
		return lh_parse_refuse(ctx, arg, text, "is too long");
	*(const char **)to = text;
	return 0;
}

static const struct lh_arg args[] = {
	[ARG_PARAMS] = {
		.keyword = "params", .value = "FILE",
		.help = "the parameter set, as labelhop params new prints it",
		.allowed = "the name of a file, or - for standard input,",
		.parse = lh_parse_text, .to = offsetof(struct values, file),
	},
	[ARG_AT] = {
		.keyword = "at", .value = "TAI-NS",
		.help = "when the packet is stamped, ns of TAI since 1970",
		.allowed = "a number of 0 to 18446744073709551615",
		.parse = lh_parse_u64, .to = offsetof(struct values, at),
		.max = ~0ULL,
	},
	[ARG_PAYLOAD] = {
		.keyword = "payload", .value = "HEX",
		.help = "what follows the label stack, padding included",
		.allowed = "an even number of hex digits, of 0 to 65575 bytes,",
		.parse = parse_hex, .to = offsetof(struct values, hex),
	},
	[ARG_PAYLOAD_KIND] = {
		.keyword = "payload-kind", .value = "P",
		.flags = LH_ARG_OPTIONAL,
		.help = "what the payload is, as in session add (ip)",
		.allowed = "ip, pw, pw-no-cw or link",
		.parse = lh_parse_word, .words = lh_payloads,
		.to = offsetof(struct values, kind),
	},
};

static void show(struct lh_out *out, const struct lh_gen *gen,
		 const struct lh_hop *hop, const u8 *input, size_t len)
{
	u32 tags[LABELHOP_TAGS_MAX];
	u8 i;

	lh_hop_tags(gen, hop, input, len, tags);
	lh_out_object(out, NULL);
	lh_out_number(out, "slot", hop->slot.number);
	lh_out_number(out, "start", hop->slot.start);
	lh_out_number(out, "end", hop->slot.end);
	lh_out_line(out);
	lh_out_number(out, "hop", hop->label);
	lh_out_hex(out, "digest", "0x",
		   lh_hash_digest(gen->hash, &hop->key, input, len));
	lh_out_array(out, "tags");
	for (i = 0; i < gen->rule.tags; i++)
		lh_out_number(out, NULL, tags[i]);
	lh_out_end(out);
}

/* Return: 0 or the exit status, after a sentence. */
static int true_len(const struct lh_ctx *ctx, u8 kind, const u8 *payload,
		    size_t present, size_t *len)
{
	size_t head_len = present < LH_PAYLOAD_HEAD_MAX ? present :
							  LH_PAYLOAD_HEAD_MAX;

	if (lh_payload_len(kind, payload, head_len, present, len))
		return 0;
	if (kind == LABELHOP_PAYLOAD_PW)
		return lh_fail(ctx,
			       "payload: its %zu bytes are malformed: a control word and an Ethernet frame of the length that it tells of are allowed",
			       present);
	return lh_fail(ctx,
		       "payload: its %zu bytes are malformed: an IPv4 or IPv6 packet with all bytes that its header tells of is allowed, or what does not begin with 4 or 6",
		       present);
}

/* The payload comes after the room for the prefix, present bytes of it. */
static int derive_packet(struct lh_ctx *ctx, const struct lh_gen *gen,
			 const struct values *v, u8 *input, size_t present)
{
	struct lh_hop hop;
	u64 at = v->at;
	size_t len;
	int err;

	switch (lh_slot_state(&gen->slots, at)) {
	case LABELHOP_REASON_NOT_YET:
		return lh_fail(ctx, "at: %llu is before the set's epoch: %llu to %llu is allowed",
			       at, gen->slots.epoch, gen->slots.last);
	case LABELHOP_REASON_EXPIRED:
		return lh_fail(ctx, "at: %llu is after the set's lifetime: %llu to %llu is allowed",
			       at, gen->slots.epoch, gen->slots.last);
	default:
		break;
	}
	err = true_len(ctx, v->kind, input + LH_INPUT_PREFIX, present, &len);
	if (err)
		return err;
	lh_hop_at(gen, at, &hop);
	lh_hop_input_prefix(input, len);
	show(&ctx->out, gen, &hop, input,
	     LH_INPUT_PREFIX + lh_hop_input_len(gen, len));
	sodium_memzero(&hop, sizeof(hop));
	return lh_out_end(&ctx->out) ? 0 : lh_fail(ctx, "out of memory");
}

static int derive(struct lh_ctx *ctx, const struct values *v,
		  const struct lh_params *p)
{
	size_t present = strlen(v->hex) / 2;
	u8 *input = malloc(LH_INPUT_PREFIX + present);
	struct lh_gen gen;
	int err;

	if (!input)
		return lh_fail(ctx, "out of memory");
	lh_read_hex(v->hex, 2 * present, input + LH_INPUT_PREFIX);
	lh_gen_init(&gen, p);
	err = derive_packet(ctx, &gen, v, input, present);
	sodium_memzero(&gen, sizeof(gen));
	free(input);
	return err;
}

static int run(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct values v = {};
	struct lh_set *set;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	set = lh_set_load(ctx, v.file);
	if (!set)
		return LH_EXIT_INPUT;
	err = derive(ctx, &v, &set->p);
	lh_set_free(set);
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "derive", .run = run,
		.help = "Show slot, hop label, digest and tag labels of a packet; needs no module.",
		.args = args, .n_args = LH_COUNT(args),
	},
};

const struct lh_object lh_derive_object = {
	.name = "derive",
	.help = "What a packet gets at an instant.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
