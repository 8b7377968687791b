// SPDX-License-Identifier: GPL-2.0
/* Sessions: what they are made of, and the list of them. */
#include <linux/etherdevice.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "compat.h"
#include "index.h"
#include "link.h"
#include "net.h"
#include "port.h"
#include "pw.h"
#include "quota.h"
#include "session.h"
#include "stack.h"
#include "table.h"

/**
 * lh_session_free - free a session that no packet can see
 * @s: the session
 */
void lh_session_free(struct lh_session *s)
{
	int cpu;

	if (s->cpu)
		for_each_possible_cpu(cpu)
			memzero_explicit(per_cpu_ptr(s->cpu, cpu),
					 sizeof(struct lh_session_cpu));
	free_percpu(s->cpu);
	kvfree(s->labels);
	kfree(s->slots);
	kfree(s->prefixes);
	kfree(s->macs);
	kfree_sensitive(s);
}

static void free_rcu(struct rcu_head *rcu)
{
	lh_session_free(container_of(rcu, struct lh_session, rcu));
}

/**
 * lh_session_alloc - allocate a session
 * @n_labels: n(K), 1..LABELHOP_LABELS_MAX
 * @n_slots: n(TS), 1..LABELHOP_SLOTS_MAX
 * @n_prefixes: number of inner prefixes, 0..LABELHOP_PREFIXES_MAX
 * @n_macs: number of MAC addresses, 0..LABELHOP_MACS_MAX
 *
 * Whoever is root in a user namespace may add sessions, so their memory is
 * charged to its cgroup.
 *
 * Return: the session, or NULL.
 */
struct lh_session *lh_session_alloc(u32 n_labels, u32 n_slots, u32 n_prefixes,
				    u32 n_macs)
{
	struct lh_session *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!s)
		return NULL;
	s->cpu = alloc_percpu_gfp(struct lh_session_cpu, GFP_KERNEL_ACCOUNT);
	s->labels = kvcalloc(n_labels, sizeof(*s->labels), GFP_KERNEL_ACCOUNT);
	s->slots = kcalloc(n_slots, sizeof(*s->slots), GFP_KERNEL_ACCOUNT);
	s->prefixes = kcalloc(n_prefixes, sizeof(*s->prefixes),
			      GFP_KERNEL_ACCOUNT);
	s->macs = kcalloc(n_macs, sizeof(*s->macs), GFP_KERNEL_ACCOUNT);
	if (!s->cpu || !s->labels || !s->slots || !s->prefixes || !s->macs) {
		lh_session_free(s);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(s->cpu, cpu)->stats.sync);
	s->params.labels = s->labels;
	s->params.slots = s->slots;
	s->dev.session = s;
	s->vrf.session = s;
	return s;
}

static int bind_now(struct lh_net *ln, struct lh_bind *bind)
{
	if (!bind->name[0])
		return 0;
	bind->ifindex = lh_port_ifindex(ln, bind->name);
	return bind->ifindex ? 0 : -ENODEV;
}

static int session_check(struct lh_net *ln, struct lh_session *s, int *attr,
			 struct netlink_ext_ack *extack)
{
	*attr = LABELHOP_A_SESSION_NAME;
	if (lh_session_find(ln, s->name)) {
		NL_SET_ERR_MSG(extack, "a session with this name exists");
		return -EEXIST;
	}
	*attr = LABELHOP_A_SESSION_DEV;
	if (bind_now(ln, &s->dev)) {
		NL_SET_ERR_MSG(extack, "there is no such device");
		return -ENODEV;
	}
	*attr = LABELHOP_A_SESSION_VRF;
	if (bind_now(ln, &s->vrf)) {
		NL_SET_ERR_MSG(extack, "there is no such VRF device");
		return -ENODEV;
	}
	*attr = LABELHOP_A_SESSION_PARAMS;
	return lh_index_unused(ln, s, extack);
}

/**
 * lh_session_new - let a session see packets
 * @ln: the namespace, locked
 * @s: the session, complete; the caller's again if this fails
 * @attr: receives the enum labelhop_attr_session that is at fault
 * @extack: receives the reason
 *
 * Return: 0, or a negative errno and nothing is changed.
 */
int lh_session_new(struct lh_net *ln, struct lh_session *s, int *attr,
		   struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ln->lock);
	err = session_check(ln, s, attr, extack);
	if (err)
		return err;
	err = lh_quota_take(ln, s->params.n_labels, extack);
	if (err)
		return err;
	err = lh_ports_use(ln, s->dir, extack);
	if (err)
		goto err_quota;
	err = lh_index_add(ln, s);
	if (!err) {
		err = lh_table_add(ln, s, extack);
		if (err)
			lh_index_del(ln, s);
	}
	if (err)
		goto err_ports;
	lh_pw_session(ln, s, true);
	lh_link_session(ln, s, true);
	return 0;

err_ports:
	lh_ports_unuse(ln, s->dir);
	/* A packet, or a look-up by hash, may have found it. */
	synchronize_rcu();
err_quota:
	lh_quota_give(ln, s->params.n_labels);
	return err;
}

/**
 * lh_session_del - take a session away
 * @ln: the namespace, locked
 * @s: the session; it is gone a grace period later
 */
