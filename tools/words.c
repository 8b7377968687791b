// SPDX-License-Identifier: GPL-2.0
/* Words for numbers. */
#include <stddef.h>
#include "words.h"

const char * const lh_dirs[] = {
	[LABELHOP_DIR_IN] = "in",
	[LABELHOP_DIR_OUT] = "out",
	NULL
};

const char * const lh_policies[] = {
	[LABELHOP_POLICY_STRICT] = "strict",
	[LABELHOP_POLICY_PERMISSIVE] = "permissive",
	[LABELHOP_POLICY_MONITOR] = "monitor",
	NULL
};

const char * const lh_clocks[] = {
	[LABELHOP_CLOCK_UNSET] = "unset",
	[LABELHOP_CLOCK_TAI] = "tai",
	[LABELHOP_CLOCK_REALTIME] = "realtime",
	[LABELHOP_CLOCK_PHC] = "phc",
	NULL
};

const char * const lh_states[] = {
	[LABELHOP_STATE_UNSET] = "unset",
	[LABELHOP_STATE_LOCKED] = "locked",
	[LABELHOP_STATE_HOLDOVER] = "holdover",
	[LABELHOP_STATE_FAILED] = "failed",
	NULL
};

const char * const lh_losses[] = {
	[LABELHOP_LOSS_DROP] = "drop",
	[LABELHOP_LOSS_HOLD] = "hold",
	[LABELHOP_LOSS_PASS] = "pass",
	NULL
};

const char * const lh_payloads[] = {
	[LABELHOP_PAYLOAD_IP] = "ip",
	[LABELHOP_PAYLOAD_PW] = "pw",
	[LABELHOP_PAYLOAD_PW_NO_CW] = "pw-no-cw",
	[LABELHOP_PAYLOAD_LINK] = "link",
	NULL
};

const char * const lh_origins[] = {
	[LABELHOP_ORIGIN_VRF] = "vrf",
	[LABELHOP_ORIGIN_MAIN] = "main",
	NULL
};

const char * const lh_unmatched[] = {
	[LABELHOP_UNMATCHED_PASS] = "pass",
	[LABELHOP_UNMATCHED_DROP] = "drop",
	NULL
};

const char * const lh_pw_states[] = {
	[LABELHOP_PW_UP] = "up",
	[LABELHOP_PW_NO_SESSION] = "no-session",
	[LABELHOP_PW_NO_ROUTE] = "no-route",
	[LABELHOP_PW_NO_NEIGHBOUR] = "no-neighbour",
	[LABELHOP_PW_NO_TUNNEL] = "no-tunnel",
	[LABELHOP_PW_IDLE] = "idle",
	NULL
};

const char * const lh_tunnels[] = {
	[LABELHOP_TUNNEL_REQUIRED] = "required",
	[LABELHOP_TUNNEL_ANY] = "any",
	NULL
};

/* In the order of the enumeration. */
#define REASON_WORD(id, word)	word,

const char * const lh_reasons[] = {
	"unspec",
	LABELHOP_REASONS(REASON_WORD)
	NULL
};

/**
 * lh_word - the word for a number
 * @words: the list
 * @number: the number, maybe one of a later version
 *
 * Return: the word.
 */
const char *lh_word(const char * const *words, unsigned int number)
{
	while (*words && number--)
		words++;
	return *words ? *words : "unknown";
}
