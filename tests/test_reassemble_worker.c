/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_reassemble_worker.c - the process that libnids runs in: locked up, killed, stopped, flooded, reaped.
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipv4_fragments.h"

enum { MEMORY = 4 << 20 };

#ifdef LASTACK_SANITIZED
enum { WORKER_OPEN = 3 }; /* standard error, for the sanitizers' reports */
#else
enum { WORKER_OPEN = 2 };
#endif

static const struct ipv4 half = { .id = 1, .field = MORE, .payload = 8 };

static struct reassembler *started(void)
{
	struct reassembler *r = reassembler_new(MEMORY);

	assert_non_null(r);
	assert_works(r); /* so the worker is past its preparations */
	return r;
}

static void assert_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static size_t count_open(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	assert_non_null(dir);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Its worker is gone, or does not answer, without r knowing it yet. */
static void assert_dead(struct reassembler *r, uint64_t given_up)
{
	const struct ipv4 next = { .id = 2, .field = MORE, .payload = 8 };

	assert_int_equal(feed(r, 0, &next).result, REASSEMBLE_DEAD);
	assert_int_equal(reassembler_worker(r), 0);
	assert_int_equal(reassembler_given_up(r), given_up + 1);
	assert_no_children();
	for (int i = 0; i < 3; i++)
		assert_int_equal(feed(r, i, &half).result, REASSEMBLE_DEAD);
	reassembler_free(r);
}

/* ---- locked up ---- */

/* The rest of the line of /proc/PID/<file> that begins with 'key', without its spaces. */
static void proc_line(pid_t pid, const char *file, const char *key, char *value, size_t size)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	assert_non_null(f);
	value[0] = '\0';
	while (fgets(line, sizeof line, f)) {
		size_t n = 0;

		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		for (const char *c = line + strlen(key); *c && n + 1 < size; c++)
			if (*c != ' ' && *c != '\t' && *c != '\n')
				value[n++] = *c;
		value[n] = '\0';
	}
	fclose(f);
}

/* Not so for others than root, nor in most user namespaces. */
static bool can_become_nobody(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(setgroups(0, NULL) != 0 || setresuid(65534, 65534, 65534) != 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

static void the_worker_is_locked_up(void **state)
{
	static const struct {
		const char *file, *key, *value;
		bool root_only;
	} lines[] = {
		{ "status", "Seccomp:", "2", false },
		{ "status", "NoNewPrivs:", "1", false },
		{ "status", "CapEff:", "0000000000000000", false },
		{ "status", "CapPrm:", "0000000000000000", false },
		{ "status", "CapInh:", "0000000000000000", false },
		{ "status", "Uid:", "65534655346553465534", true },
		{ "status", "Gid:", "65534655346553465534", true },
		{ "status", "Groups:", "", true },
		{ "limits", "Max core file size", "00bytes", false },
		{ "limits", "Max open files", "00files", false },
	};
	bool becomes_nobody = can_become_nobody();
	struct reassembler *r;
	pid_t pid;
	char value[128], folder[64];

	(void)state;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); /* so that becoming nobody is not enough */
	r = started();
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	pid = reassembler_worker(r);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (lines[i].root_only && !becomes_nobody)
			continue;
		proc_line(pid, lines[i].file, lines[i].key, value, sizeof value);
		if (strcmp(value, lines[i].value) != 0)
			fail_msg("%s %s, not %s", lines[i].key, value, lines[i].value);
	}
	snprintf(folder, sizeof folder, "/proc/%d/fd", (int)pid);
	assert_int_equal(count_open(folder), WORKER_OPEN);
	for (int fd = 3; fd < 5; fd++) {
		char path[64], target[64] = "";

		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
		assert_true(readlink(path, target, sizeof target - 1) > 0);
		assert_memory_equal(target, "pipe:", 5);
	}
	reassembler_free(r);
	assert_no_children();
}

/* ---- its end ---- */

static void killed(void **state)
{
	struct reassembler *r = started();

	(void)state;
	feed(r, 0, &half);
	kill(reassembler_worker(r), SIGKILL);
	assert_dead(r, 1);
}

static void killed_while_sigchld_is_ignored(void **state)
{
	struct reassembler *r = started();

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	kill(reassembler_worker(r), SIGKILL);
	assert_dead(r, 0);
	r = started();
	reassembler_free(r);
	signal(SIGCHLD, SIG_DFL);
}

static void reaped_by_somebody_else(void **state)
{
	struct reassembler *r = started();

	(void)state;
	kill(reassembler_worker(r), SIGKILL);
	assert_int_equal(waitpid(-1, NULL, 0), reassembler_worker(r));
	assert_dead(r, 0);
}

static void stopped_and_not_answering(void **state)
{
	struct reassembler *r = started();

	(void)state;
	feed(r, 0, &half);
	kill(reassembler_worker(r), SIGSTOP);
	assert_dead(r, 1);
}

static void stopped_and_freed(void **state)
{
	struct reassembler *r = started();

	(void)state;
	kill(reassembler_worker(r), SIGSTOP);
	reassembler_free(r);
	assert_no_children();
}

static void what_ends_the_group_leaves_the_worker(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct reassembler *r = started();

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		kill(reassembler_worker(r), signals[i]);
		assert_works(r);
	}
	reassembler_free(r);
}

static volatile sig_atomic_t handled;

static void handle(int sig)
{
	handled = handled + (sig == SIGALRM);
}

