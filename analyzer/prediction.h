/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prediction.h - the segment that nearly all are: the next one of an established connection.
 *
 * Header prediction (Van Jacobson, "4BSD TCP Header Prediction", 1990), from the tap's place: new data in
 * order and nothing else, or an acknowledgement and nothing else, of a connection of which nothing was
 * repeated, skipped or closed. A shortcut, never a second opinion: it takes only what flow_apply() would do
 * the very same with (tests/test_prediction.c compares the two on every capture), and leaves anything else to
 * that.
 */
#ifndef LASTACK_ANALYZER_PREDICTION_H
#define LASTACK_ANALYZER_PREDICTION_H

#include "analyzer/flow.h"

/* Whether the segment, from 'side', is such a one; then prediction_apply() may be called instead of
 * flow_apply(). */
bool prediction_holds(const struct flow *flow, const struct segment *segment, enum side side);

void prediction_apply(struct flow *flow, const struct segment *segment, enum side side);

#endif
