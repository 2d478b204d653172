/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_accept.h - which exposition format an HTTP client wants, by its Accept header (RFC 9110 12.5.1). */
#ifndef LASTACK_UI_METRICS_ACCEPT_H
#define LASTACK_UI_METRICS_ACCEPT_H

#include "ui/metrics.h"

/* How much it wants each: 0 to 1000, and how exactly it named it. Begin with zeros. */
struct metrics_accept {
	struct {
		int quality;
		int precision; /* 0 = not at all, 1 = by * / *, 2 = by type, 3 = by name */
	} format[METRICS_FORMATS];
};

/* Takes one Accept header's value into account; a client may send several. */
void metrics_accept_header(struct metrics_accept *accept, const char *value);

/*
 * The format to answer with: OpenMetrics if it is wanted more than text, or as much and asked for by name.
 * Text where neither is wanted, as RFC 9110 12.4.1 allows.
 */
enum metrics_format metrics_accept_format(const struct metrics_accept *accept);

#endif
