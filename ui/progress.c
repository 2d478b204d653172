/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress.c - see progress.h. */
#include "ui/progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/plain.h"
#include "ui/terminal.h"

#define FIRST_NS INT64_C(1000000000)
#define EVERY_NS INT64_C(200000000)

enum { LINE_MAX_BYTES = 256 };

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool rows_to_terminal(const struct options *options)
{
	const char *outputs[] = { options->csv, options->json, options->events };
	bool rows = options->list;

	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
		rows = rows || (outputs[i] && strcmp(outputs[i], "-") == 0);
	return rows && isatty(STDOUT_FILENO);
}

void progress_begin(struct progress *p, const struct options *options)
{
	*p = (struct progress){
		.wanted = options->file_count > 0 && !options->quiet && terminal_wipes(STDERR_FILENO) &&
			  !rows_to_terminal(options),
		.began = clock_ns(),
	};
	p->due = p->began + FIRST_NS;
}

void progress_text(struct text *text, uint64_t done, uint64_t all, uint64_t packets, int64_t ns)
{
	double seconds = (double)ns / 1e9,
	       left = done == 0 ? 0 : (double)(all - done) / (double)done * (double)ns;

	text_string(text, plain_round_share(done, all).s);
	text_string(text, ", ");
	text_string(text, plain_number(ns <= 0 ? 0 : (uint64_t)((double)packets / seconds)).s);
	text_string(text, " packets/s");
	if (done == 0 || left > 1e18)
		return;
	text_string(text, ", ");
	/* Whole seconds: more is not known. */
	text_string(text, plain_duration((int64_t)(left / 1e9 + 0.5) * INT64_C(1000000000)).s);
	text_string(text, " left");
}

/* All at once, and without the last column, behind which terminals begin a line. */
static void show(struct progress *p, uint64_t done, uint64_t all, uint64_t packets, int64_t ns)
{
	char bytes[LINE_MAX_BYTES];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	size_t room = (size_t)terminal_width(STDERR_FILENO) - 1 + strlen(TERMINAL_WIPE);

	text_string(&text, TERMINAL_WIPE);
	progress_text(&text, done, all, packets, ns);
	p->shown = true;
	complain_over_line(true);
	if (write(STDERR_FILENO, bytes, text.length < room ? text.length : room) == -1)
		p->wanted = false;
}

void progress_look(struct progress *p, const struct captures *captures)
{
	int64_t now = clock_ns();
	uint64_t done, all;

	if (now < p->due)
		return;
	p->due = now + EVERY_NS;
	p->wanted = captures_progress(captures, &done, &all);
	if (p->wanted)
		show(p, done, all, captures_packets(captures), now - p->began);
}

void progress_end(struct progress *p)
{
	if (p->shown && write(STDERR_FILENO, TERMINAL_WIPE, strlen(TERMINAL_WIPE)) == -1)
		return;
	complain_over_line(false);
}
