/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_kernel.c - the kernel's counters: odd texts, real files and sockets, and their page of the summary. */
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "summary_page.h"
#include "ui/kernel.h"

static struct kernel_counts parse(const char *text)
{
	struct kernel_counts counts = { 0 };
	size_t n = strlen(text);
	char *exact = malloc(n ? n : 1); /* so that ASan sees a step too far */

	assert_non_null(exact);
	memcpy(exact, text, n);
	kernel_parse(&counts, exact, n);
	free(exact);
	return counts;
}

static void counters_are_found_by_their_names(void **state)
{
	struct kernel_counts c = parse("Ip: Forwarding OutRsts\nIp: 1 99\n"
				       "Tcp: New MaxConn OutRsts  CurrEstab\nTcp: 7 -1 5  6\n"
				       "TcpExt: TW TCPAbortOnData\nTcpExt: 3 4\n"
				       "TCP: inuse 5 orphan 0 tw 8 alloc 9 mem 1\nUDP: tw 77\n");

	(void)state;
	assert_true(c.known[KERNEL_OUT_RSTS] && c.known[KERNEL_TW_NOW]);
	assert_int_equal(c.n[KERNEL_OUT_RSTS], 5);
	assert_int_equal(c.n[KERNEL_CURR_ESTAB], 6);
	assert_int_equal(c.n[KERNEL_TW], 3);
	assert_int_equal(c.n[KERNEL_ABORT_ON_DATA], 4);
	assert_int_equal(c.n[KERNEL_TW_NOW], 8);
	assert_false(c.known[KERNEL_LISTEN_DROPS]);
	assert_false(c.known[KERNEL_ACTIVE_OPENS]);
}

static void odd_texts_are_taken_as_far_as_they_go(void **state)
{
	struct kernel_counts c = parse("Tcp: OutRsts CurrEstab InErrs\nTcp: 5 x\n");

	(void)state;
	assert_int_equal(c.n[KERNEL_OUT_RSTS], 5);
	assert_false(c.known[KERNEL_CURR_ESTAB]);
	assert_false(c.known[KERNEL_IN_ERRS]);
	c = parse("Tcp: OutRsts\nTcpExt: TW\nTcp: 1\nTcpExt: 2"); /* pairs belong together */
	assert_false(c.known[KERNEL_OUT_RSTS] || c.known[KERNEL_TW]);
	c = parse("TcpExt: OutRsts\nTcp: 1\n");
	assert_false(c.known[KERNEL_OUT_RSTS]);
	c = parse("Tcp: OutRsts\nTcp: 18446744073709551616\n");
	assert_false(c.known[KERNEL_OUT_RSTS]);
	c = parse("Tcp: OutRsts\nTcp: 18446744073709551615");
	assert_true(c.n[KERNEL_OUT_RSTS] == UINT64_MAX);
	c = parse("Tcp: 5\nTcp: 6\n");
	c = parse("Tcp\n\n:\n: \n :: 1\nTcp:\nTcp: \nTcp:1\nTCP: tw\nTCP: tw ");
	for (int i = 0; i < KERNEL_COUNT; i++)
		assert_false(c.known[i]);
	parse("");
}

/* Every byte may be another, and the end anywhere. */
static void no_text_does_harm(void **state)
{
	static const char whole[] = "Tcp: OutRsts CurrEstab\nTcp: 5 6\nTCP: inuse 5 tw 8\n";
	char text[sizeof whole];

	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		memcpy(text, whole, sizeof whole);
		text[n] = '\0';
		parse(text);
	}
	srand(1);
	for (int i = 0; i < 20000; i++) {
		memcpy(text, whole, sizeof whole);
		for (int k = 0; k < 4; k++)
			text[(size_t)rand() % (sizeof whole - 1)] = " :\n09-T"[rand() % 7];
		parse(text);
	}
}

static void counters_go_over_where_the_kernel_has_32_bits(void **state)
{
	struct kernel_counts begin = parse("Tcp: OutRsts InErrs CurrEstab\nTcp: 4294967290 7 5\n");
	struct kernel_counts end = parse("Tcp: OutRsts InErrs CurrEstab ActiveOpens\nTcp: 4 9 2 3\n");
	struct kernel_counts c = kernel_between(&begin, &end);

	(void)state;
	assert_int_equal(c.n[KERNEL_OUT_RSTS], 10);
	assert_int_equal(c.n[KERNEL_IN_ERRS], 2);
	assert_int_equal(c.n[KERNEL_CURR_ESTAB], 2); /* what is held now */
	assert_false(c.known[KERNEL_ACTIVE_OPENS]);
	assert_int_equal(c.n[KERNEL_ACTIVE_OPENS], 0);
}

