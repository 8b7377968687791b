/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_SESSION_H
#define LABELHOP_SESSION_H

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/rcupdate.h>
#include "hop.h"
#include "stats.h"

struct lh_clock;
struct lh_net;
struct netlink_ext_ack;
struct lh_time;
struct sk_buff;

#define LH_TOLERANCE_DEFAULT_NS	100000000ULL

/**
 * struct lh_prefix - a prefix of inner destination addresses
 * @addr: the address, its first bytes for IPv4
 * @addr_len: 4 or 16
 * @bits: length of the prefix
 */
struct lh_prefix {
	u8 addr[16];
	u8 addr_len;
	u8 bits;
};

/**
 * struct lh_mac - a MAC address
 * @addr: the address
 */
struct lh_mac {
	u8 addr[ETH_ALEN];
};

/**
 * struct lh_bind - a device that a session is narrowed to, by name
 * @name: the device's, empty if the session is not narrowed
 * @ifindex: of the device that has the name now, 0 if there is none
 *
 * @name is immutable. @ifindex is written under lh_net.lock as devices come
 * and go, and read by the packet path without any.
 */
struct lh_bind {
	char name[IFNAMSIZ];
	int ifindex;
};

/**
 * struct lh_session_cpu - what a CPU has of a session
 * @cache: the slots it asked for last; secret
 * @stats: its counters
 *
 * Used with bottom halves off, on that CPU.
 */
struct lh_session_cpu {
	struct lh_hop_cache cache;
	struct lh_stats stats;
};

/**
 * struct lh_session - one direction's protection of a FEC
 * @list: in lh_net.sessions; under lh_net.lock
 * @same_label: next session with the same direction and VPN label; written
 *		under lh_net.lock, read under RCU
 * @rcu: frees it after the last packet
 * @cpu: per CPU
 * @gen: keys and time line; secret; immutable
 * @params: the parameter set, without the seed; immutable
 * @labels: K, for @gen and @params
 * @slots: TS, for @params
 * @prefixes: @n_prefixes of inner destinations, none for all; immutable
 * @n_prefixes: their number
 * @macs: @n_macs addresses, none for all; immutable
 * @n_macs: their number
 * @dev: device of arrival or departure; see struct lh_bind
 * @vrf: VRF that the packet comes from, direction out; see struct lh_bind
 * @outer: label just above the VPN label, 0 for any, direction out; immutable
 * @tolerance: ns; written under lh_net.lock, read by the packet path
 * @delay: ns; the same
 * @hold: ns, for LABELHOP_LOSS_HOLD; the same
 * @dir: enum labelhop_dir; immutable
 * @payload: enum labelhop_payload; immutable
 * @policy: enum labelhop_policy; as @tolerance
 * @loss: enum labelhop_loss; as @tolerance
 * @name: unique in the namespace; immutable
 *
 * A session is alive from lh_session_new() to a grace period after
 * lh_session_del(). Packets refer to it only under RCU.
 */
struct lh_session {
	struct list_head list;
	struct lh_session __rcu *same_label;
	struct rcu_head rcu;
	struct lh_session_cpu __percpu *cpu;
	struct lh_gen gen;
	struct lh_params params;
	u32 *labels;
	u64 *slots;
	struct lh_prefix *prefixes;
	u32 n_prefixes;
	struct lh_mac *macs;
	u32 n_macs;
	struct lh_bind dev;
	struct lh_bind vrf;
	u32 outer;
	u64 tolerance;
	u64 delay;
	u64 hold;
	u8 dir;
	u8 payload;
	u8 policy;
	u8 loss;
	char name[LABELHOP_NAME_LEN];
};

struct lh_session *lh_session_alloc(u32 n_labels, u32 n_slots, u32 n_prefixes,
				    u32 n_macs);
void lh_session_free(struct lh_session *s);
struct lh_session *lh_session_find(struct lh_net *ln, const char *name);
int lh_session_new(struct lh_net *ln, struct lh_session *s, int *attr,
		   struct netlink_ext_ack *extack);
void lh_session_del(struct lh_net *ln, struct lh_session *s);
void lh_session_flush(struct lh_net *ln);
void lh_session_bind(struct lh_net *ln, const char *name, int ifindex);
bool lh_session_takes_dst(const struct lh_session *s, const u8 *head,
			  size_t len);
bool lh_session_takes_frame(const struct lh_session *s, const u8 *head,
			    size_t len);
enum labelhop_reason lh_session_time(const struct lh_session *s,
				     const struct lh_clock *clock,
				     struct lh_time *t);
bool lh_session_passes(const struct lh_session *s, enum labelhop_reason reason);
u64 lh_session_count(const struct lh_session *s, unsigned int count);
void lh_session_wait(void);

#endif /* LABELHOP_SESSION_H */
