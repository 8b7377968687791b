/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_HOOK_H
#define LABELHOP_HOOK_H

#include <linux/netfilter.h>
#include "session.h"

struct lh_stack_in;

unsigned int lh_hook_in(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state);
unsigned int lh_hook_out(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);

unsigned int lh_hook_hop(const struct lh_net *ln, const struct lh_session *s,
			 struct sk_buff *skb, struct lh_stack_in *st);
unsigned int lh_hook_bare(const struct lh_session *s, struct sk_buff *skb);
unsigned int lh_hook_replace(const struct lh_session *s, struct sk_buff *skb);

unsigned int lh_verdict_drop(const struct lh_session *s, struct sk_buff *skb,
			     enum labelhop_reason reason);
unsigned int lh_verdict_refuse(const char *name, struct sk_buff *skb,
			       enum labelhop_reason reason);
void lh_verdict_pass(const struct lh_session *s, enum labelhop_reason reason);
void lh_verdict_count(const struct lh_session *s, enum lh_count count);

#endif /* LABELHOP_HOOK_H */
