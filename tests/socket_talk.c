/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket_talk.c - see socket_talk.h. */
#include "socket_talk.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE = 250 /* times 20 ms */ };

void endpoint_of(int fd, bool peer, struct host *host, uint16_t *port)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	socklen_t length = sizeof v6;

	if (peer)
		assert_int_equal(getpeername(fd, (struct sockaddr *)&v6, &length), 0);
	else
		assert_int_equal(getsockname(fd, (struct sockaddr *)&v6, &length), 0);
	*port = ntohs(v6.sin6_port);
	if (v6.sin6_family == AF_INET6) {
		memcpy(host->addr, &v6.sin6_addr, sizeof host->addr);
		return;
	}
	memcpy(&v4, &v6, sizeof v4);
	*host = (struct host){ { [10] = 0xff, 0xff } };
	memcpy(host->addr + 12, &v4.sin_addr, 4);
}

struct socket_question question_of(int client)
{
	struct socket_question question = { .connection = 4711, .wanted = { 1, 1 }, .tries = 3 };

	endpoint_of(client, false, &question.host[CLIENT], &question.port[CLIENT]);
	endpoint_of(client, true, &question.host[SERVER], &question.port[SERVER]);
	return question;
}

int new_listener(int family, int backlog, struct sockaddr_in6 *address, socklen_t *length)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int off = 0;

	assert_true(fd >= 0);
	*address = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	*length = sizeof *address;
	if (family == AF_INET) {
		memcpy(address, &v4, sizeof v4);
		*length = sizeof v4;
	} else {
		assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off), 0);
	}
	assert_int_equal(bind(fd, (struct sockaddr *)address, *length), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, length), 0);
	return fd;
}

struct talk new_talk(int server_family, int client_family)
{
	struct sockaddr_in6 to;
	struct sockaddr_in v4;
	socklen_t length;
	struct talk talk = { .listener = new_listener(server_family, 8, &to, &length), .server = -1 };

	if (server_family == AF_INET6)
		to.sin6_addr = in6addr_loopback;
	if (server_family == AF_INET6 && client_family == AF_INET) {
		v4 = (struct sockaddr_in){ .sin_family = AF_INET,
					   .sin_port = to.sin6_port,
					   .sin_addr = { htonl(INADDR_LOOPBACK) } };
		length = sizeof v4;
		memcpy(&to, &v4, sizeof v4);
	}
	talk.client = socket(client_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(talk.client, (struct sockaddr *)&to, length), 0);
	talk.question = question_of(talk.client);
	return talk;
}

void accept_talk(struct talk *talk)
{
	talk->server = accept(talk->listener, NULL, NULL);
	assert_true(talk->server >= 0);
}

void end_talk(struct talk *talk)
{
	close(talk->client);
	if (talk->server >= 0)
		close(talk->server);
	if (talk->listener >= 0)
		close(talk->listener);
}

struct socket_answer ask(struct sockets *sockets, const struct socket_question *question)
{
	struct socket_answer answer;

	assert_int_equal(sockets_lookup(sockets, question, sizeof *question, &answer), sizeof answer);
	assert_memory_equal(&answer.question, question, sizeof *question);
	return answer;
}

struct socket_answer ask_patiently(struct sockets *sockets, const struct socket_question *question)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct socket_answer answer = ask(sockets, question);

	for (int i = 0; i < PATIENCE; i++) {
		if (answer.found[CLIENT] != SOCKET_LATER && answer.found[SERVER] != SOCKET_LATER)
			break;
		nanosleep(&pause, NULL);
		answer = ask(sockets, question);
	}
	return answer;
}

void assert_found(const struct socket_answer *answer, enum side side, enum socket_found found, pid_t pid,
		  const char *name)
{
	assert_int_equal(answer->found[side], found);
	assert_int_equal(answer->process[side].pid, pid);
	assert_string_equal(answer->process[side].name, name);
}

struct sockets *new_sockets(void)
{
	struct sockets *sockets = sockets_new();

	assert_non_null(sockets);
	assert_true(sockets_prepare(sockets));
	return sockets;
}
