/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h - a list of the system calls that a process may make from now on, by libseccomp.
 *
 * Numbers are libseccomp's SCMP_SYS(name); calls that this machine does not have are passed over. A failure
 * is kept, and told by calls_finish(). Pointers cannot be looked behind: a call is judged by its number and
 * the numbers that are its arguments.
 */
#ifndef LASTACK_DISSECT_CALLS_H
#define LASTACK_DISSECT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum calls_rest {
	CALLS_KILL,   /* what is not in the list ends the process (SIGSYS) */
	CALLS_REFUSE, /* fails with EPERM */
};

struct calls {
	void *filter;
	int error; /* errno of the first failure */
};

/* calls_finish() must follow. */
void calls_begin(struct calls *calls, enum calls_rest rest);

void calls_allow(struct calls *calls, const int *list, size_t n);

/* Allows a call where (its argument & mask) == value; another rule for the same call is an "or". */
void calls_allow_if(struct calls *calls, int call, unsigned argument, uint64_t mask, uint64_t value);

/* Where both hold. The arguments must differ. */
void calls_allow_if_both(struct calls *calls, int call, const unsigned argument[2], const uint64_t mask[2],
			 const uint64_t value[2]);

/* These end the process, whatever the rest does. Not with CALLS_KILL. */
void calls_kill(struct calls *calls, const int *list, size_t n);

/* The same where (the argument & mask) == value. */
void calls_kill_if(struct calls *calls, int call, unsigned argument, uint64_t mask, uint64_t value);

/* This call fails with an errno of its own. */
void calls_answer(struct calls *calls, int call, int error);

/* Memory: what malloc does, and mapping without PROT_EXEC. */
void calls_allow_memory(struct calls *calls);

/*
 * In force from here on, for good: for this thread and those it makes, or for all threads. Sets
 * PR_SET_NO_NEW_PRIVS. False with errno when anything failed; then nothing is in force.
 */
bool calls_finish(struct calls *calls, bool all_threads);

#endif
