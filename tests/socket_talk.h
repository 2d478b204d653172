/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_talk.h - for tests of sockets: connections of this process with itself over loopback, and questions
 * about them. Whatever goes wrong in here fails the cmocka test that called.
 */
#ifndef LASTACK_TESTS_SOCKET_TALK_H
#define LASTACK_TESTS_SOCKET_TALK_H

#include <netinet/in.h>
#include <sys/types.h>

#include "analyzer/vocabulary.h"
#include "ui/sockets.h"

/* A connection of this process with itself; -1 = none. */
struct talk {
	int listener, client, server;
	struct socket_question question;
};

/* Of a socket: its own end, or its peer's. */
void endpoint_of(int fd, bool peer, struct host *host, uint16_t *port);

/* Both ends of a client's socket, both wanted. */
struct socket_question question_of(int client);

/* On loopback (AF_INET), or on all addresses and for both families (AF_INET6). */
int new_listener(int family, int backlog, struct sockaddr_in6 *address, socklen_t *length);

/* Connected, not accepted. */
struct talk new_talk(int server_family, int client_family);

void accept_talk(struct talk *talk);
void end_talk(struct talk *talk);

/* Made and prepared. */
struct sockets *new_sockets(void);

struct socket_answer ask(struct sockets *sockets, const struct socket_question *question);

/* Asks again as long as something may still be found, but not for ever. */
struct socket_answer ask_patiently(struct sockets *sockets, const struct socket_question *question);

void assert_found(const struct socket_answer *answer, enum side side, enum socket_found found, pid_t pid,
		  const char *name);

#endif
