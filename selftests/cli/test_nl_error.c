// SPDX-License-Identifier: GPL-2.0
/*
 * How answers of the kernel become sentences and exit statuses: one answer,
 * chosen by name on the command line. No kernel is needed, so that those can be
 * tried that the module never gives. Prints nothing of its own.
 */
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../tools/args.h"
#include "../../tools/nl.h"

#define SENTENCE	"the sentence"

/* Requests of the cases that are not about a session, and their attribute. */
static const struct other {
	const char *name;
	u8 cmd;
	u16 attr;
} others[] = {
	{ "pw", LABELHOP_CMD_PW_SET, LABELHOP_A_PW_OUT_LABEL },
	{ "missing-pw", LABELHOP_CMD_PW_NEW, LABELHOP_A_PW_REMOTE },
	{ "link", LABELHOP_CMD_LINK_NEW, LABELHOP_A_LINK_LSP },
	{ "missing-link", LABELHOP_CMD_LINK_NEW, LABELHOP_A_LINK_SESSION },
};

static const struct other *other_of(const char *name)
{
	size_t i;

	for (i = 0; i < LH_COUNT(others); i++)
		if (!strcmp(name, others[i].name))
			return &others[i];
	return NULL;
}

/* The set of a session, with labels at an offset. */
static void put_set(struct nl_msg *msg, size_t *labels)
{
	struct nlattr *nest;
	u32 label = 1000;

	nla_put_string(msg, LABELHOP_A_SESSION_NAME, "blue");
	nest = nla_nest_start(msg, LABELHOP_A_SESSION_PARAMS);
	nla_put_u8(msg, LABELHOP_A_PARAMS_TAGS, 1);
	*labels = nlmsg_hdr(msg)->nlmsg_len;
	nla_put(msg, LABELHOP_A_PARAMS_LABELS, sizeof(label), &label);
	nla_nest_end(msg, nest);
}

static struct nl_msg *request(const struct other *other, size_t *labels)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	struct genlmsghdr *genl;

	nlmsg_put(msg, 0, 7, 99, sizeof(*genl), NLM_F_REQUEST);
	genl = nlmsg_data(nlmsg_hdr(msg));
	genl->cmd = other ? other->cmd : LABELHOP_CMD_SESSION_NEW;
	if (other) {
		*labels = nlmsg_hdr(msg)->nlmsg_len;
		nla_put_u32(msg, other->attr, 1000);
	} else {
		put_set(msg, labels);
	}
	return msg;
}

/* The kernel's part of an answer, before its attributes. */
static struct nl_msg *answer(const struct nlmsghdr *req, int type, int err,
			     int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(8192);
	struct nlmsgerr *body;
	size_t more = req->nlmsg_len - sizeof(*req);

	nlmsg_put(msg, 0, 7, type, 0, flags);
	if (type == NLMSG_DONE) {
		nlmsg_append(msg, &err, sizeof(err), NLMSG_ALIGNTO);
		return msg;
	}
	if (flags & NLM_F_CAPPED)
		more = 0;
	body = calloc(1, sizeof(*body) + more);
	body->error = err;
	memcpy(&body->msg, req, sizeof(*req) + more);
	nlmsg_append(msg, body, sizeof(*body) + more, NLMSG_ALIGNTO);
	free(body);
	return msg;
}

