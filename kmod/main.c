// SPDX-License-Identifier: GPL-2.0
/* labelhop: what is begun, in order, and ended in reverse. */
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>
#include "index.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "note.h"
#include "packet.h"
#include "port.h"
#include "pw.h"
#include "quota.h"
#include "session.h"
#include "table.h"
#include "vrf.h"

struct workqueue_struct *lh_queue;
static unsigned int lh_net_id __read_mostly;

/**
 * lh_net_get - labelhop in a network namespace
 * @net: the namespace
 *
 * Return: its part of labelhop, which lives as long as the namespace.
 */
struct lh_net *lh_net_get(const struct net *net)
{
	return net_generic(net, lh_net_id);
}

/* What a namespace has, in the order in which it begins. */
static const struct {
	int (*begin)(struct lh_net *ln);
	void (*end)(struct lh_net *ln);
} net_parts[] = {
	{ lh_pw_net_init, lh_pw_net_exit },
	{ lh_quota_init, lh_quota_exit },
	{ lh_index_init, lh_index_exit },
	{ lh_table_init, lh_table_exit },
	{ lh_name_init_net, lh_name_exit_net },
	{ lh_link_init_net, lh_link_exit_net },
	{ lh_vrf_net_init, lh_vrf_net_exit },
};

/* The first n of them, in reverse. */
static void net_parts_end(struct lh_net *ln, unsigned int n)
{
	while (n--)
		net_parts[n].end(ln);
}

static int __net_init net_init(struct net *net)
{
	struct lh_net *ln = lh_net_get(net);
	unsigned int i;
	int err;

	ln->net = net;
	mutex_init(&ln->lock);
	INIT_WORK(&ln->tell_work, lh_nl_session_work);
	lh_clock_init(&ln->clock);
	lh_note_net_init(ln);
	for (i = 0; i < ARRAY_SIZE(net_parts); i++) {
		err = net_parts[i].begin(ln);
		if (err) {
			net_parts_end(ln, i);
			return err;
		}
	}
	return 0;
}

/* The devices, and with them the hooks, are gone already. */
static void __net_exit net_exit(struct net *net)
{
	struct lh_net *ln = lh_net_get(net);

	cancel_work_sync(&ln->tell_work);
	cancel_delayed_work_sync(&ln->way_work);
	mutex_lock(&ln->lock);
	lh_link_flush(ln);
	lh_session_flush(ln);
	lh_port_flush(ln);
	mutex_unlock(&ln->lock);
	lh_clock_exit(&ln->clock);
	net_parts_end(ln, ARRAY_SIZE(net_parts));
	mutex_destroy(&ln->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &lh_net_id,
	.size = sizeof(struct lh_net),
};

/* Work stops while the system sleeps: a suspended clock is not read. */
static int queue_begin(void)
{
	lh_queue = alloc_workqueue("labelhop", WQ_UNBOUND | WQ_FREEZABLE, 0);
	return lh_queue ? 0 : -ENOMEM;
}

static void queue_end(void)
{
	destroy_workqueue(lh_queue);
}

static int nets_begin(void)
{
	return register_pernet_subsys(&net_ops);
}

static void nets_end(void)
{
	unregister_pernet_subsys(&net_ops);
	lh_session_wait();
}

/* What the module has, in the order in which it begins. */
static const struct {
	int (*begin)(void);
	void (*end)(void);
} parts[] = {
	{ lh_packet_init, lh_packet_exit },
	{ queue_begin, queue_end },
	{ lh_clock_init_module, lh_clock_exit_module },
	{ nets_begin, nets_end },
	{ lh_port_init, lh_port_exit },
	{ lh_vrf_init, lh_vrf_exit },
	{ lh_pw_init, lh_pw_exit },
	{ lh_netlink_init, lh_netlink_exit },
};

/* The first n of them, in reverse. */
static void parts_end(unsigned int n)
{
	while (n--)
		parts[n].end();
}

static int __init labelhop_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].begin();
		if (err) {
			parts_end(i);
			return err;
		}
	}
	return 0;
}

static void __exit labelhop_exit(void)
{
	parts_end(ARRAY_SIZE(parts));
}

module_init(labelhop_init);
module_exit(labelhop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("MPLS VPN label hopping: verified VPN labels between providers");
MODULE_VERSION("0.1");
MODULE_ALIAS_GENL_FAMILY("labelhop");
MODULE_ALIAS_RTNL_LINK("labelhop");
MODULE_SOFTDEP("pre: mpls_router mpls_iptunnel post: mpls_gso");
