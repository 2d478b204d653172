/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_sandbox.c - what may be done behind the door, and what may not. Each attempt is made by a child that
 * has closed the door, and by one that has not: there it must succeed, or it would show nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dissect/child.h"
#include "sandbox_attempts.h"
#include "ui/sandbox.h"

enum {
	NOT_ENTERED = 99, /* exit status; no errno of ours */
	OTHER_USER = 12345,
};

static const struct sandbox_user nobody_asked = { .given = false };

/* waitpid()'s status of a child that does it, and exits with what it returns. */
static int status_of(const struct sandbox_user *user, int (*act)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (user && !sandbox_enter(user))
			_exit(NOT_ENTERED);
		_exit(act());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool has_outcome(int status, enum outcome outcome)
{
	if (outcome == KILLED)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	return WIFEXITED(status) && WEXITSTATUS(status) == EPERM;
}

static void forbidden_calls_are_refused_or_end_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < attempt_count; i++) {
		const struct attempt *f = &attempts[i];
		int status;

#ifdef LASTACK_SANITIZED
		if (f->sanitizers_need_it)
			continue;
#endif
		status = status_of(NULL, f->act);
		if (status != 0)
			fail_msg("without the door: %s: status %#x", f->name, (unsigned)status);
		status = status_of(&nobody_asked, f->act);
		if (!has_outcome(status, f->outcome))
			fail_msg("behind the door: %s: status %#x", f->name, (unsigned)status);
	}
}

/* ---- root ---- */

static int become_root(void)
{
	return setresuid(0, 0, 0) == -1 ? errno : 0;
}

/* Before the list of calls could refuse it, the program tried itself; here the list does. */
static void root_cannot_be_had_again(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(status_of(NULL, become_root), 0);
	assert_true(has_outcome(status_of(&nobody_asked, become_root), REFUSED));
}

