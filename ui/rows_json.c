/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows_json.c - rows as NDJSON: one JSON object (RFC 8259) a line. */
#include <assert.h>

#include "ui/put.h"
#include "ui/report.h"

enum { ESCAPED_MAX = 6 /* bytes for one: \u00ff */ };

/* A source may be as long as that, and nothing else comes near it. */
_Static_assert(ESCAPED_MAX *COLUMN_BYTES_MAX + COLUMNS_MAX * (COLUMN_ROOM + COLUMN_NAME_ROOM + 8) <=
		       REPORT_ROW_MAX,
	       "every row fits");

static char *put_null(char *to)
{
	return put_bytes(to, "null", 4);
}

static bool needs_escape(unsigned char c)
{
	return c == '"' || c == '\\' || c < 0x20 || c == 0x7f;
}

static char *escape_one(char *to, char c)
{
	static const char hex[] = "0123456789abcdef";

	if (c == '"' || c == '\\')
		return put_char(put_char(to, '\\'), c);
	to = put_bytes(to, "\\u00", 4);
	return put_char(put_char(to, hex[(unsigned char)c >> 4]), hex[c & 0xf]);
}

/* Escapes what has to be in what stands from 'value' to 'end'. */
static char *escape(char *value, char *end)
{
	char bytes[COLUMN_BYTES_MAX];
	size_t n = (size_t)(end - value), plain = 0;
	char *to;

	while (plain < n && !needs_escape((unsigned char)value[plain]))
		plain++;
	if (plain == n)
		return end;
	memcpy(bytes, value, n);
	to = value + plain;
	for (size_t i = plain; i < n; i++)
		to = needs_escape((unsigned char)bytes[i]) ? escape_one(to, bytes[i])
							   : put_char(to, bytes[i]);
	return to;
}

/* In quotes; nothing in a word of ours needs escaping, and an empty one is not known. */
static char *json_string(char *to, const struct row *row, const struct column *column)
{
	char *value = put_char(to, '"');
	char *end = column->put(value, row, column);

	if (end == value)
		return put_null(to);
	if (column->type == COLUMN_STRING)
		end = escape(value, end);
	return put_char(end, '"');
}

static char *json_bare(char *to, const struct row *row, const struct column *column)
{
	char *end = column->put(to, row, column);

	if (end == to)
		return put_null(to);
	if (column->type != COLUMN_TRUTH)
		return end;
	return *to == 'y' ? put_bytes(to, "true", 4) : put_bytes(to, "false", 5);
}

static char *put_key(char *to, const struct column *column)
{
	to = put_char(to, '"');
	memcpy(to, column->name, sizeof column->name);
	return put_bytes(to + column->name_length, "\":", 2);
}

static void json_row(struct text *text, const struct row *row, const struct report_options *options)
{
	char *to = text->bytes + text->length;

	assert(text->size - text->length >= REPORT_ROW_MAX);
	to = put_char(to, '{');
	for (size_t i = 0; i < options->columns.n; i++) {
		const struct column *column = options->columns.at[i];

		to = put_key(to, column);
		if (column->type == COLUMN_STRING || column->type == COLUMN_WORD)
			to = json_string(to, row, column);
		else
			to = json_bare(to, row, column);
		to = put_char(to, ',');
	}
	to = put_bytes(to - 1, "}\n", 2); /* in place of the last comma */
	text->length = (size_t)(to - text->bytes);
}

const struct report_format report_json = { .row = json_row, .begin = "{\"" };
