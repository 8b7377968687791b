/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_NET_H
#define LABELHOP_NET_H

#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include "clock.h"

struct lh_quota;

/**
 * struct lh_net - labelhop in a network namespace
 * @net: the namespace, which outlives this
 * @lock: serialises configuration; taken inside RTNL, never around it
 * @sessions: by struct lh_session.handle, in the order in which they were added; under
 *	      @lock
 * @next_handle: for the next one; under @lock
 * @session_names: struct lh_session.by_name; written under @lock
 * @ids: struct lh_session.by_id; the same
 * @seeds: struct lh_session.by_seed; the same
 * @binds: struct lh_bind.node, by name; the same
 * @in: by label: a session whose K holds it or, tagged with LH_BARE, the struct lh_bare
 *      of the sessions that it is the VPN label of. Written under @lock, read under RCU
 * @bares: struct lh_bare.node; the same
 * @out: by VPN label: struct lh_fec; the same
 * @matches: struct lh_session.key_node, of sessions out; the same
 * @ways: struct lh_way.node; as @bares
 * @remotes: struct lh_session.way_node; under @lock
 * @way_work: looks after the routes to remote PEs, while sessions name any
 * @way_next: in jiffies, when a packet may have it look again; packets write it
 * @tell_work: tells of packets that no session out was for
 * @tell_session: handle of the session that it tells of; packets write it
 * @tell_next: in jiffies, when there may be a next such event; packets write it
 * @users: what needs the hooks, by enum labelhop_dir: sessions, pseudowires and
 *	   links; under @lock
 * @unskips: is unskip.c's hook registered? under @lock
 * @pws: struct lh_pw.list; written under RTNL and @lock, read under either
 * @pw_labels: by the label that its frames come with: struct lh_pw_setup. Written
 *	       under @lock, read under RCU
 * @pw_ends: by the name of its session: struct lh_end; under @lock
 * @pw_looks: struct lh_pw.look; under @lock
 * @pw_work: looks after the pseudowires, while there are any
 * @pw_due: when it has to look after all of them again, in jiffies; under RTNL
 * @links: struct lh_link.list; under @lock
 * @link_names: the same by name; under @lock
 * @link_sessions: the same by the name of their session; under @lock
 * @devs: struct lh_dev of every device of the namespace, by ifindex; written under
 *	  RTNL and @lock, read under either
 * @ports: struct lh_port.list; written under @lock
 * @names: struct lh_name, the names of devices that ports and links are for; under
 *	   @lock
 * @lost: how many ports have no device; under @lock
 * @narrowed: are only the devices of ports, and those of links and lo, covered?
 *	      There are ports, and each has its device. Written under @lock, read
 *	      by packets
 * @vrfs: struct lh_vrf.list, the protected VRFs; under @lock
 * @vrf_names: the same by name; under @lock
 * @vrf_devs: struct lh_vrf_dev by ifindex, every VRF device of the namespace; under
 *	      @lock
 * @note_label: offset of the notes on packets that arrive with a label; secret,
 *		immutable
 * @note_vrf: the same of those that have entered a VRF
 * @vrf_users: what needs the hook on all of them; under @lock
 * @changes: counts the changes of the lists, so that a dump shows that it was
 *	     overtaken by one; under @lock
 * @clock: see struct lh_clock
 * @quota: what limits the objects of its user, NULL if nothing does; immutable
 */
struct lh_net {
	struct net *net;
	struct mutex lock; /* configuration; see above */
	struct xarray sessions;
	u32 next_handle;
	struct rhashtable session_names;
	struct rhashtable ids;
	struct rhashtable seeds;
	struct rhltable binds;
	struct xarray in;
	struct rhashtable bares;
	struct xarray out;
	struct rhltable matches;
	struct rhltable ways;
	struct hlist_head remotes;
	struct delayed_work way_work;
	unsigned long way_next;
	struct work_struct tell_work;
	u32 tell_session;
	unsigned long tell_next;
	unsigned int users[2];
	bool unskips;
	struct list_head pws;
	struct xarray pw_labels;
	struct rhltable pw_ends;
	struct list_head pw_looks;
	struct delayed_work pw_work;
	unsigned long pw_due;
	struct list_head links;
	struct rhashtable link_names;
	struct rhltable link_sessions;
	struct xarray devs;
	struct list_head ports;
	struct rhashtable names;
	unsigned int lost;
	bool narrowed;
	struct list_head vrfs;
	struct rhashtable vrf_names;
	struct xarray vrf_devs;
	unsigned int vrf_users;
	u64 note_label;
	u64 note_vrf;
	unsigned int changes;
	struct lh_clock clock;
	struct lh_quota *quota;
};

/* Tag of an entry of lh_net.in that is a VPN label, and no label of a K. */
#define LH_BARE	1

/* Of our own: what is queued may sleep for long. Frozen before devices suspend. */
extern struct workqueue_struct *lh_queue;

struct lh_net *lh_net_get(const struct net *net);

#endif /* LABELHOP_NET_H */
