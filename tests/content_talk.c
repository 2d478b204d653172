/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content_talk.c - see content_talk.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "content_talk.h"

struct talk talk(struct contents *c, uint64_t id)
{
	return (struct talk){ .c = c, .id = id, .base = { { 1000 }, { 0xfffffff8 } } };
}

struct segment segment_of(const struct talk *t, unsigned side, uint8_t flags, uint64_t at, uint64_t ack)
{
	return (struct segment){
		.flags = flags | TCP_ACK,
		.seq = seq_plus(t->base[side], (uint32_t)at + 1),
		.ack = seq_plus(t->base[!side], (uint32_t)ack + 1),
		.bits = t->bits,
	};
}

void say_cut(const struct talk *t, unsigned side, uint64_t at, const void *bytes, size_t n, size_t captured)
{
	struct segment s = segment_of(t, side, 0, at, 0);
	uint8_t *exact = malloc(captured ? captured : 1);

	s.len = (uint32_t)n;
	memcpy(exact, bytes, captured);
	content_segment(t->c, t->id, &s, side, t->base, exact, captured);
	free(exact);
}

void say(const struct talk *t, unsigned side, uint64_t at, const char *text)
{
	say_cut(t, side, at, text, strlen(text), strlen(text));
}

void acknowledge(const struct talk *t, unsigned side, uint64_t at, uint64_t ack)
{
	struct segment s = segment_of(t, side, 0, at, ack);

	content_segment(t->c, t->id, &s, side, t->base, NULL, 0);
}

void finish(const struct talk *t, unsigned side, uint64_t at, uint64_t ack)
{
	struct segment s = segment_of(t, side, TCP_FIN, at, ack);

	content_segment(t->c, t->id, &s, side, t->base, NULL, 0);
}

void assert_part(const struct talk *t, unsigned side, enum content_part part, uint64_t total,
		 const char *expected)
{
	struct content content;
	char got[CONTENT_TAIL_MAX + 1];

	assert_int_equal(content_read(t->c, t->id, side, &content), CONTENT_FINE);
	assert_int_equal(content.part[part].total, total);
	for (size_t i = 0; i < content.part[part].length; i++)
		got[i] = content.part[part].lost[i] ? '.' : (char)content.part[part].bytes[i];
	got[content.part[part].length] = '\0';
	assert_string_equal(got, expected);
}

void assert_said(const struct talk *t, unsigned side, uint64_t total, const char *expected)
{
	assert_part(t, side, CONTENT_BEFORE_FIN, total, expected);
}
