/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_this_host.c - a real connection over loopback, its changes told by hand: its row names its processes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/broker_asker.h"
#include "ui/this_host.h"

#define MS INT64_C(1000000)

/* Answers in this process, at once. */
struct near_asker {
	struct asker asker; /* first */
	struct sockets *sockets;
	struct socket_answer answer;
	bool answered;
};

static bool near_ask(struct asker *base, const struct socket_question *question)
{
	struct near_asker *near = (struct near_asker *)base;
	char reply[512];

	if (near->answered)
		return false;
	assert_int_equal(sockets_lookup(near->sockets, question, sizeof *question, reply),
			 sizeof near->answer);
	memcpy(&near->answer, reply, sizeof near->answer);
	near->answered = true;
	return true;
}

static bool near_answer(struct asker *base, struct socket_answer *answer)
{
	struct near_asker *near = (struct near_asker *)base;

	if (!near->answered)
		return false;
	*answer = near->answer;
	near->answered = false;
	return true;
}

static int fds[3]; /* client, listener, server */

static struct change connected(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } }, from;
	const struct host loopback = { { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
	socklen_t length = sizeof to;

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fds[1], (struct sockaddr *)&to, length), 0);
	assert_int_equal(listen(fds[1], 1), 0);
	assert_int_equal(getsockname(fds[1], (struct sockaddr *)&to, &length), 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&to, length), 0);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&from, &length), 0);
	return (struct change){ .connection = 17,
				.host = { loopback, loopback },
				.port = { ntohs(from.sin_port), ntohs(to.sin_port) } };
}

static void tell(struct this_host *host, struct change change, enum side side, enum state from, enum state to)
{
	struct sink *sink = this_host_sink(host);

	change.side = side;
	change.from = from;
	change.to = to;
	sink->change(sink, &change);
}

/* Until both ends are known, five seconds at most: what is found when depends on the host. */
static const struct process *wait_for(struct this_host *host, const struct record *record)
{
	const struct timespec pause = { .tv_nsec = 10 * MS };
	const struct process *process = NULL;

	for (int64_t now = 0; now < 5000 * MS; now += 10 * MS) {
		this_host_work(host, now);
		process = this_host_processes(host, record);
		if (process && process[CLIENT].pid && process[SERVER].pid)
			break;
		nanosleep(&pause, NULL);
	}
	return process;
}

/* This process has both ends of a connection; both are found. */
static void find_both(struct asker *asker)
{
	struct this_host *host = this_host_open();
	const struct record record = { .first_packet = 17 };
	const struct kernel_report *kernel;
	const struct process *process;
	struct change change;

	assert_non_null(host);
	assert_null(this_host_processes(host, &record));
	assert_true(this_host_ask(host, asker, 5, 0));
	prctl(PR_SET_NAME, "both ends");
	change = connected();
	tell(host, change, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	tell(host, change, SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED);
	tell(host, change, SERVER, STATE_SYN_RECEIVED, STATE_ESTABLISHED);
	process = wait_for(host, &record);
	assert_non_null(process);
	for (int side = CLIENT; side <= SERVER; side++) {
		assert_int_equal(process[side].pid, getpid());
		assert_string_equal(process[side].name, "both ends");
	}
	assert_true(this_host_counts(host).asked >= 2);
	kernel = this_host_kernel(host);
	assert_non_null(kernel);
	assert_int_equal(kernel->seen.active_opens, 1);
	assert_int_equal(kernel->seen.passive_opens, 1);
	assert_true(kernel->counted.n[KERNEL_ACTIVE_OPENS] >= 1);
	this_host_sink(host)->record(this_host_sink(host), &record);
	assert_null(this_host_processes(host, &record));
	close(fds[0]);
	close(fds[1]);
	this_host_close(host);
}

static void a_row_names_both_processes(void **state)
{
	struct near_asker near = { .asker = { near_ask, near_answer }, .sockets = sockets_new() };

	(void)state;
	assert_non_null(near.sockets);
	assert_true(sockets_prepare(near.sockets));
	find_both(&near.asker);
	sockets_free(near.sockets);
}

/* What the broker's process is held to leaves it all that it needs. */
static void the_broker_finds_them_too(void **state)
{
	struct sockets *sockets = sockets_new();
	const struct broker_options options = { .lookup = sockets_lookup,
						.lookup_prepare = sockets_prepare,
						.context = sockets };
	struct broker_asker asker;
	struct broker *broker;

	(void)state;
	assert_non_null(sockets);
	broker = broker_start(&options);
	assert_non_null(broker);
	sockets_free(sockets);
	broker_asker_init(&asker, broker);
	find_both(&asker.asker);
	broker_end(broker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_names_both_processes),
		cmocka_unit_test(the_broker_finds_them_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
