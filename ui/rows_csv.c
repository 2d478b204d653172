/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows_csv.c - rows as CSV (RFC 4180, lines ended by \n). */
#include <assert.h>

#include "ui/put.h"
#include "ui/report.h"

/* RFC 4180 2.6. */
static bool needs_quotes(const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == ',' || *at == '"' || *at == '\r' || *at == '\n')
			return true;
	}
	return false;
}

/* Puts quotes around what stands from 'value' to 'end'. */
static char *quote(char *value, const char *end)
{
	char bytes[COLUMN_BYTES_MAX];
	size_t n = (size_t)(end - value);
	char *to;

	memcpy(bytes, value, n);
	to = put_char(value, '"');
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '"') /* RFC 4180 2.7 */
			to = put_char(to, '"');
		to = put_char(to, bytes[i]);
	}
	return put_char(to, '"');
}

static void csv_head(struct text *text, const struct report_options *options)
{
	for (size_t i = 0; i < options->columns.n; i++) {
		if (i > 0)
			text_char(text, ',');
		text_string(text, options->columns.at[i]->name);
	}
	text_char(text, '\n');
}

static void csv_row(struct text *text, const struct row *row, const struct report_options *options)
{
	char *to = text->bytes + text->length;

	assert(text->size - text->length >= REPORT_ROW_MAX);
	for (size_t i = 0; i < options->columns.n; i++) {
		const struct column *column = options->columns.at[i];
		char *end = column->put(to, row, column);

		if (column->type == COLUMN_STRING && needs_quotes(to, end))
			end = quote(to, end);
		to = put_char(end, ',');
	}
	to[-1] = '\n'; /* in place of the last comma */
	text->length = (size_t)(to - text->bytes);
}

const struct report_format report_csv = { .head = csv_head, .row = csv_row };
