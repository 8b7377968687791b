// SPDX-License-Identifier: GPL-2.0
/* labelhop params */
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../kmod/hop.h"
#include "args.h"
#include "parse.h"
#include "set.h"

struct new_values {
	u32 label;
	u32 n_labels;
	struct lh_range range;
	struct lh_slot_list slots;
	u8 hash;
	u16 hash_len;
	u8 tags;
	u64 select;
	u64 and;
	u64 epoch;
	u64 lifetime;
};

#define TO(member)	.to = offsetof(struct new_values, member)

#define MASK_ALLOWED							\
	"0x and 1 to 16 hex digits, with at least 16 bits set for each tag label,"

enum {
	NEW_FEC, NEW_LABELS, NEW_FROM, NEW_SLOTS, NEW_HASH, NEW_HASH_LEN,
	NEW_TAGS, NEW_SELECT, NEW_AND, NEW_EPOCH, NEW_LIFETIME,
};

static const struct lh_arg new_args[] = {
	[NEW_FEC] = {
		.keyword = "fec label", .value = "L",
		.help = "the VPN label that is protected",
		.allowed = "a label of 16 to 1048575",
		.parse = lh_parse_u32, TO(label),
		.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX,
	},
	[NEW_LABELS] = {
		.keyword = "labels", .value = "N",
		.help = "how many hop labels are drawn at random",
		.allowed = "a number of 1 to 4096",
		.parse = lh_parse_u32, TO(n_labels),
		.min = 1, .max = LABELHOP_LABELS_MAX,
	},
	[NEW_FROM] = {
		.keyword = "from", .value = "A-B",
		.help = "where they are drawn from; the VPN label is left out",
		.allowed = "a range of labels A-B in 16 to 1048575",
		.parse = lh_parse_range, TO(range),
		.min = LABELHOP_LABEL_MIN, .max = LABELHOP_LABEL_MAX,
	},
	[NEW_SLOTS] = {
		.keyword = "slots", .value = "D[-D][*N][,...]",
		.help = "how long slots last; D-D draws at random, *N repeats",
		.allowed =
			"1 to 256 durations of 1us to 1d with a unit of ns, us, ms, s, m, h or d",
		.parse = lh_parse_slots, TO(slots),
		.min = LABELHOP_SLOT_NS_MIN, .max = LABELHOP_SLOT_NS_MAX,
	},
	[NEW_HASH] = {
		.keyword = "hash", .value = "NAME", .flags = LH_ARG_OPTIONAL,
		.help = "keyed hash of the payload (siphash-2-4)",
		.allowed = "siphash-2-4",
		.parse = lh_parse_hash, TO(hash),
	},
	[NEW_HASH_LEN] = {
		.keyword = "hash-len", .value = "N|full",
		.help = "how many bytes of the payload are hashed (64)",
		.allowed = "a number of 1 to 65535, or full,",
		.parse = lh_parse_hash_len, TO(hash_len),
		.min = 1, .max = LABELHOP_HASH_LEN_MAX,
		.flags = LH_ARG_OPTIONAL,
	},
	[NEW_TAGS] = {
		.keyword = "tags", .value = "N", .flags = LH_ARG_OPTIONAL,
		.help = "how many tag labels are added, 20 bits each (1)",
		.allowed = "a number of 1 to 3",
		.parse = lh_parse_u8, TO(tags),
		.min = 1, .max = LABELHOP_TAGS_MAX,
	},
	[NEW_SELECT] = {
		.keyword = "select", .value = "MASK", .flags = LH_ARG_OPTIONAL,
		.help = "gather these bits of the digest (0xffffffffffffffff)",
		.allowed = MASK_ALLOWED,
		.parse = lh_parse_mask, TO(select),
	},
	[NEW_AND] = {
		.keyword = "and", .value = "MASK",
		.help = "or take these bits of the digest where they are",
		.allowed = MASK_ALLOWED,
		.parse = lh_parse_mask, TO(and),
		.flags = LH_ARG_OPTIONAL | LH_ARG_OR,
	},
	[NEW_EPOCH] = {
		.keyword = "epoch", .value = "TIME", .flags = LH_ARG_OPTIONAL,
		.help = "when slot 0 begins (now)",
		.allowed =
			"now, a number of TAI ns of 0 to 18446744073709551615, or a UTC date from 2017 on such as 2026-11-23T00:00:00Z,",
		.parse = lh_parse_time, TO(epoch), .max = ~0ULL,
	},
	[NEW_LIFETIME] = {
		.keyword = "lifetime", .value = "D", .flags = LH_ARG_OPTIONAL,
		.help = "how long the set is valid from then on; 0s: for ever (0s)",
		.allowed =
			"a duration with a unit of ns, us, ms, s, m, h or d that ends before 2^64 ns after 1970",
		.parse = lh_parse_duration, TO(lifetime), .max = ~0ULL,
	},
};

