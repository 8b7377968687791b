// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "message.h"

/*
 * A copy of just as many bytes as its header says, maybe cut, maybe with one
 * byte changed. The message is freed.
 */
struct nlmsghdr *message_spoil(struct input *in, struct nl_msg *msg)
{
	size_t len = nlmsg_hdr(msg)->nlmsg_len, at;
	u64 cut = input_number(in, 1);
	struct nlmsghdr *hdr;

	if (cut & 1 && len - NLMSG_HDRLEN >= cut)
		len -= cut;
	hdr = malloc(len);
	CHECK(hdr, "no memory");
	memcpy(hdr, nlmsg_hdr(msg), len);
	hdr->nlmsg_len = len;
	nlmsg_free(msg);
	at = input_number(in, 1);
	if (at >= NLMSG_HDRLEN && at < len)
		((u8 *)hdr)[at] ^= input_number(in, 1);
	return hdr;
}
