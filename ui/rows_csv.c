/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows_csv.c - rows as CSV (RFC 4180, lines ended by \n). */
#include "ui/report.h"

/* RFC 4180 2.6. */
static bool needs_quotes(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\r' || bytes[i] == '\n')
			return true;
	}
	return false;
}

static void csv_string(struct text *text, const struct row *row, const struct column *column)
{
	char bytes[COLUMN_BYTES_MAX];
	struct text value = { .bytes = bytes, .size = sizeof bytes };
	bool quotes;

	column->value(&value, row, column);
	quotes = needs_quotes(value.bytes, value.length);
	if (quotes)
		text_char(text, '"');
	for (size_t i = 0; i < value.length; i++) {
		if (value.bytes[i] == '"') /* RFC 4180 2.7 */
			text_char(text, '"');
		text_char(text, value.bytes[i]);
	}
	if (quotes)
		text_char(text, '"');
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
	for (size_t i = 0; i < options->columns.n; i++) {
		const struct column *column = options->columns.at[i];

		if (i > 0)
			text_char(text, ',');
		if (column->type == COLUMN_STRING)
			csv_string(text, row, column);
		else
			column->value(text, row, column);
	}
	text_char(text, '\n');
}

const struct report_format report_csv = { .head = csv_head, .row = csv_row };
