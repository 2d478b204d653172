/* SPDX-License-Identifier: GPL-2.0-or-later */
/* browse.h - --ui with captures: all is read, or replayed in time, and the dashboard shows it. */
#ifndef LASTACK_UI_BROWSE_H
#define LASTACK_UI_BROWSE_H

#include "ui/options.h"
#include "ui/run.h"

/* Does what --ui asks for and returns the exit status. */
int browse(const struct options *options, struct requests *requests);

#endif
