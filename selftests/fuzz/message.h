/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_FUZZ_MESSAGE_H
#define LABELHOP_FUZZ_MESSAGE_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include "fuzz.h"

struct nlmsghdr *message_spoil(struct input *in, struct nl_msg *msg);

#endif /* LABELHOP_FUZZ_MESSAGE_H */
