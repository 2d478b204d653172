/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/sources.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Names stay where they are, and who asks for one looks at nothing else. */
struct sources {
	size_t count;
	char *names[SOURCES_NONE_LEFT]; /* of memory that is not touched nothing is taken */
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

uint16_t sources_add(struct sources *s, const char *file, const char *interface)
{
	if (s->count < SOURCES_NONE_LEFT) {
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
	const char *name = source == SOURCES_NONE_LEFT ? NULL : s->names[source];

	return name ? name : "(more inputs than have numbers)";
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s);
}
