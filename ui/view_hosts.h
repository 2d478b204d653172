/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_hosts.h - the table of the screen "Hosts and services", for what saves it. */
#ifndef LASTACK_UI_VIEW_HOSTS_H
#define LASTACK_UI_VIEW_HOSTS_H

#include "ui/dashboard_parts.h"
#include "ui/grid.h"

extern const struct grid hosts_grid; /* of struct peer_row */

#endif
