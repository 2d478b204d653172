/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - lastack: the command line, signals, and the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/causes.h"
#include "ui/complain.h"
#include "ui/options.h"
#include "ui/run.h"
#include "ui/terminal.h"

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/*
 * SIGINT, SIGTERM and SIGHUP end the reading, and what was read is reported; a second one ends the program.
 * No SA_RESTART: a read that waits for standard input must end too. A closed pipe is an error like others.
 */
static void set_signals(void)
{
	static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	struct sigaction before;

	for (size_t i = 0; i < sizeof stopping / sizeof stopping[0]; i++) {
		/* What was ignored for us (nohup, a job in the background) stays ignored. */
		if (sigaction(stopping[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(stopping[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

/*
 * A descriptor 0, 1 or 2 that the caller has closed would be given to the next file opened, and what is meant
 * for standard output would land in it. Opened the wrong way round, its use fails as it should.
 */
static void fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_FAILED);
	}
}

static void print_causes(const struct options *options)
{
	struct page page = {
		.out = stdout,
		.colours = terminal_colours(STDOUT_FILENO),
		.utf8 = terminal_utf8(),
		.columns = options->width ? (int)options->width : terminal_columns(STDOUT_FILENO),
	};

	causes_print(&page);
}

/* Help, version and causes: the only things printed here. */
static int flush_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	if (errno != EPIPE)
		complain("standard output", "%s", strerror(errno));
	return EXIT_FAILED;
}

/* What the command line asks for. */
static int act(enum options_result asked, const struct options *options, struct text *why)
{
	switch (asked) {
	case OPTIONS_RUN:
		return run(options, &stop);
	case OPTIONS_HELP:
		options_help(stdout);
		return flush_stdout();
	case OPTIONS_VERSION:
		options_version(stdout);
		return flush_stdout();
	case OPTIONS_CAUSES:
		print_causes(options);
		return flush_stdout();
	case OPTIONS_WRONG:
		break;
	}
	complain(NULL, "%s", text_end(why));
	fputs("Try 'lastack --help' for more information.\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	char why_bytes[2048];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct options options;
	enum options_result asked;
	int status;

	fill_descriptors();
	setlocale(LC_CTYPE, "");
	set_signals();
	asked = options_parse(&options, argc, argv, &why);
	status = act(asked, &options, &why);
	options_free(&options);
	return status;
}
