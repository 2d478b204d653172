/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal_guard.c - see terminal_guard.h. A signal handler can only be told by variables of the file. */
#include "ui/terminal_guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* All whose default ends the program, and can be caught. SIGPIPE is ignored by main.c. */
static const int guarded[] = { SIGHUP,	SIGINT,	 SIGQUIT,   SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
			       SIGFPE,	SIGUSR1, SIGSEGV,   SIGUSR2, SIGALRM, SIGTERM, SIGSTKFLT,
			       SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSYS };

enum { GUARDED = sizeof guarded / sizeof *guarded, BYTES_MAX = 512 };

static struct {
	int fd;
	struct termios modes;
	char bytes[BYTES_MAX];
	size_t length;
	struct sigaction before[GUARDED];
	volatile sig_atomic_t set[GUARDED];  /* ours is installed */
	volatile sig_atomic_t came[GUARDED]; /* and was called */
} guard;

static void restore(void)
{
	size_t done = 0;

	/* Output that is stopped or stuck must not keep the program from ending. */
	tcflush(guard.fd, TCOFLUSH);
	tcsetattr(guard.fd, TCSANOW, &guard.modes);
	while (done < guard.length) {
		ssize_t n = write(guard.fd, guard.bytes + done, guard.length - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
}

static int find(int signal)
{
	for (int i = 0; i < GUARDED; i++)
		if (guarded[i] == signal)
			return i;
	return -1;
}

static bool is_function(const struct sigaction *action)
{
	return (action->sa_flags & SA_SIGINFO) ||
	       (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

static bool ends_softly(int signal)
{
	return signal == SIGHUP || signal == SIGINT || signal == SIGTERM;
}

static void on_signal(int signal)
{
	int error = errno;
	int i = find(signal);

	if (i == -1)
		return;
	if (ends_softly(signal) && is_function(&guard.before[i]) && !guard.came[i]) {
		guard.came[i] = 1;
		guard.before[i].sa_handler(signal);
		errno = error;
		return;
	}
	restore();
	/* As it would have been without us: a sanitizer's report, or the default. A fault comes again by
	 * itself. */
	if (is_function(&guard.before[i]) && !ends_softly(signal)) {
		sigaction(signal, &guard.before[i], NULL);
	} else {
		struct sigaction plain = { .sa_handler = SIG_DFL };

		sigaction(signal, &plain, NULL);
	}
	raise(signal);
	errno = error;
}

bool terminal_guard_begin(int fd, const struct termios *modes, const char *bytes, size_t length)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (length > BYTES_MAX)
		return false;
	guard.fd = fd;
	guard.modes = *modes;
	guard.length = length;
	memcpy(guard.bytes, bytes, length);
	/* No SA_RESTART: what waits must see that it is to end. */
	for (int i = 0; i < GUARDED; i++) {
		guard.came[i] = 0;
		guard.set[i] =
			sigaction(guarded[i], NULL, &guard.before[i]) == 0 &&
			((guard.before[i].sa_flags & SA_SIGINFO) || guard.before[i].sa_handler != SIG_IGN) &&
			sigaction(guarded[i], &action, NULL) == 0;
	}
	return true;
}

void terminal_guard_end(void)
{
	for (int i = 0; i < GUARDED; i++) {
		struct sigaction plain = { .sa_handler = SIG_DFL };

		if (!guard.set[i])
			continue;
		/* main.c's handlers work once: the second signal ends the program. */
		sigaction(guarded[i], guard.came[i] ? &plain : &guard.before[i], NULL);
		guard.set[i] = 0;
	}
}
