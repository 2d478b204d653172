/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_overview.h - what view_overview.c and view_standouts.c share. */
#ifndef LASTACK_UI_VIEW_OVERVIEW_H
#define LASTACK_UI_VIEW_OVERVIEW_H

#include "ui/dashboard_parts.h"

/* Notes a line that leads to another screen; the caller says where. NULL when there are too many. */
struct link *overview_link(struct dashboard *d, int row, int column, int width, enum view_id view);

/* Finds who stands out in the model (view_standouts.c). */
void overview_find_standouts(struct dashboard *d);

/* "WHO STANDS OUT", in so many rows. */
void overview_standouts(struct dashboard *d, int top, int rows);

#endif
