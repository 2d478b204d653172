/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_live_states.c - interfaces that go down, come back, or are deleted while they are watched; what cannot
 * be watched; and what watching asks of the kernel. Without root it is skipped (77).
 */
#include "dissect/capture.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/watching.h"
#include "tests/wire.h"

static const struct wire_frame syn = { .protocol = 6, .port = 80, .flags = 2 };

/* Reads until this was complained of; frames may come. */
static int until_said(struct captures *c, const char *text)
{
	struct frame frame;
	int result = CAPTURES_IDLE;

	for (int i = 0; i < 50 && !strstr(said, text) && result != CAPTURES_END; i++)
		result = captures_next(c, &frame);
	assert_non_null(strstr(said, text));
	return result;
}

static void an_interface_that_is_down_is_waited_for(void **state)
{
	struct captures *c = watch("seer", &usual);

	(void)state;
	for (int i = 0; i < 2; i++) {
		said[0] = '\0';
		ip("link set seer down");
		until_said(c, "seer: the interface is down; waiting for it\n");
		nothing_more(c);
		ip("link set seer up");
		until_said(c, "seer: the interface is up again\n");
		assert_string_equal(said, "seer: the interface is down; waiting for it\n"
					  "seer: the interface is up again\n");
		usleep(100000); /* its carrier comes later */
		wire_send("sender", &syn);
		next(c);
	}
	assert_int_equal(captures_failed(c), 0);
	captures_close(c);
}

static void one_that_is_deleted_ends_it(void **state)
{
	static const char *const watched[] = { "seer", "lo seer", "seer" };

	(void)state;
	ip("link set lo up");
	for (int i = 0; i < 3; i++) {
		struct captures *c;
		struct frame frame;

		wire_make();
		c = watch(watched[i], &usual);
		if (i == 2) {
			ip("link set seer down");
			until_said(c, "seer: the interface is down");
		}
		wire_remove();
		until_said(c, "seer: the interface is gone\n");
		assert_int_equal(captures_next(c, &frame), CAPTURES_END);
		assert_int_equal(captures_failed(c), 1);
		captures_loss(c);
		captures_close(c);
	}
}

static void what_cannot_be_watched_is_said(void **state)
{
	struct watch_options options = usual;

	(void)state;
	assert_null(watch("nosuch0", &options));
	assert_string_equal(said, "nosuch0: there is no such interface (lastack -D lists them)\n");
	assert_null(watch("seer nosuch0", &options));
	assert_string_equal(said, "nosuch0: there is no such interface (lastack -D lists them)\n");
	ip("link set seer down");
	assert_null(watch("seer", &options));
	assert_string_equal(said, "seer: the interface is not up (ip link set seer up)\n");
	ip("link set seer up");
	options.filter = "type mgt";
	assert_null(watch("seer", &options));
	assert_non_null(strstr(said, "seer: the filter cannot be used on this interface: "));
}

/* The list in live.h, and what the sanitizers and the test itself need. */
static void lock_up(void)
{
	static const char *const calls[] = {
		"poll",		 "ppoll",  "getsockopt",   "getsockname", "ioctl",	 "pread64",
		"clock_gettime", "munmap", "mmap",	   "brk",	  "madvise",	 "futex",
		"exit_group",	 "write",  "rt_sigreturn", "sched_yield", "sigaltstack",
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(calls[i]), 0);
	if (seccomp_load(filter) != 0)
		_exit(99);
}

/* Frames, an interface that goes and comes back, losses, and the end of it. */
static void locked_up_child(struct captures *c, int ready)
{
	struct frame frame;
	uint64_t frames = 0;
	int result;

	lock_up();
	if (write(ready, "", 1) != 1)
		_exit(98);
	while ((result = captures_next(c, &frame)) != CAPTURES_END) {
		frames += result == CAPTURES_FRAME;
		captures_loss(c);
		captures_clock(c);
	}
	_exit(frames == 2 && strstr(said, "down") && strstr(said, "up again") && strstr(said, "gone") ? 0
												      : 97);
}

static void it_opens_nothing_later(void **state)
{
	struct captures *c = watch("seer", &usual);
	int ready[2], status;
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0)
		locked_up_child(c, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	wire_send("sender", &syn);
	usleep(200000);
	ip("link set seer down");
	usleep(600000);
	ip("link set seer up");
	usleep(600000);
	wire_send("sender", &syn);
	usleep(300000);
	wire_remove();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	captures_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WIRE(an_interface_that_is_down_is_waited_for),
		ON_WIRE(one_that_is_deleted_ends_it),
		ON_WIRE(what_cannot_be_watched_is_said),
		ON_WIRE(it_opens_nothing_later),
	};

	if (!wire_namespace()) {
		puts("skipped: a network namespace needs root");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
