/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LH_SKB_WATCH_H
#define LH_SKB_WATCH_H

#include <linux/netdevice.h>
#include <linux/seq_file.h>

int watch_add(struct net_device *dev);
void watch_forget(void);
void watch_show(struct seq_file *m);
void watch_exit(void);

#endif /* LH_SKB_WATCH_H */
