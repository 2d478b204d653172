/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vocabulary.h - the words lastack says of a close: one list each, which the rows, the
 * summary, the help and the manual all read. Design: ../shared/design/verdicts.md.
 *
 * Every list is an X-macro of (ENUMERATOR, "word", ...); its enum has 0 = the first line. Causes have more to
 * say: cause_list.h.
 */
#ifndef LASTACK_ANALYZER_VOCABULARY_H
#define LASTACK_ANALYZER_VOCABULARY_H

#include <stdbool.h>

#include "analyzer/cause_list.h"

/* The two ends of a connection. other(side) is the opposite one. */
enum side { CLIENT, SERVER };

static inline enum side other(enum side side)
{
	return (enum side)(side ^ SERVER);
}

/* What happened; in the order in which the summary and the manual list them. */
#define CLOSES(X)                                                                                            \
	X(CLOSE_GRACEFUL, "graceful", "both FINs were sent and acknowledged")                                \
	X(CLOSE_SIMULTANEOUS, "simultaneous",                                                                \
	  "both FINs were sent before either end had seen the other's, both acknowledged")                   \
	X(CLOSE_RESET, "reset", "an accepted RST ended an established connection")                           \
	X(CLOSE_VANISHED, "vanished",                                                                        \
	  "one side repeated the same bytes, keepalives or window probes and was never answered")            \
	X(CLOSE_REFUSED, "refused", "the SYN was answered by a RST")                                         \
	X(CLOSE_UNREACHABLE, "unreachable", "the SYN was answered by an ICMP error")                         \
	X(CLOSE_UNANSWERED, "unanswered", "SYNs, and nothing else from either end")                          \
	X(CLOSE_ABANDONED, "abandoned", "a SYN-ACK came, but the opener never completed")                    \
	X(CLOSE_CLOSING, "closing", "closing began, and some FIN is still unacknowledged")                   \
	X(CLOSE_HALF_CLOSED, "half-closed", "one FIN, acknowledged; the other side has not closed")          \
	X(CLOSE_OPEN, "open", "still established")

/* How sure. CONFIDENCE_NONE where there is no verdict to be sure of is never written. */
#define CONFIDENCES(X)                                                                                       \
	X(CONFIDENCE_CERTAIN, "certain", "only this makes this wire image")                                  \
	X(CONFIDENCE_LIKELY, "likely", "the best explanation by far")                                        \
	X(CONFIDENCE_POSSIBLE, "possible", "one of a family with one wire image, the best guess")

/* What made a RST (verdicts.md 3). */
#define RST_FAMILIES(X)                                                                                      \
	X(RST_NONE, "", "no RST decided")                                                                    \
	X(RST_ACTIVE, "active", "a live socket aborts")                                                      \
	X(RST_REPLY, "reply", "no socket: the host answers a segment it does not expect")                    \
	X(RST_FOREIGN, "foreign", "neither end sent it")

/* Who began it: the first FIN or the first accepted RST. */
#define CLOSERS(X)                                                                                           \
	X(CLOSER_NONE, "none", "nobody")                                                                     \
	X(CLOSER_CLIENT, "client", "the client")                                                             \
	X(CLOSER_SERVER, "server", "the server")                                                             \
	X(CLOSER_BOTH, "both", "both, their FINs crossed")                                                   \
	X(CLOSER_NETWORK, "network", "ICMP, or a RST that no end sent")

#define TIME_WAITS(X)                                                                                        \
	X(TIME_WAIT_NONE, "none", "no side had to hold one")                                                 \
	X(TIME_WAIT_LINGERING, "lingering", "2MSL was still running when the observation ended")             \
	X(TIME_WAIT_EXPIRED, "expired", "2MSL ran out")                                                      \
	X(TIME_WAIT_REUSED, "reused", "a new SYN took the pair (RFC 9293 MAY-2, RFC 6191)")                  \
	X(TIME_WAIT_ASSASSINATED, "assassinated", "a RST ended it (RFC 1337)")

