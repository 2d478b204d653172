// SPDX-License-Identifier: GPL-2.0-or-later
/* test_dissect.c - the same segment behind every link type and tunnel: whole, cut everywhere, damaged
 * everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/dissect.h"
#include "dissect_packets.h"

enum { TCP_BYTES = 36, TCP_FIXED = 20, TCP_WITH_OPTIONS = 32, PAYLOAD = 4 };

static struct dissector *dissector(void)
{
	struct dissector *d = dissector_new(&(struct dissect_options){ .no_reassembly = true });

	assert_non_null(d);
	return d;
}

static struct frame frame_of(int link, const uint8_t *bytes, size_t captured, size_t sent)
{
	return (struct frame){
		.at = { 1700000000123456789 },
		.packet = 42,
		.bytes = bytes,
		.caplen = (uint32_t)captured,
		.len = (uint32_t)sent,
		.link = link,
		.source = 7,
		.matched = true,
	};
}

static uint8_t *copy_of(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return copy;
}

/* What dissect_packets.c says is in every sample; 'captured' bytes of TCP. */
static void assert_sample(const struct sample *sample, const struct segment *s, size_t captured)
{
	static const struct host ipv4[2] = {
		{ { [10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 1 } },
		{ { [10] = 0xff, [11] = 0xff, [12] = 198, 51, 100, 2 } },
	};
	static const struct host ipv6[2] = {
		{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } },
	};
	const struct host *hosts = sample->ipv6 ? ipv6 : ipv4;
	bool timestamps = captured >= TCP_WITH_OPTIONS;
	unsigned bits = (sample->ipv6 ? SEGMENT_IPV6 : SEGMENT_DF) | (timestamps ? SEGMENT_TIMESTAMPS : 0u) |
			(captured < TCP_BYTES ? SEGMENT_CUT : 0u);

	assert_true(s->at.ns == 1700000000123456789);
	assert_int_equal(s->packet, 42);
	assert_int_equal(s->source, 7);
	assert_int_equal(s->kind, SEGMENT_TCP);
	assert_memory_equal(&s->src, &hosts[0], sizeof s->src);
	assert_memory_equal(&s->dst, &hosts[1], sizeof s->dst);
	assert_int_equal(s->sport, 40000);
	assert_int_equal(s->dport, 80);
	assert_int_equal(s->seq.n, 0x01020304);
	assert_int_equal(s->ack.n, 0x0a0b0c0d);
	assert_int_equal(s->len, PAYLOAD);
	assert_int_equal(s->tsval, timestamps ? 0x11223344 : 0);
	assert_int_equal(s->sack_right, 0);
	assert_int_equal(s->window, 8192);
	assert_int_equal(s->ip_id, sample->ipv6 ? 0 : 0x1234);
	assert_int_equal(s->checksum, sample->ipv6 ? 0x6bb5 : 0xdaf2);
	assert_int_equal(s->bits, bits);
	assert_int_equal(s->flags, TCP_PSH | TCP_ACK);
	assert_int_equal(s->ttl, 64);
	assert_int_equal(s->wscale, 0);
	assert_int_equal(s->says.rst.text_len, 0);
}

static uint64_t results(const struct dissect_counts *counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < DISSECT_RESULT_COUNT; i++)
		sum += counts->by_result[i];
	return sum;
}

/* Whole, and with an Ethernet trailer behind it that is not payload. */
static void test_whole(void **state)
{
	const struct sample *sample = *state;
	struct dissector *d = dissector();
	struct dissect_counts counts;
	struct segment s;
	struct frame f;
	size_t length;
	uint8_t *bytes = hex_bytes(sample->hex, &length);
	uint8_t *padded = calloc(1, length + 6);

	assert_non_null(padded);
	f = frame_of(sample->link, bytes, length, length);
	assert_true(dissect_frame(d, &f, &s));
	assert_sample(sample, &s, TCP_BYTES);
	memcpy(padded, bytes, length);
	f = frame_of(sample->link, padded, length + 6, length + 6);
	assert_true(dissect_frame(d, &f, &s));
	assert_sample(sample, &s, TCP_BYTES);
	counts = dissect_counts(d);
	assert_int_equal(counts.frames, 2);
	assert_int_equal(counts.by_result[DISSECT_SEGMENT], 2);
	assert_int_equal(counts.checksum_tried, 2);
	assert_int_equal(counts.bad_checksum, 0);
	assert_int_equal(counts.cut, 0);
	assert_int_equal(counts.oversized, 0);
	free(padded);
	free(bytes);
	dissector_free(d);
}