void lh_session_del(struct lh_net *ln, struct lh_session *s)
{
	lh_pw_session(ln, s, false);
	lh_link_session(ln, s, false);
	lh_table_del(ln, s);
	lh_index_del(ln, s);
	lh_ports_unuse(ln, s->dir);
	lh_quota_give(ln, s->params.n_labels);
	call_rcu(&s->rcu, free_rcu);
}

/**
 * lh_session_flush - take all sessions away
 * @ln: the namespace, locked
 */
void lh_session_flush(struct lh_net *ln)
{
	struct lh_session *s;
	unsigned long handle;

	xa_for_each(&ln->sessions, handle, s)
		lh_session_del(ln, s);
}

/**
 * lh_session_settled - settings of a session were changed
 * @ln: the namespace, locked
 * @s: the session
 */
void lh_session_settled(struct lh_net *ln, struct lh_session *s)
{
	lh_table_settled(ln, s);
}

/**
 * lh_session_takes_dst - is an inner destination one of the session's?
 * @s: the session, which has prefixes
 * @head: the payload's first bytes
 * @len: their number
 *
 * Return: true if so, and if it can't be read.
 */
bool lh_session_takes_dst(const struct lh_session *s, const u8 *head,
			  size_t len)
{
	const u8 *dst;
	size_t dst_len;
	u32 i;

	dst_len = lh_payload_dst(head, len, &dst);
	if (!dst_len)
		return true;
	for (i = 0; i < s->n_prefixes; i++)
		if (s->prefixes[i].addr_len == dst_len &&
		    lh_prefix_holds(s->prefixes[i].addr, s->prefixes[i].bits,
				    dst))
			return true;
	return false;
}

/**
 * lh_session_takes_frame - is a frame from or to one of the session's addresses?
 * @s: the session, which has MAC addresses
 * @head: the payload's first bytes
 * @len: their number
 *
 * From, too: who may send in the name of an address moves it in the MAC table of
 * the bridge behind.
 *
 * Return: true if so, and if it can't be read.
 */
bool lh_session_takes_frame(const struct lh_session *s, const u8 *head,
			    size_t len)
{
	size_t at = s->payload == LABELHOP_PAYLOAD_PW ? LH_CW_LEN : 0;
	const u8 *dst = head + at;
	u32 i;

	if (len < at + 2 * ETH_ALEN)
		return true;
	for (i = 0; i < s->n_macs; i++)
		if (ether_addr_equal_unaligned(dst, s->macs[i].addr) ||
		    ether_addr_equal_unaligned(dst + ETH_ALEN, s->macs[i].addr))
			return true;
	return false;
}

/**
 * lh_session_time - the time, if a session can decide its slots by it
 * @s: the session
 * @clock: the clock
 * @t: receives the time
 *
 * Return: LABELHOP_REASON_UNSPEC if it can, or _CLOCK or _CLOCK_ERROR.
 */
enum labelhop_reason lh_session_time(const struct lh_session *s,
				     const struct lh_clock *clock,
				     struct lh_time *t)
{
	enum labelhop_state state = lh_clock_now(clock, t);
	bool lost = state == LABELHOP_STATE_FAILED;

	if (READ_ONCE(s->loss) == LABELHOP_LOSS_HOLD)
		lost = state != LABELHOP_STATE_LOCKED &&
		       t->age > READ_ONCE(s->hold);
	if (state == LABELHOP_STATE_UNSET || lost)
		return LABELHOP_REASON_CLOCK;
	/* A sender has no tolerance. */
	if (s->gen.slots.shortest / 2 < READ_ONCE(s->tolerance) + t->error)
		return LABELHOP_REASON_CLOCK_ERROR;
	return LABELHOP_REASON_UNSPEC;
}

/**
 * lh_session_passes - does what fails pass all the same?
 * @s: the session
 * @reason: why it fails
 *
 * Return: true if so.
 */
bool lh_session_passes(const struct lh_session *s, enum labelhop_reason reason)
{
	if (READ_ONCE(s->policy) == LABELHOP_POLICY_MONITOR)
		return true;
	return READ_ONCE(s->loss) == LABELHOP_LOSS_PASS &&
	       (reason == LABELHOP_REASON_CLOCK ||
		reason == LABELHOP_REASON_CLOCK_ERROR);
}

/**
 * lh_stats_read - value of a counter of one CPU
 * @count: the counter
 * @sync: what guards it
 *
 * Return: the value, whole.
 */
u64 lh_stats_read(const u64_stats_t *count, const struct u64_stats_sync *sync)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(sync);
		value = u64_stats_read(count);
	} while (u64_stats_fetch_retry(sync, start));
	return value;
}

/**
 * lh_session_count - value of a counter
 * @s: the session
 * @count: enum lh_count
 *
 * Return: the sum over all CPUs.
 */
u64 lh_session_count(const struct lh_session *s, unsigned int count)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct lh_stats *stats = &per_cpu_ptr(s->cpu, cpu)->stats;

		sum += lh_stats_read(&stats->counts[count], &stats->sync);
	}
	return sum;
}

/**
 * lh_session_wait - wait until all sessions taken away are freed
 */
void lh_session_wait(void)
{
	rcu_barrier();
}
