/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drops.h - packets that a network interface, or its driver, dropped before anybody could capture them. */
#ifndef LASTACK_DISSECT_DROPS_H
#define LASTACK_DISSECT_DROPS_H

#include <stdint.h>

struct drops;

/* Opens what the kernel tells of an interface. NULL where it tells nothing: that counts as none. */
struct drops *drops_open(const char *interface);

/* How many since it was opened, as far as is known. Reads, and opens nothing. */
uint64_t drops_count(struct drops *drops);

void drops_close(struct drops *drops); /* NULL is fine, for all of them */

#endif
