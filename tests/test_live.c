/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_live.c - the frames of a watched interface: see wire.h for what passes. Without root it is skipped
 * (77). */
#include "dissect/capture.h"

#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/watching.h"
#include "tests/wire.h"

enum { TCP = 6, UDP = 17, ICMP = 1, FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const struct wire_frame data = { .protocol = TCP, .port = 80, .flags = ACK, .payload = 500 };
static const struct wire_frame pure_ack = { .protocol = TCP, .port = 80, .flags = ACK };
static const struct wire_frame syn = { .protocol = TCP, .port = 80, .flags = SYN };
static const struct wire_frame fin = { .protocol = TCP, .port = 80, .flags = FIN | ACK, .payload = 200 };
static const struct wire_frame reset = { .protocol = TCP, .port = 80, .flags = RST, .payload = 300 };
static const struct wire_frame other_port = { .protocol = TCP, .port = 81, .flags = SYN };
static const struct wire_frame first_part = {
	.protocol = TCP, .port = 80, .fragment = 0x2000, .payload = 508
};
static const struct wire_frame last_part = { .protocol = TCP, .port = 80, .fragment = 66, .payload = 300 };
static const struct wire_frame error = { .protocol = ICMP, .icmp = 3, .payload = 400 };
static const struct wire_frame echo = { .protocol = ICMP, .icmp = 8, .payload = 400 };
static const struct wire_frame datagram = { .protocol = UDP, .port = 53, .payload = 400 };

/* Sends one with so many tags, and looks at how much of it is captured (0 = it does not come). */
static void assert_captured(struct captures *c, struct wire_frame frame, int tags, size_t expected)
{
	struct frame got;
	size_t n;

	frame.tags = tags;
	n = wire_send("sender", &frame);
	if (expected == 0) {
		nothing_more(c);
		return;
	}
	got = next(c);
	assert_int_equal(got.len, n);
	assert_int_equal(got.caplen, expected < n ? expected : n);
	assert_true(got.matched);
	assert_int_equal(got.link, DLT_EN10MB);
}

/* The kernel takes off the outer tag of what it receives, libpcap puts it back: four bytes more. */
static void what_matters_is_whole_and_the_rest_cut(void **state)
{
	static const struct wire_frame *const whole[] = { &reset, &first_part, &last_part, &error };
	static const struct wire_frame *const cut[] = { &data, &echo, &datagram, &fin };
	struct captures *c = watch("seer", &usual);

	(void)state;
	assert_non_null(c);
	assert_true(captures_nanoseconds(c));
	for (int tags = 0; tags < 3; tags++) {
		for (size_t i = 0; i < 4; i++) {
			assert_captured(c, *whole[i], tags, 2000);
			assert_captured(c, *cut[i], tags, tags > 0 ? SNAPLEN + 4 : SNAPLEN);
		}
		assert_captured(c, syn, tags, 2000);
	}
	captures_close(c);
	assert_string_equal(said, "");
}

/* On the sender's side no tag is taken off. */
static void tags_in_the_packet_are_seen_through(void **state)
{
	struct captures *c = watch("sender", &usual);

	(void)state;
	for (int tags = 0; tags < 3; tags++) {
		assert_captured(c, reset, tags, 2000);
		assert_captured(c, data, tags, SNAPLEN);
		assert_captured(c, error, tags, 2000);
	}
	captures_close(c);
}

static void closes_only_leaves_out_data(void **state)
{
	static const struct wire_frame *const closes[] = { &syn,	&fin,	    &reset, &pure_ack,
							   &first_part, &last_part, &error };
	static const struct wire_frame *const others[] = { &data, &echo, &datagram };
	static const char *const sides[] = { "seer", "sender" };
	struct watch_options options = usual;

	(void)state;
	options.closes_only = true;
	options.snaplen = 2000;
	for (size_t side = 0; side < 2; side++) {
		struct captures *c = watch(sides[side], &options);

		for (int tags = 0; tags < 3; tags++) {
			for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
				struct wire_frame frame = *others[i];

				frame.tags = tags;
				wire_send("sender", &frame);
			}
			for (size_t i = 0; i < sizeof closes / sizeof *closes; i++)
				assert_captured(c, *closes[i], tags, 2000);
		}
		nothing_more(c);
		captures_close(c);
	}
}