static struct kernel *opened(void)
{
	struct kernel *kernel = kernel_open();

	assert_non_null(kernel);
	return kernel;
}

/* All that this kernel is expected to have, or newer ones have renamed something. */
static void the_real_files_have_all_of_them(void **state)
{
	struct kernel *kernel = opened();
	const struct kernel_counts c = kernel_counted(kernel);

	(void)state;
	for (int i = 0; i < KERNEL_COUNT; i++)
		if (!c.known[i])
			print_message("not counted by this kernel: %s\n", kernel_names[i]);
	assert_true(c.known[KERNEL_OUT_RSTS] && c.known[KERNEL_TW] && c.known[KERNEL_TW_NOW] &&
		    c.known[KERNEL_LISTEN_OVERFLOWS] && c.known[KERNEL_ABORT_ON_CLOSE]);
	kernel_close(kernel);
}

static bool connect_two(int fds[2])
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof to;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	bool fine;

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	fine = bind(listener, (struct sockaddr *)&to, length) == 0 && listen(listener, 4) == 0 &&
	       getsockname(listener, (struct sockaddr *)&to, &length) == 0 &&
	       connect(fds[0], (struct sockaddr *)&to, length) == 0 &&
	       (fds[1] = accept(listener, NULL, NULL)) >= 0;
	close(listener);
	return fine;
}

/* One connection closed in order, one aborted. */
static bool talk(void)
{
	const struct linger abort = { .l_onoff = 1 };
	int fds[2];
	char byte;

	if (!connect_two(fds) || close(fds[0]) != 0 || read(fds[1], &byte, 1) != 0 || close(fds[1]) != 0)
		return false;
	return connect_two(fds) && setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &abort, sizeof abort) == 0 &&
	       close(fds[0]) == 0 && read(fds[1], &byte, 1) < 0 && close(fds[1]) == 0;
}

static bool counts_are(const struct kernel *kernel, uint64_t connections)
{
	const struct kernel_counts c = kernel_counted(kernel);

	return c.n[KERNEL_ACTIVE_OPENS] == 2 * connections && c.n[KERNEL_PASSIVE_OPENS] == 2 * connections &&
	       c.n[KERNEL_TW] == connections && c.n[KERNEL_TW_NOW] == connections &&
	       c.n[KERNEL_OUT_RSTS] == connections && c.n[KERNEL_ABORT_ON_DATA] == connections &&
	       c.n[KERNEL_CURR_ESTAB] == 0;
}

/* In a network namespace where nobody else talks; read on without rights. 0 = all is as it should be. */
static int count_in_namespace(void)
{
	struct kernel *kernel;

	if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0)
		return 77;
	kernel = kernel_open();
	if (!kernel || !counts_are(kernel, 0) || !talk() || !counts_are(kernel, 1))
		return 1;
	if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
		return 2;
	if (!talk() || !counts_are(kernel, 2))
		return 3;
	kernel_close(kernel);
	return 0;
}