struct show_values {
	const char *file;
};

static const struct lh_arg show_args[] = {
	{
		.value = "FILE",
		.help = "the parameter set, as labelhop params new prints it",
		.allowed = "the name of a file, or - for standard input,",
		.parse = lh_parse_text,
		.to = offsetof(struct show_values, file),
	},
};

static bool in_range(u32 label, const struct lh_range *range)
{
	return label >= range->low && label <= range->high;
}

static int draw_labels(const struct lh_ctx *ctx, const struct new_values *v,
		       struct lh_set *set)
{
	u32 choice = v->range.high - v->range.low + 1, n = 0;
	bool *taken;

	if (choice - in_range(v->label, &v->range) < v->n_labels)
		return lh_fail(ctx,
			       "labels: %u are more than from %u-%u has besides the VPN label: 1 to %u are allowed",
			       v->n_labels, v->range.low, v->range.high,
			       choice - in_range(v->label, &v->range));
	taken = calloc(choice, sizeof(*taken));
	if (!taken)
		return lh_fail(ctx, "out of memory");
	while (n < v->n_labels) {
		u32 i = randombytes_uniform(choice);

		if (taken[i] || v->range.low + i == v->label)
			continue;
		taken[i] = true;
		set->labels[n++] = v->range.low + i;
	}
	set->p.n_labels = n;
	free(taken);
	return 0;
}

static int check_new(const struct lh_ctx *ctx, const struct lh_params *p)
{
	static const u8 arg_of[LABELHOP_A_PARAMS_MAX + 1] = {
		[LABELHOP_A_PARAMS_LABELS] = NEW_LABELS,
		[LABELHOP_A_PARAMS_SLOTS] = NEW_SLOTS,
		[LABELHOP_A_PARAMS_LIFETIME] = NEW_LIFETIME,
		[LABELHOP_A_PARAMS_MASK] = NEW_SELECT,
	};
	struct lh_params_fault fault;
	const struct lh_arg *arg;

	if (lh_params_valid(p, &fault))
		return 0;
	arg = &new_args[arg_of[fault.attr]];
	if (fault.attr == LABELHOP_A_PARAMS_MASK &&
	    p->select == LABELHOP_SELECT_AND)
		arg = &new_args[NEW_AND];
	return lh_fail(ctx, "%s: %s: %s is allowed", lh_arg_name(arg),
		       fault.text, arg->allowed);
}

static int make(const struct lh_ctx *ctx, const struct new_values *v, u64 seen,
		struct lh_set *set)
{
	struct lh_params *p = &set->p;
	int err = draw_labels(ctx, v, set);

	if (err)
		return err;
	randombytes_buf(&p->id, sizeof(p->id));
	randombytes_buf(p->seed, sizeof(p->seed));
	p->generation = 1;
	p->label = v->label;
	p->n_slots = v->slots.n;
	memcpy(set->slots, v->slots.ns, sizeof(set->slots));
	p->hash = v->hash;
	p->hash_len = v->hash_len;
	p->tags = v->tags;
	p->select = LABELHOP_SELECT_GATHER;
	p->mask = v->select;
	if (seen & 1 << NEW_AND) {
		p->select = LABELHOP_SELECT_AND;
		p->mask = v->and;
	}
	p->epoch = v->epoch;
	p->lifetime = v->lifetime;
	return check_new(ctx, p);
}

static void warn_if_open(const struct lh_ctx *ctx)
{
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) &&
	    (st.st_mode & 0077))
		lh_warn(ctx, "others than you may open the file that gets the secret: chmod 600, and umask 077 the next time");
}

