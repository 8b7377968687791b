/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * labelhop: generic netlink interface
 *
 * Documentation/netlink/specs/labelhop.yaml is the source of truth of the
 * family; Documentation/netlink.rst explains it. The limits below are those
 * of the wire protocol, Documentation/protocol.rst.
 */
#ifndef _UAPI_LINUX_LABELHOP_H
#define _UAPI_LINUX_LABELHOP_H

#define LABELHOP_GENL_NAME	"labelhop"
#define LABELHOP_GENL_VERSION	1
#define LABELHOP_GENL_MCGRP	"events"

#define LABELHOP_NAME_LEN	32	/* session name, with the final NUL */

#define LABELHOP_LABEL_MIN	16	/* 0..15 are reserved, RFC 3032 */
#define LABELHOP_LABEL_MAX	1048575
#define LABELHOP_LABELS_MAX	4096	/* labels in K */
#define LABELHOP_SLOTS_MAX	256	/* durations in TS */
#define LABELHOP_SLOT_NS_MIN	1000ULL
#define LABELHOP_SLOT_NS_MAX	86400000000000ULL
#define LABELHOP_WINDOW_NS_MAX	86400000000000ULL /* tolerance and delay */
#define LABELHOP_TAGS_MAX	3
#define LABELHOP_TAG_BITS	20	/* a label's width */
#define LABELHOP_TAG_BITS_MIN	16	/* chosen bits a tag label must have */
#define LABELHOP_HASH_FULL	0	/* hash length: the whole payload */
#define LABELHOP_HASH_LEN_MAX	65535
#define LABELHOP_SEED_LEN	32
#define LABELHOP_PREFIXES_MAX	64	/* inner prefixes of one session */
#define LABELHOP_DEVICE_LEN	32	/* PHC's name, with the final NUL */
#define LABELHOP_REMOTES_MAX	4	/* addresses of one remote PE */
#define LABELHOP_MACS_MAX	64	/* MAC addresses of one session */
#define LABELHOP_LSPS_MAX	64	/* labels that a link is narrowed to */
#define LABELHOP_PW_MTU_MIN	68
#define LABELHOP_PW_MTU_MAX	65521	/* a frame of it has 65535 bytes */

enum labelhop_cmd {
	LABELHOP_CMD_UNSPEC,
	LABELHOP_CMD_SESSION_NEW,
	LABELHOP_CMD_SESSION_SET,
	LABELHOP_CMD_SESSION_DEL,
	LABELHOP_CMD_SESSION_GET,
	LABELHOP_CMD_SESSION_FLUSH,
	LABELHOP_CMD_PORT_NEW,
	LABELHOP_CMD_PORT_DEL,
	LABELHOP_CMD_PORT_GET,
	LABELHOP_CMD_CLOCK_SET,
	LABELHOP_CMD_CLOCK_GET,
	LABELHOP_CMD_SESSION_NEW_NTF,
	LABELHOP_CMD_SESSION_SET_NTF,
	LABELHOP_CMD_SESSION_DEL_NTF,
	LABELHOP_CMD_PORT_NEW_NTF,
	LABELHOP_CMD_PORT_DEL_NTF,
	LABELHOP_CMD_CLOCK_SET_NTF,
	LABELHOP_CMD_CLOCK_STATE_NTF,
	LABELHOP_CMD_CLOCK_STEP_NTF,
	LABELHOP_CMD_PW_NEW,
	LABELHOP_CMD_PW_SET,
	LABELHOP_CMD_PW_DEL,
	LABELHOP_CMD_PW_GET,
	LABELHOP_CMD_LINK_NEW,
	LABELHOP_CMD_LINK_DEL,
	LABELHOP_CMD_LINK_GET,
	LABELHOP_CMD_PW_NEW_NTF,
	LABELHOP_CMD_PW_SET_NTF,
	LABELHOP_CMD_PW_DEL_NTF,
	LABELHOP_CMD_PW_STATE_NTF,
	LABELHOP_CMD_LINK_NEW_NTF,
	LABELHOP_CMD_LINK_DEL_NTF,
	LABELHOP_CMD_VRF_NEW,
	LABELHOP_CMD_VRF_SET,
	LABELHOP_CMD_VRF_DEL,
	LABELHOP_CMD_VRF_GET,
	LABELHOP_CMD_VRF_NEW_NTF,
	LABELHOP_CMD_VRF_SET_NTF,
	LABELHOP_CMD_VRF_DEL_NTF,
	LABELHOP_CMD_VRF_BARE_NTF,
	LABELHOP_CMD_SESSION_UNMATCHED_NTF,

