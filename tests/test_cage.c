/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cage.c - what may be done inside a cage, and what one outside sees of what may not. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dissect/cage.h"

enum {
	BIG = 300000,
	NEARLY_USED_UP = 1, /* seconds of CPU */
};

static bool ready(void *context)
{
	(void)context;
	return true;
}

static size_t echo(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	(void)context;
	memcpy(reply, request, length);
	return length;
}

static struct cage_work work(size_t (*serve)(void *, const uint8_t *, size_t, uint8_t *))
{
	return (struct cage_work){ .name = "a cage",
				   .memory = 64 << 20,
				   .request_max = BIG,
				   .reply_max = BIG,
				   .prepare = ready,
				   .serve = serve };
}

static bool asked_once(const struct cage_work *w, void *context)
{
	struct cage cage;
	uint8_t *reply = malloc(BIG);
	size_t length;
	bool answered;

	assert_int_equal(cage_open(&cage, w, context), 0);
	memcpy(cage.request, "hello", 5);
	answered = cage_ask(&cage, 5, reply, &length);
	assert_int_equal(cage.pid != 0, answered);
	if (!answered) /* and stays so */
		assert_false(cage_ask(&cage, 5, reply, &length));
	cage_close(&cage);
	cage_close(&cage);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	free(reply);
	return answered;
}

/* Far more than a pipe holds, both ways. */
static void all_sizes_of_messages(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 65535, 65536, 65537, 131072, BIG };
	struct cage_work w = work(echo);
	struct cage cage;
	uint8_t *reply = malloc(BIG), *sent = malloc(BIG);
	size_t length;

	(void)state;
	assert_int_equal(cage_open(&cage, &w, NULL), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			sent[k] = (uint8_t)(k * 31 + i);
		memcpy(cage.request, sent, sizes[i]);
		assert_true(cage_ask(&cage, sizes[i], reply, &length));
		assert_int_equal(length, sizes[i]);
		assert_memory_equal(reply, sent, length);
	}
	cage_close(&cage);
	free(reply);
	free(sent);
}

/* ---- what is forbidden ---- */

struct forbidden {
	const char *name;
	void (*act)(void);
	bool with_sanitizers; /* forbidden then, too */
};

static void make_socket(void)
{
	syscall(SYS_socket, 1, 1, 0);
}

static void make_process(void)
{
	if (fork() == 0)
		_exit(0);
}

static void run_program(void)
{
	char *const nothing[] = { NULL };

	execve("/bin/true", nothing, nothing);
}

static void kill_group(void)
{
	kill(0, 0);
}

static void map_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void duplicate(void)
{
	dup(3);
}

static void make_pipe(void)
{
	int ends[2];

	pipe2(ends, 0);
}

static void look_at_parent(void)
{
	syscall(SYS_getppid);
}

static void open_file(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void write_elsewhere(void)
{
	write(2, "", 0);
}

static void read_elsewhere(void)
{
	char c;

	read(4, &c, 1);
}

static const struct forbidden forbidden[] = {
	{ "a socket", make_socket, true },
	{ "a process", make_process, true },
	{ "a program", run_program, true },
	{ "a signal", kill_group, true },
	{ "memory that is code", map_code, true },
	{ "memory that becomes code", make_code, true },
	{ "another descriptor", duplicate, true },
	{ "a pipe", make_pipe, true },
	{ "another process's number", look_at_parent, true },
	{ "a file", open_file, false },
	{ "a write elsewhere", write_elsewhere, false },
	{ "a read elsewhere", read_elsewhere, false },
};

static size_t act(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	const struct forbidden *what = context;

	what->act();
	return echo(context, request, length, reply);
}

static void forbidden_calls_end_the_cage(void **state)
{
	struct cage_work w = work(act), harmless = work(echo);

	(void)state;
	assert_true(asked_once(&harmless, NULL));
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
		struct forbidden what = forbidden[i];

#ifdef LASTACK_SANITIZED
		if (!what.with_sanitizers)
			continue;
#endif
		if (asked_once(&w, &what))
			fail_msg("%s was allowed", what.name);
	}
}

static size_t use_memory(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	for (size_t n = 1; n <= 16 << 20; n *= 2) {
		uint8_t *p = calloc(1, n);

		p = realloc(p, 2 * n);
		p[2 * n - 1] = 1;
		free(p);
	}
	return echo(context, request, length, reply);
}