static void a_filter_lets_fragments_and_errors_through(void **state)
{
	struct watch_options options = usual;
	struct captures *c;

	(void)state;
	options.filter = "tcp port 80 and not host 192.0.2.9";
	c = watch("seer", &options);
	wire_send("sender", &syn);
	wire_send("sender", &other_port);
	wire_send("sender", &datagram);
	wire_send("sender", &last_part);
	wire_send("sender", &error);
	wire_send("sender", &data);
	for (uint64_t packet = 1; packet <= 4; packet++) {
		struct frame frame = next(c);

		assert_int_equal(frame.packet, packet);
		assert_int_equal(frame.matched, packet == 1 || packet == 4);
		assert_int_equal(frame.caplen < frame.len, packet == 4);
		assert_string_equal(captures_source(c, frame.source), "seer");
	}
	nothing_more(c);
	assert_int_equal(captures_packets(c), 4);
	captures_close(c);
}

static void a_filter_of_tags_or_directions(void **state)
{
	static const struct {
		const char *filter;
		int tags, seen;
	} cases[] = {
		{ "vlan 5 and tcp port 80", 1, 1 },
		{ "vlan 5 and tcp port 80", 0, 0 },
		{ "vlan 6", 1, 0 },
		{ "vlan 5 and vlan 6 and tcp port 80", 2, 1 },
		{ "inbound", 0, 1 },
		{ "outbound", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct watch_options options = usual;
		struct wire_frame frame = syn;
		struct captures *c;
		struct frame got;

		options.filter = cases[i].filter;
		c = watch("seer", &options);
		frame.tags = cases[i].tags;
		/* libpcap matches the first block once more, and does not know directions there. */
		wire_send("sender", &frame);
		captures_next(c, &got);
		wire_send("sender", &frame);
		if (cases[i].seen)
			assert_true(next(c).matched);
		nothing_more(c);
		captures_close(c);
	}
}

/* Blocks of the two rings come at different times, packets in the order of theirs. */
static void two_interfaces_are_one_observation(void **state)
{
	struct captures *c = watch("seer sender", &usual);
	struct moment last = { 0 };
	int seen[2] = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		wire_send("sender", i % 10 == 0 ? &other_port : &syn);
		usleep(i % 10 == 0 ? 30000 : 500);
	}
	for (uint64_t packet = 1; packet <= 200; packet++) {
		struct frame frame = next(c);

		assert_true(frame.at.ns >= last.ns);
		assert_int_equal(frame.packet, packet);
		assert_true(frame.source < 2);
		last = frame.at;
		seen[frame.source]++;
	}
	assert_int_equal(seen[0], 100);
	assert_int_equal(seen[1], 100);
	assert_string_equal(captures_source(c, 0), "seer");
	assert_string_equal(captures_source(c, 1), "sender");
	nothing_more(c);
	captures_close(c);
}

static void any_is_all_of_them(void **state)
{
	struct captures *c = watch("any", &usual);
	struct frame frame;
	size_t n = wire_send("sender", &data);

	(void)state;
	for (int i = 0; i < 2; i++) {
		frame = next(c);
		assert_int_equal(frame.link, DLT_LINUX_SLL2);
		assert_int_equal(frame.len, n - 14 + 20);
		assert_int_equal(frame.caplen, SNAPLEN + 20);
		assert_string_equal(captures_source(c, frame.source), "any");
	}
	wire_send("sender", &reset);
	frame = next(c);
	assert_int_equal(frame.caplen, frame.len);
	next(c);
	nothing_more(c);
	captures_close(c);
	assert_string_equal(said, "");
}

static void the_clock_follows(void **state)
{
	struct captures *c = watch("seer", &usual);
	struct frame frame;
	int64_t before = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		int64_t begun = now_by(CLOCK_MONOTONIC), clock, took;

		assert_int_equal(captures_next(c, &frame), CAPTURES_IDLE);
		took = now_by(CLOCK_MONOTONIC) - begun;
		clock = captures_clock(c).ns;
		assert_true(took > 50 * MS && took < 1000 * MS);
		assert_true(clock > before);
		assert_true(clock <= now_by(CLOCK_REALTIME));
		assert_true(clock > now_by(CLOCK_REALTIME) - took - 200 * MS);
		before = clock;
	}
	wire_send("sender", &syn);
	frame = next(c);
	assert_true(frame.at.ns >= before);
	assert_true(captures_clock(c).ns <= frame.at.ns);
	captures_close(c);
}

