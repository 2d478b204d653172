/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pages.c - see pages.h. The page writes its colours as it does to a terminal; here they become roles. */
#include "ui/pages.h"

#include <stdlib.h>
#include <string.h>

struct pages {
	struct page page;
	char *text;   /* all lines; NULL = none yet */
	char **lines; /* into text, ended by '\0' */
	size_t n;
	char *fresh; /* being written */
	size_t fresh_size;
};

struct pages *pages_new(void)
{
	return calloc(1, sizeof(struct pages));
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	if (p->page.out)
		fclose(p->page.out);
	free(p->fresh);
	free(p->text);
	free(p->lines);
	free(p);
}

struct page *pages_begin(struct pages *p, int columns, bool utf8)
{
	if (p->page.out)
		pages_end(p);
	p->fresh = NULL;
	p->page = (struct page){ .out = open_memstream(&p->fresh, &p->fresh_size),
				 .colours = true,
				 .utf8 = utf8,
				 .columns = columns };
	return p->page.out ? &p->page : NULL;
}

static bool split(struct pages *p)
{
	size_t n = 0, at = 0;
	char **lines;

	for (const char *c = p->text; *c; c++)
		n += *c == '\n';
	lines = calloc(n + 2, sizeof *lines);
	if (!lines)
		return false;
	for (char *line = p->text; *line;) {
		char *end = strchr(line, '\n');

		lines[at++] = line;
		if (!end)
			break;
		*end = '\0';
		line = end + 1;
	}
	p->lines = lines;
	p->n = at;
	return true;
}

bool pages_end(struct pages *p)
{
	bool fine = fclose(p->page.out) == 0 && p->fresh;

	p->page.out = NULL;
	free(p->text);
	free(p->lines);
	p->text = p->fresh;
	p->lines = NULL;
	p->fresh = NULL;
	p->n = 0;
	return fine && split(p);
}

size_t pages_count(const struct pages *p)
{
	return p->n;
}

/* The role that a colour's code stands for. */
static enum role role_of(const struct pages *p, const char *code)
{
	static const enum role roles[PAGE_COLOUR_COUNT] = {
		[PAGE_PLAIN] = ROLE_TITLE, [PAGE_GOOD] = ROLE_GOOD, [PAGE_BAD] = ROLE_BAD,
		[PAGE_WARN] = ROLE_WARN,   [PAGE_CALM] = ROLE_CALM,
	};
	const struct page coloured = { .colours = true, .utf8 = p->page.utf8 };

	for (int i = PAGE_PLAIN + 1; i < PAGE_COLOUR_COUNT; i++) {
		const char *on = page_on(&coloured, (enum page_colour)i);

		if (on[0] && strncmp(code, on, strlen(on)) == 0)
			return roles[i];
	}
	return strncmp(code, "\033[0m", 4) == 0 || strncmp(code, "\033[m", 3) == 0 ? ROLE_TEXT : ROLE_TITLE;
}

/* Behind the code at 'at': "\033[...m". */
static const char *after_code(const char *at)
{
	const char *end = strchr(at, 'm');

	return end ? end + 1 : at + strlen(at);
}

void pages_draw(const struct pages *p, struct screen *screen, int row, int column, size_t line)
{
	enum role role = ROLE_TEXT;

	if (line >= p->n)
		return;
	for (const char *at = p->lines[line]; *at;) {
		char part[1024];
		size_t length = strcspn(at, "\033");

		if (length == 0) {
			role = role_of(p, at);
			at = after_code(at);
			continue;
		}
		if (length >= sizeof part)
			length = sizeof part - 1;
		memcpy(part, at, length);
		part[length] = '\0';
		column = screen_put(screen, row, column, role, part);
		at += length;
	}
}

void pages_write(const struct pages *p, FILE *out)
{
	for (size_t i = 0; i < p->n; i++) {
		for (const char *at = p->lines[i]; *at;) {
			if (*at == '\033')
				at = after_code(at);
			else
				fputc(*at++, out);
		}
		fputc('\n', out);
	}
}
