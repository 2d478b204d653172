/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sockets.c - real sockets on loopback, and which process has them. Ends within seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "socket_talk.h"

static const char odd_name[] = "\033[1m \xff\n(x)\n";

/* Both ends are this process's: unaccepted, accepted, and closed. */
static void life_of(int server_family, int client_family)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(server_family, client_family);
	struct socket_answer answer;

	assert_int_equal(prctl(PR_SET_NAME, odd_name), 0);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_OWNER, getpid(), odd_name);
	assert_found(&answer, SERVER, SOCKET_LISTENER, getpid(), odd_name);
	accept_talk(&talk);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_OWNER, getpid(), odd_name);
	assert_found(&answer, SERVER, SOCKET_OWNER, getpid(), odd_name);

	/* Only what is wanted is looked up. */
	talk.question.wanted[CLIENT] = 0;
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_NOT, 0, "");
	assert_found(&answer, SERVER, SOCKET_OWNER, getpid(), odd_name);
	talk.question.wanted[CLIENT] = 1;

	/* The client is left in TIME-WAIT, the server's socket is gone: then the listener stands for it. */
	close(talk.client);
	close(talk.server);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_NOT, 0, "");
	assert_found(&answer, SERVER, SOCKET_LISTENER, getpid(), odd_name);
	close(talk.listener);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, SERVER, SOCKET_NOT, 0, "");
	sockets_free(sockets);
}

static bool has_ipv6(void)
{
	const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&loopback, sizeof loopback) == 0;

	if (fd >= 0)
		close(fd);
	if (!has)
		print_message("no IPv6 on this host\n");
	return has;
}

static void ipv4_sockets_are_found(void **state)
{
	(void)state;
	life_of(AF_INET, AF_INET);
}

static void ipv6_sockets_are_found(void **state)
{
	(void)state;
	if (!has_ipv6())
		skip();
	life_of(AF_INET6, AF_INET6);
}

static void ipv4_on_ipv6_sockets_is_found(void **state)
{
	(void)state;
	if (!has_ipv6())
		skip();
	life_of(AF_INET6, AF_INET);
}

/* Its application has closed it first: it is in TIME-WAIT, and the listener stands for it while there is one.
 */
static void a_server_in_time_wait_is_the_listeners(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_answer answer;
	char byte;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "server"), 0);
	accept_talk(&talk);
	close(talk.server);
	talk.server = -1;
	assert_int_equal(read(talk.client, &byte, 1), 0);
	answer = ask_patiently(sockets, &talk.question); /* FIN-WAIT-2, without an application */
	assert_found(&answer, SERVER, SOCKET_LISTENER, getpid(), "server");
	assert_found(&answer, CLIENT, SOCKET_OWNER, getpid(), "server");
	close(talk.client);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, SERVER, SOCKET_LISTENER, getpid(), "server");
	assert_found(&answer, CLIENT, SOCKET_NOT, 0, "");
	close(talk.listener);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, SERVER, SOCKET_NOT, 0, "");
	sockets_free(sockets);
}

static void long_names_are_whole(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_answer answer;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "fifteen-bytes-\n"), 0);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_OWNER, getpid(), "fifteen-bytes-\n");
	assert_int_equal(prctl(PR_SET_NAME, ""), 0);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_OWNER, getpid(), "");
	end_talk(&talk);
	sockets_free(sockets);
}

/* With the queue of the listener full, SYNs are dropped and the next client stays in SYN-SENT. */
static void a_connecting_socket_is_found(void **state)
{
	struct sockets *sockets = new_sockets();
	struct sockaddr_in6 to;
	socklen_t length;
	int listener = new_listener(AF_INET, 0, &to, &length), client[4];
	struct socket_question question = { .wanted = { 1, 1 } };
	struct socket_answer answer;
	struct sockaddr_in v4;

	(void)state;
	for (int i = 0; i < 4; i++) {
		client[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(client[i], (struct sockaddr *)&to, length) != 0)
			assert_int_equal(errno, EINPROGRESS);
	}
	length = sizeof v4;
	assert_int_equal(getpeername(client[3], (struct sockaddr *)&v4, &length), -1);
	assert_int_equal(errno, ENOTCONN);
	endpoint_of(client[3], false, &question.host[CLIENT], &question.port[CLIENT]);
	endpoint_of(listener, false, &question.host[SERVER], &question.port[SERVER]);
	answer = ask_patiently(sockets, &question);
	assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
	assert_int_equal(answer.process[CLIENT].pid, getpid());
	for (int i = 0; i < 4; i++)
		close(client[i]);
	close(listener);
	sockets_free(sockets);
}

