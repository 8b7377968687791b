/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_SESSION_H
#define LABELHOP_SESSION_H

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include "hop.h"
#include "stats.h"

struct lh_bare;
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
 * struct lh_remote - address of a remote PE
 * @family: AF_INET or AF_INET6
 * @ip4: for AF_INET
 * @ip6: for AF_INET6
 */
struct lh_remote {
	u16 family;
	union {
		__be32 ip4;
		struct in6_addr ip6;
	};
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
 * @node: in lh_net.binds, if there is a name; under lh_net.lock
 * @session: the session that it is part of; immutable
 * @name: the device's, padded with zeros, empty if the session is not narrowed
 * @ifindex: of the device that has the name now, 0 if there is none
 *
 * @name is immutable. @ifindex is written under lh_net.lock as devices come
 * and go, and read by the packet path without any.
 */
struct lh_bind {
	struct rhlist_head node;
	struct lh_session *session;
	char name[IFNAMSIZ];
	int ifindex;
};

/**
 * struct lh_match_key - what finds a session out
 * @label: the VPN label
 * @outer: label above it, 0 for any
 * @vrf: ifindex of the VRF that the packet has left, or LH_ORIGIN_MAIN; 0 for any
 * @dev: ifindex of the device that it leaves by, 0 for any
 */
struct lh_match_key {
	u32 label;
	u32 outer;
	int vrf;
	int dev;
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
 * @handle: its place in lh_net.sessions; immutable
 * @by_name: in lh_net.session_names; under lh_net.lock
 * @by_id: in lh_net.ids; the same
 * @by_seed: in lh_net.seeds; the same
 * @seed_mark: of the set's seed, see lh_index_mark(); immutable
 * @bare: direction in: what holds @bare_node; under lh_net.lock
 * @bare_node: in lists of @bare; written under lh_net.lock, read under RCU
 * @bare_policy: in which of them; under lh_net.lock
 * @label_node: in lh_fec.sessions or lh_bare.sessions; as @bare_node
 * @key_node: in lh_net.matches if @hashed; the same
 * @key: of @key_node; written under lh_net.lock while it is not there
 * @hashed: see @key_node; under lh_net.lock
 * @drops: is it one of lh_fec.n_drop? under lh_net.lock
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
 * @remotes: addresses of the PE that the packets go to, direction out; immutable
 * @n_remotes: their number, 0 for any PE; immutable
 * @ways: struct lh_way.list, the ways to that PE; under lh_net.lock
 * @way_node: in lh_net.remotes if there are @remotes; under lh_net.lock
 * @tolerance: ns; written under lh_net.lock, read by the packet path
 * @delay: ns; the same
 * @hold: ns, for LABELHOP_LOSS_HOLD; the same
 * @dir: enum labelhop_dir; immutable
 * @payload: enum labelhop_payload; immutable
 * @policy: enum labelhop_policy; as @tolerance
 * @loss: enum labelhop_loss; as @tolerance
 * @unmatched: enum labelhop_unmatched, direction out; under lh_net.lock
 * @origin: enum labelhop_origin, direction out; immutable
 * @name: unique in the namespace, padded with zeros; immutable
 *
 * A session is alive from lh_session_new() to a grace period after
 * lh_session_del(). Packets refer to it only under RCU.
 */
struct lh_session {
	u32 handle;
	struct rhash_head by_name;
	struct rhash_head by_id;
	struct rhash_head by_seed;
	u64 seed_mark;
	struct lh_bare *bare;
	struct hlist_node bare_node;
	u8 bare_policy;
	struct hlist_node label_node;
	struct rhlist_head key_node;
	struct lh_match_key key;
	bool hashed;
	bool drops;
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
	struct lh_remote remotes[LABELHOP_REMOTES_MAX];
	u32 n_remotes;
	struct hlist_head ways;
	struct hlist_node way_node;
	u64 tolerance;
	u64 delay;
	u64 hold;
	u8 dir;
	u8 payload;
	u8 policy;
	u8 loss;
	u8 unmatched;
	u8 origin;
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
void lh_session_settled(struct lh_net *ln, struct lh_session *s);
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