static void count_and_duration_end_it(void **state)
{
	struct watch_options options = usual;
	struct captures *c;
	struct frame frame;
	int64_t begun;
	int result;

	(void)state;
	options.count = 3;
	c = watch("seer", &options);
	for (int i = 0; i < 10; i++)
		wire_send("sender", &syn);
	for (int i = 0; i < 3; i++)
		next(c);
	assert_int_equal(captures_next(c, &frame), CAPTURES_END);
	assert_int_equal(captures_next(c, &frame), CAPTURES_END);
	captures_close(c);

	options.count = 0;
	options.duration = 350 * MS;
	c = watch("seer", &options);
	begun = now_by(CLOCK_MONOTONIC);
	while ((result = captures_next(c, &frame)) != CAPTURES_END)
		assert_int_equal(result, CAPTURES_IDLE);
	assert_true(now_by(CLOCK_MONOTONIC) - begun >= 350 * MS);
	assert_true(now_by(CLOCK_MONOTONIC) - begun < 900 * MS);
	assert_int_equal(captures_failed(c), 0);
	captures_close(c);
}

static void on_alarm(int number)
{
	(void)number;
	stop = 1;
}

static void a_signal_ends_it_behind_what_passed(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 30000 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct captures *c = watch("seer", &usual);
	struct frame frame;
	int64_t begun = now_by(CLOCK_MONOTONIC);

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	while (!stop)
		wire_send("sender", &syn); /* the last of them just before the signal */
	assert_true(captures_waiting(c) == 0);
	assert_int_equal(captures_next(c, &frame), CAPTURES_FRAME);
	assert_true(captures_waiting(c) > 0);
	while (captures_next(c, &frame) == CAPTURES_FRAME)
		;
	assert_true(frame.at.ns > now_by(CLOCK_REALTIME) - 300 * MS);
	assert_true(now_by(CLOCK_MONOTONIC) - begun < 500 * MS);
	assert_int_equal(captures_next(c, &frame), CAPTURES_END);
	captures_close(c);
}

/* All that is kept by now: the last 'until' in a row. */
static void look_back(struct captures *c, uint64_t until)
{
	uint64_t forgotten = captures_forgotten(c);
	struct frame frame;

	assert_int_equal(captures_rewind(c), 0);
	for (uint64_t i = forgotten + 1; i <= until; i++) {
		assert_int_equal(captures_next(c, &frame), CAPTURES_FRAME);
		assert_int_equal(frame.packet, i);
		assert_int_equal(frame.caplen, SNAPLEN);
	}
	assert_int_equal(captures_next(c, &frame), CAPTURES_END);
	assert_int_equal(captures_packets(c), until);
}

static void kept_packets_come_back(void **state)
{
	enum { FRAMES = 500 };
	struct watch_options options = usual;
	struct captures *c;
	uint64_t forgotten;

	(void)state;
	options.keep_packets = 20000;
	c = watch("seer", &options);
	for (int i = 0; i < FRAMES; i++)
		wire_send("sender", &data);
	for (uint64_t i = 1; i <= FRAMES; i++) {
		assert_int_equal(next(c).packet, i);
		if (i % 50 != 0)
			continue;
		look_back(c, i);
		captures_resume(c);
	}
	forgotten = captures_forgotten(c);
	assert_true(forgotten > FRAMES / 2 && forgotten < FRAMES - 50);
	look_back(c, FRAMES);
	look_back(c, FRAMES);
	captures_close(c);
}

/* A ring of four blocks, and nobody who reads it. */
static void what_is_lost_is_counted(void **state)
{
	enum { FRAMES = 20000 };
	struct watch_options options = usual;
	struct captures *c;
	struct frame frame;
	uint64_t got = 0;

	(void)state;
	options.buffer = 1 << 20;
	c = watch("seer", &options);
	for (int i = 0; i < FRAMES; i++)
		wire_send("sender", &data);
	while (captures_next(c, &frame) == CAPTURES_FRAME)
		got++;
	assert_true(got > 1000 && got < FRAMES);
	assert_int_equal(captures_loss(c).kernel, FRAMES - got);
	assert_int_equal(captures_loss(c).kernel, FRAMES - got);
	assert_int_equal(captures_loss(c).interface, 0);
	captures_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WIRE(what_matters_is_whole_and_the_rest_cut),
		ON_WIRE(tags_in_the_packet_are_seen_through),
		ON_WIRE(closes_only_leaves_out_data),
		ON_WIRE(a_filter_lets_fragments_and_errors_through),
		ON_WIRE(a_filter_of_tags_or_directions),
		ON_WIRE(two_interfaces_are_one_observation),
		ON_WIRE(any_is_all_of_them),
		ON_WIRE(the_clock_follows),
		ON_WIRE(count_and_duration_end_it),
		ON_WIRE(a_signal_ends_it_behind_what_passed),
		ON_WIRE(kept_packets_come_back),
		ON_WIRE(what_is_lost_is_counted),
	};

	if (!wire_namespace()) {
		puts("skipped: a network namespace needs root");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
