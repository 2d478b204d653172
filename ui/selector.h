/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selector.h - which connections --explain means. */
#ifndef LASTACK_UI_SELECTOR_H
#define LASTACK_UI_SELECTOR_H

#include "dissect/segment.h"
#include "ui/format.h"

struct selector_end {
	struct host host;
	uint16_t port;
	bool any_port;
};

/* A packet's number, or one end of a connection, or both. */
struct selector {
	const char *given; /* as given; not owned */
	uint64_t packet;   /* 0 = by ends */
	struct selector_end end[2];
	int ends; /* 1 = either side is end[0]; 2 = one side is end[0] and the other end[1] */
};

/*
 * Reads a packet number ("9" or "#9"), "IP", "IP:PORT", "[IPv6]:PORT", or two of these, whatever their order,
 * with '-', ',' or '>' between. given must outlive the selector. False when it is none: why then says so.
 */
bool selector_parse(struct selector *selector, const char *given, struct text *why);

enum { SELECTOR_ADVICE_MAX = 256 }; /* bytes that fit all advice */

/* What may be wrong with a selector that means no connection: an IPv6 port without brackets. Else nothing. */
void selector_advice(const struct selector *selector, struct text *advice);

/* Whether a selector by ends means a connection between these; never true of a packet's number. */
bool selector_takes(const struct selector *selector, const struct host host[static 2],
		    const uint16_t port[static 2]);

#endif