/* A snap length anywhere: the segment as soon as its fixed header is there, told as it was sent; else "cut".
 */
static void test_cut(void **state)
{
	const struct sample *sample = *state;
	struct dissector *d = dissector();
	size_t length, cut = 0;
	uint8_t *bytes = hex_bytes(sample->hex, &length);
	struct dissect_counts counts;
	struct segment s;

	for (size_t captured = 0; captured < length; captured++) {
		uint8_t *copy = copy_of(bytes, captured);
		struct frame f = frame_of(sample->link, copy, captured, length);
		bool enough = captured >= length - TCP_BYTES + TCP_FIXED;

		assert_int_equal(dissect_frame(d, &f, &s), enough);
		if (enough)
			assert_sample(sample, &s, captured - (length - TCP_BYTES));
		cut += enough;
		free(copy);
	}
	counts = dissect_counts(d);
	assert_int_equal(counts.cut, cut);
	assert_int_equal(counts.by_result[DISSECT_SEGMENT], cut);
	assert_int_equal(counts.by_result[DISSECT_CUT], length - cut);
	assert_int_equal(counts.checksum_tried, 0);
	free(bytes);
	dissector_free(d);
}

/* Each byte damaged in several ways, and ends that were never sent: anything may come of it, but no fault. */
static void test_damage(void **state)
{
	const struct sample *sample = *state;
	static const uint8_t flips[] = { 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff };
	struct dissector *d = dissector();
	size_t length, tried = 0;
	uint8_t *bytes = hex_bytes(sample->hex, &length);
	struct dissect_counts counts;
	struct segment s;

	for (size_t i = 0; i < length; i++) {
		uint8_t *copy = copy_of(bytes, i);
		struct frame f = frame_of(sample->link, copy, i, i);

		dissect_frame(d, &f, &s);
		free(copy);
		tried++;
		for (size_t n = 0; n < sizeof flips; n++, tried++) {
			f = frame_of(sample->link, bytes, length, length);
			bytes[i] ^= flips[n];
			dissect_frame(d, &f, &s);
			bytes[i] ^= flips[n];
		}
	}
	counts = dissect_counts(d);
	assert_int_equal(counts.frames, tried);
	assert_int_equal(results(&counts), tried);
	free(bytes);
	dissector_free(d);
}

static void test_links_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sample_count; i++)
		assert_true(dissect_knows_link(samples[i].link));
	assert_false(dissect_knows_link(-1));
	assert_false(dissect_knows_link(DLT_USB_LINUX));
	assert_false(dissect_knows_link(100000));
}

static void test_link_unknown(void **state)
{
	struct dissector *d = dissector();
	struct frame f = frame_of(DLT_USB_LINUX, (const uint8_t *)"", 0, 0);
	struct dissect_counts counts;
	struct segment s;

	(void)state;
	assert_false(dissect_frame(d, &f, &s));
	counts = dissect_counts(d);
	assert_int_equal(counts.by_result[DISSECT_UNKNOWN_LINK], 1);
	dissector_free(d);
}

int main(void)
{
	static const struct {
		const char *what;
		CMUnitTestFunction run;
	} tries[] = { { "whole", test_whole }, { "cut", test_cut }, { "damaged", test_damage } };
	enum { TRIES = sizeof tries / sizeof *tries };
	struct CMUnitTest *tests = calloc(sample_count * TRIES + 2, sizeof *tests);
	char(*names)[128] = calloc(sample_count * TRIES, sizeof *names);
	size_t n = 0;
	int failed;

	if (!tests || !names)
		return 1;
	for (size_t i = 0; i < sample_count; i++) {
		for (size_t t = 0; t < TRIES; t++, n++) {
			snprintf(names[n], sizeof names[n], "%s: %s", samples[i].name, tries[t].what);
			tests[n] = (struct CMUnitTest){ .name = names[n],
							.test_func = tries[t].run,
							.initial_state = (void *)(uintptr_t)&samples[i] };
		}
	}
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_links_known);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_link_unknown);
	failed = _cmocka_run_group_tests("dissect", tests, n, NULL, NULL);
	free(names);
	free(tests);
	return failed;
}
