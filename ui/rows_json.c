/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows_json.c - rows as NDJSON: one JSON object (RFC 8259) a line. */
#include "ui/report.h"

static void escape(struct text *text, const char *bytes, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '"' || c == '\\') {
			text_char(text, '\\');
			text_char(text, bytes[i]);
		} else if (c < 0x20 || c == 0x7f) {
			text_string(text, "\\u00");
			text_char(text, hex[c >> 4]);
			text_char(text, hex[c & 0xf]);
		} else {
			text_char(text, bytes[i]);
		}
	}
}

static void json_string(struct text *text, const struct row *row, const struct column *column)
{
	char bytes[COLUMN_BYTES_MAX];
	struct text value = { .bytes = bytes, .size = sizeof bytes };

	column->value(&value, row, column);
	if (value.length == 0) {
		text_string(text, "null");
		return;
	}
	text_char(text, '"');
	escape(text, value.bytes, value.length);
	text_char(text, '"');
}

/* A word of ours: nothing in it needs escaping; an empty one is not known. */
static void json_word(struct text *text, const struct row *row, const struct column *column)
{
	size_t from = text->length;

	text_char(text, '"');
	column->value(text, row, column);
	if (text->length == from + 1) {
		text->length = from;
		text_string(text, "null");
	} else {
		text_char(text, '"');
	}
}

static void json_bare(struct text *text, const struct row *row, const struct column *column)
{
	size_t from = text->length;

	column->value(text, row, column);
	if (text->length == from) {
		text_string(text, "null");
	} else if (column->type == COLUMN_TRUTH) {
		bool yes = text->bytes[from] == 'y';

		text->length = from;
		text_string(text, yes ? "true" : "false");
	}
}

static void json_row(struct text *text, const struct row *row, const struct report_options *options)
{
	for (size_t i = 0; i < options->columns.n; i++) {
		const struct column *column = options->columns.at[i];

		text_string(text, i > 0 ? ",\"" : "{\"");
		text_string(text, column->name);
		text_string(text, "\":");
		if (column->type == COLUMN_STRING)
			json_string(text, row, column);
		else if (column->type == COLUMN_WORD)
			json_word(text, row, column);
		else
			json_bare(text, row, column);
	}
	text_string(text, "}\n");
}

const struct report_format report_json = { .row = json_row, .begin = "{\"" };
