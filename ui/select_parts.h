/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select_parts.h - what select.c and select_parse.c share. */
#ifndef LASTACK_UI_SELECT_PARTS_H
#define LASTACK_UI_SELECT_PARTS_H

#include "ui/select.h"

/* An address, or a network: its first so many bits. */
struct only_network {
	struct host host;
	int bits; /* of the 128 */
};

/* Reads "10.0.0.1", "10.0.0.0/8", "2001:db8::/32". False when it is none. */
bool only_network(const char *value, size_t length, struct only_network *network);

#endif
