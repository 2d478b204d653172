/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_payload.c - bytes on a page: as text, as a hex dump, with gaps; and what is said over them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/payload.h"

/* A page in memory. */
struct paper {
	struct page page;
	char *bytes;
	size_t length;
};

static struct paper *paper(int columns)
{
	struct paper *p = calloc(1, sizeof *p);

	p->page.columns = columns;
	p->page.out = open_memstream(&p->bytes, &p->length);
	return p;
}

static void assert_says(struct paper *p, const char *expected)
{
	fclose(p->page.out);
	assert_string_equal(p->bytes, expected);
	free(p->bytes);
	free(p);
}

/* lost: '1' where a byte is, NULL = none is. */
static void assert_bytes(int columns, uint64_t offset, const void *bytes, size_t n, const char *lost,
			 const char *expected)
{
	struct paper *p = paper(columns);
	uint8_t *flags = calloc(1, n + 1);

	for (size_t i = 0; lost && i < n; i++)
		flags[i] = lost[i] == '1';
	payload_bytes(&p->page, offset, bytes, lost ? flags : NULL, n);
	free(flags);
	assert_says(p, expected);
}

static void lines_end_where_they_end(void **state)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: a\\b\t\r\n\r\nbody";

	(void)state;
	assert_bytes(80, 0, request, strlen(request), NULL,
		     "    GET / HTTP/1.0\\r\\n\n"
		     "    Host: a\\\\b\\t\\r\\n\n"
		     "    \\r\\n\n"
		     "    body\n");
}

static void or_at_the_edge_of_the_page(void **state)
{
	(void)state;
	assert_bytes(20, 0, "0123456789abcdef", 16, NULL, "    0123456789abcdef\n");
	assert_bytes(20, 0, "0123456789abcdefg", 17, NULL, "    0123456789abcdef\n    g\n");
	assert_bytes(20, 0, "0123456789abcde\n", 16, NULL, "    0123456789abcde\n    \\n\n");
}

static void nothing_drives_the_terminal(void **state)
{
	static const char odd[] = "It is mostly plain text, but \x1b[2J and \x9b\x7f and \0 are in it.";

	(void)state;
	assert_bytes(80, 0, odd, sizeof odd - 1, NULL,
		     "    It is mostly plain text, but \\x1b[2J and \\x9b\\x7f and \\x00 are in it.\n");
}

static void what_is_not_text_is_dumped(void **state)
{
	static const uint8_t tls[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc,
				       0x03, 0x03, 'a',	 'b',  'c',  0x1b, 0x7f, 0x00, 'z' };

	(void)state;
	assert_bytes(80, 0x123, tls, sizeof tls, NULL,
		     "    0123  16 03 01 02 00 01 00 01 fc 03 03 61 62 63 1b 7f  ...........abc..\n"
		     "    0133  00 7a                                            .z\n");
	assert_bytes(50, 0, tls, 9, NULL,
		     "    0000  16 03 01 02 00 01 00 01  ........\n"
		     "    0008  fc                       .\n");
	assert_bytes(80, UINT64_C(0x100000000), tls, 2, NULL,
		     "    100000000  16 03                                            ..\n");
}

static void gaps_are_told(void **state)
{
	static const uint8_t dump[] = { 1, 2, 0, 0, 0, 3 };

	(void)state;
	assert_bytes(80, 0, "ab\0\0\0cd\0", 8, "00111001",
		     "    ab\n    [... 3 bytes lost ...]\n    cd\n    [... 1 byte lost ...]\n");
	assert_bytes(80, 0, "\0\0", 2, "11", "    [... 2 bytes lost ...]\n");
	assert_bytes(80, 0, dump, sizeof dump, "001110",
		     "    0000  01 02                                            ..\n"
		     "    [... 3 bytes lost ...]\n"
		     "    0005  03                                               .\n");
}

/* ---- what both sides sent ---- */

static const struct seq base[2] = { { 100 }, { 200 } };

static void send_segment(struct contents *c, enum side side, uint8_t flags, uint32_t at, uint32_t ack,
			 const char *text)
{
	struct segment s = {
		.flags = flags | TCP_ACK,
		.seq = seq_plus(base[side], at + 1),
		.ack = seq_plus(base[other(side)], ack + 1),
		.len = (uint32_t)strlen(text),
	};

	content_segment(c, 7, &s, side, base, (const uint8_t *)text, s.len);
}

static void both_sides(void **state)
{
	struct contents *c = contents_new(8);
	struct paper *p = paper(80);
	struct record record = { .side[CLIENT].bytes = 5, .side[SERVER] = { .bytes = 28, .after_fin = 7 } };

	(void)state;
	send_segment(c, CLIENT, 0, 0, 0, "hello");
	send_segment(c, SERVER, 0, 0, 5, "there were twenty one");
	send_segment(c, CLIENT, TCP_FIN, 5, 21, "");
	send_segment(c, SERVER, 0, 21, 6, "aftwrds");
	payload_print(&p->page, c, 7, &record);
	assert_says(p, "\n  the client sent 5 bytes:\n"
		       "    hello\n"
		       "  the server sent 21 bytes before the client's FIN, the last 8:\n"
		       "    enty one\n"
		       "  the server sent 7 bytes after the client's FIN:\n"
		       "    aftwrds\n");
	contents_free(c);
}

static void nothing(void **state)
{
	struct contents *c = contents_new(8);
	struct paper *p = paper(80);
	struct record record = { .side[CLIENT].bytes = 1 };

	(void)state;
	send_segment(c, CLIENT, 0, 0, 0, "x");
	payload_print(&p->page, c, 7, &record);
	assert_says(p, "\n  the client sent 1 byte:\n    x\n  the server sent nothing\n");
	contents_free(c);
}

static void what_is_not_available(void **state)
{
	struct contents *c = contents_new(8);
	struct paper *p = paper(80);
	struct record record = { .side[CLIENT].bytes = 1200 };

	(void)state;
	payload_print(&p->page, c, 8, &record);
	assert_says(p, "\n  the client sent 1,200 bytes, not available: no packet with any of it was seen\n"
		       "  the server sent nothing\n");
	p = paper(80);
	kill(contents_worker(c), SIGKILL);
	send_segment(c, CLIENT, 0, 0, 0, "x");
	payload_print(&p->page, c, 7, &record);
	assert_says(p, "\n  the client sent 1,200 bytes, not available: the process that puts streams in\n"
		       "    order has died\n"
		       "  the server sent nothing\n");
	contents_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_where_they_end),
		cmocka_unit_test(or_at_the_edge_of_the_page),
		cmocka_unit_test(nothing_drives_the_terminal),
		cmocka_unit_test(what_is_not_text_is_dumped),
		cmocka_unit_test(gaps_are_told),
		cmocka_unit_test(both_sides),
		cmocka_unit_test(nothing),
		cmocka_unit_test(what_is_not_available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
