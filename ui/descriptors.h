/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * descriptors.h - which process holds the socket with a given inode: what the links in /proc/PID/fd say
 * (proc(5): "socket:[inode]").
 *
 * Reading all of them takes milliseconds on a small host and seconds on a great one, so it is rationed: a
 * call takes DESCRIPTORS_CALL_NS at most, what it has not reached waits for the next calls, and all in all
 * about a twentieth of a processor is spent. Whatever was met on the way is remembered; processes that owned
 * sockets asked for before are looked at first. Memory is fixed.
 *
 * Of several processes that hold a socket, one is named: the first that was met, mostly the one with the
 * smallest number.
 */
#ifndef LASTACK_UI_DESCRIPTORS_H
#define LASTACK_UI_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/process.h"

#define DESCRIPTORS_CALL_NS 5000000

struct descriptors;

/* Memory alone. NULL with errno = ENOMEM. */
struct descriptors *descriptors_new(void);

/* Opens /proc; everything later is opened beneath it. False with errno. */
bool descriptors_open(struct descriptors *descriptors);

/*
 * The process that holds the socket now. False: none was met yet; whether there is one that may be looked at
 * shows when it is asked for again, a few hundred milliseconds later.
 */
bool descriptors_owner(struct descriptors *descriptors, uint32_t inode, struct process *process);

void descriptors_free(struct descriptors *descriptors); /* NULL is fine */

#endif
