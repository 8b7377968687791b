// SPDX-License-Identifier: GPL-2.0
/* labelhop monitor: events as they come, one a line. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "nl.h"
#include "show.h"

/**
 * struct group - a multicast group of generic netlink
 * @family: name of its family
 * @name: its own name
 */
struct group {
	const char *family;
	const char *name;
};

/* See enum labelhop_cmd. */
static const char * const events[LABELHOP_CMD_MAX + 1] = {
	[LABELHOP_CMD_SESSION_NEW_NTF] = "session-add",
	[LABELHOP_CMD_SESSION_SET_NTF] = "session-set",
	[LABELHOP_CMD_SESSION_DEL_NTF] = "session-del",
	[LABELHOP_CMD_PORT_NEW_NTF] = "port-add",
	[LABELHOP_CMD_PORT_DEL_NTF] = "port-del",
	[LABELHOP_CMD_CLOCK_SET_NTF] = "clock-set",
	[LABELHOP_CMD_CLOCK_STATE_NTF] = "clock-state",
	[LABELHOP_CMD_CLOCK_STEP_NTF] = "clock-step",
	[LABELHOP_CMD_PW_NEW_NTF] = "pw-add",
	[LABELHOP_CMD_PW_SET_NTF] = "pw-set",
	[LABELHOP_CMD_PW_DEL_NTF] = "pw-del",
	[LABELHOP_CMD_PW_STATE_NTF] = "pw-state",
	[LABELHOP_CMD_LINK_NEW_NTF] = "link-add",
	[LABELHOP_CMD_LINK_DEL_NTF] = "link-del",
	[LABELHOP_CMD_VRF_NEW_NTF] = "vrf-add",
	[LABELHOP_CMD_VRF_SET_NTF] = "vrf-set",
	[LABELHOP_CMD_VRF_DEL_NTF] = "vrf-del",
	[LABELHOP_CMD_VRF_BARE_NTF] = "vrf-bare",
	[LABELHOP_CMD_SESSION_UNMATCHED_NTF] = "session-unmatched",
};

static int show_event(struct lh_ctx *ctx, const struct nlmsghdr *hdr)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	int err;

	/* One of a later version. */
	if (genl->cmd > LABELHOP_CMD_MAX || !events[genl->cmd])
		return 0;
	lh_out_object(&ctx->out, NULL);
	lh_out_title(&ctx->out, "event", events[genl->cmd], "");
	switch (genl->cmd) {
	case LABELHOP_CMD_PORT_NEW_NTF:
	case LABELHOP_CMD_PORT_DEL_NTF:
		err = lh_port_show(ctx, hdr, LH_SHOW_EVENT);
		break;
	case LABELHOP_CMD_PW_NEW_NTF:
	case LABELHOP_CMD_PW_SET_NTF:
	case LABELHOP_CMD_PW_DEL_NTF:
	case LABELHOP_CMD_PW_STATE_NTF:
		err = lh_pw_show(ctx, hdr, LH_SHOW_EVENT);
		break;
	case LABELHOP_CMD_LINK_NEW_NTF:
	case LABELHOP_CMD_LINK_DEL_NTF:
		err = lh_link_show(ctx, hdr, LH_SHOW_EVENT);
		break;
	case LABELHOP_CMD_VRF_NEW_NTF:
	case LABELHOP_CMD_VRF_SET_NTF:
	case LABELHOP_CMD_VRF_DEL_NTF:
		err = lh_vrf_show(ctx, hdr, LH_SHOW_EVENT |
				  (ctx->stats ? LH_SHOW_STATS : 0));
		break;
	case LABELHOP_CMD_VRF_BARE_NTF:
		err = lh_vrf_show(ctx, hdr, LH_SHOW_EVENT | LH_SHOW_BARE);
		break;
	case LABELHOP_CMD_CLOCK_SET_NTF:
	case LABELHOP_CMD_CLOCK_STATE_NTF:
	case LABELHOP_CMD_CLOCK_STEP_NTF:
		err = lh_clock_show(ctx, hdr);
		break;
	default:
		err = lh_session_show(ctx, hdr, LH_SHOW_EVENT |
				      (ctx->stats ? LH_SHOW_STATS : 0));
	}
	if (err)
		lh_out_drop(&ctx->out);
	else if (!lh_out_end(&ctx->out))
		err = lh_fail(ctx, "out of memory");
	fflush(stdout);
	if (!err && ferror(stdout))
		err = LH_EXIT_INPUT;
	return err;
}

