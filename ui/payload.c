/* SPDX-License-Identifier: GPL-2.0-or-later */
/* payload.c - bytes on a page. */
#include "ui/payload.h"

#include <inttypes.h>
#include <string.h>

#include "ui/plain.h"

enum {
	INDENT = 4,
	BINARY_SHARE = 8, /* one byte in so many may be unprintable, and it is still text */
	ESCAPE_MAX = 8,
	ROW_MAX = 16, /* bytes in a row of a hex dump */
};

static int columns_of(const struct page *page)
{
	return page->columns > 0 ? page->columns : PAGE_COLUMNS;
}

static bool is_printable(uint8_t byte)
{
	return byte >= 0x20 && byte <= 0x7e;
}

static bool is_text_byte(uint8_t byte)
{
	return is_printable(byte) || byte == '\n' || byte == '\r' || byte == '\t';
}

static bool is_text(const uint8_t *bytes, const uint8_t *lost, size_t length)
{
	size_t seen = 0, binary = 0;

	for (size_t i = 0; i < length; i++) {
		if (lost && lost[i])
			continue;
		seen++;
		binary += !is_text_byte(bytes[i]);
	}
	return binary <= seen / BINARY_SHARE;
}

/* How many from i on are all lost, or all seen. */
static size_t run_from(const uint8_t *lost, size_t i, size_t length)
{
	size_t n = 1;

	while (i + n < length && (!lost || !lost[i + n] == !lost[i]))
		n++;
	return n;
}

static void print_lost(struct page *page, size_t n)
{
	fprintf(page->out, "%*s[... %s lost ...]\n", INDENT, "", plain_count(n, "byte", "bytes").s);
}

/* ---- text ---- */

/* Terminated; returns its length. A terminal must not see what could drive it. */
static int escape(char to[ESCAPE_MAX], uint8_t byte)
{
	static const char letters[] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\\'] = '\\' };

	if (byte < sizeof letters && letters[byte])
		return snprintf(to, ESCAPE_MAX, "\\%c", letters[byte]);
	return snprintf(to, ESCAPE_MAX, is_printable(byte) ? "%c" : "\\x%02x", byte);
}

/* A line ends where the text's does, which is shown, or at the page's edge. */
static void print_text(struct page *page, const uint8_t *bytes, size_t length)
{
	int column = 0;

	for (size_t i = 0; i < length; i++) {
		char escaped[ESCAPE_MAX];
		int n = escape(escaped, bytes[i]);

		if (column > 0 && column + n > columns_of(page)) {
			fputc('\n', page->out);
			column = 0;
		}
		if (column == 0)
			column = fprintf(page->out, "%*s", INDENT, "");
		column += n;
		fputs(escaped, page->out);
		if (bytes[i] != '\n')
			continue;
		fputc('\n', page->out);
		column = 0;
	}
	if (column > 0)
		fputc('\n', page->out);
}

/* ---- hex dump ---- */

static int row_width(int digits, int n)
{
	return INDENT + digits + 2 + 3 * n + 1 + n;
}

static void print_row(struct page *page, uint64_t offset, int digits, int row, const uint8_t *bytes, size_t n)
{
	char characters[ROW_MAX + 1];
	int column = fprintf(page->out, "%*s%0*" PRIx64 " ", INDENT, "", digits, offset);
	int behind = column + 3 * row + 2;

	for (size_t i = 0; i < n; i++) {
		column += fprintf(page->out, " %02x", bytes[i]);
		characters[i] = is_printable(bytes[i]) ? (char)bytes[i] : '.';
	}
	characters[n] = '\0';
	fprintf(page->out, "%*s%s\n", behind - column, "", characters);
}

static void print_hex(struct page *page, uint64_t offset, const uint8_t *bytes, size_t length, int digits)
{
	size_t row = row_width(digits, ROW_MAX) <= columns_of(page) ? ROW_MAX : ROW_MAX / 2;

	for (size_t i = 0; i < length; i += row)
		print_row(page, offset + i, digits, (int)row, bytes + i, length - i < row ? length - i : row);
}

/* Of the greatest offset, at least four. */
static int digits_of(uint64_t offset)
{
	int digits = 4;

	while (digits < 16 && offset >> 4 * digits)
		digits++;
	return digits;
}

void payload_bytes(struct page *page, uint64_t offset, const uint8_t *bytes, const uint8_t *lost,
		   size_t length)
{
	bool text = is_text(bytes, lost, length);
	int digits = digits_of(offset + length);

	for (size_t i = 0, n; i < length; i += n) {
		n = run_from(lost, i, length);
		if (lost && lost[i])
			print_lost(page, n);
		else if (text)
			print_text(page, bytes + i, n);
		else
			print_hex(page, offset + i, bytes + i, n, digits);
	}
}

/* ---- what both sides sent ---- */

static const char *const side_names[] = { [CLIENT] = "client", [SERVER] = "server" };

static const char *problem(enum content_result result)
{
	return result == CONTENT_DEAD ? "the process that puts streams in order has died"
				      : "no packet with any of it was seen";
}

/* "the server sent 12 bytes [before|after ...]; the last 10:" */
static void print_heading(struct page *page, enum side side, uint64_t total, size_t shown, const char *when)
{
	if (shown < total)
		page_say(page, 2, "the %s sent %s%s, the last %s:", side_names[side],
			 plain_count(total, "byte", "bytes").s, when, plain_number(shown).s);
	else
		page_say(page, 2, "the %s sent %s%s:", side_names[side],
			 plain_count(total, "byte", "bytes").s, when);
}

static void print_part(struct page *page, enum side side, uint64_t total, const struct content *content,
		       enum content_part part, bool parted)
{
	const uint64_t before = part == CONTENT_AFTER_FIN ? content->part[CONTENT_BEFORE_FIN].total : 0;
	uint64_t seen = content->part[part].total;
	size_t length = content->part[part].length;
	char when[64] = "";

	if (total == 0)
		return;
	if (parted)
		snprintf(when, sizeof when, " %s the %s's FIN",
			 part == CONTENT_AFTER_FIN ? "after" : "before", side_names[other(side)]);
	print_heading(page, side, total, length, when);
	payload_bytes(page, before + seen - length, content->part[part].bytes, content->part[part].lost,
		      length);
}

static void print_side(struct page *page, struct contents *contents, uint64_t id, const struct record *record,
		       enum side side)
{
	const struct record_side *sent = &record->side[side];
	struct content content;
	enum content_result result;

	if (sent->bytes == 0) {
		page_say(page, 2, "the %s sent nothing", side_names[side]);
		return;
	}
	result = content_read(contents, id, side, &content);
	if (result != CONTENT_FINE) {
		page_say(page, 2, "the %s sent %s, not available: %s", side_names[side],
			 plain_count(sent->bytes, "byte", "bytes").s, problem(result));
		return;
	}
	print_part(page, side, sent->bytes - sent->after_fin, &content, CONTENT_BEFORE_FIN,
		   sent->after_fin > 0);
	print_part(page, side, sent->after_fin, &content, CONTENT_AFTER_FIN, true);
}

void payload_print(struct page *page, struct contents *contents, uint64_t id, const struct record *record)
{
	fputc('\n', page->out);
	for (enum side side = CLIENT; side <= SERVER; side++)
		print_side(page, contents, id, record, side);
}
