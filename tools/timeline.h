/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_TOOLS_TIMELINE_H
#define LABELHOP_TOOLS_TIMELINE_H

#include <stdio.h>
#include <linux/types.h>
#include "../kmod/slot.h"

#define LH_TIMELINE_MAX		1000	/* slots that are shown at once */
#define LH_TIMELINE_UTC		48	/* bytes of a date with decimals */

/**
 * struct lh_timeline - slots in a row
 * @n: their number
 * @now: what time it is, TAI ns
 * @slots: the slots
 * @labels: their hop labels
 */
struct lh_timeline {
	u32 n;
	u64 now;
	struct lh_slot slots[LH_TIMELINE_MAX];
	u32 labels[LH_TIMELINE_MAX];
};

const char *lh_timeline_utc(char text[LH_TIMELINE_UTC], u64 tai_ns);
void lh_timeline_svg(FILE *to, const struct lh_timeline *line);

#endif /* LABELHOP_TOOLS_TIMELINE_H */