/* Who holds, or held, the TIME-WAIT. */
#define HOLDERS(X)                                                                                           \
	X(HOLDER_NONE, "none", "nobody")                                                                     \
	X(HOLDER_CLIENT, "client", "the client")                                                             \
	X(HOLDER_SERVER, "server", "the server")                                                             \
	X(HOLDER_BOTH, "both", "both sides")

/* The active closer's way to TIME-WAIT. */
#define PATHS(X)                                                                                             \
	X(PATH_NONE, "", "it did not get there")                                                             \
	X(PATH_FIN_WAIT_2, "fin-wait-2", "its FIN was acknowledged before the peer's FIN came")              \
	X(PATH_FIN_ACK, "fin-ack", "the peer's FIN carried that acknowledgement")                            \
	X(PATH_CLOSING, "closing", "the FINs crossed")

/* RFC 9293 3.3.2, and one for an end of which nothing is known. */
#define STATES(X)                                                                                            \
	X(STATE_UNKNOWN, "-", "nothing is known of this end")                                                \
	X(STATE_LISTEN, "LISTEN", "waiting for a SYN")                                                       \
	X(STATE_SYN_SENT, "SYN-SENT", "its SYN is out")                                                      \
	X(STATE_SYN_RECEIVED, "SYN-RECEIVED", "it answered a SYN")                                           \
	X(STATE_ESTABLISHED, "ESTABLISHED", "data can flow")                                                 \
	X(STATE_FIN_WAIT_1, "FIN-WAIT-1", "its FIN is out")                                                  \
	X(STATE_FIN_WAIT_2, "FIN-WAIT-2", "its FIN is acknowledged")                                         \
	X(STATE_CLOSE_WAIT, "CLOSE-WAIT", "the peer closed, its own application has not")                    \
	X(STATE_CLOSING, "CLOSING", "the FINs crossed")                                                      \
	X(STATE_LAST_ACK, "LAST-ACK", "its FIN was the second and is not acknowledged")                      \
	X(STATE_TIME_WAIT, "TIME-WAIT", "waits for 2MSL")                                                    \
	X(STATE_CLOSED, "CLOSED", "gone")

/* What a call on that side's socket returned: word, and the Winsock number (0 = none). */
#define SAWS(X)                                                                                              \
	X(SAW_UNKNOWN, "", 0)                                                                                \
	X(SAW_NOTHING, "-", 0)                                                                               \
	X(SAW_EOF, "EOF", 0)                                                                                 \
	X(SAW_ECONNREFUSED, "ECONNREFUSED", 10061)                                                           \
	X(SAW_ECONNRESET, "ECONNRESET", 10054)                                                               \
	X(SAW_EPIPE, "EPIPE", 10053)                                                                         \
	X(SAW_ETIMEDOUT, "ETIMEDOUT", 10060)                                                                 \
	X(SAW_ENETUNREACH, "ENETUNREACH", 10051)                                                             \
	X(SAW_EHOSTUNREACH, "EHOSTUNREACH", 10065)                                                           \
	X(SAW_ENOPROTOOPT, "ENOPROTOOPT", 10042)                                                             \
	X(SAW_EACCES, "EACCES", 10013)                                                                       \
	X(SAW_EPROTO, "EPROTO", 0)

/* Why a record ended; never counted as a close by itself. */
#define RECORD_ENDS(X)                                                                                       \
	X(RECORD_END, "end", "the observation ended")                                                        \
	X(RECORD_TIME_WAIT, "time-wait", "TIME-WAIT ran out, or the pair was reused")                        \
	X(RECORD_CLOSED, "closed", "2MSL after any other close, or the pair was reused")                     \
	X(RECORD_IDLE, "idle", "no packet for --idle")                                                       \
	X(RECORD_EVICTED, "evicted", "memory was needed (--max-flows)")

