/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fan.h - one sink that gives to several: what a tracker tells goes to rows, metrics, the screen. */
#ifndef LASTACK_UI_FAN_H
#define LASTACK_UI_FAN_H

#include <stddef.h>

#include "analyzer/record.h"

enum { FAN_SINKS_MAX = 4 };

/* To be held by value, and zeroed. */
struct fan {
	struct sink sink; /* first: see record.h */
	struct sink *to[FAN_SINKS_MAX];
	size_t count;
};

/*
 * Adds a sink, which is told things after those added before; not owned. It must have all of its callbacks
 * by now: those that no sink has are not made.
 */
void fan_add(struct fan *fan, struct sink *to);

#endif
