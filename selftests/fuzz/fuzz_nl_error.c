// SPDX-License-Identifier: GPL-2.0
/* nl_error.c: any answer, of the length that its header says, to any request. */
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../tools/args.h"
#include "../../tools/nl.h"
#include "message.h"
#include "say.h"

#define ANSWER_MAX	300

/* A message of just as many bytes, and a body that is made of the input. */
static struct nlmsghdr *message(struct input *in, size_t len)
{
	struct nlmsghdr *hdr = calloc(1, NLMSG_HDRLEN + len);
	u8 *body = input_bytes(in, len);

	CHECK(hdr, "no memory");
	memcpy(nlmsg_data(hdr), body, len);
	free(body);
	hdr->nlmsg_len = NLMSG_HDRLEN + len;
	return hdr;
}

/* What libnl made: attributes that fit, some of them in nests. */
static struct nl_msg *request(struct input *in)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	unsigned int open = 0, i;
	struct genlmsghdr *genl;
	struct nlattr *nest[2];
	u8 bytes[32];

	CHECK(msg && nlmsg_put(msg, 0, 7, 99, sizeof(*genl), NLM_F_REQUEST),
	      "no memory");
	genl = nlmsg_data(nlmsg_hdr(msg));
	genl->cmd = input_number(in, 1);
	for (i = input_below(in, 8); i; i--) {
		u64 type = input_below(in, 20), how = input_below(in, 64);

		memset(bytes, how, sizeof(bytes));
		if (how < sizeof(bytes)) {
			nla_put(msg, type, how, bytes);
		} else if (how < 48 && open < 2) {
			nest[open] = nla_nest_start(msg, type);
			open += !!nest[open];
		} else if (open) {
			nla_nest_end(msg, nest[--open]);
		}
	}
	while (open)
		nla_nest_end(msg, nest[--open]);
	return msg;
}

/* Any bytes, some of them where an answer has its own. */
static struct nlmsghdr *noise(struct input *in)
{
	u64 how = input_number(in, 1), err = input_number(in, 4);
	size_t len = input_below(in, ANSWER_MAX);
	struct nlmsghdr *hdr = message(in, len);
	u8 *body = nlmsg_data(hdr);

	hdr->nlmsg_type = how & 1 ? NLMSG_ERROR : NLMSG_DONE;
	hdr->nlmsg_flags = (how & 2 ? 0 : NLM_F_ACK_TLVS) |
			   (how & 4 ? NLM_F_CAPPED : 0);
	if (how & 8 && len >= sizeof(u32))
		memset(body, 0, sizeof(u32));
	if (how & 16 && len >= sizeof(u32)) {
		err = -(err % 4095 + 1);
		memcpy(body, &err, sizeof(u32));
	}
	return hdr;
}

static void put_attrs(struct input *in, struct nl_msg *msg)
{
	unsigned int i;

	for (i = input_below(in, 6); i; i--) {
		u64 type = input_below(in, NLMSGERR_ATTR_MAX + 2);

		if (type == NLMSGERR_ATTR_MSG)
			nla_put_string(msg, type, input_below(in, 4) ? "no" :
								      "");
		else
			nla_put_u32(msg, type, input_number(in, 1));
	}
}

/* As the kernel makes it, then cut or changed. */
static struct nlmsghdr *answer(struct input *in, const struct nlmsghdr *req)
{
	u64 how = input_number(in, 1);
	struct nl_msg *msg = nlmsg_alloc_size(8192);
	s32 err = how & 1 ? 0 : -(s32)input_number(in, 2);

	CHECK(msg && nlmsg_put(msg, 0, 7, how & 2 ? NLMSG_ERROR : NLMSG_DONE, 0,
			       (how & 4 ? NLM_F_ACK_TLVS : 0) |
			       (how & 8 ? NLM_F_CAPPED : 0)), "no memory");
	nlmsg_append(msg, &err, sizeof(err), 0);
	if (how & 2)
		nlmsg_append(msg, (void *)req, how & 8 ? sizeof(*req) :
							 req->nlmsg_len,
			     NLMSG_ALIGNTO);
	put_attrs(in, msg);
	return message_spoil(in, msg);
}

