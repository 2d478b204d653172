/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.c - see child.h. */
#include "dissect/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SLICE_MS = 100, /* see child_wait() */
	GOODBYE_SECONDS = 1,
	REAP_TRIES = 100, /* of a slice's tenth */
};

/* 0 = free. Whoever ends a child touches its slot alone. */
static pid_t children[CHILDREN_MAX];

static void replace(pid_t old, pid_t new)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++) {
		if (children[i] == old) {
			children[i] = new;
			return;
		}
	}
}

size_t child_list(pid_t pids[CHILDREN_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < CHILDREN_MAX; i++)
		if (children[i] != 0)
			pids[n++] = children[i];
	return n;
}

static const int64_t SLICE_NS = SLICE_MS * INT64_C(1000000);

/*
 * What people and service managers send to the whole process group is the parent's to act upon, which may
 * still want answers for its report; the child ends when the pipe does. All else as a new process has it.
 */
static void reset_signals(void)
{
	static const int of_the_parent[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	for (size_t i = 0; i < sizeof of_the_parent / sizeof *of_the_parent; i++)
		sigaction(of_the_parent[i], &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Signals wait meanwhile, or the parent's handlers could run in the child. */
pid_t child_fork(const char *name)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		reset_signals();
		prctl(PR_SET_NAME, name, 0, 0, 0);
		return 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		replace(0, pid);
	return pid;
}

void child_close(unsigned first, unsigned last)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (first > last || close_range(first, last, 0) == 0)
		return;
	/* A kernel before 5.9, or a container that forbids it. */
	if (most < 0 || most > 65536)
		most = 65536;
	for (unsigned fd = first; fd <= last && fd < (unsigned)most; fd++)
		close((int)fd);
}

bool child_dies_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * CHILD_SECOND_NS + t.tv_nsec;
}

bool child_wait(struct pollfd *fds, nfds_t n, int64_t *left)
{
	while (*left > 0) {
		int64_t start = now_ns();
		int ready = poll(fds, n, SLICE_MS);
		int64_t took = now_ns() - start;

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
		*left -= took < SLICE_NS ? took : SLICE_NS;
	}
	return false;
}

static bool ends_by_itself(int fd)
{
	int64_t left = GOODBYE_SECONDS * CHILD_SECOND_NS;
	struct pollfd end = { .fd = fd };

	return child_wait(&end, 1, &left) && (end.revents & POLLHUP);
}

void child_end(pid_t pid, int fd)
{
	static const struct timespec pause = { .tv_nsec = SLICE_MS * 1000000L / 10 };
	bool ended = ends_by_itself(fd);
	/* Never kill what has ended: where SIGCHLD is ignored, its number may be another's already. */
	bool killed = !ended && kill(pid, SIGKILL) == 0;

	replace(pid, 0);
	/* What hangs and may not be killed by us ends by its own timer, or when we do; waiting for that helps
	 * nobody. */
	for (int tries = ended || killed ? REAP_TRIES : 1; tries > 0; tries--) {
		pid_t reaped = waitpid(pid, NULL, WNOHANG);

		if (reaped == pid || (reaped < 0 && errno != EINTR))
			return;
		if (tries > 1)
			nanosleep(&pause, NULL);
	}
}
