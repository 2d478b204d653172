/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * origin.h - who sent a RST, and what made it: by comparison with its side's earlier packets of the same
 * connection (design/verdicts.md 3), because stacks differ.
 */
#ifndef LASTACK_ANALYZER_ORIGIN_H
#define LASTACK_ANALYZER_ORIGIN_H

#include "analyzer/flow.h"

/* The marks of a forgery on a RST that bears side's address: RST_SIGN_*, those one packet can have. */
uint16_t origin_signs(const struct flow *flow, const struct segment *rst, enum side side);

/* True when the signs weigh enough: neither end sent it ("foreign"). */
bool origin_is_foreign(uint16_t signs);

/* How much each sign weighs, and from what sum on a RST is foreign: for showing the score. */
int origin_weight(enum rst_sign sign);
int origin_score(uint16_t signs);
enum { ORIGIN_FOREIGN = 3 };

/*
 * The packet that a RST without ACK answers: one of its receiver's that acknowledged the RST's number. Sets
 * closing->trigger and trigger_kind.
 */
void origin_find_trigger(const struct flow *flow, struct closing *closing, const struct segment *rst,
			 enum side side);

/* A RST with ACK, one probe interval after the last of at least two keepalive probes: its sender gave up. */
bool origin_follows_probes(const struct flow *flow, const struct segment *rst, enum side side);

#endif
