/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockets.h - which processes of this host have a connection's ends: the part that runs in the broker's
 * second process (ui/broker.h). Questions come as bytes and answers go as bytes, both of fixed size; who asks
 * is ui/processes.h.
 *
 * A socket is found by sock_diag in the network namespace that sockets_prepare() is called in, its process by
 * the links in /proc/PID/fd. A listening socket stands for a connection of the server's that it has and that
 * no application has accepted yet, or has given up, and for one that is gone already.
 *
 * Rights. Sockets of all users are found without any. Processes of other users are found by who has both
 * CAP_DAC_READ_SEARCH (to list /proc/PID/fd) and CAP_SYS_PTRACE (to read its links); neither is enough alone
 * (tests/test_sockets_rights.c). Without them, processes of the same user that have no more capabilities than
 * the asking process and are dumpable. The name alone (/proc/PID/comm) may be read by all. Where /proc is
 * mounted with hidepid=, CAP_SYS_PTRACE or its gid= is needed to see others at all.
 *
 * LANDLOCK. No process under a Landlock ruleset, whichever, can read the links of any process outside its
 * own domain (security/landlock/task.c, hook_ptrace_access_check), as root with all capabilities neither.
 * What runs here must therefore be a process that is held by seccomp alone.
 *
 * System calls after sockets_prepare(), which is all a seccomp filter has to allow: sendto and recvfrom on
 * the netlink socket; openat with flags of O_RDONLY | O_DIRECTORY | O_CLOEXEC at most; getdents64, lseek,
 * readlinkat, read, close; clock_gettime where it is no vDSO. Nothing is allocated.
 */
#ifndef LASTACK_UI_SOCKETS_H
#define LASTACK_UI_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"
#include "ui/process.h"

/* Between processes of one program: as the compiler lays it out. */
struct socket_question {
	uint64_t connection; /* the asker's, comes back */
	struct host host[2]; /* client and server, in that order everywhere */
	uint16_t port[2];
	uint32_t interface[2]; /* index, to try beside none; 0 = only none (link-local addresses need one) */
	uint8_t wanted[2];     /* whether that end may be this host's */
	uint8_t tries;	       /* the asker's, comes back */
};

enum socket_found {
	SOCKET_NOT,	 /* no socket of this host, or one that no process has any more */
	SOCKET_LATER,	 /* there is one, its process has not been found: to be asked again */
	SOCKET_LISTENER, /* the process that listens; its own may be known later */
	SOCKET_OWNER,	 /* the process that has it */
};

struct socket_answer {
	struct socket_question question;
	struct process process[2]; /* pid 0 for SOCKET_NOT and SOCKET_LATER */
	uint8_t found[2];	   /* enum socket_found; SOCKET_NOT of what was not wanted */
};

_Static_assert(sizeof(struct socket_answer) <= 512, "a broker's message holds it");

struct sockets;

/* Memory alone; nothing is opened yet. NULL with errno = ENOMEM. */
struct sockets *sockets_new(void);

/*
 * Opens what is needed, in the process that is to answer and with its rights. Always true: where the kernel
 * has no sock_diag, or a sandbox around us forbids it or /proc, nothing is found.
 */
bool sockets_prepare(void *sockets);

/*
 * One question (a struct socket_question, at any alignment) of n bytes; writes a struct socket_answer to
 * reply, which has room for 512 bytes. Returns its size, or 0: that was no question. Takes some tens of
 * microseconds, DESCRIPTORS_CALL_NS a wanted end at most, and never waits.
 */
size_t sockets_lookup(void *sockets, const void *request, size_t n, void *reply);

void sockets_free(struct sockets *sockets); /* NULL is fine */

#endif