	__LABELHOP_CMD_MAX,
	LABELHOP_CMD_MAX = __LABELHOP_CMD_MAX - 1
};

enum labelhop_dir {
	LABELHOP_DIR_IN,	/* receiver, the draft's PEne: verifies */
	LABELHOP_DIR_OUT,	/* sender, the draft's PEfa: stamps */
};

enum labelhop_policy {
	LABELHOP_POLICY_STRICT,		/* drop what fails and what is bare */
	LABELHOP_POLICY_PERMISSIVE,	/* drop what fails, pass what is bare */
	LABELHOP_POLICY_MONITOR,	/* drop nothing, count everything */
};

/* What a session does when the clock is lost. */
enum labelhop_loss {
	LABELHOP_LOSS_DROP,	/* drop from the state failed on */
	LABELHOP_LOSS_HOLD,	/* go on for a given time */
	LABELHOP_LOSS_PASS,	/* pass unstamped and unverified from there on */
};

/* What follows the labels that a session adds: how long it is, and what it is. */
enum labelhop_payload {
	LABELHOP_PAYLOAD_IP,		/* an IP packet */
	LABELHOP_PAYLOAD_PW,		/* control word and Ethernet frame */
	LABELHOP_PAYLOAD_PW_NO_CW,	/* Ethernet frame */
	LABELHOP_PAYLOAD_LINK,		/* a label stack and what is below it */
};

/* Which packets of this router is a session out for? */
enum labelhop_origin {
	LABELHOP_ORIGIN_VRF,		/* that left a VRF: any, or a given one */
	LABELHOP_ORIGIN_MAIN,		/* that were in none */
};

/* What becomes of what carries a VPN label and is for none of its sessions out? */
enum labelhop_unmatched {
	LABELHOP_UNMATCHED_PASS,	/* it leaves without labels of ours */
	LABELHOP_UNMATCHED_DROP,	/* it is dropped */
};

/* Can a pseudowire send? */
enum labelhop_pw_state {
	LABELHOP_PW_UP,			/* yes */
	LABELHOP_PW_NO_SESSION,		/* one of its sessions is missing */
	LABELHOP_PW_NO_ROUTE,		/* the remote PE can't be routed to */
	LABELHOP_PW_NO_NEIGHBOUR,	/* the next hop does not answer */
	LABELHOP_PW_NO_TUNNEL,		/* no transport label leads to the remote PE */
	LABELHOP_PW_IDLE,		/* it has no label in, or none out */
};

/* How may a pseudowire's frames cross the core? */
enum labelhop_tunnel {
	LABELHOP_TUNNEL_REQUIRED,	/* below a transport label, or next door */
	LABELHOP_TUNNEL_ANY,		/* also with the pseudowire's label alone */
};

enum labelhop_hash {
	LABELHOP_HASH_UNSPEC,
	LABELHOP_HASH_SIPHASH24,

	__LABELHOP_HASH_MAX,
	LABELHOP_HASH_MAX = __LABELHOP_HASH_MAX - 1
};

enum labelhop_select {
	LABELHOP_SELECT_GATHER,		/* gather the chosen bits (pext) */
	LABELHOP_SELECT_AND,		/* mask the digest in place */
};

enum labelhop_clock {
	LABELHOP_CLOCK_UNSET,
	LABELHOP_CLOCK_TAI,		/* CLOCK_TAI */
	LABELHOP_CLOCK_REALTIME,	/* CLOCK_REALTIME plus the UTC offset */
	LABELHOP_CLOCK_PHC,		/* a PTP hardware clock */
};

/* May the clock's time be trusted? */
enum labelhop_state {
	LABELHOP_STATE_UNSET,		/* there is none */
	LABELHOP_STATE_LOCKED,		/* yes */
	LABELHOP_STATE_HOLDOVER,	/* the PHC is lost, but not for long */
	LABELHOP_STATE_FAILED,		/* the PHC is lost for too long */
};

