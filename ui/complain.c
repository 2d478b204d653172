/* SPDX-License-Identifier: GPL-2.0-or-later */
/* complain.c - the one way in which this program says that something is wrong. */
#include "ui/complain.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/format.h"
#include "ui/terminal.h"

static const char beginning[] = "lastack: ";
static struct complaints *keeping; /* NULL: they are printed */

#define MINUTE_NS (60 * INT64_C(1000000000))

/* A copy of it takes the oldest's place. Without memory for one it is lost. */
static void keep(const char *line)
{
	char **place = &keeping->lines[keeping->count++ % COMPLAINTS_KEPT];

	free(*place);
	*place = strdup(line);
}

void complaints_keep(struct complaints *complaints)
{
	keeping = complaints;
}

const char *complaints_last(const struct complaints *complaints)
{
	const char *line;

	if (complaints->count == 0)
		return NULL;
	line = complaints->lines[(complaints->count - 1) % COMPLAINTS_KEPT];
	return line ? line + sizeof beginning - 1 : NULL;
}

void complaints_tell(struct complaints *complaints)
{
	unsigned long long first =
		complaints->count > COMPLAINTS_KEPT ? complaints->count - COMPLAINTS_KEPT : 0;

	keeping = NULL;
	for (unsigned long long i = first; i < complaints->count; i++) {
		char *line = complaints->lines[i % COMPLAINTS_KEPT];

		if (line)
			fprintf(stderr, "%s\n", line);
		free(line);
	}
	*complaints = (struct complaints){ 0 };
}

static atomic_bool over_line;

void complain_over_line(bool line)
{
	atomic_store(&over_line, line);
}

void complain(const char *name, const char *format, ...)
{
	char message[4096];
	char line[8192];
	struct text text = { .bytes = line, .size = sizeof line - 1 };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	if (atomic_exchange(&over_line, false))
		text_string(&text, TERMINAL_WIPE);
	text_string(&text, beginning);
	if (name) {
		text_plain(&text, name);
		text_string(&text, ": ");
	}
	text_plain(&text, message);
	if (keeping) {
		keep(text_end(&text));
		return;
	}
	line[text.length] = '\n';
	fwrite(line, 1, text.length + 1, stderr);
}

bool complain_paced(struct complain_pace *pace, int64_t now_ns)
{
	/* A clock that was set back must not silence it. */
	bool may = !pace->any || now_ns < pace->last || now_ns - pace->last >= MINUTE_NS;

	if (may)
		*pace = (struct complain_pace){ .last = now_ns, .any = true };
	return may;
}
