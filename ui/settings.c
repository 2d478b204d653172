/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.c - see settings.h. */
#include "ui/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ui/cells.h"
#include "ui/number.h"

enum { LINE_MAX_BYTES = SETTINGS_COLUMNS_MAX + 64 };

const struct settings settings_usual = { .theme = THEME_DARK };

/* ---- values ---- */

static bool take_columns(struct settings *s, const char *value, struct text *why)
{
	struct cells cells;

	if (strlen(value) >= sizeof s->columns || !cells_parse(&cells, value, why))
		return false;
	strcpy(s->columns, value);
	return true;
}

static void put_columns(const struct settings *s, FILE *out)
{
	fputs(s->columns, out);
}

static bool take_sort(struct settings *s, const char *value, struct text *why)
{
	struct column_list list;

	if (strcmp(value, "time") == 0) {
		s->sort[0] = '\0';
		return true;
	}
	if (strlen(value) >= sizeof s->sort || !columns_parse(&list, value, why) || list.n != 1) {
		if (why->length == 0)
			text_string(why, "one column is needed");
		return false;
	}
	strcpy(s->sort, value);
	return true;
}

static void put_sort(const struct settings *s, FILE *out)
{
	fputs(s->sort[0] ? s->sort : "time", out);
}

/* Which of the words it is; -1 after saying that it is none. */
static int one_of(const char *value, const char *const *words, int n, struct text *why)
{
	for (int i = 0; i < n; i++)
		if (strcasecmp(value, words[i]) == 0)
			return i;
	text_char(why, '\'');
	text_plain(why, value);
	text_string(why, "' is none of:");
	for (int i = 0; i < n; i++) {
		text_char(why, ' ');
		text_string(why, words[i]);
	}
	return -1;
}

static const char *const orders[] = { "descending", "ascending" };

static bool take_order(struct settings *s, const char *value, struct text *why)
{
	int i = one_of(value, orders, 2, why);

	s->ascending = i == 1;
	return i >= 0;
}

static void put_order(const struct settings *s, FILE *out)
{
	fputs(orders[s->ascending], out);
}

static const char *const themes[THEME_COUNT] = {
	[THEME_DARK] = "dark", [THEME_LIGHT] = "light", [THEME_MONO] = "mono"
};

static bool take_theme(struct settings *s, const char *value, struct text *why)
{
	int i = one_of(value, themes, THEME_COUNT, why);

	if (i >= 0)
		s->theme = (enum theme)i;
	return i >= 0;
}

static void put_theme(const struct settings *s, FILE *out)
{
	fputs(themes[s->theme], out);
}

static bool take_time_wait(struct settings *s, const char *value, struct text *why)
{
	const char *end;
	uint64_t ns;

	if (!number_seconds(value, &end, &ns) || *end || ns == 0 || ns > UINT64_C(86400000000000)) {
		text_string(why, "seconds are needed, more than 0, at most 86400");
		return false;
	}
	s->time_wait = (int64_t)ns;
	return true;
}

static void put_time_wait(const struct settings *s, FILE *out)
{
	char bytes[32];
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	text_seconds(&text, s->time_wait);
	while (text.bytes[text.length - 1] == '0')
		text.length--;
	text.length -= text.bytes[text.length - 1] == '.';
	fputs(text_end(&text), out);
}

static const struct {
	const char *section, *key;
	bool (*take)(struct settings *s, const char *value, struct text *why);
	void (*put)(const struct settings *s, FILE *out);
} rows[] = {
	{ "dashboard", "columns", take_columns, put_columns },
	{ "dashboard", "sort", take_sort, put_sort },
	{ "dashboard", "order", take_order, put_order },
	{ "dashboard", "theme", take_theme, put_theme },
	{ "analysis", "time-wait", take_time_wait, put_time_wait },
};

/* ---- lines ---- */

static char *trimmed(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	return text;
}

static bool read_section(char *line, char *section, size_t size, struct text *why)
{
	size_t n = strlen(line);

	if (line[n - 1] != ']' || n - 2 >= size) {
		text_string(why, "the ']' of a section is missing");
		return false;
	}
	memcpy(section, line + 1, n - 2);
	section[n - 2] = '\0';
	return true;
}