/*
 * Why a packet was dropped. The one list from which come the verdict of the
 * packet path, the counter, the tracepoint's string, the netlink attribute in
 * LABELHOP_A_STATS_DROPPED and the word that the command prints.
 */
#define LABELHOP_REASONS(X)						\
	X(MALFORMED,	"malformed")	/* label stack or inner length */ \
	X(BAD_HOP,	"bad-hop")	/* label of K, not of a valid slot */ \
	X(BAD_TAG,	"bad-tag")	/* keyed hash does not match */	\
	X(BARE,		"bare")		/* protected label without a tag */ \
	X(EXPIRED,	"expired")	/* lifetime of the set is over */ \
	X(NOT_YET,	"not-yet")	/* epoch of the set not reached */ \
	X(CLOCK,	"clock")	/* no usable time */		\
	X(TOO_BIG,	"too-big")	/* would exceed the device's MTU */ \
	X(NO_MEMORY,	"no-memory")	/* packet could not be rewritten */ \
	X(CLOCK_ERROR,	"clock-error")	/* time is too uncertain for the slots */ \
	X(UNMATCHED,	"unmatched")	/* the VPN label's, but for no session */ \
	X(NO_PATH,	"no-path")	/* a pseudowire has no way to its remote */

enum labelhop_reason {
	LABELHOP_REASON_UNSPEC,
#define LABELHOP_REASON_ENUM(id, word)	LABELHOP_REASON_##id,
	LABELHOP_REASONS(LABELHOP_REASON_ENUM)
#undef LABELHOP_REASON_ENUM

	__LABELHOP_REASON_MAX,
	LABELHOP_REASON_MAX = __LABELHOP_REASON_MAX - 1
};

/* Attributes of a session message. */
enum labelhop_attr_session {
	LABELHOP_A_SESSION_UNSPEC,
	LABELHOP_A_SESSION_PAD,
	LABELHOP_A_SESSION_NAME,	/* string */
	LABELHOP_A_SESSION_DIR,		/* u8, enum labelhop_dir */
	LABELHOP_A_SESSION_POLICY,	/* u8, enum labelhop_policy */
	LABELHOP_A_SESSION_TOLERANCE,	/* u64, ns */
	LABELHOP_A_SESSION_DELAY,	/* u64, ns */
	LABELHOP_A_SESSION_DEV,		/* string, device name */
	LABELHOP_A_SESSION_OUTER,	/* u32, label just above the VPN label */
	LABELHOP_A_SESSION_VRF,		/* string, VRF device name */
	LABELHOP_A_SESSION_PREFIX,	/* nest, repeated: labelhop_attr_prefix */
	LABELHOP_A_SESSION_PARAMS,	/* nest: labelhop_attr_params */
	LABELHOP_A_SESSION_STATS,	/* nest: labelhop_attr_stats, read only */
	LABELHOP_A_SESSION_SLOT,	/* u64, slot number now, read only */
	LABELHOP_A_SESSION_HOP,		/* u32, hop label now, read only */
	LABELHOP_A_SESSION_LOSS,	/* u8, enum labelhop_loss */
	LABELHOP_A_SESSION_HOLD,	/* u64, ns, for LABELHOP_LOSS_HOLD */
	LABELHOP_A_SESSION_FAILS,	/* u8, enum labelhop_reason: why it can't
					 * stamp or verify now, read only
					 */
	LABELHOP_A_SESSION_PAYLOAD,	/* u8, enum labelhop_payload */
	LABELHOP_A_SESSION_MAC,		/* binary, 6 bytes, repeated */
	LABELHOP_A_SESSION_UNMATCHED,	/* u8, enum labelhop_unmatched */
	LABELHOP_A_SESSION_ORIGIN,	/* u8, enum labelhop_origin */
	LABELHOP_A_SESSION_REMOTE,	/* binary, 4 or 16 bytes, repeated */

	__LABELHOP_A_SESSION_MAX,
	LABELHOP_A_SESSION_MAX = __LABELHOP_A_SESSION_MAX - 1
};