static void what_the_kernel_counts_is_read_without_rights(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0) {
		print_message("not root: no network namespace\n");
		skip();
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(count_in_namespace());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static struct change way(enum side side, enum state from, enum state to)
{
	return (struct change){
		.host = { ipv4(10, 0, 0, 1), ipv4(10, 0, 0, 2) }, .side = side, .from = from, .to = to
	};
}

static void ends_of_this_host_are_counted_as_the_kernel_does(void **state)
{
	struct addresses *addresses = addresses_new();
	const struct host here = ipv4(10, 0, 0, 1);
	struct kernel_seen seen = { 0 };
	struct change ways[] = {
		way(CLIENT, STATE_UNKNOWN, STATE_SYN_SENT),
		way(CLIENT, STATE_SYN_SENT, STATE_CLOSED),
		way(CLIENT, STATE_SYN_RECEIVED, STATE_CLOSED),
		way(CLIENT, STATE_ESTABLISHED, STATE_CLOSED),
		way(CLIENT, STATE_CLOSE_WAIT, STATE_CLOSED),
		way(CLIENT, STATE_LAST_ACK, STATE_CLOSED),
		way(CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT),
		way(CLIENT, STATE_CLOSING, STATE_TIME_WAIT),
		way(CLIENT, STATE_SYN_RECEIVED, STATE_ESTABLISHED),
		way(SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED),
		way(SERVER, STATE_SYN_RECEIVED, STATE_ESTABLISHED),
		way(SERVER, STATE_ESTABLISHED, STATE_CLOSED),
	};
	struct change back = way(CLIENT, STATE_TIME_WAIT, STATE_FIN_WAIT_2);

	(void)state;
	assert_non_null(addresses);
	addresses_put(addresses, &here, 1);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		kernel_see_change(&seen, addresses, &ways[i]);
	assert_int_equal(seen.active_opens, 1);
	assert_int_equal(seen.passive_opens, 0);
	assert_int_equal(seen.attempt_fails, 2);
	assert_int_equal(seen.estab_resets, 2);
	assert_int_equal(seen.time_waits, 2);
	back.retracted = true;
	kernel_see_change(&seen, addresses, &back);
	assert_int_equal(seen.time_waits, 1);
	ways[10].host[SERVER] = here;
	kernel_see_change(&seen, addresses, &ways[10]);
	assert_int_equal(seen.passive_opens, 1);
	addresses_free(addresses);
}

static void rsts_of_this_host_are_counted(void **state)
{
	struct addresses *addresses = addresses_new();
	const struct host here = ipv4(10, 0, 0, 1);
	struct segment segment = { .src = here, .flags = TCP_RST | TCP_ACK };
	struct sighting sighting = { .segment = &segment };
	struct kernel_seen seen = { 0 };

	(void)state;
	assert_non_null(addresses);
	addresses_put(addresses, &here, 1);
	kernel_see_segment(&seen, addresses, &sighting);
	assert_int_equal(seen.rsts_sent, 1);
	sighting.duplicate = true;
	kernel_see_segment(&seen, addresses, &sighting);
	sighting.duplicate = false;
	segment.kind = SEGMENT_ICMP;
	kernel_see_segment(&seen, addresses, &sighting);
	segment.kind = SEGMENT_TCP;
	segment.flags = TCP_FIN | TCP_ACK;
	kernel_see_segment(&seen, addresses, &sighting);
	segment.flags = TCP_RST;
	segment.src = ipv4(10, 0, 0, 2);
	kernel_see_segment(&seen, addresses, &sighting);
	assert_int_equal(seen.rsts_sent, 1);
	addresses_free(addresses);
}

static struct kernel_report report_of(uint64_t step)
{
	struct kernel_report report = {
		.seen = { 1, 2, 3 * step, 4 * step, 5 * step, 6 * step },
	};

	for (int i = 0; i < KERNEL_COUNT; i++) {
		report.counted.n[i] = (uint64_t)(i + 1) * step;
		report.counted.known[i] = true;
	}
	return report;
}

static void the_page_shows_both(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct kernel_report report = report_of(1013);
	struct summary_input in = input_of(11);

	(void)state;
	report.counted.n[KERNEL_ABORT_ON_MEMORY] = 0;	/* not shown */
	report.counted.n[KERNEL_OUT_RSTS] = UINT64_MAX; /* has no room */
	report.counted.n[KERNEL_TW] = 0;		/* not counted by this kernel, but seen */
	report.counted.known[KERNEL_TW] = false;
	in.kernel = &report;
	feed(summary, graceful(), 1);
	assert_golden(summary, &in, "kernel");
}

static void nothing_counted_is_no_section(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct kernel_report report = { .counted.known = { true, true } };
	struct summary_input in = input_of(11);
	char *text;

	(void)state;
	in.kernel = &report;
	text = printed(summary, &in);
	assert_null(strstr(text, "kernel"));
	free(text);
	in.verbose = true;
	text = printed(summary, &in);
	assert_non_null(strstr(text, "What this host's kernel counted\n"));
	assert_non_null(
		strstr(text, "            0            0  connections begun from here (ActiveOpens)\n"));
	assert_null(strstr(text, "CurrEstab"));
	free(text);
	summary_free(summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_found_by_their_names),
		cmocka_unit_test(odd_texts_are_taken_as_far_as_they_go),
		cmocka_unit_test(no_text_does_harm),
		cmocka_unit_test(counters_go_over_where_the_kernel_has_32_bits),
		cmocka_unit_test(the_real_files_have_all_of_them),
		cmocka_unit_test(what_the_kernel_counts_is_read_without_rights),
		cmocka_unit_test(ends_of_this_host_are_counted_as_the_kernel_does),
		cmocka_unit_test(rsts_of_this_host_are_counted),
		cmocka_unit_test(the_page_shows_both),
		cmocka_unit_test(nothing_counted_is_no_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
