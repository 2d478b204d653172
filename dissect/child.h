/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.h - processes that a part of this program runs in: how they begin, are waited for, and end. */
#ifndef LASTACK_DISSECT_CHILD_H
#define LASTACK_DISSECT_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_SECOND_NS INT64_C(1000000000)

/*
 * Forks; as fork(2). By the main thread only. In the child signals do what they do in a new process, but
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT are ignored, and ps shows the name, of which 15 characters count.
 */
pid_t child_fork(const char *name);

/* Closes the descriptors from first to last. */
void child_close(unsigned first, unsigned last);

/*
 * In the child, after its user and capabilities have changed, which forgets it: it is killed when the thread
 * that forked it ends. False when the parent has ended already. The signal may not be allowed across users:
 * the end of the pipe between the two must end the child too.
 */
bool child_dies_with(pid_t parent);

/*
 * In the parent: true when poll(2) has something to tell, false when *left ns are over. Time counts in
 * slices, and at most a slice each: when the whole job was stopped (Ctrl-Z, a debugger) and goes on, the
 * child gets its chance to answer.
 */
bool child_wait(struct pollfd *fds, nfds_t n, int64_t *left);

/*
 * In the parent, once a child that behaves will end: waits a second for fd (whose other end it alone holds)
 * to hang up, else kills it; reaps it. Again within bounds of time, also where the child can be neither
 * killed nor waited for.
 */
void child_end(pid_t pid, int fd);

enum { CHILDREN_MAX = 16 };

/*
 * The children that were forked here and not ended yet, as many as CHILDREN_MAX: for who must know whom this
 * process may still have to kill. Returns how many.
 */
size_t child_list(pid_t pids[CHILDREN_MAX]);

#endif
