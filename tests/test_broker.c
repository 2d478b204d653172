/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_broker.c - what the broker opens, what it does not, and what is left of it when it hangs or is dead.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_folder.h"
#include "dissect/child.h"
#include "ui/broker_files.h"
#include "ui/sandbox.h"
#include "ui/series.h"

enum { WAIT_MS = 10 };

/* ---- names ---- */

static bool fits(const char *output, const char *name)
{
	struct broker_files files;
	bool does;

	assert_true(broker_files_open(&files, &output, 1));
	does = broker_name_fits(&files.list[0], name);
	broker_files_close(&files);
	return does;
}

static void names_that_fit(void **state)
{
	static const struct {
		const char *output, *name;
		bool fits;
	} cases[] = {
		{ "rows.csv", "rows.csv", true },
		{ "rows.csv", "rows.1.csv", false },
		{ "rows.csv", "rows.csv.1", false },
		{ "rows.csv", "", false },
		{ "100%.csv", "100%.csv", true },
		{ "%Y-%m-%d.ndjson", "2026-11-20.ndjson", true },
		{ "%Y-%m-%d.ndjson", "2026-11-20.2.ndjson", true },
		{ "%Y-%m-%d.ndjson", "%Y-%m-%d.ndjson", true },
		{ "%Y-%m-%d.ndjson", "passwd", false },
		{ "%Y-%m-%d.ndjson", "2026-11-20.ndjson~", false },
		{ "/tmp/%Y", "2026", true },
		{ "/tmp/%Y", "2026.3", true },
		{ "/tmp/%Y", "202", false },
		{ "/tmp/%b", "Nov", false },
		{ "%Y", "..", false },
		{ "%Y", ".", false },
		{ "..", "..", false },
		{ "%Y", "2026/b", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (fits(cases[i].output, cases[i].name) != cases[i].fits)
			fail_msg("%s, %s: should be %d", cases[i].output, cases[i].name, cases[i].fits);
}

/* ---- opening ---- */

static void opens_outputs(void **state)
{
	const char *const outputs[] = { in("out/%Y.csv"), "-", "out/here-%Y.json", "%Y.txt" };
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
	fd = open_by(broker, "out/here-2026.json");
	assert_true(fd != -1 && exists("out/here-2026.json"));
	close(fd);
	fd = open_by(broker, "2026.2.txt");
	assert_true(fd != -1 && exists("2026.2.txt"));
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
	const char *const outputs[] = { in("out/%Y.csv"), "%Y.txt" };
	struct broker *broker = start_with(outputs, 2);
	char longest[8000];

	(void)state;
	put("other/2026.csv", "");
	put("out/2026.txt", "");
	assert_int_equal(mkdir(in("out/2031.csv"), 0755), 0);
	assert_int_equal(mkfifo(in("out/2032.csv"), 0666), 0);
	assert_int_equal(symlink("../other/2026.csv", in("out/2033.csv")), 0);
	assert_int_equal(symlink(in("other/2026.csv"), in("out/2034.csv")), 0);
	assert_int_equal(symlink("/proc/self/exe", in("out/2035.csv")), 0);
	refuses(broker, in("other/2026.csv"), EACCES);
	refuses(broker, in("out/2026.txt"), EACCES);
	refuses(broker, in("out/../other/2026.csv"), EACCES);
	refuses(broker, in("out/.."), EACCES);
	refuses(broker, in("out/."), EACCES);
	refuses(broker, in("out/"), EACCES);
	refuses(broker, in("out//2026.csv"), EACCES);
	refuses(broker, "out/2026.csv", EACCES); /* the same folder, but not as given */
	refuses(broker, "", EACCES);
	refuses(broker, "..", EACCES);
	refuses(broker, "other/2026.txt", EACCES);
	refuses(broker, "/2026.txt", EACCES);
	refuses(broker, "/etc/passwd", EACCES);
	refuses(broker, in("out/2031.csv"), EACCES);
	refuses(broker, in("out/2032.csv"), EACCES);
	refuses(broker, in("out/2033.csv"), EACCES);
	refuses(broker, in("out/2034.csv"), EACCES);
	refuses(broker, in("out/2035.csv"), EACCES);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	refuses(broker, longest, ENAMETOOLONG);
	longest[4000] = '\0';
	refuses(broker, longest, EACCES);
	broker_end(broker);
	assert_true(exists("out/2033.csv") && exists("other/2026.csv") && exists("out/2032.csv"));
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

/* ---- dead, hung ---- */

static void a_dead_broker(void **state)
{
	const char *const outputs[] = { in("out/x") };
	struct broker *broker = start_with(outputs, 1);
	int64_t start = now_ms();

	(void)state;
	assert_true(broker_can_open(broker));
	assert_int_equal(kill(only_child(), SIGKILL), 0);
	while (broker_can_open(broker))
		assert_true(now_ms() - start < 1000);
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
	assert_true(broker_can_open(broker)); /* later */
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

/* By the end of its socket; by the signal too, when it hangs. */
static void ends_with_the_program(bool hung)
{
	const char *const outputs[] = { in("out/x") };
	int pair[2], status, ended = 0;
	pid_t pid, pids[CHILDREN_MAX];

	assert_int_equal(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		if (!broker_start(&(struct broker_options){ .outputs = outputs, .output_count = 1 }) ||
		    child_list(pids) != 1 || (hung && kill(pids[0], SIGSTOP) != 0))
			_exit(1);
		_exit(write(pair[1], pids, sizeof *pids) != sizeof *pids);
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

static void it_ends_with_the_program(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	ends_with_the_program(false);
	ends_with_the_program(true);
}

/* ---- rotation ---- */

static int64_t day(int n)
{
	return (INT64_C(20000) + n) * 86400 * INT64_C(1000000000) + INT64_C(43200000000000);
}

/* A week of files behind the door: a day each, of which two are kept. Exit status 0 when all went well. */
static int rotate_behind_the_door(void)
{
	const char *output = in("out/rows-%Y%m%d.csv");
	struct broker *broker = start_with(&output, 1);
	const struct series_options options = {
		.name = output,
		.rotation = { .period = 86400 * INT64_C(1000000000) },
		.keep = 2,
		.opener = broker_opener(broker),
	};
	const struct sandbox_user nobody_asked = { .given = false };
	struct series *series;
	int fd = -1;

	rotation_zone();
	series = series_new(&options);
	if (!series || !sandbox_enter(&nobody_asked))
		return 1;
	for (int i = 0; i < 7; i++) {
		fd = i == 0 ? series_begin(series, day(i)) : series_next(series, day(i));
		if (fd == -1 || write(fd, "x", 1) != 1 || ftruncate(fd, 1) != 0)
			return 2;
		close(fd);
	}
	fd = series_begin(series, day(6)); /* SIGHUP */
	if (fd == -1 || series_next(series, day(6)) == -1)
		return 3;
	if (open(series_name(series), O_WRONLY) != -1)
		return 4;
	series_free(series);
	broker_end(broker);
	return 0;
}

static void files_rotate_behind_the_door(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(rotate_behind_the_door());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_false(exists("out/rows-20241003.csv"));
	assert_false(exists("out/rows-20241008.csv"));
	assert_true(exists("out/rows-20241010.csv"));
	assert_true(exists("out/rows-20241010.1.csv"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_fit),
		cmocka_unit_test(opens_outputs),
		cmocka_unit_test(opens_nothing_else),
		cmocka_unit_test(the_names_given),
		cmocka_unit_test(folders_that_are_missing),
		cmocka_unit_test(without_outputs),
		cmocka_unit_test(a_dead_broker),
		cmocka_unit_test(a_broker_that_hangs),
		cmocka_unit_test(it_ends_with_the_program),
		cmocka_unit_test(files_rotate_behind_the_door),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, broker_folders_make, broker_folders_remove);
}
