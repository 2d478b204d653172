/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select.c - whether a connection is meant; select_parse.c reads what is asked. */
#include "ui/select.h"

#include <arpa/inet.h>
#include <strings.h>

#include "ui/decimal.h"
#include "ui/select_parts.h"

static bool is_ip(const struct column *column)
{
	return column->field == offsetof(struct record, host[CLIENT]) ||
	       column->field == offsetof(struct record, host[SERVER]);
}

bool only_network(const char *value, size_t length, struct only_network *network)
{
	char text[INET6_ADDRSTRLEN + 1] = "";
	const char *slash = memchr(value, '/', length);
	size_t n = slash ? (size_t)(slash - value) : length;
	struct decimal bits = { .whole = 128 };
	uint8_t *addr = network->host.addr;

	*network = (struct only_network){ .host.addr = { [10] = 0xff, [11] = 0xff } };
	if (n >= sizeof text || (slash && !decimal_parse(slash + 1, length - n - 1, &bits)) || bits.negative)
		return false;
	memcpy(text, value, n);
	if (inet_pton(AF_INET, text, addr + 12) == 1) {
		if (slash && bits.whole > 32)
			return false;
		network->bits = slash ? 96 + (int)bits.whole : 128;
		return true;
	}
	if (bits.whole > 128)
		return false;
	network->bits = (int)bits.whole;
	return inet_pton(AF_INET6, text, addr) == 1;
}

static bool within(const struct host *host, const struct only_network *network)
{
	int whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(host->addr, network->host.addr, (size_t)whole) != 0)
		return false;
	return rest == 0 || (host->addr[whole] ^ network->host.addr[whole]) >> (8 - rest) == 0;
}

/* One value of a term against what a column holds. */
static bool equals(const struct only_term *term, const struct column *column, const struct text *held,
		   const struct record *record, const char *value, size_t length, bool last)
{
	struct decimal a, b;
	struct only_network network;

	if (is_ip(column) && only_network(value, length, &network)) {
		struct host host;

		memcpy(&host, (const char *)record + column->field, sizeof host);
		return within(&host, &network);
	}
	if (column->type == COLUMN_NUMBER && decimal_parse(value, length, &a) &&
	    decimal_parse(held->bytes, held->length, &b))
		return decimal_compare(&a, &b) == 0;
	if (last && term->beginning && column->type != COLUMN_NUMBER)
		return held->length >= length && strncasecmp(held->bytes, value, length) == 0;
	return held->length == length && strncasecmp(held->bytes, value, length) == 0;
}

static bool equals_any(const struct only_term *term, const struct column *column, const struct text *held,
		       const struct record *record)
{
	for (const char *value = term->value;;) {
		size_t length = strcspn(value, ",");
		bool last = value[length] == '\0';

		if (equals(term, column, held, record, value, length, last))
			return true;
		if (last)
			return false;
		value += length + 1;
	}
}

static bool compares(const struct only_term *term, const struct text *held)
{
	struct decimal value, is;
	int order;

	if (!decimal_parse(term->value, strlen(term->value), &value) ||
	    !decimal_parse(held->bytes, held->length, &is))
		return false;
	order = decimal_compare(&is, &value);
	switch (term->test) {
	case ONLY_LESS:
		return order < 0;
	case ONLY_AT_MOST:
		return order <= 0;
	case ONLY_MORE:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* What the column says satisfies the term; for ONLY_DIFFERENT: equals one of its values. */
static bool column_fits(const struct only_term *term, const struct column *column, const struct row *row)
{
	char bytes[COLUMN_BYTES_MAX];
	struct text held = { .bytes = bytes, .size = sizeof bytes };

	column_text(&held, row, column);
	if (term->test == ONLY_EQUAL || term->test == ONLY_DIFFERENT)
		return equals_any(term, column, &held, row->record);
	return compares(term, &held);
}

static bool columns_fit(const struct only_term *term, const struct row *row)
{
	bool fits = column_fits(term, term->columns[0], row) ||
		    (term->columns[1] && column_fits(term, term->columns[1], row));

	return fits != (term->test == ONLY_DIFFERENT);
}

static bool holds_text(const struct row *row, const char *sought)
{
	for (size_t i = 0; i < column_count; i++) {
		char bytes[COLUMN_BYTES_MAX];
		struct text held = { .bytes = bytes, .size = sizeof bytes };

		column_text(&held, row, &columns[i]);
		if (strcasestr(text_end(&held), sought))
			return true;
	}
	return false;
}

static bool words_fit(const struct only_term *term, const struct record *record)
{
	return (term->closes >> record->close & 1) != 0 || (term->causes >> record->cause & 1) != 0 ||
	       (term->lingering && record->time_wait == TIME_WAIT_LINGERING);
}

static bool term_fits(const struct only_term *term, const struct row *row)
{
	switch (term->kind) {
	case ONLY_WORDS:
		return words_fit(term, row->record);
	case ONLY_COLUMN:
		return columns_fit(term, row);
	case ONLY_TEXT:
		return holds_text(row, term->value);
	}
	return false;
}

bool only_takes_row(const struct only *only, const struct row *row)
{
	for (size_t i = 0; i < only->n; i++)
		if (!term_fits(&only->terms[i], row))
			return false;
	return true;
}

bool only_takes(const struct only *only, const struct record *record)
{
	const struct row row = { .record = record, .source = "", .nanoseconds = true };

	return only_takes_row(only, &row);
}