static void interrupted_calls_go_on(void **state)
{
	struct sigaction action = { .sa_handler = handle }, before;
	timer_t timer;
	struct itimerspec often = { .it_interval.tv_nsec = 50000, .it_value.tv_nsec = 50000 };
	struct reassembler *r = started();

	(void)state;
	sigaction(SIGALRM, &action, &before);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	timer_settime(timer, 0, &often, NULL);
	for (int i = 0; i < 2000; i++)
		assert_works(r);
	timer_delete(timer);
	sigaction(SIGALRM, &before, NULL);
	assert_true(handled > 10);
	reassembler_free(r);
}

/* Opens one, tells its worker's number, stops the worker if asked to, and is killed. */
static _Noreturn void be_killed(int out, bool stop)
{
	struct reassembler *r = started();
	pid_t worker = reassembler_worker(r);

	if (stop)
		kill(worker, SIGSTOP);
	if (write(out, &worker, sizeof worker) == sizeof worker)
		raise(SIGKILL);
	_exit(1);
}

/* By the end of its pipe, or, when it cannot see that, by the kernel. */
static void the_worker_does_not_outlive_its_parent(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	for (int stop = 0; stop < 2; stop++) {
		int pipes[2];
		pid_t parent, worker = 0;

		assert_int_equal(pipe(pipes), 0);
		parent = fork();
		if (parent == 0)
			be_killed(pipes[1], stop);
		assert_int_equal(read(pipes[0], &worker, sizeof worker), sizeof worker);
		assert_int_equal(waitpid(parent, NULL, 0), parent);
		alarm(20);
		assert_int_equal(waitpid(worker, NULL, 0), worker);
		alarm(0);
		close(pipes[0]);
		close(pipes[1]);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	assert_no_children();
}

static void one_after_another_and_side_by_side(void **state)
{
	size_t open_before = count_open("/proc/self/fd");
	struct reassembler *a = started(), *b = started();
	struct ipv4 last = { .id = 1, .field = 1, .payload = 8 };
	struct fed fed;

	(void)state;
	assert_int_equal(feed(a, 0, &half).result, REASSEMBLE_WAITING);
	assert_int_equal(feed(b, 0, &last).result, REASSEMBLE_WAITING);
	fed = feed(a, 0, &last);
	assert_whole(&fed, &half, 16);
	reassembler_free(a);
	fed = feed(b, 0, &half);
	assert_whole(&fed, &half, 16);
	reassembler_free(b);
	for (int i = 0; i < 5; i++)
		reassembler_free(started());
	reassembler_free(reassembler_new(MEMORY)); /* never asked */
	reassembler_free(NULL);
	assert_no_children();
	assert_int_equal(count_open("/proc/self/fd"), open_before);
}

/* ---- floods ---- */

static size_t resident(pid_t pid)
{
	char path[64];
	unsigned long size, pages = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu", &size, &pages), 2);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct flood_case {
	const char *name;
	struct ipv4 ip;
	uint32_t src_step, dst_step;
	uint16_t id_step;
	unsigned count;
};

/* 0x01000000 steps through destinations that libnids' own table would all put in one place. */
static const struct flood_case flood_cases[] = {
	{ "destinations", { .field = MORE, .payload = 16 }, 0, 1, 0, 1000000 },
	{ "numbers of one pair", { .field = MORE, .payload = 16 }, 0, 0, 1, 200000 },
	{ "destinations that collide", { .field = MORE, .payload = 16 }, 0, 0x00010000, 0, 65536 },
	{ "sources", { .field = 100, .payload = 1 }, 7, 0, 0, 200000 },
	{ "large ones", { .field = MORE, .payload = 1480 }, 1, 0, 0, 100000 },
	{ "second fragments", { .field = 185 | MORE, .payload = 1480 }, 0, 1, 1, 100000 },
};

static void flood(const struct flood_case *c)
{
	/* The sanitizers keep what is freed, up to 256 MiB. */
	const size_t slack = WORKER_OPEN == 2 ? 3 << 20 : 600 << 20;
	struct reassembler *r = started();
	size_t ours = resident(getpid()), workers = resident(reassembler_worker(r)), peak = workers;
	double start = now();
	struct ipv4 ip = c->ip;

	ip.src = 0x0a000001;
	ip.dst = 0x0b000001;
	for (unsigned i = 1; i <= c->count; i++) {
		if (feed(r, i * 1e-6, &ip).result != REASSEMBLE_WAITING)
			fail_msg("%s: fragment %u", c->name, i);
		ip.src += c->src_step;
		ip.dst += c->dst_step;
		ip.id = (uint16_t)(ip.id + c->id_step);
		if (i % 5000 == 0 && resident(reassembler_worker(r)) > peak)
			peak = resident(reassembler_worker(r));
	}
	print_message("%s: %u fragments, %.1f us each, worker +%zu KiB\n", c->name, c->count,
		      (now() - start) * 1e6 / c->count, (peak - workers) / 1024);
	assert_true(peak < workers + MEMORY + slack);
	assert_true(resident(getpid()) < ours + MEMORY + slack);
	assert_works(r);
	reassembler_free(r);
}

static void floods_are_bounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flood_cases / sizeof *flood_cases; i++)
		flood(&flood_cases[i]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worker_is_locked_up),
		cmocka_unit_test(killed),
		cmocka_unit_test(killed_while_sigchld_is_ignored),
		cmocka_unit_test(reaped_by_somebody_else),
		cmocka_unit_test(stopped_and_not_answering),
		cmocka_unit_test(stopped_and_freed),
		cmocka_unit_test(what_ends_the_group_leaves_the_worker),
		cmocka_unit_test(interrupted_calls_go_on),
		cmocka_unit_test(the_worker_does_not_outlive_its_parent),
		cmocka_unit_test(one_after_another_and_side_by_side),
		cmocka_unit_test(floods_are_bounded),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