/* The family's end, as the controller of generic netlink tells it. */
static int check_family(const struct lh_ctx *ctx, const struct nlmsghdr *hdr)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	struct nlattr *id;

	if (genl->cmd != CTRL_CMD_DELFAMILY)
		return 0;
	id = nlmsg_find_attr((struct nlmsghdr *)hdr, GENL_HDRLEN,
			     CTRL_ATTR_FAMILY_ID);
	if (!id || nla_get_u16(id) != ctx->nl->family)
		return 0;
	return lh_refused(ctx, "the kernel module was unloaded");
}

static int show_events(struct lh_ctx *ctx, unsigned char *data, int len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)data;
	int err = 0;

	for (; !err && nlmsg_ok(hdr, len); hdr = nlmsg_next(hdr, &len)) {
		if (nlmsg_datalen(hdr) < (int)GENL_HDRLEN)
			continue;
		if (hdr->nlmsg_type == ctx->nl->family)
			err = show_event(ctx, hdr);
		else if (hdr->nlmsg_type == GENL_ID_CTRL)
			err = check_family(ctx, hdr);
	}
	return err;
}

static int no_events(const struct lh_ctx *ctx, const struct group *group,
		     int err)
{
	return lh_refused(ctx, "no events of group %s of %s: %s", group->name,
			  group->family,
			  err == -NLE_PERM ? "CAP_NET_ADMIN is needed" :
					     nl_geterror(err));
}

/*
 * All are found before any is joined: an event that comes while libnl waits for
 * the number of a group would be taken for the answer.
 */
static int join(const struct lh_ctx *ctx)
{
	static const struct group groups[] = {
		{ LABELHOP_GENL_NAME, LABELHOP_GENL_MCGRP },
		{ "nlctrl", "notify" },
	};
	struct nl_sock *sock = ctx->nl->sock;
	int numbers[LH_COUNT(groups)], err;
	size_t i;

	for (i = 0; i < LH_COUNT(groups); i++) {
		numbers[i] = genl_ctrl_resolve_grp(sock, groups[i].family,
						   groups[i].name);
		if (numbers[i] < 0)
			return no_events(ctx, &groups[i], numbers[i]);
	}
	for (i = 0; i < LH_COUNT(groups); i++) {
		err = nl_socket_add_membership(sock, numbers[i]);
		if (err < 0)
			return no_events(ctx, &groups[i], err);
	}
	return 0;
}

static int receive(struct lh_ctx *ctx)
{
	int err = 0;

	while (!err) {
		struct sockaddr_nl from = {};
		unsigned char *data = NULL;
		int len = nl_recv(ctx->nl->sock, &from, &data, NULL);

		if (len == -NLE_NOMEM) {
			lh_warn(ctx, "events were lost: they came faster than they could be read");
			continue;
		}
		if (len <= 0)
			return lh_refused(ctx, "no more events: %s",
					  nl_geterror(len));
		if (!from.nl_pid)
			err = show_events(ctx, data, len);
		free(data);
	}
	return err;
}

static int run(struct lh_ctx *ctx, const struct lh_command *command, int argc,
	       char **argv)
{
	u64 seen;
	int err = lh_args_parse(ctx, command, argc, argv, NULL, &seen);

	if (!err)
		err = lh_nl_open(ctx);
	if (!err)
		err = join(ctx);
	if (err)
		return err;
	ctx->out.one_line = true;
	err = receive(ctx);
	ctx->out.one_line = false;
	return err;
}

static const struct lh_command commands[] = {
	{
		.object = "monitor", .run = run,
		.help = "Show events as they come, one a line; with -j, a JSON object each.",
	},
};

const struct lh_object lh_monitor_object = {
	.name = "monitor",
	.help = "Changes of sessions, pseudowires, links, ports and clock.",
	.commands = commands, .n_commands = LH_COUNT(commands),
};
