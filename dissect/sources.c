/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/sources.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct sources {
	char **names;
	size_t count, size;
};

struct sources *sources_new(void)
{
	return calloc(1, sizeof(struct sources));
}

static char *name_of(const char *file, const char *interface)
{
	char *name;

	if (asprintf(&name, "%s%s%s", file, interface ? ":" : "", interface ? interface : "") < 0)
		return NULL;
	return name;
}

static int grow(struct sources *s)
{
	if (s->count < s->size)
		return 0;
	size_t size = s->size ? 2 * s->size : 8;
	char **bigger = realloc(s->names, size * sizeof *bigger);

	if (!bigger)
		return -1;
	s->names = bigger;
	s->size = size;
	return 0;
}

uint16_t sources_add(struct sources *s, const char *file, const char *interface)
{
	if (s->count < SOURCES_NONE_LEFT && grow(s) == 0) {
		char *name = name_of(file, interface);

		if (name) {
			s->names[s->count] = name;
			return (uint16_t)s->count++;
		}
	}
	return SOURCES_NONE_LEFT;
}

const char *sources_name(const struct sources *s, uint16_t source)
{
	return source < s->count ? s->names[source] : "(more inputs than have numbers)";
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s->names);
	free(s);
}
