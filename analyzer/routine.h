/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * routine.h - the few segments with which an ordinary connection begins and ends: SYN, SYN-ACK, ACK; FIN and
 * what acknowledges it.
 *
 * As prediction.h, of which this is the rest, a shortcut and never a second opinion: what is not exactly as
 * it should be is left to flow_apply().
 */
#ifndef LASTACK_ANALYZER_ROUTINE_H
#define LASTACK_ANALYZER_ROUTINE_H

#include "analyzer/flow.h"

/*
 * True: the segment, as flow_apply() takes it, was one of those, and all was done that flow_apply() would
 * have done. False: nothing was done.
 */
bool routine_apply(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side);

#endif
