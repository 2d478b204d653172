/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lockdown.h - what a process gives up, for good, before it touches a byte from outside.
 *
 * Every function returns false, with errno, when something that matters could not be given up; the
 * process must then end.
 */
#ifndef LASTACK_DISSECT_LOCKDOWN_H
#define LASTACK_DISSECT_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Root becomes nobody, all capabilities go, nothing executed later can bring any back. Where "nobody"
 * does not exist (a user namespace, a container without CAP_SETUID) the user stays and the rest goes.
 */
bool lockdown_privileges(void);

/* No core files; 'memory' bytes of address space beyond what there is now. */
bool lockdown_limits(size_t memory);

/*
 * From here on: read from 'in', write to 'out', memory without PROT_EXEC, the CPU timer, and exit.
 * Any other system call kills the process (SIGSYS). No descriptor can be opened any more.
 */
bool lockdown_calls(int in, int out);

#endif
