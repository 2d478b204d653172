/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_broker.c - what the broker opens, what it does not, and what is left of it when it is attacked or
 * dead. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dissect/child.h"
#include "ui/broker.h"
#include "ui/broker_files.h"
#include "ui/broker_hold.h"

enum { OTHER_USER = 12345, NAME_SIZE = 256, WAIT_MS = 10 };

/* A folder with out/, which outputs are in, and other/, which they are not. */
static char root[] = "/tmp/lastack-test-broker-XXXXXX";

static pid_t tester;

static const char *in(const char *name)
{
	static char names[4][NAME_SIZE];
	static unsigned next;
	char *to = names[next++ % 4];

	snprintf(to, NAME_SIZE, "%s/%s", root, name);
	return to;
}

static void put(const char *name, const char *bytes)
{
	FILE *f = fopen(in(name), "we");

	assert_non_null(f);
	assert_true(fputs(bytes, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static bool exists(const char *name)
{
	struct stat status;

	return lstat(in(name), &status) == 0;
}

static int make_folders(void **state)
{
	(void)state;
	tester = getpid();
	return mkdtemp(root) && mkdir(in("out"), 0755) == 0 && mkdir(in("other"), 0755) == 0 &&
			       chdir(root) == 0
		       ? 0
		       : -1;
}

static int remove_folders(void **state)
{
	char command[NAME_SIZE];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

static struct broker *start_with(const char *const *outputs, size_t n)
{
	const struct broker_options options = { .outputs = outputs, .output_count = n };
	struct broker *broker = broker_start(&options);

	if (!broker)
		fail_msg("broker_start: %s", strerror(errno));
	return broker;
}

static int open_by(struct broker *broker, const char *name)
{
	struct opener *opener = broker_opener(broker);

	return opener->open(opener, name);
}

static bool remove_by(struct broker *broker, const char *name)
{
	struct opener *opener = broker_opener(broker);

	return opener->remove(opener, name);
}

static void refuses(struct broker *broker, const char *name, int error)
{
	int fd = open_by(broker, name);

	if (fd != -1)
		fail_msg("%s was opened", name);
	if (errno != error)
		fail_msg("%s: %s, not %s", name, strerror(errno), strerror(error));
	assert_false(remove_by(broker, name));
}

static void all_children_are_reaped(void)
{
	pid_t pids[CHILDREN_MAX];

	assert_int_equal(child_list(pids), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* ---- names ---- */

static void names_that_fit(void **state)
{
	static const struct {
		const char *base, *name;
		bool fits;
	} cases[] = {
		{ "rows.csv", "rows.csv", true },
		{ "rows.csv", "rows-20261120T093000Z.csv", true },
		{ "rows.csv", "rows.csv.3", true },
		{ "rows.csv", "rows.1.csv", true },
		{ "rows", "rows.1", true },
		{ "rows.csv", "row.csv", false },
		{ "rows.csv", "rows.csv.gz", false },
		{ "rows.csv", "xrows.csv", false },
		{ "rows.csv", "rowsevil.csv", false },
		{ "rows.csv", "rows.json", false },
		{ "rows.csv", "", false },
		{ "%Y-%m-%d.ndjson", "2026-11-20.ndjson", true },
		{ "%Y-%m-%d.ndjson", "2026-11-20-2.ndjson", true },
		{ "%Y-%m-%d.ndjson", "passwd", false },
		{ "%Y-%m-%d.ndjson", "2026-11-20.ndjson~", false },
		{ "%-d %b%%.x", "3 Mrz%.x", true },
		{ "%-d %b%%.x", "3 Mrz.x", false },
		{ "%", "%", true },
		{ "%_", "%_", true },
		{ "%Y", "..", false },
		{ "%Y", ".", false },
		{ "%Y", "a/b", false },
		{ ".hidden", ".hidden.7", true },
		{ "..", "..", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (broker_name_fits(cases[i].base, cases[i].name) != cases[i].fits)
			fail_msg("%s, %s: should be %d", cases[i].base, cases[i].name, cases[i].fits);
}

static void names_that_are_too_long(void **state)
{
	char many[600], most[256], name[256];

	(void)state;
	memset(many, 'a', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	assert_false(broker_name_fits(many, "a"));
	assert_false(broker_name_fits("%Y", many));
	/* As much to try as there can be. */
	for (size_t i = 0; i + 1 < sizeof most; i++)
		most[i] = i % 2 ? 'Y' : '%';
	most[sizeof most - 2] = 'x';
	most[sizeof most - 1] = '\0';
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 100; i++)
		assert_false(broker_name_fits(most, name));
}

/* ---- opening ---- */

static void opens_outputs(void **state)
{
	const char *const outputs[] = { in("out/%Y.csv"), "-", "out/here.json", "plain.txt" };
	struct broker *broker = start_with(outputs, 4);
	char bytes[8] = "";
	int fd;

	(void)state;
	put("out/2026.csv", "before");
	fd = open_by(broker, in("out/2026.csv"));
	assert_true(fd > 2);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_WRONLY);
	assert_int_equal(write(fd, "B", 1), 1);
	assert_int_equal(ftruncate(fd, 3), 0);
	close(fd);
	fd = open(in("out/2026.csv"), O_RDONLY);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	assert_string_equal(bytes, "Bef");
	close(fd);

	fd = open_by(broker, in("out/2027.csv"));
	assert_true(fd != -1 && exists("out/2027.csv"));
	close(fd);
	fd = open_by(broker, "out/here-1.json");
	assert_true(fd != -1 && exists("out/here-1.json"));
	close(fd);
	fd = open_by(broker, "plain.2.txt");
	assert_true(fd != -1 && exists("plain.2.txt"));
	close(fd);

	assert_true(remove_by(broker, in("out/2027.csv")));
	assert_false(exists("out/2027.csv"));
	assert_false(remove_by(broker, in("out/2027.csv")));
	assert_int_equal(errno, ENOENT);
	broker_end(broker);
	all_children_are_reaped();
}

static void opens_nothing_else(void **state)
{
	const char *const outputs[] = { in("out/%Y.csv"), "plain.txt" };
	struct broker *broker = start_with(outputs, 2);
	char longest[8000];

	(void)state;
	put("other/x.csv", "");
	put("out/x.txt", "");
	assert_int_equal(mkdir(in("out/folder.csv"), 0755), 0);
	assert_int_equal(mkfifo(in("out/fifo.csv"), 0666), 0);
	assert_int_equal(symlink("../other/x.csv", in("out/link.csv")), 0);
	assert_int_equal(symlink(in("other/x.csv"), in("out/absolute.csv")), 0);
	assert_int_equal(symlink("/proc/self/exe", in("out/magic.csv")), 0);
	refuses(broker, in("other/x.csv"), EACCES);
	refuses(broker, in("out/x.txt"), EACCES);
	refuses(broker, in("out/../other/x.csv"), EACCES);
	refuses(broker, in("out/.."), EACCES);
	refuses(broker, in("out/."), EACCES);
	refuses(broker, in("out/"), EACCES);
	refuses(broker, in("out//x.csv"), EACCES);
	refuses(broker, "out/x.csv", EACCES); /* the same folder, but not as given */
	refuses(broker, "", EACCES);
	refuses(broker, "..", EACCES);
	refuses(broker, "other/plain.txt", EACCES);
	refuses(broker, "/plain.txt", EACCES);
	refuses(broker, "/etc/passwd", EACCES);
	refuses(broker, in("out/folder.csv"), EACCES);
	refuses(broker, in("out/fifo.csv"), EACCES);
	refuses(broker, in("out/link.csv"), EACCES);
	refuses(broker, in("out/absolute.csv"), EACCES);
	refuses(broker, in("out/magic.csv"), EACCES);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	refuses(broker, longest, ENAMETOOLONG);
	longest[4000] = '\0';
	refuses(broker, longest, EACCES);
	broker_end(broker);
	assert_true(exists("out/link.csv") && exists("other/x.csv") && exists("out/fifo.csv"));
}

/* The very name given may be any kind of file, but its links do not lead out either. */
static void the_names_given(void **state)
{
	const char *const outputs[] = { in("out/given.fifo"), in("out/given.link"), in("out/inner.link") };
	struct broker *broker = start_with(outputs, 3);
	int reader, fd;

	(void)state;
	assert_int_equal(mkfifo(in("out/given.fifo"), 0666), 0);
	assert_int_equal(open_by(broker, in("out/given.fifo")), -1); /* and does not wait for a reader */
	assert_int_equal(errno, ENXIO);
	reader = open(in("out/given.fifo"), O_RDONLY | O_NONBLOCK);
	fd = open_by(broker, in("out/given.fifo"));
	assert_true(fd != -1);
	close(fd);
	close(reader);
	put("other/y", "");
	assert_int_equal(symlink("../other/y", in("out/given.link")), 0);
	assert_int_equal(open_by(broker, in("out/given.link")), -1);
	assert_int_equal(errno, EXDEV);
	put("out/target", "");
	assert_int_equal(symlink("target", in("out/inner.link")), 0);
	fd = open_by(broker, in("out/inner.link"));
	assert_true(fd != -1);
	close(fd);
	broker_end(broker);
}

static void folders_that_are_missing(void **state)
{
	const char *const outputs[] = { in("out/x"), in("nowhere/x") };
	const struct broker_options options = { .outputs = outputs, .output_count = 2 };

	(void)state;
	assert_null(broker_start(&options));
	assert_int_equal(errno, ENOENT);
	all_children_are_reaped();
}

static void without_outputs(void **state)
{
	const struct broker_options options = { .outputs = NULL };
	struct broker *broker = broker_start(&options);

	(void)state;
	assert_non_null(broker);
	refuses(broker, "x", EACCES);
	assert_false(broker_ask(broker, "x", 1));
	assert_int_equal(broker_answer_fd(broker), -1);
	broker_end(broker);
	broker_end(NULL);
}

/* ---- what it has given up ---- */

static bool status_has(pid_t pid, const char *line)
{
	char name[64], text[8192];
	size_t n;
	FILE *f;

	snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return strstr(text, line) != NULL;
}

static pid_t only_child(void)
{
	pid_t pids[CHILDREN_MAX];

	assert_int_equal(child_list(pids), 1);
	return pids[0];
}

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

static int error_of(long result)
{
	return result == -1 ? errno : 0;
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

/* ---- dead, hung ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void a_dead_broker(void **state)
{
	const char *const outputs[] = { in("out/x") };
	struct broker *broker = start_with(outputs, 1);
	int64_t start = now_ms();

	(void)state;
	assert_int_equal(kill(only_child(), SIGKILL), 0);
	refuses(broker, in("out/x"), ESRCH);
	refuses(broker, in("out/x"), ESRCH);
	broker_end(broker);
	assert_true(now_ms() - start < 1500);
	all_children_are_reaped();
}

static int next_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

/* The answer that came too late belongs to nobody, and its descriptor is closed. */
static void a_broker_that_hangs(void **state)
{
	const char *const outputs[] = { in("out/hung"), in("out/later") };
	struct broker *broker = start_with(outputs, 2);
	int before = next_descriptor(), fd;
	struct stat opened, named;

	(void)state;
	assert_int_equal(kill(only_child(), SIGSTOP), 0);
	assert_int_equal(open_by(broker, in("out/hung")), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(kill(only_child(), SIGCONT), 0);
	fd = open_by(broker, in("out/later"));
	assert_int_equal(fd, before);
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(stat(in("out/later"), &named), 0);
	assert_int_equal(opened.st_ino, named.st_ino);
	close(fd);
	assert_int_equal(kill(only_child(), SIGSTOP), 0);
	broker_end(broker); /* kills it */
	all_children_are_reaped();
}

static void it_ends_with_the_program(void **state)
{
	const char *const outputs[] = { in("out/x") };
	int pair[2], status, ended = 0;
	pid_t pid, pids[CHILDREN_MAX];

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		if (!broker_start(&(struct broker_options){ .outputs = outputs, .output_count = 1 }))
			_exit(1);
		_exit(child_list(pids) != 1 || write(pair[1], pids, sizeof *pids) != sizeof *pids);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(pair[0], &pid, sizeof pid), sizeof pid);
	for (int i = 0; i < 500 && !ended; i++) {
		ended = waitpid(pid, &status, WNOHANG);
		nanosleep(&(struct timespec){ .tv_nsec = WAIT_MS * 1000000 }, NULL);
	}
	assert_int_equal(ended, pid);
	close(pair[0]);
	close(pair[1]);
}

/* ---- lookups ---- */

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_fit),
		cmocka_unit_test(names_that_are_too_long),
		cmocka_unit_test(opens_outputs),
		cmocka_unit_test(opens_nothing_else),
		cmocka_unit_test(the_names_given),
		cmocka_unit_test(folders_that_are_missing),
		cmocka_unit_test(without_outputs),
		cmocka_unit_test(it_is_held),
		cmocka_unit_test(a_capability_that_a_folder_needs),
		cmocka_unit_test(who_takes_it_over_is_held),
		cmocka_unit_test(a_dead_broker),
		cmocka_unit_test(a_broker_that_hangs),
		cmocka_unit_test(lookups_are_answered),
		cmocka_unit_test(lookups_are_held),
		cmocka_unit_test(not_held_when_told_so),
		cmocka_unit_test(preparations_that_fail),
		cmocka_unit_test(lookups_that_hang),
		cmocka_unit_test(lookups_that_have_died),
		cmocka_unit_test(it_ends_with_the_program),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
