/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_address.h - where --metrics listens: [ADDR:]PORT, [IPv6]:PORT; addresses as numbers, no names. */
#ifndef LASTACK_UI_METRICS_ADDRESS_H
#define LASTACK_UI_METRICS_ADDRESS_H

#include <netinet/in.h>

#include "ui/format.h"

struct metrics_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} at;
};

/* Without an address it is 127.0.0.1. Port 0 lets the kernel choose. False: why says what is wrong. */
bool metrics_address_parse(struct metrics_address *address, const char *argument, struct text *why);

socklen_t metrics_address_size(const struct metrics_address *address);

/* "127.0.0.1:9100", "[::1]:9100". */
void metrics_address_text(struct text *text, const struct metrics_address *address);

#endif
