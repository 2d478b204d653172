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
#include <stdint.h>
#include <sys/types.h>

/*
 * The user and group become these, for real and saved, and there are no other groups. Needs CAP_SETUID and
 * CAP_SETGID (EPERM); EINVAL where the user namespace has no such id.
 */
bool lockdown_user(uid_t uid, gid_t gid);

/*
 * Of the capabilities only those in 'keep' (bit n = capability n) stay, and only if they were there; what is
 * inheritable or ambient goes. Of this thread alone: those made later have the same.
 */
bool lockdown_capabilities(uint64_t keep);

/* None is effective until lockdown_capabilities() says which of them stay. */
bool lockdown_capabilities_rest(void);

/* Whether there is none: not effective, not permitted, not inheritable. */
bool lockdown_capabilities_none(void);

/* Programs executed from here on give no more rights than there are. Of this thread, as above. */
bool lockdown_no_new_privileges(void);

/* No core files. */
bool lockdown_no_core(void);

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
