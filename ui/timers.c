/* SPDX-License-Identifier: GPL-2.0-or-later */
/* timers.c - see timers.h. */
#include "ui/timers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/number.h"
#include "ui/plain.h"

struct timers *timers_new(void)
{
	return calloc(1, sizeof(struct timers));
}

void timers_free(struct timers *timers)
{
	if (!timers)
		return;
	for (size_t i = 0; i < timers->n; i++)
		free((char *)timers->list[i].name);
	free(timers->list);
	free(timers);
}

/* Takes name over, also when it fails. */
static const char *append(struct timers *timers, uint64_t ns, char *name)
{
	struct known_timer *list;

	if (timers->n == TIMERS_MAX) {
		free(name);
		return "there are more timers than are kept";
	}
	list = name ? realloc(timers->list, (timers->n + 1) * sizeof *list) : NULL;
	if (!list) {
		free(name);
		return strerror(ENOMEM);
	}
	timers->list = list;
	timers->list[timers->n++] = (struct known_timer){ .ns = (int64_t)ns, .name = name };
	return NULL;
}

/* What is wrong with a line, terminated, without its newline; NULL = nothing. */
static const char *add_line(struct timers *timers, const char *line)
{
	static const char blank[] = " \t\r";
	const char *end;
	size_t length;
	uint64_t ns;

	line += strspn(line, blank);
	if (*line == '\0' || *line == '#')
		return NULL;
	if (!number_seconds(line, &end, &ns) || ns == 0 || strchr(blank, *end) == NULL)
		return "seconds (such as 350 or 0.5, more than 0) and what they are known from are needed";
	end += strspn(end, blank);
	length = strlen(end);
	while (length > 0 && strchr(blank, end[length - 1]))
		length--;
	if (length == 0)
		return "what the time-out is known from is missing";
	return append(timers, ns, strndup(end, length));
}

static bool say_line(struct text *why, const char *name, size_t number, const char *wrong)
{
	text_string(why, name);
	text_string(why, ", line ");
	text_number(why, number);
	text_string(why, ": ");
	text_string(why, wrong);
	return false;
}

bool timers_add(struct timers *timers, const char *content, size_t length, const char *name, struct text *why)
{
	size_t number = 1;

	for (size_t at = 0; at < length; number++) {
		const char *newline = memchr(content + at, '\n', length - at);
		size_t n = newline ? (size_t)(newline - content) - at : length - at;
		const char *wrong;
		char *line;

		if (memchr(content + at, '\0', n))
			return say_line(why, name, number, "this is not text");
		line = strndup(content + at, n);
		wrong = line ? add_line(timers, line) : strerror(ENOMEM);
		free(line);
		if (wrong)
			return say_line(why, name, number, wrong);
		at += n + 1;
	}
	return true;
}

static bool say_file(struct text *why, const char *name, const char *wrong)
{
	text_string(why, name);
	text_string(why, ": ");
	text_string(why, wrong);
	return false;
}

bool timers_add_file(struct timers *timers, const char *name, struct text *why)
{
	FILE *file = fopen(name, "re");
	char *content;
	size_t length;
	bool fine;

	if (!file)
		return say_file(why, name, strerror(errno));
	content = malloc(TIMERS_FILE_MAX + 1);
	errno = 0;
	length = content ? fread(content, 1, TIMERS_FILE_MAX + 1, file) : 0;
	if (!content || ferror(file))
		fine = say_file(why, name, strerror(content ? errno : ENOMEM));
	else if (length > TIMERS_FILE_MAX)
		fine = say_file(why, name, "is too long for a list of timers");
	else
		fine = timers_add(timers, content, length, name, why);
	free(content);
	fclose(file);
	return fine;
}

bool timers_add_builtin(struct timers *timers)
{
	char bytes[256];
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	return timers_add(timers, timers_text, strlen(timers_text), "timers.txt", &why);
}

void timers_alike(struct text *text, const struct timers *timers, const char *name, size_t most)
{
	size_t said = 0;
	int64_t ns = 0;

	for (size_t i = 0; i < timers->n; i++)
		if (timers->list[i].name == name)
			ns = timers->list[i].ns;
	if (ns == 0) {
		text_string(text, name);
		return;
	}
	text_string(text, plain_duration(ns).s);
	for (size_t i = 0; i < timers->n && said < most; i++) {
		if (timers->list[i].ns != ns)
			continue;
		text_string(text, said++ == 0 ? ": " : ", ");
		text_plain(text, timers->list[i].name);
	}
}
