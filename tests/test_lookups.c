/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_lookups.c - the broker's process that answers lookups. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_folder.h"
#include "ui/sockets.h"

static pid_t tester;

/* Answers with what it read, "-" for nothing, or what it was told to do went wrong with. */
static size_t lookup(void *context, const void *request, size_t n, void *reply)
{
	const char *what = request;
	int fd;

	if (n == 5 && memcmp(what, "quiet", 5) == 0)
		return 0;
	if (n == 5 && memcmp(what, "sleep", 5) == 0) {
		for (;;)
			pause();
	}
	if (n == 5 && memcmp(what, "write", 5) == 0)
		return (size_t)snprintf(reply, BROKER_MESSAGE_MAX, "%d",
					error_of(open(in("out/no"), O_WRONLY | O_CREAT, 0666)));
	if (n == 6 && memcmp(what, "socket", 6) == 0)
		return (size_t)snprintf(reply, BROKER_MESSAGE_MAX, "%d",
					error_of(socket(AF_INET, SOCK_STREAM, 0)));
	if (n == 4 && memcmp(what, "link", 4) == 0) {
		char link[64];
		ssize_t length;

		snprintf(link, sizeof link, "/proc/%d/fd/0", (int)tester);
		length = readlink(link, reply, BROKER_MESSAGE_MAX);
		return length < 0 ? (size_t)snprintf(reply, BROKER_MESSAGE_MAX, "%d", errno) : (size_t)length;
	}
	if (n == 4 && memcmp(what, "name", 4) == 0) {
		ssize_t length;

		fd = open("/proc/self/comm", O_RDONLY);
		length = read(fd, reply, BROKER_MESSAGE_MAX);
		close(fd);
		return length < 0 ? 0 : (size_t)length;
	}
	memcpy(reply, request, n);
	((char *)reply)[0] = *(const char *)context;
	return n;
}

static bool prepared(void *context)
{
	*(char *)context = '!';
	return true;
}

static bool not_prepared(void *context)
{
	(void)context;
	errno = ENOTTY;
	return false;
}

static char mark = '?';

static struct broker *start_lookups(bool (*prepare)(void *))
{
	const struct broker_options options = { .lookup = lookup,
						.lookup_prepare = prepare,
						.context = &mark };

	return broker_start(&options);
}

static ssize_t next_answer(struct broker *broker, char *reply, size_t size)
{
	struct pollfd readable = { .fd = broker_answer_fd(broker), .events = POLLIN };

	assert_int_equal(poll(&readable, 1, 5000), 1);
	return broker_answer(broker, reply, size);
}

static void answers(struct broker *broker, const char *request, const char *expected)
{
	char reply[BROKER_MESSAGE_MAX + 1];
	ssize_t n;

	assert_true(broker_ask(broker, request, strlen(request)));
	n = next_answer(broker, reply, sizeof reply - 1);
	assert_true(n > 0);
	reply[n] = '\0';
	assert_string_equal(reply, expected);
}

static void lookups_are_answered(void **state)
{
	char reply[BROKER_MESSAGE_MAX], link[NAME_SIZE] = "", most[BROKER_MESSAGE_MAX + 1] = "x";
	struct broker *broker = start_lookups(prepared);

	(void)state;
	assert_non_null(broker);
	assert_int_equal(broker_answer(broker, reply, sizeof reply), 0);
	answers(broker, "first", "!irst");
	assert_true(broker_ask(broker, "quiet", 5));
	answers(broker, "name", "lastack-lookup\n");
	assert_true(readlink("/proc/self/fd/0", link, sizeof link - 1) > 0);
	answers(broker, "link", link); /* another process's, which Landlock would not let it read */
	assert_true(broker_ask(broker, most, BROKER_MESSAGE_MAX));
	assert_int_equal(next_answer(broker, reply, sizeof reply), BROKER_MESSAGE_MAX);
	assert_false(broker_ask(broker, most, BROKER_MESSAGE_MAX + 1));
	assert_false(broker_ask(broker, most, 0));
	assert_int_equal(broker_answer(broker, reply, sizeof reply), 0);
	broker_end(broker);
	all_children_are_reaped();
}

static void lookups_are_held(void **state)
{
	char expected[16];
	struct broker *broker = start_lookups(NULL);

	(void)state;
	assert_non_null(broker);
	snprintf(expected, sizeof expected, "%d", EPERM);
	answers(broker, "write", expected);
	answers(broker, "socket", expected);
	assert_false(exists("out/no"));
	assert_true(status_has(only_child(), "\nSeccomp:\t2\n"));
	if (geteuid() == 0) /* CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH */
		assert_true(status_has(only_child(), "\nCapEff:\t0000000000080004\n"));
	broker_end(broker);
}

