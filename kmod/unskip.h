/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_UNSKIP_H
#define LABELHOP_UNSKIP_H

struct net;

int lh_unskip_begin(struct net *net);
void lh_unskip_end(struct net *net);

#endif /* LABELHOP_UNSKIP_H */
