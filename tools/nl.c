// SPDX-License-Identifier: GPL-2.0
/* Requests to the kernel, and their answers. */
#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "nl.h"

/* A session with 4096 labels needs some 20 KB; the kernel sends up to 32. */
#define MSG_SIZE	(64 << 10)
#define DUMP_TRIES	10

static int no_memory(const struct lh_ctx *ctx)
{
	return lh_fail(ctx, "out of memory");
}

static int set_option(struct nl_sock *sock, int option)
{
	int on = 1;

	return setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, option, &on,
			  sizeof(on));
}

static int connect_family(const struct lh_ctx *ctx, struct lh_nl *nl)
{
	int err = genl_connect(nl->sock);

	if (err < 0)
		return lh_refused(ctx, "no netlink socket: %s",
				  nl_geterror(err));
	nl_socket_disable_auto_ack(nl->sock);
	nl_socket_set_msg_buf_size(nl->sock, MSG_SIZE);
	nl_socket_enable_msg_peek(nl->sock);
	nl_socket_set_buffer_size(nl->sock, 16 * MSG_SIZE, 0);

	/* What follows works without; the words would be the worse for it. */
	set_option(nl->sock, NETLINK_EXT_ACK);
	set_option(nl->sock, NETLINK_CAP_ACK);

	nl->family = genl_ctrl_resolve(nl->sock, LABELHOP_GENL_NAME);
	if (nl->family < 0) {
		lh_fail(ctx, "the kernel module is not loaded: modprobe labelhop");
		return LH_EXIT_KERNEL;
	}
	return 0;
}

/**
 * lh_nl_open - connect to the kernel module, unless that is done
 * @ctx: the command's context
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_open(struct lh_ctx *ctx)
{
	struct lh_nl *nl;
	int err;

	if (ctx->nl)
		return 0;
	nl = calloc(1, sizeof(*nl));
	if (!nl)
		return no_memory(ctx);
	nl->sock = nl_socket_alloc();
	err = nl->sock ? connect_family(ctx, nl) : no_memory(ctx);
	if (err) {
		nl_socket_free(nl->sock);
		free(nl);
		return err;
	}
	ctx->nl = nl;
	return 0;
}

/**
 * lh_nl_close - end the connection, if there is one
 * @ctx: the command's context
 */
void lh_nl_close(struct lh_ctx *ctx)
{
	if (!ctx->nl)
		return;
	nl_socket_free(ctx->nl->sock);
	free(ctx->nl);
	ctx->nl = NULL;
}

/**
 * lh_nl_begin - begin a request
 * @ctx: the command's context
 * @cmd: enum labelhop_cmd
 * @flags: NLM_F_*, other than NLM_F_REQUEST
 * @msg: receives the message; lh_nl_talk() frees it
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_begin(struct lh_ctx *ctx, u8 cmd, int flags, struct nl_msg **msg)
{
	int err = lh_nl_open(ctx);

	if (err)
		return err;
	*msg = nlmsg_alloc_size(MSG_SIZE);
	if (!*msg)
		return no_memory(ctx);
	if (!genlmsg_put(*msg, NL_AUTO_PORT, NL_AUTO_SEQ, ctx->nl->family, 0,
			 NLM_F_REQUEST | flags, cmd, LABELHOP_GENL_VERSION)) {
		nlmsg_free(*msg);
		return no_memory(ctx);
	}
	return 0;
}

static int keep(const struct lh_ctx *ctx, struct lh_nl_reply *reply,
		const struct nlmsghdr *hdr)
{
	size_t len = NLMSG_ALIGN(hdr->nlmsg_len);
	u8 *data = realloc(reply->data, reply->len + len);

	if (!data)
		return no_memory(ctx);
	memset(data + reply->len, 0, len);
	memcpy(data + reply->len, hdr, hdr->nlmsg_len);
	reply->data = data;
	reply->len += len;
	return 0;
}

/* Return: true if the message is the last of the answer. */
static bool take(const struct lh_ctx *ctx, const struct nlmsghdr *request,
		 const struct nlmsghdr *hdr, struct lh_nl_reply *reply,
		 int *err)
{
	*err = 0;
	if (hdr->nlmsg_seq != request->nlmsg_seq)
		return false;
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR && reply)
		reply->interrupted = true;
	if (hdr->nlmsg_type == NLMSG_ERROR || hdr->nlmsg_type == NLMSG_DONE) {
		*err = lh_nl_error(ctx, request, hdr);
		return true;
	}
	if (hdr->nlmsg_type < NLMSG_MIN_TYPE || !reply)
		return false;
	*err = keep(ctx, reply, hdr);
	return *err;
}

