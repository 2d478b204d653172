/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cage.c - fork, pipes, and a question and an answer at a time.
 *
 * Two pipes, and every message is its length (uint32_t, host order) and that many bytes. The parent keeps the
 * reading end of the pipe of requests open too: a write then cannot raise SIGPIPE, whatever the
 * program does about that signal, and the cage's death shows as the end of the pipe of replies.
 */
#include "dissect/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "dissect/child.h"
#include "dissect/lockdown.h"

enum {
	ANSWER_SECONDS = 5, /* without a sign of life: hung */
	CAGE_IN = 3, /* the cage's descriptors; 0, 1 and 2 stay closed, so that nothing printed goes astray */
	CAGE_OUT = 4,
#ifdef LASTACK_SANITIZED
	CAGE_STANDARD_MAX = 1, /* sanitizers report to standard error */
#else
	CAGE_STANDARD_MAX = 2,
#endif
};

/* ---- inside ---- */

static void close_others(void)
{
	child_close(0, CAGE_STANDARD_MAX);
	child_close(CAGE_OUT + 1, ~0U);
}

static bool keep_only(int in, int out)
{
	int high_in = fcntl(in, F_DUPFD, CAGE_OUT + 1);
	int high_out = fcntl(out, F_DUPFD, CAGE_OUT + 1);

	if (high_in < 0 || high_out < 0 || dup2(high_in, CAGE_IN) < 0 || dup2(high_out, CAGE_OUT) < 0)
		return false;
	close_others();
	return true;
}

/* The work's preparations, and nothing that they forgot to close (libnids: /dev/urandom, when it is number
 * 0). */
static bool prepare(const struct cage_work *work, void *context)
{
	bool done = work->prepare(context);

	close_others();
	return done;
}

static bool read_all(void *to, size_t length)
{
	uint8_t *at = to;

	while (length > 0) {
		ssize_t n = read(CAGE_IN, at, length);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
	return true;
}

static bool write_all(const uint8_t *at, size_t length)
{
	while (length > 0) {
		ssize_t n = write(CAGE_OUT, at, length);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
	return true;
}

/*
 * A request that takes this much CPU is an endless loop: SIGPROF ends it, even where the parent, having
 * dropped its privileges to another user, may not kill us.
 */
static bool watch_cpu(void)
{
	static const struct itimerval once = { .it_value = { .tv_sec = ANSWER_SECONDS } };

	return setitimer(ITIMER_PROF, &once, NULL) == 0;
}

static void serve_all(const struct cage_work *work, void *context, uint8_t *request, uint8_t *reply)
{
	uint32_t length;

	while (read_all(&length, sizeof length) && length <= work->request_max && read_all(request, length)) {
		if (!watch_cpu())
			return;
		length = (uint32_t)work->serve(context, request, length, reply + sizeof length);
		memcpy(reply, &length, sizeof length);
		if (!write_all(reply, sizeof length + length))
			return;
	}
}

static _Noreturn void cage_main(const struct cage_work *work, void *context, int in, int out, pid_t parent)
{
	uint8_t *request = malloc(work->request_max);
	uint8_t *reply = malloc(work->reply_max + sizeof(uint32_t));

	if (request && reply && keep_only(in, out) && lockdown_privileges() && child_dies_with(parent) &&
	    watch_cpu() && lockdown_limits(work->memory) && prepare(work, context) &&
	    lockdown_calls(CAGE_IN, CAGE_OUT))
		serve_all(work, context, request, reply);
	_exit(0);
}

/* ---- outside ---- */

static void close_pipes(struct cage *cage)
{
	int *ends[] = { &cage->ask_in, &cage->ask_out, &cage->reply_in };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (*ends[i] >= 0)
			close(*ends[i]);
		*ends[i] = -1;
	}
}

static int nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int open_pipes(struct cage *cage, int *reply_out)
{
	int ask[2], reply[2];

	if (pipe2(ask, O_CLOEXEC) != 0)
		return -1;
	cage->ask_in = ask[0];
	cage->ask_out = ask[1];
	if (pipe2(reply, O_CLOEXEC) != 0)
		return -1;
	cage->reply_in = reply[0];
	*reply_out = reply[1];
	return nonblocking(cage->ask_out) != 0 || nonblocking(cage->reply_in) != 0 ? -1 : 0;
}

int cage_open(struct cage *cage, const struct cage_work *work, void *context)
{
	int reply_out = -1, error;
	pid_t parent = getpid(), pid = -1;

	*cage = (struct cage){ .ask_in = -1, .ask_out = -1, .reply_in = -1, .reply_max = work->reply_max };
	cage->message = malloc(sizeof(uint32_t) + work->request_max);
	if (cage->message && open_pipes(cage, &reply_out) == 0)
		pid = child_fork(work->name);
	if (pid == 0)
		cage_main(work, context, cage->ask_in, reply_out, parent);
	error = errno;
	if (reply_out >= 0)
		close(reply_out);
	if (pid < 0) {
		close_pipes(cage);
		free(cage->message);
		errno = error;
		return -1;
	}
	cage->request = cage->message + sizeof(uint32_t);
	cage->pid = pid;
	return 0;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static bool send_message(struct cage *cage, size_t length, int64_t *left)
{
	const uint8_t *at = cage->message;

	for (;;) {
		ssize_t n = write(cage->ask_out, at, length);
		struct pollfd fds[] = { { .fd = cage->ask_out, .events = POLLOUT },
					{ .fd = cage->reply_in, .events = POLLIN } };

		if (n < 0 && !would_block())
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
		if (length == 0)
			return true;
		/* Whatever comes now, before the question is put, is the end or nonsense. */
		if (!child_wait(fds, 2, left) || fds[1].revents != 0)
			return false;
	}
}

static bool receive(struct cage *cage, void *to, size_t length, int64_t *left)
{
	uint8_t *at = to;

	while (length > 0) {
		struct pollfd fd = { .fd = cage->reply_in, .events = POLLIN };
		ssize_t n;

		if (!child_wait(&fd, 1, left))
			return false;
		n = read(cage->reply_in, at, length);
		if (n == 0 || (n < 0 && !would_block()))
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
	return true;
}

bool cage_ask(struct cage *cage, size_t length, uint8_t *reply, size_t *reply_length)
{
	uint32_t n = (uint32_t)length;
	int64_t left = ANSWER_SECONDS * CHILD_SECOND_NS;

	if (cage->pid == 0)
		return false;
	memcpy(cage->message, &n, sizeof n);
	if (send_message(cage, sizeof n + length, &left) && receive(cage, &n, sizeof n, &left) &&
	    n <= cage->reply_max && receive(cage, reply, n, &left)) {
		*reply_length = n;
		return true;
	}
	cage_close(cage);
	return false;
}

void cage_close(struct cage *cage)
{
	if (cage->pid == 0)
		return;
	close(cage->ask_out);
	close(cage->ask_in);
	cage->ask_in = cage->ask_out = -1;
	child_end(cage->pid, cage->reply_in);
	close_pipes(cage);
	free(cage->message);
	cage->message = cage->request = NULL;
	cage->pid = 0;
}