/* A prefix of inner destination addresses. */
enum labelhop_attr_prefix {
	LABELHOP_A_PREFIX_UNSPEC,
	LABELHOP_A_PREFIX_ADDR,		/* binary, 4 (IPv4) or 16 (IPv6) bytes */
	LABELHOP_A_PREFIX_LEN,		/* u8, bits */

	__LABELHOP_A_PREFIX_MAX,
	LABELHOP_A_PREFIX_MAX = __LABELHOP_A_PREFIX_MAX - 1
};

/* A parameter set, what the draft's Algorithm 1 sends. */
enum labelhop_attr_params {
	LABELHOP_A_PARAMS_UNSPEC,
	LABELHOP_A_PARAMS_PAD,
	LABELHOP_A_PARAMS_ID,		/* u64 */
	LABELHOP_A_PARAMS_GENERATION,	/* u32, from 1 */
	LABELHOP_A_PARAMS_LABEL,	/* u32, VPN label of the FEC */
	LABELHOP_A_PARAMS_EPOCH,	/* u64, TAI ns since 1970 */
	LABELHOP_A_PARAMS_LIFETIME,	/* u64, ns, 0 for ever */
	LABELHOP_A_PARAMS_LABELS,	/* binary, array of u32: K in order */
	LABELHOP_A_PARAMS_SLOTS,	/* binary, array of u64: TS in ns */
	LABELHOP_A_PARAMS_HASH,		/* u8, enum labelhop_hash */
	LABELHOP_A_PARAMS_HASH_LEN,	/* u16, bytes, 0 for the whole payload */
	LABELHOP_A_PARAMS_TAGS,		/* u8, number of tag labels */
	LABELHOP_A_PARAMS_SELECT,	/* u8, enum labelhop_select */
	LABELHOP_A_PARAMS_MASK,		/* u64, bit pattern for the digest */
	LABELHOP_A_PARAMS_SEED,		/* binary, 32 bytes, write only */

	__LABELHOP_A_PARAMS_MAX,
	LABELHOP_A_PARAMS_MAX = __LABELHOP_A_PARAMS_MAX - 1
};

/*
 * Every packet that a session handled is in exactly one of these counts:
 * stamped or verified or bare, or one reason of dropped or of passed.
 */
enum labelhop_attr_stats {
	LABELHOP_A_STATS_UNSPEC,
	LABELHOP_A_STATS_PAD,
	LABELHOP_A_STATS_STAMPED,	/* u64, sent with hop and tag labels */
	LABELHOP_A_STATS_VERIFIED,	/* u64, checked and handed on */
	LABELHOP_A_STATS_BARE,		/* u64, passed without (permissive) */
	LABELHOP_A_STATS_DROPPED,	/* nest: labelhop_reason -> u64 */
	LABELHOP_A_STATS_PASSED,	/* nest, the same: not dropped (monitor) */

	__LABELHOP_A_STATS_MAX,
	LABELHOP_A_STATS_MAX = __LABELHOP_A_STATS_MAX - 1
};

/* Attributes of a port message. */
enum labelhop_attr_port {
	LABELHOP_A_PORT_UNSPEC,
	LABELHOP_A_PORT_DEV,		/* string, device name */

	__LABELHOP_A_PORT_MAX,
	LABELHOP_A_PORT_MAX = __LABELHOP_A_PORT_MAX - 1
};

/* Attributes of a pseudowire message. */
enum labelhop_attr_pw {
	LABELHOP_A_PW_UNSPEC,
	LABELHOP_A_PW_NAME,		/* string, device name */
	LABELHOP_A_PW_REMOTE,		/* binary, 4 (IPv4) or 16 (IPv6) bytes */
	LABELHOP_A_PW_IN,		/* string, session that verifies */
	LABELHOP_A_PW_OUT,		/* string, session that stamps */
	LABELHOP_A_PW_IN_LABEL,		/* u32, label that frames come with, 0 none */
	LABELHOP_A_PW_OUT_LABEL,	/* u32, label that frames leave with, 0 none */
	LABELHOP_A_PW_CONTROL_WORD,	/* u8, 0 or 1 */
	LABELHOP_A_PW_FLOW_LABEL,	/* u8, 0 or 1, RFC 6391 */
	LABELHOP_A_PW_MTU,		/* u32, bytes; 0 or without, the path's */
	LABELHOP_A_PW_IFINDEX,		/* u32, read only */
	LABELHOP_A_PW_STATE,		/* u8, enum labelhop_pw_state, read only */
	LABELHOP_A_PW_TUNNEL,		/* u8, enum labelhop_tunnel */
	LABELHOP_A_PW_STEAL,		/* u8, 0 or 1: take the label in from
					 * another pseudowire; write only
					 */