static int receive(const struct lh_ctx *ctx, const struct nlmsghdr *request,
		   struct lh_nl_reply *reply)
{
	for (;;) {
		struct sockaddr_nl from = {};
		unsigned char *data = NULL;
		bool last = false;
		struct nlmsghdr *hdr;
		int err = 0, len;

		len = nl_recv(ctx->nl->sock, &from, &data, NULL);
		if (len < 0)
			return lh_refused(ctx, "no answer: %s",
					  nl_geterror(len));
		if (!len)
			return lh_refused(ctx, "no answer");
		hdr = (struct nlmsghdr *)data;
		for (; !from.nl_pid && !last && nlmsg_ok(hdr, len);
		     hdr = nlmsg_next(hdr, &len))
			last = take(ctx, request, hdr, reply, &err);
		free(data);
		if (last)
			return err;
	}
}

/**
 * lh_nl_talk - send a request and receive the answer
 * @ctx: the command's context
 * @msg: the request; is freed
 * @reply: receives the messages of the answer, to be freed by
 *	lh_nl_reply_free(); NULL if only success counts
 *
 * A dump that something changed under is asked for again.
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_talk(struct lh_ctx *ctx, struct nl_msg *msg,
	       struct lh_nl_reply *reply)
{
	struct nlmsghdr *request = nlmsg_hdr(msg);
	int tries = 0, err;

	do {
		if (reply) {
			lh_nl_reply_free(reply);
			*reply = (struct lh_nl_reply){};
		}
		request->nlmsg_seq = NL_AUTO_SEQ;
		err = nl_send_auto(ctx->nl->sock, msg);
		if (err < 0) {
			err = lh_refused(ctx, "the request was not sent: %s",
					 nl_geterror(err));
			break;
		}
		err = receive(ctx, request, reply);
	} while (!err && reply && reply->interrupted && ++tries < DUMP_TRIES);
	if (!err && reply && reply->interrupted)
		lh_warn(ctx, "the list changed while it was read and may be incomplete");

	/* It may hold a seed. */
	sodium_memzero(nlmsg_data(request), nlmsg_datalen(request));
	nlmsg_free(msg);
	return err;
}

/**
 * lh_nl_reply_free - free what lh_nl_talk() gave
 * @reply: the answer; all zero is fine
 */
void lh_nl_reply_free(struct lh_nl_reply *reply)
{
	free(reply->data);
	reply->data = NULL;
	reply->len = 0;
}

/**
 * lh_nl_next - go through the messages of an answer
 * @reply: the answer
 * @prev: the message before, NULL for the first
 *
 * Return: the message, NULL if there is none.
 */
const struct nlmsghdr *lh_nl_next(const struct lh_nl_reply *reply,
				  const struct nlmsghdr *prev)
{
	const u8 *at = reply->data;

	if (prev)
		at = (const u8 *)prev + NLMSG_ALIGN(prev->nlmsg_len);
	if (!reply->len || at >= reply->data + reply->len)
		return NULL;
	return (const struct nlmsghdr *)at;
}

/**
 * lh_nl_parse - find the attributes of a message of ours
 * @ctx: the command's context
 * @hdr: the message
 * @attrs: receives the attributes, @max + 1 of them
 * @max: greatest type
 * @policy: their forms
 *
 * Return: 0 or the exit status, after a sentence.
 */
int lh_nl_parse(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		struct nlattr **attrs, int max, const struct nla_policy *policy)
{
	if (!genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0) ||
	    nlmsg_parse((struct nlmsghdr *)hdr, GENL_HDRLEN, attrs, max,
			policy) < 0)
		return lh_nl_nonsense(ctx);
	return 0;
}
