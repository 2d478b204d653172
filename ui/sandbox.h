/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - the door: what the program gives up, for good, once everything is open and before the first
 * byte of a capture is looked at (design/house.md).
 *
 * - It becomes another user when root started it, and has no capabilities. Where that user cannot be had
 *   (a user namespace without it, a container without CAP_SETUID), and was not asked for, root stays root
 *   without capabilities.
 * - No new privileges, no core files, no other process of the user may look into its memory.
 * - A list of system calls (seccomp(2)): to read and write what is open, memory without PROT_EXEC, threads,
 *   clocks, to end its own children. Two ways to be refused. What only foreign code would try ends the
 * program at once: programs, processes, debugging, the kernel's own doors (execve, fork, ptrace, io_uring,
 * bpf, ...). All else fails with EPERM, open() and socket() among it: C libraries try such things on their
 * own at odd moments (time zones, /proc, name services) and get along without; a watch of months must not end
 * by that, and what is refused lets nothing in.
 *
 * Pointers cannot be looked behind, so that newfstatat() can tell whether a file exists and whose it is. What
 * is open stays usable in all ways that the list has: a raw socket that packets are captured by could also
 * send some.
 *
 * Built with sanitizers (LASTACK_SANITIZED), reading files, debugging itself and what else their runtimes
 * need for a report is allowed; --version says so.
 */
#ifndef LASTACK_UI_SANDBOX_H
#define LASTACK_UI_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

struct sandbox_user {
	bool given; /* by --user */
	uid_t uid;
	gid_t gid;
};

/* Looks a user up by name, or takes a number. False: there is none. Reads files, may ask other services. */
bool sandbox_user_named(struct sandbox_user *user, const char *name);

/*
 * Closes the door. There must be no other thread yet: those made afterwards are held too. Where a user is not
 * given, root becomes nobody. False after a complaint that says what failed: then some is given up already,
 * and the process must end.
 */
bool sandbox_enter(const struct sandbox_user *user);

#endif
