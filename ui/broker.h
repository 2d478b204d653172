/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker.h - who still opens output files, and looks up whose a socket is, once the program has shut itself
 * in (ui/sandbox.h).
 *
 * Up to two processes, forked before privileges are dropped, that never see a byte of a capture: one opens
 * and removes outputs, the other answers lookups. They are apart because what holds the first (Landlock)
 * would keep the second from its work: a process in a Landlock domain may not read the links in /proc/PID/fd
 * of one that is not. Both keep the user that the program was started as, since that is whose the outputs
 * are, and give up:
 *
 * - the first: all capabilities, but CAP_DAC_OVERRIDE stays where a folder cannot be written to without it;
 *   all files but those beneath the outputs' folders (Landlock, where the kernel has it); programs, sockets,
 *   memory with code (seccomp). It opens and removes only names that outputs given at start could have, and
 *   only regular files, except for the very names given at start.
 * - the second: all capabilities but CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, which other users' /proc/PID/fd
 *   need, if it had them; all opening but for reading; programs, sockets, memory with code.
 *
 * They end when the program does: their sockets' other ends are closed then.
 */
#ifndef LASTACK_UI_BROKER_H
#define LASTACK_UI_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ui/opener.h"

enum { BROKER_MESSAGE_MAX = 512 }; /* bytes of a request or a reply of lookups */

struct broker_options {
	/*
	 * Outputs as the command line names them, also as patterns (ui/rotation.h).
	 * The folder part is taken as it stands, and must exist. "-" is passed over. None: no opener.
	 */
	const char *const *outputs;
	size_t output_count;

	/*
	 * Answers one request of 1 to BROKER_MESSAGE_MAX bytes; runs in the broker. Returns the bytes written
	 * to reply, which has room for BROKER_MESSAGE_MAX; 0 = nothing is answered. NULL: no lookups. May
	 * read files, and use sockets that lookup_prepare() has opened, but open none.
	 */
	size_t (*lookup)(void *context, const void *request, size_t n, void *reply);
	/* Before the process gives its rights up; may be NULL. False with errno ends the start. */
	bool (*lookup_prepare)(void *context);
	void *context;

	bool not_held; /* --no-sandbox: the processes keep all that they have */
};

struct broker;

/*
 * Forks, and waits until the processes are held (five seconds at most). NULL with errno: a folder cannot be
 * opened, a process could not be held. To be called while there is only one thread, whose end ends the
 * processes. What the options point to is not needed afterwards, but context stays in use in the process.
 */
struct broker *broker_start(const struct broker_options *options);

/*
 * Opens and removes by the broker; valid until broker_end(). Never waits longer than two seconds. errno
 * besides those of open(2) and unlink(2): EACCES for a name that is none of the outputs', ETIMEDOUT (a later
 * call may succeed), ESRCH when the broker has died. To be used by one thread at a time. Without outputs: all
 * is EACCES.
 */
struct opener *broker_opener(struct broker *broker);

/* Whether the process that opens is still there, or none was asked for; never waits. */
bool broker_can_open(const struct broker *broker);

/* Puts a request; never waits. False: too many are waiting, or the lookups' process has died. */
bool broker_ask(struct broker *broker, const void *request, size_t n);

/*
 * The next reply, in the order of the requests; never waits. Its length (what has no room is cut off), 0 when
 * there is none yet, -1 when the process has died and no more will come.
 */
ssize_t broker_answer(struct broker *broker, void *reply, size_t size);

/* Becomes readable when broker_answer() has something to tell; -1 without lookups. */
int broker_answer_fd(const struct broker *broker);

/* Ends the processes and reaps them, about a second each at most. NULL is fine. */
void broker_end(struct broker *broker);

#endif
