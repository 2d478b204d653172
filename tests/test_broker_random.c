/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_broker_random.c - whatever a program that was taken over asks of the broker's opener, it gets no file
 * but outputs, and none but outputs are removed; also while somebody changes what the names are of.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_folder.h"
#include "ui/rotation.h"

enum { REQUESTS = 20000, OPENINGS = 50000, FDS_MAX = 64, BYTES_MAX = 6000 };

/* As broker.c has it. */
struct request {
	uint32_t serial, what;
	char name[BYTES_MAX];
};

static uint32_t pick(uint32_t n)
{
	return (uint32_t)random() % n;
}

/* What names may be made of; the first is the folder. */
static size_t random_name(char *name)
{
	const char *const pieces[] = { in("out/"), "2026.csv", "2026", ".1", ".csv", "given", "%Y.csv", "..",
				       "/",	   "other/",   "keep", ".0", ".",    "\n",    "link",	"" };
	size_t n = 0;

	for (uint32_t i = pick(5); i < 6; i++) {
		const char *piece = pieces[i == 0 || pick(8) == 0 ? 0 : pick(sizeof pieces / sizeof *pieces)];

		n += (size_t)sprintf(name + n, "%s", n == 0 ? pieces[0] : piece);
	}
	if (pick(10) == 0)
		name[pick((uint32_t)n + 1)] = (char)random();
	return n + 1;
}

static size_t random_request(struct request *request)
{
	size_t n;

	request->serial = (uint32_t)random();
	request->what = pick(50) == 0 ? (uint32_t)random() : pick(2);
	n = random_name(request->name);
	if (pick(2000) == 0)
		return pick(sizeof *request); /* mostly without an end, or too long: that is the end */
	return offsetof(struct request, name) + n;
}

/* The broker's socket: there is no other such. */
static int socket_of_broker(void)
{
	for (int fd = 3; fd < FDS_MAX; fd++) {
		int type = 0;
		socklen_t size = sizeof type;

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
			return fd;
	}
	fail_msg("there is no socket");
	return -1;
}

/* A file that was opened is one of the outputs. */
static void assert_output(int fd)
{
	char link[64], path[512], folder[NAME_SIZE];
	ssize_t n;
	uint64_t number;
	const char *base;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	assert_true(n > 0);
	path[n] = '\0';
	assert_non_null(realpath(in("out"), folder));
	assert_memory_equal(path, folder, strlen(folder));
	base = rotation_base(path);
	assert_int_equal(base - path, strlen(folder) + 1);
	if (strcmp(base, "given") != 0 && strcmp(base, "%Y.csv") != 0 &&
	    !rotation_matches("%Y.csv", base, &number))
		fail_msg("opened: %s", path);
	close(fd);
}

/* Takes an answer, and the file that may come with it. False: the broker has ended. */
static bool take_answer(int socket)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} passage;
	char answer[64];
	struct iovec part = { answer, sizeof answer };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &passage, .msg_controllen = sizeof passage
	};
	ssize_t n = recvmsg(socket, &message, 0);
	struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	if (n <= 0)
		return false;
	assert_int_equal(n, 8);
	if (header) {
		int fd;

		assert_int_equal(header->cmsg_len, CMSG_LEN(sizeof fd));
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
		assert_output(fd);
	}
	return true;
}

static bool holds(const char *name, const char *bytes)
{
	char found[16] = "";
	int fd = open(in(name), O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, found, sizeof found - 1);

	if (fd != -1)
		close(fd);
	return n >= 0 && strcmp(found, bytes) == 0;
}

static void only_outputs_for_any_request(void **state)
{
	struct broker *broker = NULL;
	int socket = -1, ends = 0;

	(void)state;
	srandom(4);
	put("other/keep", "kept");
	put("out/keep", "kept");
	assert_int_equal(symlink("keep", in("out/link")), 0);
	assert_int_equal(symlink("keep", in("out/2026.1.csv")), 0);
	for (int i = 0; i < REQUESTS; i++) {
		struct request request = { 0 };
		size_t n = random_request(&request);

		if (!broker) {
			const char *const outputs[] = { in("out/%Y.csv"), in("out/given") };

			broker = start_with(outputs, 2);
			socket = socket_of_broker();
		}
		if (n > 0 && send(socket, &request, n, MSG_NOSIGNAL) == (ssize_t)n && take_answer(socket))
			continue;
		broker_end(broker);
		broker = NULL;
		ends++;
	}
	broker_end(broker);
	assert_in_range(ends, 1, REQUESTS / 100);
	assert_true(holds("other/keep", "kept") && holds("out/keep", "kept"));
	assert_true(exists("out/link"));
}

/* Now a file, now a link to another, now gone. */
static _Noreturn void change_for_ever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the test may fail */
	for (;;) {
		unlink(in("out/2040.csv"));
		if (symlink("keep", in("out/2040.csv")) != 0)
			continue;
		put("out/new", "");
		rename(in("out/new"), in("out/2040.csv"));
	}
}

static void no_link_takes_a_files_place(void **state)
{
	const char *const outputs[] = { in("out/%Y.csv") };
	struct broker *broker = start_with(outputs, 1);
	int opened = 0;
	pid_t other = fork();

	(void)state;
	if (other == 0)
		change_for_ever();
	for (int i = 0; i < OPENINGS; i++) {
		int fd = open_by(broker, in("out/2040.csv"));
		struct stat got, keep;

		if (fd == -1)
			continue;
		opened++;
		assert_int_equal(fstat(fd, &got), 0);
		assert_int_equal(stat(in("out/keep"), &keep), 0);
		assert_true(got.st_ino != keep.st_ino);
		close(fd);
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	assert_true(opened > 0);
	broker_end(broker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_outputs_for_any_request),
		cmocka_unit_test(no_link_takes_a_files_place),
	};

	return cmocka_run_group_tests(tests, broker_folders_make, broker_folders_remove);
}
