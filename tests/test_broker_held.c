/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_broker_held.c - what the broker's process that opens outputs has given up. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_folder.h"
#include "ui/broker_files.h"
#include "ui/broker_hold.h"

enum { OTHER_USER = 12345 };

static void it_is_held(void **state)
{
	const char *const outputs[] = { in("out/x") };
	struct broker *broker = start_with(outputs, 1);

	(void)state;
	assert_true(status_has(only_child(), "\nSeccomp:\t2\n"));
	assert_true(status_has(only_child(), "\nNoNewPrivs:\t1\n"));
	assert_true(status_has(only_child(), "\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"));
	broker_end(broker);
}

/* Only where a folder takes it; and it does not help elsewhere. */
static void a_capability_that_a_folder_needs(void **state)
{
	const char *const outputs[] = { in("out/x"), in("theirs/x") };
	struct broker *broker;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(in("theirs"), 0700), 0);
	assert_int_equal(chown(in("theirs"), OTHER_USER, OTHER_USER), 0);
	broker = start_with(outputs, 2);
	assert_true(status_has(only_child(), "\nCapPrm:\t0000000000000002\nCapEff:\t0000000000000002\n"));
	fd = open_by(broker, in("theirs/x"));
	assert_true(fd != -1);
	close(fd);
	broker_end(broker);
}

static int folder = -1;

static int open_elsewhere(void)
{
	return error_of(open(in("other/x"), O_WRONLY | O_CREAT, 0666));
}

static int open_above(void)
{
	return error_of(openat(folder, "../other/x", O_WRONLY | O_CREAT, 0666));
}

static int read_elsewhere(void)
{
	return error_of(open("/etc/passwd", O_RDONLY));
}

static int read_here(void)
{
	return error_of(openat(folder, "held", O_RDONLY | O_CREAT, 0666));
}

static int remove_elsewhere(void)
{
	return error_of(unlinkat(AT_FDCWD, in("other/gone"), 0));
}

static int make_socket(void)
{
	return error_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_folder(void)
{
	return error_of(mkdirat(folder, "new", 0755));
}

static int run_program(void)
{
	char *const arguments[] = { "true", NULL }, *const nothing[] = { NULL };

	return error_of(execve("/bin/true", arguments, nothing));
}

static int make_file(void)
{
	return error_of(openat(folder, "held", O_WRONLY | O_CREAT, 0666));
}

static int remove_file(void)
{
	return error_of(unlinkat(folder, "held", 0));
}

/* What a child returns that does it in the broker's place. */
static int held(int (*act)(void), bool hold)
{
	const char *const outputs[] = { in("out/held") };
	struct broker_files files;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!broker_files_open(&files, outputs, 1) || (hold && !broker_hold_opener(&files)))
			_exit(255);
		folder = files.list[0].fd;
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static void who_takes_it_over_is_held(void **state)
{
	static const struct {
		const char *what;
		int (*act)(void);
		int error;
		bool landlock; /* is what holds it */
	} cases[] = {
		{ "make a file", make_file, 0, false },
		{ "remove it", remove_file, 0, false },
		{ "a file elsewhere", open_elsewhere, EACCES, true },
		{ "a file above", open_above, EACCES, true },
		{ "read elsewhere", read_elsewhere, EACCES, true },
		{ "read here", read_here, EACCES, true },
		{ "remove elsewhere", remove_elsewhere, EACCES, true },
		{ "make a folder", make_folder, EPERM, false },
		{ "make a socket", make_socket, EPERM, false },
		{ "run a program", run_program, EPERM, false },
	};

	(void)state;
	if (!has_landlock())
		print_message("no Landlock in this kernel: only half of it is tried\n");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int error;

		if (cases[i].landlock && !has_landlock())
			continue;
		put("other/gone", "");
		if (held(cases[i].act, false) != 0)
			fail_msg("%s: fails anyway", cases[i].what);
		put("other/gone", "");
		if (cases[i].act == remove_file)
			put("out/held", "");
		rmdir(in("out/new"));
		error = held(cases[i].act, true);
		if (error != cases[i].error)
			fail_msg("%s: %s, not %s", cases[i].what, strerror(error), strerror(cases[i].error));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_held),
		cmocka_unit_test(a_capability_that_a_folder_needs),
		cmocka_unit_test(who_takes_it_over_is_held),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, broker_folders_make, broker_folders_remove);
}
