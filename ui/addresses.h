/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addresses.h - the addresses of this host, in this network namespace: which ends of a connection may have a
 * socket here. Read once, then kept up by what the kernel tells of changes (rtnetlink(7)), for which nothing
 * but recvfrom() is needed.
 *
 * 127.0.0.0/8 is always among them. What only the routing table makes local (AnyIP, TPROXY) is not.
 */
#ifndef LASTACK_UI_ADDRESSES_H
#define LASTACK_UI_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

enum { ADDRESSES_MAX = 1 << 16 }; /* with more, every address is taken for one of this host's */

struct addresses;

/* Reads the addresses there are and opens what tells of changes. NULL with errno. */
struct addresses *addresses_open(void);

/* None but loopback, and nothing that tells of changes: for tests. NULL with errno = ENOMEM. */
struct addresses *addresses_new(void);

/* Takes in what has changed; never waits. To be called now and then: every second is fine. */
void addresses_refresh(struct addresses *addresses);

/* One more, or one less, on an interface (its index); again is fine. */
void addresses_put(struct addresses *addresses, const struct host *host, uint32_t interface);
void addresses_drop(struct addresses *addresses, const struct host *host, uint32_t interface);

/* *interface (may be NULL): the index of one that has it, 0 where that is not known. */
bool addresses_has(const struct addresses *addresses, const struct host *host, uint32_t *interface);

/* One message of the kernel's, or several: for addresses_refresh(), and tests with odd ones. */
void addresses_message(struct addresses *addresses, const void *bytes, size_t n);

void addresses_free(struct addresses *addresses); /* NULL is fine */

#endif
