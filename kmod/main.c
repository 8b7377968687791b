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

static int __net_init net_init(struct net *net)
{
	struct lh_net *ln = lh_net_get(net);
	int err;

	ln->net = net;
	mutex_init(&ln->lock);
	INIT_WORK(&ln->tell_work, lh_nl_session_work);
	err = lh_pw_net_init(ln);
	if (err)
		return err;
	lh_clock_init(&ln->clock);
	lh_note_net_init(ln);
	err = lh_quota_init(ln);
	if (err)
		goto err_pw;
	err = lh_index_init(ln);
	if (err)
		goto err_quota;
	err = lh_table_init(ln);
	if (err)
		goto err_index;
	err = lh_name_init_net(ln);
	if (err)
		goto err_table;
	err = lh_link_init_net(ln);
	if (err)
		goto err_name;
	err = lh_vrf_net_init(ln);
	if (err)
		goto err_link;
	return 0;

err_link:
	lh_link_exit_net(ln);
err_name:
	lh_name_exit_net(ln);
err_table:
	lh_table_exit(ln);
err_index:
	lh_index_exit(ln);
err_quota:
	lh_quota_exit(ln);
err_pw:
	lh_pw_net_exit(ln);
	return err;
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
	lh_vrf_net_exit(ln);
	lh_pw_net_exit(ln);
	lh_clock_exit(&ln->clock);
	lh_table_exit(ln);
	lh_index_exit(ln);
	lh_quota_exit(ln);
	lh_link_exit_net(ln);
	lh_name_exit_net(ln);
	mutex_destroy(&ln->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &lh_net_id,
	.size = sizeof(struct lh_net),
};

static int __init labelhop_init(void)
{
	int err = lh_packet_init();

	if (err)
		return err;
	/* Work stops while the system sleeps: a suspended clock is not read. */
	lh_queue = alloc_workqueue("labelhop", WQ_UNBOUND | WQ_FREEZABLE, 0);
	err = lh_queue ? lh_clock_init_module() : -ENOMEM;
	if (err)
		goto err_queue;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_clock;
	err = lh_port_init();
	if (err)
		goto err_net;
	err = lh_vrf_init();
	if (err)
		goto err_port;
	err = lh_pw_init();
	if (err)
		goto err_vrf;
	err = lh_netlink_init();
	if (err)
		goto err_pw;
	return 0;

err_pw:
	lh_pw_exit();
err_vrf:
	lh_vrf_exit();
err_port:
	lh_port_exit();
err_net:
	unregister_pernet_subsys(&net_ops);
err_clock:
	lh_clock_exit_module();
err_queue:
	if (lh_queue)
		destroy_workqueue(lh_queue);
	lh_packet_exit();
	return err;
}

static void __exit labelhop_exit(void)
{
	lh_netlink_exit();
	lh_pw_exit();
	lh_vrf_exit();
	lh_port_exit();
	unregister_pernet_subsys(&net_ops);
	lh_session_wait();
	lh_clock_exit_module();
	destroy_workqueue(lh_queue);
	lh_packet_exit();
}

module_init(labelhop_init);
module_exit(labelhop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("MPLS VPN label hopping: verified VPN labels between providers");
MODULE_VERSION("0.1");
MODULE_ALIAS_GENL_FAMILY("labelhop");
MODULE_ALIAS_RTNL_LINK("labelhop");
MODULE_SOFTDEP("pre: mpls_router mpls_iptunnel post: mpls_gso");
