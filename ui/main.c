/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - lastack: the command line, signals, and the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/browse.h"
#include "ui/causes.h"
#include "ui/complain.h"
#include "ui/interfaces.h"
#include "ui/options.h"
#include "ui/run.h"
#include "ui/terminal.h"
#include "ui/watch_screen.h"

static struct requests requests;

static void on_stop(int signal)
{
	(void)signal;
	requests.stop = 1;
}

static void on_reopen(int signal)
{
	(void)signal;
	requests.reopen = 1;
}

/* What was ignored for us (nohup, a job in the background) stays ignored. */
static void handle(int signal, const struct sigaction *action)
{
	struct sigaction before;

	if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(signal, action, NULL);
}

/*
 * SIGINT, SIGTERM and SIGHUP end the reading, and what was read is reported; a second one ends the program.
 * No SA_RESTART: a read that waits for standard input must end too. A closed pipe and a file that must not
 * grow (RLIMIT_FSIZE) are errors like others.
 */
static void set_signals(void)
{
	static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof stopping / sizeof stopping[0]; i++)
		handle(stopping[i], &action);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* A service that writes files: SIGHUP says, as it does to others, that they were moved away. */
static void reopen_on_hangup(const struct options *options)
{
	const struct sigaction action = { .sa_handler = on_reopen };

	if (options->interface_count > 0 && options_write_files(options))
		handle(SIGHUP, &action);
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

/* Help, version, causes and interfaces: the only things printed here. */
static int flush_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	if (errno != EPIPE)
		complain("standard output", "%s", strerror(errno));
	return EXIT_FAILED;
}

/* What the dashboard, if there is one, remembers; the command line comes first. */
static void take_settings(struct options *options)
{
	char bytes[1024], name[SETTINGS_NAME_MAX];
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	options->settings = settings_usual;
	if (!options->ui && !watch_screen_wanted(options))
		return;
	if (settings_path(name, sizeof name) && !settings_load(&options->settings, name, &why))
		complain(NULL, "%s; the settings are ignored", text_end(&why));
	if (options->settings.time_wait > 0 && !options->time_wait_given)
		options->time_wait = options->settings.time_wait;
}

/* What the command line asks for. */
static int act(enum options_result asked, const struct options *options, struct text *why)
{
	switch (asked) {
	case OPTIONS_RUN:
		reopen_on_hangup(options);
		return options->ui && options->interface_count == 0 ? browse(options, &requests)
								    : run(options, &requests);
	case OPTIONS_HELP:
		options_help(stdout);
		return flush_stdout();
	case OPTIONS_VERSION:
		options_version(stdout);
		return flush_stdout();
	case OPTIONS_CAUSES:
		print_causes(options);
		return flush_stdout();
	case OPTIONS_INTERFACES:
		return interfaces_print(stdout) ? flush_stdout() : EXIT_FAILED;
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
	if (asked == OPTIONS_RUN)
		take_settings(&options);
	status = act(asked, &options, &why);
	options_free(&options);
	return status;
}
