/* SPDX-License-Identifier: GPL-2.0-or-later */
/* losses_told.h - says on standard error that packets were dropped: at once, then at most once a minute. */
#ifndef LASTACK_UI_LOSSES_TOLD_H
#define LASTACK_UI_LOSSES_TOLD_H

#include "dissect/capture.h"

/* What was said last, and when. Zeroed in the beginning. */
struct losses_told {
	struct capture_loss loss;
	int64_t next; /* not to be said again before this time */
};

/* loss: all since the start; now: nanoseconds of a clock that does not run backwards. */
void losses_tell(struct losses_told *told, const struct capture_loss *loss, int64_t now);

/* At the end: what was not said yet. */
void losses_tell_all(struct losses_told *told, const struct capture_loss *loss);

#endif
