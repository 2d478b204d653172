/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time_wait_rows.h - the rows of the screen "TIME-WAIT", as the model has them. */
#ifndef LASTACK_UI_TIME_WAIT_ROWS_H
#define LASTACK_UI_TIME_WAIT_ROWS_H

#include "ui/dashboard_parts.h"
#include "ui/grid.h"

extern const struct grid time_wait_grid; /* of struct holder_row */

/* Takes the pairs of the selected holder from the model. */
void time_wait_pairs(struct dashboard *d);

/*
 * When a client's ports run out that holds 'now' of 'ports', none of which has longer than 2MSL to run, and
 * makes so many a second: ns, or UNKNOWN_NS when they never do.
 */
int64_t time_wait_runs_out(uint64_t now, uint64_t ports, double rate, int64_t time_wait);

#endif
