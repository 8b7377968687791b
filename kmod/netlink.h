/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_NETLINK_H
#define LABELHOP_NETLINK_H

#include <net/genetlink.h>
#include <net/sock.h>
#include "net.h"

extern struct genl_family lh_genl_family;

/* The events that the only multicast group carries. */
#define LH_GENL_EVENTS	0

/* Fills a message about an object: returns genlmsg_put()'s header, or NULL. */
typedef void *(*lh_nl_fill)(struct sk_buff *msg, const struct lh_net *ln,
			    const struct list_head *entry, u32 portid, u32 seq,
			    int flags, u8 cmd);

int lh_netlink_init(void);
void lh_netlink_exit(void);
struct lh_net *lh_nl_net(struct genl_info *info);
int lh_nl_refuse(struct genl_info *info, const struct nlattr *attr,
		 const char *text);
int lh_nl_require(struct genl_info *info, int attr, const char *text);
int lh_nl_answer(struct genl_info *info, const struct list_head *entry,
		 lh_nl_fill fill, u8 cmd);
void lh_nl_tell(struct lh_net *ln, const struct list_head *entry,
		lh_nl_fill fill, u8 cmd);
int lh_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
	       const struct list_head *list, lh_nl_fill fill, u8 cmd);
int lh_nl_reply(struct sk_buff *msg, void *header, struct genl_info *info);
void lh_nl_announce(struct net *net, struct sk_buff *msg, void *header,
		    gfp_t gfp);

struct lh_remote;
int lh_nl_parse_remote(struct genl_info *info, const struct nlattr *attr,
		       struct lh_remote *remote);
int lh_nl_put_remote(struct sk_buff *msg, int attr,
		     const struct lh_remote *remote);

extern const struct nla_policy lh_session_policy[];
extern const struct nla_policy lh_session_set_policy[];
int lh_nl_session_do(struct sk_buff *skb, struct genl_info *info);
int lh_nl_session_start(struct netlink_callback *cb);
int lh_nl_session_new(struct sk_buff *skb, struct genl_info *info);
int lh_nl_session_set(struct sk_buff *skb, struct genl_info *info);
int lh_nl_session_del(struct sk_buff *skb, struct genl_info *info);
int lh_nl_session_get(struct sk_buff *skb, struct genl_info *info);
int lh_nl_session_dump(struct sk_buff *skb, struct netlink_callback *cb);
int lh_nl_session_dump_start(struct netlink_callback *cb);
void lh_nl_session_work(struct work_struct *work);
int lh_nl_session_flush(struct sk_buff *skb, struct genl_info *info);

extern const struct nla_policy lh_port_policy[];
int lh_nl_port_new(struct sk_buff *skb, struct genl_info *info);
int lh_nl_port_del(struct sk_buff *skb, struct genl_info *info);
int lh_nl_port_get(struct sk_buff *skb, struct genl_info *info);
int lh_nl_port_dump(struct sk_buff *skb, struct netlink_callback *cb);

struct lh_pw;
extern const struct nla_policy lh_pw_policy[];
int lh_nl_pw_new(struct sk_buff *skb, struct genl_info *info);
int lh_nl_pw_set(struct sk_buff *skb, struct genl_info *info);
int lh_nl_pw_del(struct sk_buff *skb, struct genl_info *info);
int lh_nl_pw_get(struct sk_buff *skb, struct genl_info *info);
int lh_nl_pw_dump(struct sk_buff *skb, struct netlink_callback *cb);
void lh_nl_pw_tell(const struct lh_pw *pw, u8 cmd);

extern const struct nla_policy lh_link_policy[];
int lh_nl_link_new(struct sk_buff *skb, struct genl_info *info);
int lh_nl_link_del(struct sk_buff *skb, struct genl_info *info);
int lh_nl_link_get(struct sk_buff *skb, struct genl_info *info);
int lh_nl_link_dump(struct sk_buff *skb, struct netlink_callback *cb);

struct lh_vrf;
extern const struct nla_policy lh_vrf_policy[];
int lh_nl_vrf_new(struct sk_buff *skb, struct genl_info *info);
int lh_nl_vrf_set(struct sk_buff *skb, struct genl_info *info);
int lh_nl_vrf_del(struct sk_buff *skb, struct genl_info *info);
int lh_nl_vrf_get(struct sk_buff *skb, struct genl_info *info);
int lh_nl_vrf_dump(struct sk_buff *skb, struct netlink_callback *cb);
void lh_nl_vrf_tell(const struct lh_vrf *v, u8 cmd);
void lh_nl_vrf_bare(const struct lh_vrf *v, u32 label);

extern const struct nla_policy lh_clock_policy[];
int lh_nl_clock_set(struct sk_buff *skb, struct genl_info *info);
int lh_nl_clock_get(struct sk_buff *skb, struct genl_info *info);
void lh_nl_clock_tell(struct lh_clock *clock, u8 cmd);

#endif /* LABELHOP_NETLINK_H */
