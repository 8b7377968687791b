/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink on libnl-3. libnl knows no extended ack and passes over the
 * error in the message that ends a dump, so answers are read here.
 */
#ifndef LABELHOP_TOOLS_NL_H
#define LABELHOP_TOOLS_NL_H

#include <linux/labelhop.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include "ctx.h"

struct lh_command;
struct nl_sock;

/**
 * struct lh_nl - connection to the kernel
 * @sock: the socket
 * @family: number of the generic netlink family
 */
struct lh_nl {
	struct nl_sock *sock;
	int family;
};

/**
 * struct lh_nl_reply - messages that answered a request
 * @data: the messages, one after the other
 * @len: bytes of them
 * @interrupted: something changed while the kernel put them together
 */
struct lh_nl_reply {
	u8 *data;
	size_t len;
	bool interrupted;
};

/**
 * struct lh_nl_name - an attribute
 * @name: as the specification calls it
 * @nest: what is inside of it, by type; NULL if nothing is
 * @n_nest: number of @nest
 */
struct lh_nl_name {
	const char *name;
	const struct lh_nl_name *nest;
	size_t n_nest;
};

typedef int lh_nl_printer(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
			  unsigned int what);

int lh_nl_open(struct lh_ctx *ctx);
void lh_nl_close(struct lh_ctx *ctx);
int lh_nl_begin(struct lh_ctx *ctx, u8 cmd, int flags, struct nl_msg **msg);
int lh_nl_talk(struct lh_ctx *ctx, struct nl_msg *msg,
	       struct lh_nl_reply *reply);
int lh_nl_full(const struct lh_ctx *ctx, struct nl_msg *msg);
int lh_nl_run_named(struct lh_ctx *ctx, const struct lh_command *command,
		    int argc, char **argv, u8 cmd, int attr);
int lh_nl_run_show(struct lh_ctx *ctx, const struct lh_command *command,
		   int argc, char **argv, u8 cmd, int attr,
		   lh_nl_printer *print);
void lh_nl_reply_free(struct lh_nl_reply *reply);
const struct nlmsghdr *lh_nl_next(const struct lh_nl_reply *reply,
				  const struct nlmsghdr *prev);
int lh_nl_parse(struct lh_ctx *ctx, const struct nlmsghdr *hdr,
		struct nlattr **attrs, int max, const struct nla_policy *policy);
int lh_nl_nonsense(const struct lh_ctx *ctx);
int lh_nl_error(const struct lh_ctx *ctx, const struct nlmsghdr *request,
		const struct nlmsghdr *answer);

#endif /* LABELHOP_TOOLS_NL_H */