static void check_one(const struct nlmsghdr *req, const struct nlmsghdr *hdr)
{
	size_t len = hdr->nlmsg_len - NLMSG_HDRLEN;
	struct lh_ctx ctx = {};
	struct said said = {};
	s32 err = -1;
	int status;

	if (len >= sizeof(err))
		memcpy(&err, nlmsg_data(hdr), sizeof(err));
	say_begin(&said);
	status = lh_nl_error(&ctx, req, hdr);
	say_end(&said);
	CHECK_U64(status, err ? LH_EXIT_KERNEL : 0);
	if (!status && said.err_len)
		say_check(&said, LH_EXIT_KERNEL, LH_EXIT_KERNEL,
			  "Warning: labelhop: ");
	else
		say_check(&said, status, LH_EXIT_KERNEL, "Error: labelhop: ");
	say_free(&said);
}

/* What the command says of an attribute that begins at, or holds, an offset. */
static void say_offset(const struct nlmsghdr *req, u32 offset,
		       struct said *said)
{
	struct nl_msg *msg = nlmsg_alloc_size(256);
	struct nlmsgerr body = { .error = -1 };
	struct lh_ctx ctx = {};

	CHECK(msg && nlmsg_put(msg, 0, 7, NLMSG_ERROR, 0,
			       NLM_F_ACK_TLVS | NLM_F_CAPPED), "no memory");
	nlmsg_append(msg, &body, sizeof(body), NLMSG_ALIGNTO);
	nla_put_string(msg, NLMSGERR_ATTR_MSG, "no");
	nla_put_u32(msg, NLMSGERR_ATTR_OFFS, offset);
	say_begin(said);
	CHECK_U64(lh_nl_error(&ctx, req, nlmsg_hdr(msg)), LH_EXIT_KERNEL);
	say_end(said);
	nlmsg_free(msg);
}

/* Only a session's messages have nests. */
static bool is_nest(const struct nlmsghdr *req, const struct nlattr *attr)
{
	const struct genlmsghdr *genl = nlmsg_data(req);

	switch (genl->cmd) {
	case LABELHOP_CMD_PORT_NEW:
	case LABELHOP_CMD_PORT_DEL:
	case LABELHOP_CMD_PORT_GET:
	case LABELHOP_CMD_CLOCK_SET:
	case LABELHOP_CMD_CLOCK_GET:
	case LABELHOP_CMD_PW_NEW:
	case LABELHOP_CMD_PW_SET:
	case LABELHOP_CMD_PW_DEL:
	case LABELHOP_CMD_PW_GET:
	case LABELHOP_CMD_LINK_NEW:
	case LABELHOP_CMD_LINK_DEL:
	case LABELHOP_CMD_LINK_GET:
		return false;
	}
	return nla_type(attr) == LABELHOP_A_SESSION_PREFIX ||
	       nla_type(attr) == LABELHOP_A_SESSION_PARAMS ||
	       nla_type(attr) == LABELHOP_A_SESSION_STATS;
}

/* Return: where the innermost attribute that holds offset begins, or 0. */
static u32 holder(const struct nlmsghdr *req, u32 offset)
{
	struct nlattr *attr = nlmsg_attrdata(req, GENL_HDRLEN), *inner;
	int rest = nlmsg_attrlen(req, GENL_HDRLEN), inner_rest;
	u32 at, found = 0;

	for (; nla_ok(attr, rest); attr = nla_next(attr, &rest)) {
		at = (u8 *)attr - (u8 *)req;
		if (offset < at || offset >= at + NLA_ALIGN(attr->nla_len))
			continue;
		found = at;
		if (!is_nest(req, attr))
			break;
		nla_for_each_nested(inner, attr, inner_rest) {
			at = (u8 *)inner - (u8 *)req;
			if (offset >= at &&
			    offset < at + NLA_ALIGN(inner->nla_len))
				found = at;
		}
		break;
	}
	return found;
}

/* Any offset in an attribute names it; outside of all of them, none. */
static void check_offset(const struct nlmsghdr *req, u32 offset)
{
	struct said said = {}, wanted = {};
	u32 at = holder(req, offset);

	say_offset(req, offset, &said);
	if (at) {
		say_offset(req, at, &wanted);
		CHECK(!strcmp(said.err, wanted.err), "offset %u: %snot %s",
		      offset, said.err, wanted.err);
		say_free(&wanted);
	} else {
		CHECK(!strstr(said.err, "attribute"), "offset %u: %s", offset,
		      said.err);
	}
	say_free(&said);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct input in = { .at = data, .left = len };
	struct nl_msg *msg = request(&in);
	struct nlmsghdr *hdr;

	check_offset(nlmsg_hdr(msg), input_number(&in, 1));
	hdr = input_below(&in, 2) ? answer(&in, nlmsg_hdr(msg)) : noise(&in);
	check_one(nlmsg_hdr(msg), hdr);
	free(hdr);
	nlmsg_free(msg);
}