/* A process behind the door, until the other end of *gate closes. */
static pid_t wait_behind(const struct sandbox_user *user, int *gate)
{
	int ready[2], end[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const gid_t group = OTHER_USER;

		if (geteuid() == 0 && setgroups(1, &group) != 0)
			_exit(NOT_ENTERED);
		close(end[1]);
		if (sandbox_enter(user) && write(ready[1], "x", 1) == 1 && read(end[0], &c, 1) == 0)
			_exit(0);
		_exit(NOT_ENTERED);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*gate = end[1];
	return pid;
}

static char *status_file(pid_t pid)
{
	static char text[8192];
	char name[64];
	size_t n;
	FILE *f;

	sprintf(name, "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void has_line(const char *text, const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (!strstr(text, line))
		fail_msg("no line %s in %s", line, text);
}

static void check_given_up(const struct sandbox_user *user, uid_t uid, gid_t gid)
{
	int gate, status;
	pid_t pid = wait_behind(user, &gate);
	const char *text = status_file(pid);

	has_line(text, "\nSeccomp:\t2\n");
	has_line(text, "\nNoNewPrivs:\t1\n");
	has_line(text, "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
	has_line(text, "\nCapAmb:\t0000000000000000\n");
	has_line(text, "\nUid:\t%u\t%u\t%u\t%u\n", uid, uid, uid, uid);
	has_line(text, "\nGid:\t%u\t%u\t%u\t%u\n", gid, gid, gid, gid);
	if (geteuid() == 0)
		has_line(text, "\nGroups:\t \n");
	close(gate);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void all_is_given_up(void **state)
{
	bool root = geteuid() == 0;

	(void)state;
	check_given_up(&nobody_asked, root ? 65534 : getuid(), root ? 65534 : getgid());
}

static void the_user_asked_for(void **state)
{
	const struct sandbox_user user = { .given = true, .uid = OTHER_USER, .gid = OTHER_USER + 1 };
	const struct sandbox_user same = { .given = true, .uid = getuid(), .gid = getgid() };

	(void)state;
	if (geteuid() == 0) {
		check_given_up(&user, OTHER_USER, OTHER_USER + 1);
	} else {
		check_given_up(&same, getuid(), getgid());
		assert_int_equal(status_of(&user, attempt_open_to_read), NOT_ENTERED << 8);
	}
}

/* A user that was asked for is not missed in silence. */
static int ask_for_another(void)
{
	const struct sandbox_user user = { .given = true, .uid = OTHER_USER, .gid = OTHER_USER };

	if (setresuid(OTHER_USER + 1, OTHER_USER + 1, OTHER_USER + 1) != 0)
		return 1;
	return sandbox_enter(&user) ? 2 : 0;
}

static void a_user_that_cannot_be_had(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(status_of(NULL, ask_for_another), 0);
}

static void names_of_users(void **state)
{
	struct sandbox_user user = { .given = false };

	(void)state;
	assert_true(sandbox_user_named(&user, "root"));
	assert_true(user.given);
	assert_int_equal(user.uid, 0);
	assert_true(sandbox_user_named(&user, "4000000000"));
	assert_int_equal(user.uid, 4000000000);
	assert_int_equal(user.gid, 4000000000);
	assert_false(sandbox_user_named(&user, "4294967295"));
	assert_false(sandbox_user_named(&user, "18446744073709551616"));
	assert_false(sandbox_user_named(&user, "no such user"));
	assert_false(sandbox_user_named(&user, "12x"));
	assert_false(sandbox_user_named(&user, "-1"));
	assert_false(sandbox_user_named(&user, ""));
}

/* ---- threads ---- */

static void *open_in_thread(void *result)
{
	*(int *)result = attempt_open_to_write();
	return NULL;
}

static int open_in_new_thread(void)
{
	pthread_t thread;
	int result = -1;

	if (pthread_create(&thread, NULL, open_in_thread, &result) != 0)
		return 1;
	pthread_join(thread, NULL);
	return result;
}

static void threads_are_made_and_held(void **state)
{
	(void)state;
	assert_int_equal(status_of(NULL, open_in_new_thread), 0);
	assert_true(has_outcome(status_of(&nobody_asked, open_in_new_thread), REFUSED));
}

static void *wait_for_ever(void *nothing)
{
	pause();
	return nothing;
}

static int enter_with_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, wait_for_ever, NULL) != 0 || sandbox_enter(&nobody_asked);
}

static void threads_before_the_door(void **state)
{
	(void)state;
	assert_int_equal(status_of(NULL, enter_with_thread), 0);
}

/* ---- what is allowed ---- */

static int work(void)
{
	char bytes[16] = "";
	struct stat status;
	struct timespec now, little = { .tv_nsec = 1000 };
	struct winsize size;
	time_t moment = 1800000000;
	void *volatile much = malloc(64 << 20);

	if (pread(attempt_file, bytes, 5, 0) != 5 || memcmp(bytes, "hello", 5) != 0 ||
	    lseek(attempt_file, 0, SEEK_SET) != 0)
		return 1;
	if (fstat(attempt_file, &status) != 0 || status.st_size != 5 ||
	    write(attempt_file, "hello", 5) != 5 || ftruncate(attempt_file, 5) != 0 ||
	    flock(attempt_file, LOCK_EX | LOCK_NB) != 0)
		return 2;
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 || nanosleep(&little, NULL) != 0 || !localtime(&moment))
		return 3;
	if (!much || signal(SIGUSR1, SIG_IGN) == SIG_ERR || raise(SIGUSR1) != 0)
		return 4;
	if (ioctl(attempt_file, TIOCGWINSZ, &size) != -1 || errno != ENOTTY)
		return 5;
	memset(much, 1, 64 << 20);
	free(much);
	return 0;
}

static void work_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(status_of(NULL, work), 0);
	assert_int_equal(status_of(&nobody_asked, work), 0);
}

static int end_in_abort(void)
{
	abort();
}

static void an_abort_is_an_abort(void **state)
{
	int status = status_of(&nobody_asked, end_in_abort);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

/* The child has become nobody too: it could not be killed otherwise. */
static int kill_own_child(void)
{
	int pair[2], status;
	char c;
	pid_t pid;

	if (pipe(pair) != 0)
		return 1;
	pid = child_fork("to be killed");
	if (pid == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(1);
		if (write(pair[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(pair[0], &c, 1) != 1 || !sandbox_enter(&nobody_asked))
		return 2;
	if (kill(pid, SIGTERM) == 0 || errno != EPERM)
		return 3;
	if (kill(pid, SIGKILL) != 0)
		return 4;
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? 0 : 5;
}

static void own_children_can_be_killed(void **state)
{
	(void)state;
	assert_int_equal(status_of(NULL, kill_own_child), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden_calls_are_refused_or_end_it),
		cmocka_unit_test(root_cannot_be_had_again),
		cmocka_unit_test(all_is_given_up),
		cmocka_unit_test(the_user_asked_for),
		cmocka_unit_test(a_user_that_cannot_be_had),
		cmocka_unit_test(names_of_users),
		cmocka_unit_test(threads_are_made_and_held),
		cmocka_unit_test(threads_before_the_door),
		cmocka_unit_test(work_is_allowed),
		cmocka_unit_test(an_abort_is_an_abort),
		cmocka_unit_test(own_children_can_be_killed),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, attempts_begin, attempts_end);
}
