// SPDX-License-Identifier: GPL-2.0
/* Addresses of remote PEs in netlink messages. */
#include <linux/inetdevice.h>
#include <net/ipv6.h>
#include "netlink.h"
#include "session.h"

static bool remote_unicast(const struct lh_remote *remote)
{
	int type;

	if (remote->family == AF_INET)
		return remote->ip4 && !ipv4_is_multicast(remote->ip4) &&
		       !ipv4_is_lbcast(remote->ip4) &&
		       !ipv4_is_loopback(remote->ip4);
	type = ipv6_addr_type(&remote->ip6);
	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK |
			 IPV6_ADDR_MAPPED));
}

/**
 * lh_nl_parse_remote - parse the address of a remote PE
 * @info: the request
 * @attr: its attribute that holds the address
 * @remote: receives the address
 *
 * Return: 0 or -EINVAL.
 */
int lh_nl_parse_remote(struct genl_info *info, const struct nlattr *attr,
		       struct lh_remote *remote)
{
	if (nla_len(attr) != 4 && nla_len(attr) != 16)
		return lh_nl_refuse(info, attr,
				    "the remote PE's address must have 4 or 16 bytes");
	remote->family = nla_len(attr) == 4 ? AF_INET : AF_INET6;
	if (remote->family == AF_INET)
		remote->ip4 = nla_get_in_addr(attr);
	else
		remote->ip6 = nla_get_in6_addr(attr);
	if (!remote_unicast(remote))
		return lh_nl_refuse(info, attr,
				    "the remote PE's address must be a global unicast one");
	return 0;
}

/**
 * lh_nl_put_remote - put the address of a remote PE into a message
 * @msg: the message
 * @attr: the attribute
 * @remote: the address
 *
 * Return: 0 or -EMSGSIZE.
 */
int lh_nl_put_remote(struct sk_buff *msg, int attr,
		     const struct lh_remote *remote)
{
	return remote->family == AF_INET ?
	       nla_put_in_addr(msg, attr, remote->ip4) :
	       nla_put_in6_addr(msg, attr, &remote->ip6);
}