static const struct {
	const char *name;
	int type;
	int err;
	int flags;
	bool sentence;
	enum {
		NOWHERE, LABELS, PARAMS, IN_PARAMS, HEADER, OUTSIDE, MISSING,
		MISSING_INSIDE, EMPTY, CUT,
	} where;
} cases[] = {
	{ "ack", NLMSG_ERROR, 0, 0, false, NOWHERE },
	{ "warning", NLMSG_ERROR, 0, NLM_F_ACK_TLVS | NLM_F_CAPPED, true,
	  NOWHERE },
	{ "errno", NLMSG_ERROR, -ENOENT, 0, false, NOWHERE },
	{ "eperm", NLMSG_ERROR, -EPERM, 0, false, NOWHERE },
	{ "sentence", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, NOWHERE },
	{ "capped", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS | NLM_F_CAPPED, true,
	  LABELS },
	{ "whole", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, LABELS },
	{ "nest", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, PARAMS },
	{ "in-nest", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, IN_PARAMS },
	{ "header", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, HEADER },
	{ "outside", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, OUTSIDE },
	{ "attribute", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, false, LABELS },
	{ "missing", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, MISSING },
	{ "missing-inside", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true,
	  MISSING_INSIDE },
	{ "pw", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, LABELS },
	{ "missing-pw", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, MISSING },
	{ "link", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, LABELS },
	{ "missing-link", NLMSG_ERROR, -EINVAL, NLM_F_ACK_TLVS, true, MISSING },
	{ "empty", NLMSG_ERROR, -ENOENT, NLM_F_ACK_TLVS, false, EMPTY },
	{ "cut", NLMSG_ERROR, -ENOENT, 0, false, CUT },
	{ "positive", NLMSG_ERROR, ENOENT, 0, false, NOWHERE },
	{ "least", NLMSG_ERROR, INT_MIN, 0, false, NOWHERE },
	{ "done", NLMSG_DONE, 0, NLM_F_MULTI, false, NOWHERE },
	{ "done-errno", NLMSG_DONE, -EMSGSIZE, NLM_F_MULTI, false, NOWHERE },
	{ "done-sentence", NLMSG_DONE, -EINVAL, NLM_F_MULTI | NLM_F_ACK_TLVS,
	  true, NOWHERE },
};

static void put_where(struct nl_msg *msg, int where, const struct other *other,
		      size_t labels)
{
	/* The nest's header and the attribute tags come before labels. */
	size_t params = labels - 2 * NLA_HDRLEN - 4;

	switch (where) {
	case LABELS:
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, labels);
		break;
	case PARAMS:
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, params);
		break;
	case IN_PARAMS:
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, params + 2);
		break;
	case HEADER:
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, 4);
		break;
	case OUTSIDE:
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, 1 << 20);
		break;
	case MISSING_INSIDE:
		nla_put_u32(msg, NLMSGERR_ATTR_MISS_NEST, params);
		nla_put_u32(msg, NLMSGERR_ATTR_MISS_TYPE,
			    LABELHOP_A_PARAMS_SEED);
		break;
	case MISSING:
		nla_put_u32(msg, NLMSGERR_ATTR_MISS_TYPE,
			    other ? other->attr : LABELHOP_A_SESSION_DIR);
		break;
	case EMPTY:
		nla_put_string(msg, NLMSGERR_ATTR_MSG, "");
		break;
	case CUT:
		nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN;
		break;
	}
}

/* Answers of random bytes: whatever is said of them, memory stays whole. */
static int noise(const struct lh_ctx *ctx, const struct nlmsghdr *req)
{
	struct {
		struct nlmsghdr hdr;
		u8 bytes[256];
	} reply;
	int i, j;

	if (!freopen("/dev/null", "w", stderr))
		return 1;
	for (i = 0; i < 100000; i++) {
		reply.hdr = (struct nlmsghdr){
			.nlmsg_len = sizeof(reply.hdr) + rand() % 257,
			.nlmsg_type = rand() % 2 ? NLMSG_ERROR : NLMSG_DONE,
			.nlmsg_flags = NLM_F_ACK_TLVS |
				       (rand() % 2 ? NLM_F_CAPPED : 0),
		};
		for (j = 0; j < 256; j++)
			reply.bytes[j] = rand() % 4 ? rand() % 24 : rand();
		lh_nl_error(ctx, req, &reply.hdr);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc == 2 ? argv[1] : "";
	const struct other *other = other_of(name);
	struct lh_ctx ctx = {};
	struct nl_msg *req, *msg;
	int status = 99;
	size_t i, labels;

	req = request(other, &labels);
	if (!strcmp(name, "noise"))
		status = noise(&ctx, nlmsg_hdr(req));
	for (i = 0; i < LH_COUNT(cases); i++) {
		if (strcmp(name, cases[i].name))
			continue;
		msg = answer(nlmsg_hdr(req), cases[i].type, cases[i].err,
			     cases[i].flags);
		if (cases[i].sentence)
			nla_put_string(msg, NLMSGERR_ATTR_MSG, SENTENCE);
		put_where(msg, cases[i].where, other, labels);
		status = lh_nl_error(&ctx, nlmsg_hdr(req), nlmsg_hdr(msg));
		nlmsg_free(msg);
	}
	nlmsg_free(req);
	return status;
}
