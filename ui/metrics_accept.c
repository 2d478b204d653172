/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_accept.c - see metrics_accept.h. A media range that cannot be read is passed over, as is every
 * parameter but q and version.
 */
#include "ui/metrics_accept.h"

#include <string.h>
#include <strings.h>

/* Part of the header, not terminated. */
struct part {
	const char *at;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct part trimmed(struct part part)
{
	while (part.length > 0 && is_blank(part.at[0])) {
		part.at++;
		part.length--;
	}
	while (part.length > 0 && is_blank(part.at[part.length - 1]))
		part.length--;
	return part;
}

/* What stands before the next separator that is not quoted; *rest goes on behind it. */
static struct part next_part(struct part *rest, char separator)
{
	struct part part = { rest->at, 0 };
	bool quoted = false;

	while (part.length < rest->length && (quoted || part.at[part.length] != separator)) {
		if (quoted && part.at[part.length] == '\\' && part.length + 1 < rest->length)
			part.length++;
		else if (part.at[part.length] == '"')
			quoted = !quoted;
		part.length++;
	}
	rest->at += part.length;
	rest->length -= part.length;
	if (rest->length > 0) {
		rest->at++;
		rest->length--;
	}
	return trimmed(part);
}

static bool is(struct part part, const char *word)
{
	return part.length == strlen(word) && strncasecmp(part.at, word, part.length) == 0;
}

/* RFC 9110 12.4.2: 0 to 1 with up to three digits after the point, in thousandths; -1 = something else. */
static int quality_of(struct part value)
{
	int quality = 0, unit = 1000;

	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];

		if (i == 1 ? c != '.' : c < '0' || c > '9' || unit == 0)
			return -1;
		if (i != 1) {
			quality += (c - '0') * unit;
			unit /= 10;
		}
	}
	return value.length == 0 || quality > 1000 ? -1 : quality;
}

static struct part unquoted(struct part value)
{
	if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"')
		return (struct part){ value.at + 1, value.length - 2 };
	return value;
}

/* A more exact range overrules a less exact one; of equal ones the kinder counts. */
static void want(struct metrics_accept *accept, enum metrics_format format, int precision, int quality)
{
	if (precision > accept->format[format].precision ||
	    (precision == accept->format[format].precision && quality > accept->format[format].quality)) {
		accept->format[format].precision = precision;
		accept->format[format].quality = quality;
	}
}

static void take_range(struct metrics_accept *accept, struct part range)
{
	struct part type = next_part(&range, ';'), version = { "", 0 };
	int quality = 1000;

	while (range.length > 0) {
		struct part value = next_part(&range, ';'), name = next_part(&value, '=');

		if (is(name, "q"))
			quality = quality_of(trimmed(value));
		else if (is(name, "version"))
			version = unquoted(trimmed(value));
	}
	if (quality < 0)
		return;
	if (is(type, "application/openmetrics-text") && (version.length == 0 || is(version, "1.0.0"))) {
		want(accept, METRICS_OPENMETRICS, 3, quality);
	} else if (is(type, "text/plain") && (version.length == 0 || is(version, "0.0.4"))) {
		want(accept, METRICS_TEXT, 3, quality);
	} else if (is(type, "application/*")) {
		want(accept, METRICS_OPENMETRICS, 2, quality);
	} else if (is(type, "text/*")) {
		want(accept, METRICS_TEXT, 2, quality);
	} else if (is(type, "*/*")) {
		want(accept, METRICS_OPENMETRICS, 1, quality);
		want(accept, METRICS_TEXT, 1, quality);
	}
}

void metrics_accept_header(struct metrics_accept *accept, const char *value)
{
	struct part rest = { value, strlen(value) };

	while (rest.length > 0)
		take_range(accept, next_part(&rest, ','));
}

enum metrics_format metrics_accept_format(const struct metrics_accept *accept)
{
	int text = accept->format[METRICS_TEXT].quality;
	int open = accept->format[METRICS_OPENMETRICS].quality;
	bool named = accept->format[METRICS_OPENMETRICS].precision == 3;

	return open > text || (named && open > 0 && open == text) ? METRICS_OPENMETRICS : METRICS_TEXT;
}
