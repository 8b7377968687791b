/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_PHC_H
#define LABELHOP_PHC_H

#include "timebase.h"

struct file;

struct file *lh_phc_get(int fd);
const char *lh_phc_name(const struct file *file);
int lh_phc_sample(struct file *file, u32 rate, struct lh_sample *s);

#endif /* LABELHOP_PHC_H */
