/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.h - the main job: captures in, rows and summary out. */
#ifndef LASTACK_UI_RUN_H
#define LASTACK_UI_RUN_H

#include <signal.h>

#include "ui/options.h"

/* Exit status of the program (lastack.1). */
enum {
	EXIT_FINE = 0,
	EXIT_FAILED = 1, /* an input was bad, cut or unreadable, or an output failed */
	EXIT_USAGE = 2,
};

/* What signals ask for. */
struct requests {
	volatile sig_atomic_t stop;   /* reading ends, and what was read is reported */
	volatile sig_atomic_t reopen; /* outputs are opened again by their names; run() takes it back */
};

/* Does what the options say and returns the exit status. Complaints go to standard error as they arise. */
int run(const struct options *options, struct requests *requests);

#endif
