// SPDX-License-Identifier: GPL-2.0
/*
 * A word about a VRF that a label leads into and that is not protected. The module
 * can't look into the kernel's label routes; rtnetlink can. Nothing here is an error
 * of the command: what can't be found out is not said.
 */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "nl.h"
#include "vrf_hint.h"

#define LABEL_BITS	20
#define LABEL_SHIFT	12
#define LABEL_BOTTOM	0x100

/* Send a request and receive its only answer, NULL if there is none of that type. */
static struct nlmsghdr *ask(struct nl_sock *sock, struct nl_msg *msg, int type)
{
	struct sockaddr_nl from = {};
	unsigned char *data = NULL;
	struct nlmsghdr *hdr;
	int len = nl_send_auto(sock, msg);

	nlmsg_free(msg);
	if (len >= 0)
		len = nl_recv(sock, &from, &data, NULL);
	hdr = (struct nlmsghdr *)data;
	if (len > 0 && nlmsg_ok(hdr, len) && hdr->nlmsg_type == type)
		return hdr;
	if (len > 0)
		free(data);
	return NULL;
}

/* The device that a label's route leads to, 0 if there is none. */
static u32 label_device(struct nl_sock *sock, u32 label)
{
	u32 entry = htonl(label << LABEL_SHIFT | LABEL_BOTTOM);
	struct rtmsg route = {
		.rtm_family = AF_MPLS, .rtm_dst_len = LABEL_BITS,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	struct nlmsghdr *answer;
	struct nlattr *oif;
	u32 ifindex = 0;

	if (!msg)
		return 0;
	nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	nla_put(msg, RTA_DST, sizeof(entry), &entry);
	answer = ask(sock, msg, RTM_NEWROUTE);
	if (!answer)
		return 0;
	oif = nlmsg_find_attr(answer, sizeof(route), RTA_OIF);
	if (oif && nla_len(oif) == sizeof(u32))
		ifindex = nla_get_u32(oif);
	free(answer);
	return ifindex;
}

/* Is a link a VRF, and what is its name? */
static bool is_vrf(struct nlmsghdr *link, char name[IFNAMSIZ])
{
	struct nlattr *info = nlmsg_find_attr(link, sizeof(struct ifinfomsg),
					      IFLA_LINKINFO);
	struct nlattr *own = nlmsg_find_attr(link, sizeof(struct ifinfomsg),
					     IFLA_IFNAME);
	struct nlattr *kind = info ? nla_find(nla_data(info), nla_len(info),
					      IFLA_INFO_KIND) : NULL;

	return own && kind && nla_strlcpy(name, own, IFNAMSIZ) &&
	       !nla_strcmp(kind, "vrf");
}

static bool vrf_name(struct nl_sock *sock, u32 ifindex, char name[IFNAMSIZ])
{
	struct ifinfomsg link = { .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
	struct nlmsghdr *answer;
	bool found;

	if (!msg)
		return false;
	nlmsg_append(msg, &link, sizeof(link), NLMSG_ALIGNTO);
	answer = ask(sock, msg, RTM_NEWLINK);
	if (!answer)
		return false;
	found = is_vrf(answer, name);
	free(answer);
	return found;
}

static bool label_vrf(u32 label, char name[IFNAMSIZ])
{
	struct nl_sock *sock = nl_socket_alloc();
	u32 ifindex = 0;
	bool found = false;

	if (!sock)
		return false;
	nl_socket_disable_auto_ack(sock);
	if (!nl_connect(sock, NETLINK_ROUTE))
		ifindex = label_device(sock, label);
	if (ifindex)
		found = vrf_name(sock, ifindex, name);
	nl_socket_free(sock);
	return found;
}

static bool is_protected(struct lh_ctx *ctx, const char *name)
{
	struct nlmsghdr *answer;
	struct nl_msg *msg;
	bool found;

	if (lh_nl_begin(ctx, LABELHOP_CMD_VRF_GET, 0, &msg))
		return true;
	nla_put_string(msg, LABELHOP_A_VRF_NAME, name);
	answer = ask(ctx->nl->sock, msg, ctx->nl->family);
	found = answer;
	free(answer);
	return found;
}

/**
 * lh_vrf_hint - say that a label leads into a VRF that is not protected, if it does
 * @ctx: the command's context
 * @label: the label
 */
void lh_vrf_hint(struct lh_ctx *ctx, u32 label)
{
	char name[IFNAMSIZ];

	if (label_vrf(label, name) && !is_protected(ctx, name))
		lh_warn(ctx, "label %u leads into VRF %s, which other labels may enter: see vrf add",
			label, name);
}
