/* SPDX-License-Identifier: GPL-2.0 */
/* The words for the numbers of uapi/linux/labelhop.h; NULL ends each list. */
#ifndef LABELHOP_TOOLS_WORDS_H
#define LABELHOP_TOOLS_WORDS_H

#include <linux/labelhop.h>
#include <linux/types.h>

extern const char * const lh_dirs[];		/* enum labelhop_dir */
extern const char * const lh_policies[];	/* enum labelhop_policy */
extern const char * const lh_clocks[];		/* enum labelhop_clock */
extern const char * const lh_states[];		/* enum labelhop_state */
extern const char * const lh_losses[];		/* enum labelhop_loss */
extern const char * const lh_payloads[];	/* enum labelhop_payload */
extern const char * const lh_origins[];
extern const char * const lh_unmatched[];
extern const char * const lh_pw_states[];	/* enum labelhop_pw_state */
extern const char * const lh_tunnels[];		/* enum labelhop_tunnel */
extern const char * const lh_reasons[];		/* enum labelhop_reason */

const char *lh_word(const char * const *words, unsigned int number);

#endif /* LABELHOP_TOOLS_WORDS_H */