static int print_new(const struct lh_ctx *ctx, const struct lh_params *p)
{
	struct lh_out out = { .json = true, .pretty = ctx->out.pretty };
	char seed[2 * sizeof(p->seed) + 1];

	warn_if_open(ctx);
	lh_out_object(&out, NULL);
	lh_out_number(&out, "labelhop", 1);
	lh_set_show(&out, p, true);
	sodium_bin2hex(seed, sizeof(seed), p->seed, sizeof(p->seed));
	lh_out_string(&out, "seed", seed);
	sodium_memzero(seed, sizeof(seed));
	return lh_out_end(&out) ? 0 : lh_fail(ctx, "out of memory");
}

static int new(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	struct new_values v = {
		.hash = LABELHOP_HASH_SIPHASH24, .hash_len = 64, .tags = 1,
		.select = ~0ULL,
	};
	struct lh_set *set;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (!err && !(seen & 1 << NEW_EPOCH))
		err = lh_parse_time(ctx, &new_args[NEW_EPOCH], "now", &v.epoch);
	if (err)
		return err;
	set = lh_set_new(ctx);
	if (!set)
		return LH_EXIT_INPUT;
	err = make(ctx, &v, seen, set);
	if (!err)
		err = print_new(ctx, &set->p);
	lh_set_free(set);
	return err;
}

static void show_now(struct lh_out *out, const struct lh_params *p)
{
	struct timespec ts;
	struct lh_hop hop;
	struct lh_gen gen;
	u64 now;

	clock_gettime(CLOCK_TAI, &ts);
	now = ts.tv_sec * LH_NS_PER_S + ts.tv_nsec;
	lh_out_line(out);
	lh_out_note(out, "by CLOCK_TAI of this machine:");
	if (lh_tai_unset() && out->json) {
		lh_out_string(out, "note", LH_TAI_UNSET);
	} else if (lh_tai_unset()) {
		lh_out_note(out, LH_TAI_UNSET);
		lh_out_line(out);
	}
	lh_gen_init(&gen, p);
	switch (lh_slot_state(&gen.slots, now)) {
	case LABELHOP_REASON_NOT_YET:
		lh_out_string(out, "state", "not-yet");
		break;
	case LABELHOP_REASON_EXPIRED:
		lh_out_string(out, "state", "expired");
		break;
	default:
		lh_out_string(out, "state", "valid");
		lh_hop_at(&gen, now, &hop);
		lh_out_number(out, "slot", hop.slot.number);
		lh_out_number(out, "hop", hop.label);
		sodium_memzero(&hop, sizeof(hop));
	}
	sodium_memzero(&gen, sizeof(gen));
}

static int show_set(struct lh_ctx *ctx, const struct lh_params *p)
{
	struct lh_out *out = &ctx->out;
	u64 cycle = 0;
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		cycle += p->slots[i];
	lh_out_object(out, NULL);
	lh_set_show(out, p, true);
	lh_out_line(out);
	lh_out_duration(out, "cycle", cycle);
	lh_out_number(out, "label-count", p->n_labels);
	lh_out_number(out, "slot-count", p->n_slots);
	lh_out_number(out, "bits-per-tag",
		      lh_tag_bits(p->select, p->mask, p->tags));
	lh_out_number(out, "bytes-added", 4 * p->tags);
	show_now(out, p);
	return lh_out_end(out) ? 0 : lh_fail(ctx, "out of memory");
}

static int show(struct lh_ctx *ctx, const struct lh_command *command, int argc,
		char **argv)
{
	struct show_values v = {};
	struct lh_set *set;
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, &v, &seen);

	if (err)
		return err;
	set = lh_set_load(ctx, v.file);
	if (!set)
		return LH_EXIT_INPUT;
	err = show_set(ctx, &set->p);
	lh_set_free(set);
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "params", .name = "new", .run = new,
		.help = "Make a parameter set and print it as JSON. It holds a secret.",
		.args = new_args, .n_args = LH_COUNT(new_args),
	},
	{
		.object = "params", .name = "show", .run = show,
		.help = "Show a parameter set without its secret.",
		.args = show_args, .n_args = LH_COUNT(show_args),
	},
};

const struct lh_object lh_params_object = {
	.name = "params",
	.help = "A parameter set is what receiver and sender agree on.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