static void other_pairs_are_not_found(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_question wrong;
	struct socket_answer answer;

	(void)state;
	accept_talk(&talk);
	close(talk.listener);
	talk.listener = -1;
	wrong = talk.question;
	wrong.port[CLIENT]++;
	answer = ask(sockets, &wrong);
	assert_int_equal(answer.found[CLIENT] | answer.found[SERVER], SOCKET_NOT);
	wrong = talk.question;
	wrong.host[SERVER].addr[15]++;
	answer = ask(sockets, &wrong);
	assert_int_equal(answer.found[CLIENT] | answer.found[SERVER], SOCKET_NOT);
	/* Client and server in each other's place. */
	wrong = talk.question;
	wrong.host[CLIENT].addr[11] = wrong.host[SERVER].addr[11] = 0;
	answer = ask(sockets, &wrong);
	assert_int_equal(answer.found[CLIENT] | answer.found[SERVER], SOCKET_NOT);
	end_talk(&talk);
	sockets_free(sockets);
}

/* A listener on the port that a client had is not the client. */
static void a_listener_is_no_client(void **state)
{
	struct sockets *sockets = new_sockets();
	struct sockaddr_in6 address;
	socklen_t length;
	int listener = new_listener(AF_INET, 8, &address, &length);
	struct socket_question question = { .wanted = { 1, 1 }, .port = { 0, 1 } };
	struct socket_answer answer;

	(void)state;
	endpoint_of(listener, false, &question.host[CLIENT], &question.port[CLIENT]);
	question.host[SERVER] = question.host[CLIENT];
	answer = ask_patiently(sockets, &question);
	assert_found(&answer, CLIENT, SOCKET_NOT, 0, "");
	close(listener);
	sockets_free(sockets);
}

static void sockets_of_an_interface_need_its_number(void **state)
{
	struct sockets *sockets = new_sockets();
	struct sockaddr_in6 to;
	socklen_t length;
	int listener = new_listener(AF_INET, 8, &to, &length);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct socket_question question;
	struct socket_answer answer;

	(void)state;
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&to, length), 0);
	question = question_of(client);
	answer = ask_patiently(sockets, &question);
	assert_int_equal(answer.found[CLIENT], SOCKET_NOT);
	question.interface[CLIENT] = if_nametoindex("lo");
	answer = ask_patiently(sockets, &question);
	assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
	close(client);
	close(listener);
	sockets_free(sockets);
}

/* Where nothing can be opened any more. */
static void without_files_nothing_is_found(void **state)
{
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct rlimit before;
	struct sockets *sockets = sockets_new();
	struct socket_answer answer;

	(void)state;
	assert_non_null(sockets);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, before.rlim_max }), 0);
	assert_true(sockets_prepare(sockets));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	answer = ask(sockets, &talk.question);
	assert_found(&answer, CLIENT, SOCKET_NOT, 0, "");
	assert_found(&answer, SERVER, SOCKET_NOT, 0, "");
	end_talk(&talk);
	sockets_free(sockets);
}

static void what_is_no_question_has_no_answer(void **state)
{
	struct sockets *sockets = new_sockets();
	char request[600] = { 0 }, reply[600];

	(void)state;
	for (size_t n = 0; n < sizeof request; n++) {
		size_t made = sockets_lookup(sockets, request, n, reply);

		assert_int_equal(made,
				 n == sizeof(struct socket_question) ? sizeof(struct socket_answer) : 0);
	}
	memset(request, 0xff, sizeof request);
	assert_int_not_equal(sockets_lookup(sockets, request + 1, sizeof(struct socket_question), reply + 1),
			     0);
	sockets_free(sockets);
}