static bool read_value(struct settings *s, char *line, const char *section, struct text *why)
{
	char *equals = strchr(line, '=');
	char *key, *value;

	if (!equals) {
		text_string(why, "KEY = VALUE is expected");
		return false;
	}
	*equals = '\0';
	key = trimmed(line);
	value = trimmed(equals + 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcasecmp(rows[i].section, section) == 0 && strcasecmp(rows[i].key, key) == 0)
			return rows[i].take(s, value, why);
	text_string(why, "there is no '");
	text_plain(why, key);
	text_string(why, "' in [");
	text_plain(why, section);
	text_char(why, ']');
	return false;
}

static bool read_line(struct settings *s, const char *at, size_t length, char *section, size_t size,
		      struct text *why)
{
	char bytes[LINE_MAX_BYTES];
	char *line;

	if (length >= sizeof bytes || memchr(at, '\0', length)) {
		text_string(why, "this is no text of settings");
		return false;
	}
	memcpy(bytes, at, length);
	bytes[length] = '\0';
	line = trimmed(bytes);
	if (*line == '\0' || *line == '#' || *line == ';')
		return true;
	return *line == '[' ? read_section(line, section, size, why) : read_value(s, line, section, why);
}

bool settings_parse(struct settings *s, const char *content, size_t length, const char *name,
		    struct text *why)
{
	char section[32] = "", said[1024];
	struct text wrong = { .bytes = said, .size = sizeof said };
	uint64_t number = 0;

	*s = settings_usual;
	for (size_t at = 0; at < length;) {
		const char *end = memchr(content + at, '\n', length - at);
		size_t n = end ? (size_t)(end - content) - at : length - at;

		number++;
		if (!read_line(s, content + at, n, section, sizeof section, &wrong)) {
			text_plain(why, name);
			text_string(why, ", line ");
			text_number(why, number);
			text_string(why, ": ");
			text_string(why, text_end(&wrong));
			*s = settings_usual;
			return false;
		}
		at += n + 1;
	}
	return true;
}

/* ---- the file ---- */

bool settings_path(char *name, size_t size)
{
	const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n;

	/* XDG Base Directory Specification: a relative one is to be ignored. */
	if (folder && folder[0] == '/')
		n = snprintf(name, size, "%s/lastack/lastack.ini", folder);
	else if (home && home[0] == '/')
		n = snprintf(name, size, "%s/.config/lastack/lastack.ini", home);
	else
		return false;
	return n > 0 && (size_t)n < size;
}

bool settings_load(struct settings *s, const char *name, struct text *why)
{
	char *content;
	size_t length;
	bool fine = false;
	FILE *file = fopen(name, "re");

	*s = settings_usual;
	if (!file && errno == ENOENT)
		return true;
	content = malloc(SETTINGS_FILE_MAX);
	length = file && content ? fread(content, 1, SETTINGS_FILE_MAX, file) : 0;
	if (!file || !content || ferror(file)) {
		text_plain(why, name);
		text_string(why, ": ");
		text_string(why, strerror(errno));
	} else if (length == SETTINGS_FILE_MAX) {
		text_plain(why, name);
		text_string(why, ": too long");
	} else {
		fine = settings_parse(s, content, length, name, why);
	}
	if (file)
		fclose(file);
	free(content);
	return fine;
}

static bool is_set(const struct settings *s, size_t row)
{
	return (rows[row].put != put_columns || s->columns[0]) &&
	       (rows[row].put != put_time_wait || s->time_wait > 0);
}

void settings_write(const struct settings *s, FILE *out)
{
	const char *section = "";

	fputs("# Written by lastack; see lastack(1), FILES.\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!is_set(s, i))
			continue;
		if (strcmp(section, rows[i].section) != 0)
			fprintf(out, "\n[%s]\n", rows[i].section);
		section = rows[i].section;
		fprintf(out, "%s = ", rows[i].key);
		rows[i].put(s, out);
		fputc('\n', out);
	}
}

bool settings_save(const struct settings *s, struct opener *opener, const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	int fd;
	bool fine;

	if (!stream)
		return false;
	settings_write(s, stream);
	fine = fclose(stream) == 0;
	fd = fine ? opener->open(opener, name) : -1;
	fine = fd != -1 && ftruncate(fd, 0) == 0 && write(fd, text, length) == (ssize_t)length;
	if (fd != -1)
		fine = close(fd) == 0 && fine;
	free(text);
	return fine;
}