static void not_held_when_told_so(void **state)
{
	const char *const outputs[] = { in("out/x") };
	const struct broker_options options = {
		.outputs = outputs, .output_count = 1, .lookup = lookup, .context = &mark, .not_held = true
	};
	struct broker *broker = broker_start(&options);
	int fd;

	(void)state;
	assert_non_null(broker);
	answers(broker, "socket", "0");
	fd = open_by(broker, in("out/x"));
	assert_true(fd != -1);
	close(fd);
	refuses(broker, in("out/y"), EACCES);
	broker_end(broker);
}

static void preparations_that_fail(void **state)
{
	(void)state;
	assert_null(start_lookups(not_prepared));
	assert_int_equal(errno, ENOTTY);
	all_children_are_reaped();
}

/* Asking never waits, nor does opening for lookups that do not come. */
static void lookups_that_hang(void **state)
{
	const char *const outputs[] = { in("out/x") };
	const struct broker_options options = {
		.outputs = outputs, .output_count = 1, .lookup = lookup, .context = &mark
	};
	struct broker *broker = broker_start(&options);
	int64_t start = now_ms();
	size_t asked = 0;
	char reply[8];
	int fd;

	(void)state;
	assert_non_null(broker);
	assert_true(broker_ask(broker, "sleep", 5));
	while (asked < 100000 && broker_ask(broker, "again", 5))
		asked++;
	assert_in_range(asked, 5, 99999);
	assert_int_equal(broker_answer(broker, reply, sizeof reply), 0);
	fd = open_by(broker, in("out/x"));
	assert_true(fd != -1);
	close(fd);
	assert_true(now_ms() - start < 1500);
	broker_end(broker);
	all_children_are_reaped();
}

static void lookups_that_have_died(void **state)
{
	struct broker *broker = start_lookups(NULL);
	char reply[8];

	(void)state;
	assert_non_null(broker);
	assert_int_equal(kill(only_child(), SIGKILL), 0);
	assert_int_equal(next_answer(broker, reply, sizeof reply), -1);
	assert_false(broker_ask(broker, "x", 1));
	broker_end(broker);
	all_children_are_reaped();
}

/* ---- what they are for ---- */

static struct host v4_host(const struct sockaddr_in *address)
{
	struct host host = { { [10] = 0xff, 0xff } };

	memcpy(host.addr + 12, &address->sin_addr, 4);
	return host;
}

/* Of a connection on loopback whose both ends are this process's. */
static struct socket_question connect_to_self(int fds[3])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
	struct socket_question question = { .wanted = { 1, 1 } };
	socklen_t length = sizeof at;

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fds[0], (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fds[0], 1), 0);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&at, &length), 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fds[1], (struct sockaddr *)&from, &length), 0);
	fds[2] = accept(fds[0], NULL, NULL);
	assert_true(fds[2] != -1);
	question.host[0] = v4_host(&from);
	question.host[1] = v4_host(&at);
	question.port[0] = ntohs(from.sin_port);
	question.port[1] = ntohs(at.sin_port);
	return question;
}

static struct socket_answer ask_about(struct broker *broker, const struct socket_question *question)
{
	struct socket_answer answer = { .found = { SOCKET_LATER, SOCKET_LATER } };

	for (int i = 0; i < 100 && (answer.found[0] == SOCKET_LATER || answer.found[1] == SOCKET_LATER);
	     i++) {
		assert_true(broker_ask(broker, question, sizeof *question));
		assert_int_equal(next_answer(broker, (char *)&answer, sizeof answer), sizeof answer);
		usleep(20000);
	}
	return answer;
}

/* What the process has given up is not what finding a socket's process takes. */
static void processes_of_sockets_are_found(void **state)
{
	struct sockets *sockets = sockets_new();
	const struct broker_options options = { .lookup = sockets_lookup,
						.lookup_prepare = sockets_prepare,
						.context = sockets };
	struct broker *broker = broker_start(&options);
	int fds[3];
	const struct socket_question question = connect_to_self(fds);
	struct socket_answer answer;

	(void)state;
	assert_non_null(broker);
	answer = ask_about(broker, &question);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(answer.found[side], SOCKET_OWNER);
		assert_int_equal(answer.process[side].pid, tester);
		assert_string_equal(answer.process[side].name, "test_lookups");
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	broker_end(broker);
	sockets_free(sockets);
	all_children_are_reaped();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_are_answered),
		cmocka_unit_test(lookups_are_held),
		cmocka_unit_test(not_held_when_told_so),
		cmocka_unit_test(preparations_that_fail),
		cmocka_unit_test(lookups_that_hang),
		cmocka_unit_test(lookups_that_have_died),
		cmocka_unit_test(processes_of_sockets_are_found),
	};

	tester = getpid();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, broker_folders_make, broker_folders_remove);
}
