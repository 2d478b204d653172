/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interfaces.h - which network interfaces of this host can be watched, "any" among them; not what else
 * libpcap lists (buses, bluetooth).
 */
#ifndef LASTACK_DISSECT_INTERFACES_H
#define LASTACK_DISSECT_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

#include "dissect/capture.h"

struct capture_interface {
	char *name;	   /* for captures_watch() */
	char *description; /* NULL = there is none */
	char **addresses;  /* IPv4 and IPv6, as text */
	size_t address_count;
	bool up, running, loopback;
};

/* All of it belongs to it. */
struct capture_interfaces {
	struct capture_interface *list; /* in libpcap's order: what is most likely meant first */
	size_t count;
};

/* NULL with error's text. */
struct capture_interfaces *captures_interfaces(struct capture_error *error);

void captures_interfaces_free(struct capture_interfaces *interfaces); /* NULL is fine */

#endif