static void memory_is_allowed(void **state)
{
	struct cage_work w = work(use_memory);

	(void)state;
	assert_true(asked_once(&w, NULL));
}

static size_t use_much_memory(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	void *volatile much = malloc(256 << 20);

	length = much ? length : 0;
	free(much);
	return echo(context, request, length, reply);
}

static void but_not_much(void **state)
{
	struct cage_work w = work(use_much_memory);
	struct cage cage;
	uint8_t reply[8];
	size_t length;

	(void)state;
#ifdef LASTACK_SANITIZED
	print_message("no limit on memory with AddressSanitizer, which needs terabytes\n");
	skip();
#endif
	assert_int_equal(cage_open(&cage, &w, NULL), 0);
	assert_true(cage_ask(&cage, 5, reply, &length));
	assert_int_equal(length, 0);
	cage_close(&cage);
}

/* ---- what goes wrong ---- */

static bool not_ready(void *context)
{
	(void)context;
	return false;
}

static void preparations_that_fail(void **state)
{
	struct cage_work w = work(echo);

	(void)state;
	w.prepare = not_ready;
	assert_false(asked_once(&w, NULL));
}

static _Noreturn size_t loop(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	(void)context;
	(void)request;
	(void)reply;
	for (volatile size_t i = length;; i = i + 1)
		continue;
}

static void endless_loops(void **state)
{
	struct cage_work w = work(loop);

	(void)state;
	assert_false(asked_once(&w, NULL));
}

/* Replies with what is left of the CPU time for this answer, and then goes on as if it were nearly used up.
 */
static size_t use_time_up(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	static const struct itimerval nearly = { .it_value = { .tv_sec = NEARLY_USED_UP } };
	struct itimerval left = { .it_value = { 0 } };
	int64_t seconds;

	(void)context;
	(void)request;
	(void)length;
	setitimer(ITIMER_PROF, &nearly, &left);
	seconds = left.it_value.tv_sec;
	memcpy(reply, &seconds, sizeof seconds);
	return sizeof seconds;
}

/* What counts is the time for one answer, not for all of them. */
static void long_lives(void **state)
{
	struct cage_work w = work(use_time_up);
	struct cage cage;
	int64_t seconds;
	size_t length;

	(void)state;
	assert_int_equal(cage_open(&cage, &w, NULL), 0);
	for (int i = 0; i < 5; i++) {
		assert_true(cage_ask(&cage, 5, (uint8_t *)&seconds, &length));
		assert_int_equal(length, sizeof seconds);
		assert_true(seconds > NEARLY_USED_UP);
	}
	cage_close(&cage);
}

/* As a program that has dropped its privileges to a user who is not the cage's. Killed by the alarm if it
 * fails. */
static _Noreturn void be_another_user(void)
{
	struct cage_work w = work(loop);
	struct cage cage;
	size_t length;
	uint8_t reply[8];
	pid_t pid;
	bool as_it_should;

	alarm(25);
	if (cage_open(&cage, &w, NULL) != 0 || setresuid(12345, 12345, 12345) != 0)
		_exit(1);
	pid = cage.pid;
	as_it_should = !cage_ask(&cage, 5, reply, &length) && cage.pid == 0;
	waitpid(pid, NULL, 0);
	_exit(as_it_should ? 0 : 1);
}

static void endless_loops_that_we_may_not_kill(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		be_another_user();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static _Noreturn size_t crash(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	(void)context;
	(void)request;
	(void)length;
	(void)reply;
	abort();
}

static void crashes(void **state)
{
	struct cage_work w = work(crash);

	(void)state;
	assert_false(asked_once(&w, NULL));
}

static size_t lie(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	static const uint32_t too_long = BIG + 1;

	(void)context;
	(void)request;
	(void)reply;
	if (write(4, &too_long, sizeof too_long) != sizeof too_long)
		_exit(1);
	return length;
}

static void replies_that_are_too_long(void **state)
{
	struct cage_work w = work(lie);

	(void)state;
	assert_false(asked_once(&w, NULL));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes_of_messages),
		cmocka_unit_test(forbidden_calls_end_the_cage),
		cmocka_unit_test(memory_is_allowed),
		cmocka_unit_test(but_not_much),
		cmocka_unit_test(preparations_that_fail),
		cmocka_unit_test(long_lives),
		cmocka_unit_test(endless_loops),
		cmocka_unit_test(endless_loops_that_we_may_not_kill),
		cmocka_unit_test(crashes),
		cmocka_unit_test(replies_that_are_too_long),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