/* What a connection was that was given up for memory, in the order in which they are. */
#define EVICTIONS(X)                                                                                         \
	X(EVICTED_SYN, "syn", "an unanswered SYN")                                                           \
	X(EVICTED_CLOSED, "closed", "closed, and kept for late packets only")                                \
	X(EVICTED_ONE_SIDED, "one-sided", "only one of its ends was heard of")                               \
	X(EVICTED_HANDSHAKE, "handshake", "its handshake was not complete")                                  \
	X(EVICTED_HALF_CLOSED, "half-closed", "one end, or both, had sent a FIN")                            \
	X(EVICTED_IDLE, "idle", "established, without a packet for a minute")                                \
	X(EVICTED_ACTIVE, "active", "established, in use within the last minute")

/* A byte each, as records hold many of them. */
#define VOCABULARY_BYTE		       __attribute__((packed))
#define VOCABULARY_ENUMERATOR(id, ...) id,
enum VOCABULARY_BYTE close { CLOSES(VOCABULARY_ENUMERATOR) CLOSE_COUNT };
enum VOCABULARY_BYTE cause { CAUSES(VOCABULARY_ENUMERATOR) CAUSE_COUNT };
enum VOCABULARY_BYTE confidence { CONFIDENCES(VOCABULARY_ENUMERATOR) CONFIDENCE_COUNT };
enum VOCABULARY_BYTE rst_family { RST_FAMILIES(VOCABULARY_ENUMERATOR) RST_FAMILY_COUNT };
enum VOCABULARY_BYTE closer { CLOSERS(VOCABULARY_ENUMERATOR) CLOSER_COUNT };
enum VOCABULARY_BYTE time_wait { TIME_WAITS(VOCABULARY_ENUMERATOR) TIME_WAIT_COUNT };
enum VOCABULARY_BYTE holder { HOLDERS(VOCABULARY_ENUMERATOR) HOLDER_COUNT };
enum VOCABULARY_BYTE path { PATHS(VOCABULARY_ENUMERATOR) PATH_COUNT };
enum VOCABULARY_BYTE state { STATES(VOCABULARY_ENUMERATOR) STATE_COUNT };
enum VOCABULARY_BYTE saw { SAWS(VOCABULARY_ENUMERATOR) SAW_COUNT };
enum VOCABULARY_BYTE record_end { RECORD_ENDS(VOCABULARY_ENUMERATOR) RECORD_END_COUNT };
enum VOCABULARY_BYTE eviction { EVICTIONS(VOCABULARY_ENUMERATOR) EVICTION_COUNT };
#undef VOCABULARY_BYTE
#undef VOCABULARY_ENUMERATOR

/* Room for a word, its terminating zero included: whoever writes many copies so much and goes on by length.
 */
enum { WORD_ROOM = 16 };

/* A word and what it means, in one sentence. */
struct word {
	char name[WORD_ROOM];
	unsigned char length; /* of name */
	const char *meaning;
};

/* Indexed by the enums above; static storage. */
extern const struct word close_words[CLOSE_COUNT];
extern const struct word cause_words[CAUSE_COUNT];
extern const struct word confidence_words[CONFIDENCE_COUNT];
extern const struct word rst_family_words[RST_FAMILY_COUNT];
extern const struct word closer_words[CLOSER_COUNT];
extern const struct word time_wait_words[TIME_WAIT_COUNT];
extern const struct word holder_words[HOLDER_COUNT];
extern const struct word path_words[PATH_COUNT];
extern const struct word state_words[STATE_COUNT];
extern const struct word record_end_words[RECORD_END_COUNT];
extern const struct word eviction_words[EVICTION_COUNT];

/* What more there is to say of a cause, for people; "" for CAUSE_NONE. Indexed by enum cause. */
struct cause_text {
	const char *evidence; /* on the wire */
	const char *seen;     /* by the applications */
	const char *advice;   /* what to do about it */
};
extern const struct cause_text cause_texts[CAUSE_COUNT];

/* What an application saw: errno's name and Winsock's number (0 = none; verdicts.md 5). */
struct saw_word {
	char name[WORD_ROOM];
	unsigned char length; /* of name */
	int winsock;
};
extern const struct saw_word saw_words[SAW_COUNT];

#endif
