/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LABELHOP_STATS_H
#define LABELHOP_STATS_H

#include <linux/u64_stats_sync.h>
#include <linux/labelhop.h>

/**
 * enum lh_count - the counters of a session
 * @LH_COUNT_STAMPED: sent with hop and tag labels
 * @LH_COUNT_VERIFIED: checked and handed on
 * @LH_COUNT_BARE: passed without, policy permissive
 * @LH_COUNT_DROPPED: the first of a counter for each reason: dropped
 * @LH_COUNT_PASSED: the same: not dropped, policy monitor
 * @LH_COUNTS: their number
 */
enum lh_count {
	LH_COUNT_STAMPED,
	LH_COUNT_VERIFIED,
	LH_COUNT_BARE,
	LH_COUNT_DROPPED,
	LH_COUNT_PASSED = LH_COUNT_DROPPED + __LABELHOP_REASON_MAX,
	LH_COUNTS = LH_COUNT_PASSED + __LABELHOP_REASON_MAX,
};

/**
 * struct lh_stats - counters of one CPU
 * @counts: by enum lh_count
 * @sync: guards @counts where 64 bits are not read at once
 *
 * Written with bottom halves off, on the CPU that it belongs to.
 */
struct lh_stats {
	u64_stats_t counts[LH_COUNTS];
	struct u64_stats_sync sync;
};

u64 lh_stats_read(const u64_stats_t *count, const struct u64_stats_sync *sync);

static inline void lh_stats_count(struct lh_stats *stats, unsigned int count)
{
	u64_stats_update_begin(&stats->sync);
	u64_stats_inc(&stats->counts[count]);
	u64_stats_update_end(&stats->sync);
}

#endif /* LABELHOP_STATS_H */
