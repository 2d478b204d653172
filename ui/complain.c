/* SPDX-License-Identifier: GPL-2.0-or-later */
/* complain.c - the one way in which this program says that something is wrong. */
#include "ui/complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "ui/format.h"

#define MINUTE_NS (60 * INT64_C(1000000000))

void complain(const char *name, const char *format, ...)
{
	char message[4096];
	char line[8192];
	struct text text = { .bytes = line, .size = sizeof line - 1 };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	text_string(&text, "lastack: ");
	if (name) {
		text_plain(&text, name);
		text_string(&text, ": ");
	}
	text_plain(&text, message);
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
