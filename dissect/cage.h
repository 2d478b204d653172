/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cage.h - a forked process that holds code we do not trust with hostile bytes: one request in, one reply
 * out.
 *
 * What is inside can read one pipe and write another, and nothing else (lockdown.h). Who asks waits for the
 * answer, but never for ever and never with a SIGPIPE: a cage that dies, hangs or talks nonsense is
 * ended, and stays ended.
 */
#ifndef LASTACK_DISSECT_CAGE_H
#define LASTACK_DISSECT_CAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What goes on inside; runs in the forked process. */
struct cage_work {
	const char *name;   /* as ps shows it, at most 15 characters */
	size_t memory;	    /* bytes of address space it may need on top of what the fork inherits */
	size_t request_max; /* bytes, at most */
	size_t reply_max;   /* bytes, at most */
	/* Before the system calls are locked; no hostile byte has been seen yet. False ends the cage. */
	bool (*prepare)(void *context);
	/* One request; returns the bytes written to reply, at most reply_max. */
	size_t (*serve)(void *context, const uint8_t *request, size_t length, uint8_t *reply);
};

struct cage {
	pid_t pid;	  /* 0 = gone */
	uint8_t *request; /* where the caller puts its next request: work->request_max bytes */
	size_t reply_max;
	int ask_in, ask_out; /* both ends of the pipe of requests; ask_in is the cage's, see cage.c */
	int reply_in;
	uint8_t *message; /* request with its length in front */
};

/*
 * Forks. Does not wait for prepare(): whatever fails inside shows as a failed cage_ask(). 0, or -1 with
 * errno. The cage ends with the thread that opened it (PR_SET_PDEATHSIG), which therefore must outlive its
 * use.
 */
int cage_open(struct cage *cage, const struct cage_work *work, void *context);

/*
 * Sends the first 'length' bytes of cage->request, waits for the reply (a few seconds at most), and puts it
 * at 'reply' (work->reply_max bytes), its length in *reply_length. False: the cage is gone.
 */
bool cage_ask(struct cage *cage, size_t length, uint8_t *reply, size_t *reply_length);

/* Ends and reaps the process; again is fine. */
void cage_close(struct cage *cage);

#endif
