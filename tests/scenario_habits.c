/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario_habits.c - hosts differ in TTL, IP ID, window and timestamps. */
#include "scenario_habits.h"

struct habits habits_linux(uint16_t id)
{
	return (struct habits){ .ids = IDS_LINUX,
				.id = id,
				.step = 1,
				.ttl = 64,
				.rst_ttl = 64,
				.rst_window = -1,
				.timestamps = true,
				.rst_timestamps = true };
}

static bool take_ids(struct habits *h, struct words *in)
{
	int64_t n = 1;

	if (words_take(in, "random")) {
		h->ids = IDS_RANDOM;
	} else if (words_take(in, "zero")) {
		h->ids = IDS_CONSTANT;
		h->id = 0;
	} else if (words_take(in, "constant") && words_need_number(in, &n, UINT16_MAX)) {
		h->ids = IDS_CONSTANT;
		h->id = (uint16_t)n;
	} else if (words_take(in, "step") && words_need_number(in, &n, UINT16_MAX)) {
		h->ids = IDS_COUNT;
		h->step = (uint16_t)n;
	} else {
		return words_fail(in, "id wants random, zero, constant N or step N");
	}
	return true;
}

/* After "rst": what its resets have that its other segments have not. */
static bool take_rst_habit(struct habits *h, struct words *in)
{
	int64_t n;

	if (words_take(in, "nots")) {
		h->rst_timestamps = false;
	} else if (words_take(in, "win") && words_need_number(in, &n, UINT16_MAX)) {
		h->rst_window = (int32_t)n;
	} else if (words_take(in, "ttl") && words_need_number(in, &n, UINT8_MAX)) {
		h->rst_ttl = (uint8_t)n;
	} else {
		return words_fail(in, "rst wants nots, win N or ttl N");
	}
	return true;
}

bool habits_take(struct habits *h, struct words *in)
{
	int64_t n;

	if (words_take(in, "id"))
		return take_ids(h, in);
	if (words_take(in, "rst"))
		return take_rst_habit(h, in);
	if (words_take(in, "nots")) {
		h->timestamps = false;
	} else if (words_take(in, "ttl") && words_need_number(in, &n, UINT8_MAX)) {
		h->ttl = h->rst_ttl = (uint8_t)n;
	} else {
		return words_fail(in, "a habit that scenario.h does not know");
	}
	return true;
}

static void drop_timestamps(struct segment *s)
{
	s->bits = (uint16_t)(s->bits & ~SEGMENT_TIMESTAMPS);
	s->tsval = 0;
}

static void answer_without_socket(struct segment *s)
{
	s->window = 0;
	drop_timestamps(s);
	if (s->flags & TCP_ACK) /* RFC 9293 3.5.2, group 1 */
		s->seq.n = 0;
}

static uint16_t next_id(struct habits *h, const struct segment *s, bool socket)
{
	bool syn_ack = (s->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	if (s->bits & SEGMENT_IPV6)
		return 0;
	if (h->ids == IDS_LINUX && (!socket || syn_ack))
		return 0;
	if (h->ids == IDS_RANDOM)
		h->id = (uint16_t)(h->id * 25173U + 13849U); /* of full period */
	else if (h->ids != IDS_CONSTANT)
		h->id = (uint16_t)(h->id + h->step);
	return h->id;
}

void habits_apply(struct habits *h, struct segment *s, uint32_t tsval, bool socket)
{
	bool rst = s->flags & TCP_RST;

	s->ttl = rst ? h->rst_ttl : h->ttl;
	s->window = s->flags & TCP_SYN ? 64240 : 500;
	if (rst && h->rst_window >= 0)
		s->window = (uint16_t)h->rst_window;
	if (h->timestamps && (!rst || h->rst_timestamps)) {
		s->bits |= SEGMENT_TIMESTAMPS;
		s->tsval = tsval;
	}
	if (s->flags & TCP_SYN) {
		s->bits |= SEGMENT_WSCALE;
		s->wscale = 7;
	}
	if (!socket)
		answer_without_socket(s);
	s->ip_id = next_id(h, s, socket);
}

static void make_foreign(struct segment *s)
{
	s->ttl = 37;
	s->ip_id = s->bits & SEGMENT_IPV6 ? 0 : 4660;
	s->window = 0;
	drop_timestamps(s);
}

bool habits_take_option(struct segment *s, struct words *in)
{
	int64_t n;

	if (words_take(in, "nots")) {
		drop_timestamps(s);
	} else if (words_take(in, "nodf")) {
		s->bits = (uint16_t)(s->bits & ~SEGMENT_DF);
	} else if (words_take(in, "reply")) {
		answer_without_socket(s);
		s->ip_id = 0;
	} else if (words_take(in, "foreign")) {
		make_foreign(s);
	} else if (words_take(in, "win") && words_need_number(in, &n, UINT16_MAX)) {
		s->window = (uint16_t)n;
	} else if (words_take(in, "ttl") && words_need_number(in, &n, UINT8_MAX)) {
		s->ttl = (uint8_t)n;
	} else if (words_take(in, "id") && words_need_number(in, &n, UINT16_MAX)) {
		s->ip_id = s->bits & SEGMENT_IPV6 ? 0 : (uint16_t)n;
	} else if (words_take(in, "ts") && words_need_number(in, &n, UINT32_MAX)) {
		s->tsval = (uint32_t)n;
	} else {
		return false;
	}
	return true;
}
