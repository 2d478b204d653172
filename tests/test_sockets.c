/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sockets.c - real sockets on loopback, and which process has them. Ends within seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/vocabulary.h"
#include "ui/sockets.h"

enum { NOBODY = 65534, PATIENCE = 250 /* times 20 ms */ };

/* A connection of this process with itself; -1 = none. */
struct talk {
	int listener, client, server;
	struct socket_question question;
};

static void endpoint_of(int fd, bool peer, struct host *host, uint16_t *port)
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

static struct socket_question question_of(int client)
{
	struct socket_question question = { .connection = 4711, .wanted = { 1, 1 }, .tries = 3 };

	endpoint_of(client, false, &question.host[CLIENT], &question.port[CLIENT]);
	endpoint_of(client, true, &question.host[SERVER], &question.port[SERVER]);
	return question;
}

static int new_listener(int family, int backlog, struct sockaddr_in6 *address, socklen_t *length)
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

/* Connected, not accepted. */
static struct talk new_talk(int server_family, int client_family)
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

static void accept_talk(struct talk *talk)
{
	talk->server = accept(talk->listener, NULL, NULL);
	assert_true(talk->server >= 0);
}

static void end_talk(struct talk *talk)
{
	close(talk->client);
	if (talk->server >= 0)
		close(talk->server);
	if (talk->listener >= 0)
		close(talk->listener);
}

static struct socket_answer ask(struct sockets *sockets, const struct socket_question *question)
{
	struct socket_answer answer;

	assert_int_equal(sockets_lookup(sockets, question, sizeof *question, &answer), sizeof answer);
	assert_memory_equal(&answer.question, question, sizeof *question);
	return answer;
}

/* Asks again as long as something may still be found, but not for ever. */
static struct socket_answer ask_patiently(struct sockets *sockets, const struct socket_question *question)
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

static void assert_found(const struct socket_answer *answer, enum side side, enum socket_found found,
			 pid_t pid, const char *name)
{
	assert_int_equal(answer->found[side], found);
	assert_int_equal(answer->process[side].pid, pid);
	assert_string_equal(answer->process[side].name, name);
}

static struct sockets *new_sockets(void)
{
	struct sockets *sockets = sockets_new();

	assert_non_null(sockets);
	assert_true(sockets_prepare(sockets));
	return sockets;
}

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

/* Becomes nobody with these capabilities left. */
static bool become_nobody(uint64_t capabilities)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = (uint32_t)(capabilities >> (32 * i));
	return prctl(PR_SET_KEEPCAPS, 1) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && syscall(SYS_capset, &header, data) == 0;
}

/* What nobody with these capabilities finds of a socket of root's. */
static enum socket_found found_by_nobody(const struct talk *talk, uint64_t capabilities)
{
	const struct socket_question *question = &talk->question;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct sockets *sockets = sockets_new();
		struct socket_answer answer = { 0 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(talk->client); /* else it would find itself */
		if (!sockets || !sockets_prepare(sockets) || !become_nobody(capabilities))
			_exit(99);
		for (int i = 0; i < 60 && answer.found[CLIENT] < SOCKET_OWNER; i++) {
			usleep(20000);
			sockets_lookup(sockets, question, sizeof *question, &answer);
		}
		_exit(answer.found[CLIENT]);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum socket_found)WEXITSTATUS(status);
}

/* The two capabilities that sockets.h names, and that both are needed. */
static void other_users_sockets_need_two_capabilities(void **state)
{
	const uint64_t list = UINT64_C(1) << CAP_DAC_READ_SEARCH, look = UINT64_C(1) << CAP_SYS_PTRACE;
	struct talk talk;

	(void)state;
	if (geteuid() != 0) {
		print_message("not root: nobody's rights cannot be tried\n");
		skip();
	}
	talk = new_talk(AF_INET, AF_INET);
	talk.question.wanted[SERVER] = 0;
	assert_int_equal(found_by_nobody(&talk, list | look), SOCKET_OWNER);
	assert_int_equal(found_by_nobody(&talk, 0), SOCKET_LATER);
	assert_int_equal(found_by_nobody(&talk, list), SOCKET_LATER);
	assert_int_equal(found_by_nobody(&talk, look), SOCKET_LATER);
	end_talk(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_sockets_are_found),
		cmocka_unit_test(ipv6_sockets_are_found),
		cmocka_unit_test(ipv4_on_ipv6_sockets_is_found),
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
		cmocka_unit_test(other_users_sockets_need_two_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