/* A child that waits until it is ended. */
static pid_t sleeper(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* As inetd and sshd do: who accepted it hands it to a child and closes it. */
static void a_socket_may_change_hands(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_answer answer;
	pid_t child;

	(void)state;
	accept_talk(&talk);
	answer = ask_patiently(sockets, &talk.question);
	assert_int_equal(answer.process[SERVER].pid, getpid());
	child = sleeper("child");
	close(talk.server);
	close(talk.client);
	answer = ask_patiently(sockets, &talk.question);
	assert_found(&answer, SERVER, SOCKET_OWNER, child, "child");
	assert_found(&answer, CLIENT, SOCKET_OWNER, child, "child");
	end_sleeper(child);
	answer = ask_patiently(sockets, &talk.question);
	assert_int_equal(answer.found[CLIENT], SOCKET_NOT);
	close(talk.listener);
	sockets_free(sockets);
}

/* More than is read between two looks at the clock, and than fit a buffer of names. */
static void a_process_with_many_sockets_is_read_to_its_end(void **state)
{
	struct sockets *sockets = new_sockets();
	struct rlimit before, many = { 4096, 4096 };
	struct talk talk;
	struct socket_answer answer;
	int fds[3000];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	many.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &many), 0);
	for (int i = 0; i < 3000; i++)
		assert_true((fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
	talk = new_talk(AF_INET, AF_INET);
	answer = ask_patiently(sockets, &talk.question);
	assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
	assert_int_equal(answer.process[CLIENT].pid, getpid());
	for (int i = 0; i < 3000; i++)
		close(fds[i]);
	end_talk(&talk);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	sockets_free(sockets);
}

/* Faster than all its descriptors may be read: each but the first is found at once. */
static void who_comes_and_goes_is_found_at_once(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET), listening;
	struct socket_answer answer;

	(void)state;
	talk.question.wanted[SERVER] = 0;
	answer = ask_patiently(sockets, &talk.question);
	assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
	end_talk(&talk);
	listening = new_talk(AF_INET, AF_INET);
	listening.question.wanted[CLIENT] = 0;
	for (int i = 0; i < 300; i++) {
		talk = new_talk(AF_INET, AF_INET);
		talk.question.wanted[SERVER] = 0;
		answer = i == 0 ? ask_patiently(sockets, &talk.question) : ask(sockets, &talk.question);
		assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
		assert_int_equal(answer.process[CLIENT].pid, getpid());
		end_talk(&talk);
		/* Another socket of its, known already, is asked for in between. */
		ask_patiently(sockets, &listening.question);
	}
	end_talk(&listening);
	sockets_free(sockets);
}

/* Whether the client's socket is found at once at a descriptor where nobody would guess it. */
static bool found_far_away(struct sockets *sockets)
{
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_answer answer;
	int far = 700;

	assert_int_equal(dup2(talk.client, far), far);
	close(talk.client);
	talk.client = far;
	talk.question.wanted[SERVER] = 0;
	answer = ask(sockets, &talk.question);
	end_talk(&talk);
	return answer.found[CLIENT] == SOCKET_OWNER;
}

/*
 * A process that is known is looked through before all others. On a busy machine the time for one answer may
 * run out meanwhile, so there are some tries, all before the others' turn.
 */
static void a_known_owner_is_looked_through_first(void **state)
{
	struct sockets *sockets = new_sockets();
	struct talk talk = new_talk(AF_INET, AF_INET);
	struct socket_answer answer = ask_patiently(sockets, &talk.question);
	bool found = false;

	(void)state;
	assert_int_equal(answer.found[CLIENT], SOCKET_OWNER);
	end_talk(&talk);
	for (int i = 0; i < 10 && !found; i++) {
		found = found_far_away(sockets);
		usleep(20000);
	}
	assert_true(found);
	sockets_free(sockets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_sockets_are_found),
		cmocka_unit_test(ipv6_sockets_are_found),
		cmocka_unit_test(ipv4_on_ipv6_sockets_is_found),
		cmocka_unit_test(a_server_in_time_wait_is_the_listeners),
		cmocka_unit_test(long_names_are_whole),
		cmocka_unit_test(a_connecting_socket_is_found),
		cmocka_unit_test(other_pairs_are_not_found),
		cmocka_unit_test(a_listener_is_no_client),
		cmocka_unit_test(sockets_of_an_interface_need_its_number),
		cmocka_unit_test(without_files_nothing_is_found),
		cmocka_unit_test(what_is_no_question_has_no_answer),
		cmocka_unit_test(a_socket_may_change_hands),
		cmocka_unit_test(a_process_with_many_sockets_is_read_to_its_end),
		cmocka_unit_test(who_comes_and_goes_is_found_at_once),
		cmocka_unit_test(a_known_owner_is_looked_through_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
