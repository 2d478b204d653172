/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - what the kernel of this host counted of its TCP while an interface was watched, and what was
 * seen of the same on the wire.
 *
 * The kernel's side: /proc/net/snmp (RFC 4022), /proc/net/netstat and /proc/net/sockstat, each of this
 * process's network namespace. They are opened once; later only pread() is called, which needs no rights.
 */
#ifndef LASTACK_UI_KERNEL_H
#define LASTACK_UI_KERNEL_H

#include "analyzer/record.h"
#include "ui/addresses.h"

/* Name for us, line and name in the files. */
#define KERNEL_COUNTERS(X)                                                                                   \
	X(KERNEL_ACTIVE_OPENS, "Tcp", "ActiveOpens")                                                         \
	X(KERNEL_PASSIVE_OPENS, "Tcp", "PassiveOpens")                                                       \
	X(KERNEL_ATTEMPT_FAILS, "Tcp", "AttemptFails")                                                       \
	X(KERNEL_ESTAB_RESETS, "Tcp", "EstabResets")                                                         \
	X(KERNEL_CURR_ESTAB, "Tcp", "CurrEstab")                                                             \
	X(KERNEL_IN_ERRS, "Tcp", "InErrs")                                                                   \
	X(KERNEL_OUT_RSTS, "Tcp", "OutRsts")                                                                 \
	X(KERNEL_TW, "TcpExt", "TW")                                                                         \
	X(KERNEL_TW_RECYCLED, "TcpExt", "TWRecycled")                                                        \
	X(KERNEL_TW_KILLED, "TcpExt", "TWKilled")                                                            \
	X(KERNEL_TW_OVERFLOW, "TcpExt", "TCPTimeWaitOverflow")                                               \
	X(KERNEL_ABORT_ON_DATA, "TcpExt", "TCPAbortOnData")                                                  \
	X(KERNEL_ABORT_ON_CLOSE, "TcpExt", "TCPAbortOnClose")                                                \
	X(KERNEL_ABORT_ON_MEMORY, "TcpExt", "TCPAbortOnMemory")                                              \
	X(KERNEL_ABORT_ON_TIMEOUT, "TcpExt", "TCPAbortOnTimeout")                                            \
	X(KERNEL_ABORT_ON_LINGER, "TcpExt", "TCPAbortOnLinger")                                              \
	X(KERNEL_ABORT_FAILED, "TcpExt", "TCPAbortFailed")                                                   \
	X(KERNEL_LISTEN_OVERFLOWS, "TcpExt", "ListenOverflows")                                              \
	X(KERNEL_LISTEN_DROPS, "TcpExt", "ListenDrops")                                                      \
	X(KERNEL_REQ_FULL_DROP, "TcpExt", "TCPReqQFullDrop")                                                 \
	X(KERNEL_REQ_FULL_COOKIES, "TcpExt", "TCPReqQFullDoCookies")                                         \
	X(KERNEL_EMBRYONIC_RSTS, "TcpExt", "EmbryonicRsts")                                                  \
	X(KERNEL_CHALLENGE_ACK, "TcpExt", "TCPChallengeACK")                                                 \
	X(KERNEL_TW_NOW, "TCP", "tw")

enum kernel_counter {
#define KERNEL_ENUMERATOR(id, line, name) id,
	KERNEL_COUNTERS(KERNEL_ENUMERATOR)
#undef KERNEL_ENUMERATOR
		KERNEL_COUNT
};

struct kernel_counts {
	uint64_t n[KERNEL_COUNT];
	bool known[KERNEL_COUNT]; /* kernels differ in what they count */
};

/* The kernel's name of a counter. */
extern const char *const kernel_names[KERNEL_COUNT];

/* Ends of this host's, as the packets show them. */
struct kernel_seen {
	uint64_t active_opens;	/* SYN-SENT */
	uint64_t passive_opens; /* SYN-RECEIVED to ESTABLISHED */
	uint64_t attempt_fails; /* to CLOSED from SYN-SENT or SYN-RECEIVED */
	uint64_t estab_resets;	/* to CLOSED from ESTABLISHED or CLOSE-WAIT */
	uint64_t rsts_sent;
	uint64_t time_waits;
};

/* For the summary: both, of the same time. */
struct kernel_report {
	struct kernel_counts counted;
	struct kernel_seen seen;
};

struct kernel;

/* Opens the files, those that are there, and begins to count. NULL with errno: there is none, or memory is
 * out. */
struct kernel *kernel_open(void);

/* What was counted since kernel_open(); what is held now of CurrEstab and tw. */
struct kernel_counts kernel_counted(const struct kernel *kernel);

/* The same of two readings. */
struct kernel_counts kernel_between(const struct kernel_counts *begin, const struct kernel_counts *end);

void kernel_close(struct kernel *kernel); /* NULL is fine */

/* Takes in what a sink is told (record.h). */
void kernel_see_change(struct kernel_seen *seen, const struct addresses *addresses,
		       const struct change *change);
void kernel_see_segment(struct kernel_seen *seen, const struct addresses *addresses,
			const struct sighting *sighting);

/* Takes what is known from the text of one of the files; for kernel_open(), and tests with odd texts. */
void kernel_parse(struct kernel_counts *counts, const char *text, size_t n);

#endif