	__LABELHOP_A_PW_MAX,
	LABELHOP_A_PW_MAX = __LABELHOP_A_PW_MAX - 1
};

/* Attributes of a link message. */
enum labelhop_attr_link {
	LABELHOP_A_LINK_UNSPEC,
	LABELHOP_A_LINK_NAME,		/* string, as a session's */
	LABELHOP_A_LINK_DEV,		/* string, device name */
	LABELHOP_A_LINK_SESSION,	/* string, its direction is the link's */
	LABELHOP_A_LINK_TRANSPORT,	/* u32, label above the hop label */
	LABELHOP_A_LINK_NEIGHBOUR,	/* binary, 6 bytes, direction out */
	LABELHOP_A_LINK_LSP,		/* u32, top label, repeated */

	__LABELHOP_A_LINK_MAX,
	LABELHOP_A_LINK_MAX = __LABELHOP_A_LINK_MAX - 1
};

/* Attributes of a message about a protected VRF. */
enum labelhop_attr_vrf {
	LABELHOP_A_VRF_UNSPEC,
	LABELHOP_A_VRF_PAD,
	LABELHOP_A_VRF_NAME,		/* string, VRF device name */
	LABELHOP_A_VRF_POLICY,		/* u8, enum labelhop_policy */
	LABELHOP_A_VRF_IFINDEX,		/* u32, of the device while there is
					 * one; read only, as all that follows
					 */
	LABELHOP_A_VRF_VERIFIED,	/* u64, came in by a label, verified */
	LABELHOP_A_VRF_BARE,		/* u64, came in by a label, not so */
	LABELHOP_A_VRF_DROPPED,		/* u64, came so and was dropped */
	LABELHOP_A_VRF_LABEL,		/* u32, that a bare packet came with */

	__LABELHOP_A_VRF_MAX,
	LABELHOP_A_VRF_MAX = __LABELHOP_A_VRF_MAX - 1
};

/* Attributes of a clock message. */
enum labelhop_attr_clock {
	LABELHOP_A_CLOCK_UNSPEC,
	LABELHOP_A_CLOCK_PAD,
	LABELHOP_A_CLOCK_SOURCE,	/* u8, enum labelhop_clock */
	LABELHOP_A_CLOCK_UTC_OFFSET,	/* s32, s, TAI - UTC, for realtime */
	LABELHOP_A_CLOCK_NOW,		/* u64, TAI ns, read only */
	LABELHOP_A_CLOCK_FD,		/* u32, an open PHC, write only */
	LABELHOP_A_CLOCK_DEVICE,	/* string, the PHC's name; read only,
					 * as all that follows
					 */
	LABELHOP_A_CLOCK_STATE,		/* u8, enum labelhop_state */
	LABELHOP_A_CLOCK_TAI_OFFSET,	/* s32, s, CLOCK_TAI - CLOCK_REALTIME */
	LABELHOP_A_CLOCK_OFFSET,	/* s64, ns, now - CLOCK_TAI */
	LABELHOP_A_CLOCK_RATE,		/* s32, ppb, gained on the CPU's clock */
	LABELHOP_A_CLOCK_ERROR,		/* u64, ns, bound of now's error */
	LABELHOP_A_CLOCK_AGE,		/* u64, ns since the last good sample */
	LABELHOP_A_CLOCK_SAMPLES,	/* u64, good samples */
	LABELHOP_A_CLOCK_BAD,		/* u64, others */
	LABELHOP_A_CLOCK_STEPS,		/* u64, steps that were followed */
	LABELHOP_A_CLOCK_STEP,		/* s64, ns, the last of them */

	__LABELHOP_A_CLOCK_MAX,
	LABELHOP_A_CLOCK_MAX = __LABELHOP_A_CLOCK_MAX - 1
};

#endif /* _UAPI_LINUX_LABELHOP_H */
