// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_dissect_fragments.c - fragments of both families through the decoder, what -f does not match, how deep
 * it goes, the outer packet only, and checksums.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/packet.h"
#include "dissect_packets.h"
#include "network_order.h"

enum { PIECE = 24, HEADER4 = 20, HEADER6 = 40, SECOND = 1000000000, PACKET_MAX = 4096 };

struct bytes {
	size_t length;
	uint8_t b[PACKET_MAX];
};

static struct bytes sample(const char *name)
{
	struct bytes bytes = { 0 };

	for (size_t i = 0; i < sample_count; i++) {
		uint8_t *from;

		if (strcmp(samples[i].name, name) != 0)
			continue;
		from = hex_bytes(samples[i].hex, &bytes.length);
		assert_true(bytes.length <= sizeof bytes.b);
		memcpy(bytes.b, from, bytes.length);
		free(from);
	}
	assert_true(bytes.length > 0);
	return bytes;
}

/* Fragment number n of an IPv4 packet, of PIECE bytes at most. */
static struct bytes fragment4(const struct bytes *packet, unsigned n, uint16_t id)
{
	size_t from = HEADER4 + n * PIECE;
	size_t length = packet->length - from < PIECE ? packet->length - from : PIECE;
	struct bytes f = { .length = HEADER4 + length };

	memcpy(f.b, packet->b, HEADER4);
	memcpy(f.b + HEADER4, packet->b + from, length);
	put_be16(f.b + 2, f.length);
	put_be16(f.b + 4, id);
	put_be16(f.b + 6, n * PIECE / 8 | (from + length < packet->length ? 0x2000u : 0));
	return f;
}

static struct bytes fragment6(const struct bytes *packet, unsigned n, uint16_t id)
{
	size_t from = HEADER6 + n * PIECE;
	size_t length = packet->length - from < PIECE ? packet->length - from : PIECE;
	struct bytes f = { .length = HEADER6 + 8 + length };

	memcpy(f.b, packet->b, HEADER6);
	put_be16(f.b + 4, 8 + length);
	f.b[6] = 44;
	f.b[HEADER6] = packet->b[6];
	put_be16(f.b + HEADER6 + 2, n * PIECE | (from + length < packet->length));
	put_be16(f.b + HEADER6 + 6, id);
	memcpy(f.b + HEADER6 + 8, packet->b + from, length);
	return f;
}

static struct bytes fragment(bool ipv6, const struct bytes *packet, unsigned n, uint16_t id)
{
	return ipv6 ? fragment6(packet, n, id) : fragment4(packet, n, id);
}

static unsigned pieces(bool ipv6, const struct bytes *packet)
{
	size_t payload = packet->length - (ipv6 ? HEADER6 : HEADER4);

	return (unsigned)((payload + PIECE - 1) / PIECE);
}

static struct dissector *dissector(void)
{
	struct dissector *d = dissector_new(&(struct dissect_options){ 0 });

	assert_non_null(d);
	return d;
}

/* Gives a frame to d; its only new count says what came of it. */
static enum dissect_result give(struct dissector *d, const struct bytes *packet, int64_t at, bool matched,
				struct segment *segment)
{
	struct dissect_counts before = dissect_counts(d);
	struct dissect_counts after;
	struct frame frame = { .at = { at },
			       .packet = before.frames + 1,
			       .bytes = packet->b,
			       .caplen = (uint32_t)packet->length,
			       .len = (uint32_t)packet->length,
			       .link = DLT_RAW,
			       .matched = matched };

	dissect_frame(d, &frame, segment);
	after = dissect_counts(d);
	for (unsigned i = 0; i < DISSECT_RESULT_COUNT; i++) {
		if (after.by_result[i] != before.by_result[i])
			return (enum dissect_result)i;
	}
	fail();
	return DISSECT_RESULT_COUNT;
}

static void assert_reassembled(const struct segment *s, uint64_t packet)
{
	assert_int_equal(s->packet, packet);
	assert_int_equal(s->sport, 40000);
	assert_int_equal(s->dport, 80);
	assert_int_equal(s->seq.n, 0x01020304);
	assert_int_equal(s->len, 4);
	assert_int_equal(s->tsval, 0x11223344);
	assert_int_equal(s->bits & (SEGMENT_REASSEMBLED | SEGMENT_CUT | SEGMENT_UNMATCHED),
			 SEGMENT_REASSEMBLED);
}

/* What is fragmented: a plain segment, and tunnels. */
struct fragment_case {
	const char *sample;
	bool ipv6;
};

static const struct fragment_case fragment_cases[] = {
	{ "IPV4", false },
	{ "IPv4 in IPv4", false },
	{ "6in4", false },
	{ "VXLAN", false },
	{ "GRE", false },
	{ "IPV6", true },
	{ "IPv4 in IPv6", true },
	{ "IPv6 in IPv6", true },
	{ "VXLAN over IPv6, Linux's port, group policy", true },
};

static void test_fragments(void **state)
{
	const struct fragment_case *c = *state;
	struct dissector *d = dissector();
	struct bytes packet = sample(c->sample);
	unsigned count = pieces(c->ipv6, &packet);
	struct dissect_counts counts;
	struct segment s;

	for (unsigned i = 0; i < count; i++) {
		struct bytes f = fragment(c->ipv6, &packet, i, 1);
		bool last = i + 1 == count;

		assert_int_equal(give(d, &f, 0, true, &s), last ? DISSECT_SEGMENT : DISSECT_FRAGMENT);
	}
	assert_reassembled(&s, count);
	for (unsigned i = count; i-- > 0;) {
		struct bytes f = fragment(c->ipv6, &packet, i, 2);

		assert_int_equal(give(d, &f, SECOND, true, &s), i == 0 ? DISSECT_SEGMENT : DISSECT_FRAGMENT);
	}
	assert_reassembled(&s, 2 * count);
	counts = dissect_counts(d);
	assert_int_equal(counts.reassembled, 2);
	assert_int_equal(counts.incomplete, 0);
	assert_int_equal(counts.bad_checksum, 0);
	assert_int_equal(counts.oversized, 0);
	dissector_free(d);
}

/* A filter on ports matches the fragment that has them; the datagram is meant, whichever comes when. */
static void test_fragments_match(void **state)
{
	const struct fragment_case *c = *state;
	struct dissector *d = dissector();
	struct bytes packet = sample(c->sample);
	unsigned count = pieces(c->ipv6, &packet);
	enum dissect_result result = DISSECT_RESULT_COUNT;
	struct segment s;

	for (unsigned matching = 0; matching <= count; matching++) { /* the last: none */
		for (unsigned i = 0; i < count; i++) {
			struct bytes f = fragment(c->ipv6, &packet, i, (uint16_t)(matching + 1));

			result = give(d, &f, 0, i == matching, &s);
		}
		assert_int_equal(result, DISSECT_SEGMENT);
		assert_int_equal(s.bits & SEGMENT_UNMATCHED, matching == count ? SEGMENT_UNMATCHED : 0);
	}
	/* The same ID again: the earlier match is spent. */
	for (unsigned i = 0; i < count; i++) {
		struct bytes f = fragment(c->ipv6, &packet, i, 1);

		result = give(d, &f, 0, false, &s);
	}
	assert_int_equal(result, DISSECT_SEGMENT);
	assert_int_equal(s.bits & SEGMENT_UNMATCHED, SEGMENT_UNMATCHED);
	dissector_free(d);
}

/* An IPv4 header before a packet. */
static struct bytes tunneled(const struct bytes *inner, uint8_t protocol)
{
	struct bytes outer = {
		.length = HEADER4 + inner->length,
		.b = { [0] = 0x45, [8] = 64, [9] = protocol, [12] = 10, [15] = 1, [16] = 10, [19] = 2 }
	};

	put_be16(outer.b + 2, outer.length);
	memcpy(outer.b + HEADER4, inner->b, inner->length);
	return outer;
}

/* Fragments whose payload is a tunnel that holds fragments: the decoder's own buffers are read from. */
static void test_fragments_in_fragments(void **state)
{
	static const char *const names[] = { "IPV4", "IPV6" };
	static const uint8_t protocols[] = { 4, 41 };
	struct segment s;

	(void)state;
	for (int family = 0; family < 2; family++) {
		struct dissector *d = dissector();
		struct bytes packet = sample(names[family]);
		unsigned count = pieces(family, &packet);
		enum dissect_result result = DISSECT_RESULT_COUNT;
		uint64_t given = 0;

		for (unsigned inner = 0; inner < count; inner++) {
			struct bytes f = fragment(family, &packet, inner, 77);
			struct bytes outer = tunneled(&f, protocols[family]);

			for (unsigned i = 0; i < pieces(false, &outer); i++, given++) {
				struct bytes piece = fragment4(&outer, i, (uint16_t)inner);

				result = give(d, &piece, 0, true, &s);
				if (inner + 1 < count)
					assert_int_equal(result, DISSECT_FRAGMENT);
			}
		}
		assert_int_equal(result, DISSECT_SEGMENT);
		assert_reassembled(&s, given);
		dissector_free(d);
	}
}

/* Those that never become whole are counted when their time is over. */
static void test_fragments_expire(void **state)
{
	struct dissector *d = dissector();
	struct bytes ipv4 = sample("IPV4"), ipv6 = sample("IPV6"), f;
	struct segment s;

	(void)state;
	f = fragment4(&ipv4, 0, 1);
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_FRAGMENT);
	f = fragment6(&ipv6, 0, 1);
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_FRAGMENT);
	f = fragment4(&ipv4, 1, 1);
	assert_int_equal(give(d, &f, 31LL * SECOND, true, &s), DISSECT_FRAGMENT);
	f = fragment6(&ipv6, 1, 1);
	assert_int_equal(give(d, &f, 61LL * SECOND, true, &s), DISSECT_FRAGMENT);
	assert_true(dissect_counts(d).incomplete >= 2);
	assert_int_equal(dissect_counts(d).reassembled, 0);
	dissector_free(d);
}

static void test_fragments_overlap(void **state)
{
	struct dissector *d = dissector();
	struct bytes ipv4 = sample("IPV4"), ipv6 = sample("IPV6"), f;
	struct segment s;

	(void)state;
	f = fragment4(&ipv4, 0, 1);
	give(d, &f, 0, true, &s);
	f = fragment4(&ipv4, 1, 1);
	put_be16(f.b + 6, 1); /* at 8 */
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_BAD_FRAGMENT);
	f = fragment6(&ipv6, 0, 1);
	give(d, &f, 0, true, &s);
	f = fragment6(&ipv6, 1, 1);
	put_be16(f.b + HEADER6 + 2, 8);
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_BAD_FRAGMENT);
	dissector_free(d);
}

/* Without the worker IPv4's fragments are counted, IPv6's are put together as before. */
static void test_worker_killed(void **state)
{
	struct dissector *d = dissector();
	struct bytes ipv4 = sample("IPV4"), ipv6 = sample("IPV6"), f;
	struct segment s;

	(void)state;
	f = fragment4(&ipv4, 0, 1);
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_FRAGMENT);
	assert_int_equal(dissect_counts(d).reassembler_died, false);
	assert_true(reassembler_worker(d->reassembler) > 0);
	assert_int_equal(kill(reassembler_worker(d->reassembler), SIGKILL), 0);
	f = fragment4(&ipv4, 1, 1);
	assert_int_equal(give(d, &f, 0, true, &s), DISSECT_NOT_REASSEMBLED);
	assert_int_equal(dissect_counts(d).reassembler_died, true);
	assert_int_equal(give(d, &ipv4, 0, true, &s), DISSECT_SEGMENT);
	for (unsigned i = 0; i < pieces(true, &ipv6); i++) {
		f = fragment6(&ipv6, i, 1);
		give(d, &f, 0, true, &s);
	}
	assert_int_equal(s.bits & SEGMENT_REASSEMBLED, SEGMENT_REASSEMBLED);
	dissector_free(d);
}

/* Of what does not match only ICMP errors are told, as such. */
static void test_unmatched(void **state)
{
	struct dissector *d = dissector();
	struct bytes tcp = sample("IPV4"), error, echo;
	struct bytes icmp = { .length = 8 + 28, .b = { 3, 3 } };
	struct segment s;

	(void)state;
	memcpy(icmp.b + 8, tcp.b, 28);
	error = tunneled(&icmp, 1);
	icmp.b[0] = 8;
	echo = tunneled(&icmp, 1);
	assert_int_equal(give(d, &tcp, 0, false, &s), DISSECT_UNMATCHED);
	assert_int_equal(give(d, &echo, 0, false, &s), DISSECT_UNMATCHED);
	assert_int_equal(give(d, &error, 0, false, &s), DISSECT_ICMP);
	assert_int_equal(s.bits, SEGMENT_UNMATCHED);
	assert_int_equal(give(d, &error, 0, true, &s), DISSECT_ICMP);
	assert_int_equal(s.bits, 0);
	dissector_free(d);
}

/* Tunnels in tunnels: 22 headers are followed before TCP's, and no number of them hurts. */
static void test_depth(void **state)
{
	struct dissector *d = dissector();
	struct bytes packet = sample("IPV4");
	struct segment s;

	(void)state;
	for (unsigned headers = 1; headers < 150; headers++) {
		assert_int_equal(give(d, &packet, 0, true, &s),
				 headers <= 22 ? DISSECT_SEGMENT : DISSECT_TOO_DEEP);
		packet = tunneled(&packet, 4);
	}
	dissector_free(d);
}

/* Labels without a bottom, tags without an end. */
static void test_stacks(void **state)
{
	struct bytes labels = { .length = PACKET_MAX }, tags = { .length = PACKET_MAX };
	struct dissector *d = dissector_new(&(struct dissect_options){ .no_reassembly = true });
	struct segment s;

	(void)state;
	assert_non_null(d);
	for (size_t i = 12; i < PACKET_MAX; i += 4)
		put_be16(tags.b + i, 0x8100);
	dissect_frame(d,
		      &(struct frame){ .bytes = labels.b,
				       .caplen = PACKET_MAX,
				       .len = PACKET_MAX,
				       .link = DLT_MPLS,
				       .matched = true },
		      &s);
	dissect_frame(d,
		      &(struct frame){ .bytes = tags.b,
				       .caplen = PACKET_MAX,
				       .len = PACKET_MAX,
				       .link = DLT_EN10MB,
				       .matched = true },
		      &s);
	assert_int_equal(dissect_counts(d).by_result[DISSECT_TOO_DEEP], 2);
	dissector_free(d);
}

static void test_outer(void **state)
{
	static const struct {
		const char *sample;
		enum dissect_result result;
	} cases[] = {
		{ "IPV4", DISSECT_SEGMENT },
		{ "IPv4 authentication header", DISSECT_SEGMENT },
		{ "IPv6 hop-by-hop, destination options", DISSECT_SEGMENT },
		{ "IPv4 in IPv4", DISSECT_NOT_TCP },
		{ "6in4", DISSECT_NOT_TCP },
		{ "GRE", DISSECT_NOT_TCP },
		{ "VXLAN", DISSECT_NOT_TCP },
		{ "MPLS in IPv4", DISSECT_NOT_TCP },
		{ "EtherIP", DISSECT_NOT_TCP },
	};
	struct dissector *d =
		dissector_new(&(struct dissect_options){ .outer = true, .no_reassembly = true });
	struct segment s;

	(void)state;
	assert_non_null(d);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes packet = sample(cases[i].sample);

		assert_int_equal(give(d, &packet, 0, true, &s), cases[i].result);
	}
	dissector_free(d);
}

/* The first 1,000 and then every 64th: enough to tell offload from damage, too few to cost anything. */
static void test_checksums(void **state)
{
	struct dissector *d = dissector();
	struct bytes packet = sample("IPV4");
	struct segment s;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		give(d, &packet, 0, true, &s);
	assert_int_equal(dissect_counts(d).checksum_tried, 1000);
	assert_int_equal(dissect_counts(d).bad_checksum, 0);
	packet.b[packet.length - 1] ^= 1;
	for (unsigned i = 0; i < 6400; i++)
		give(d, &packet, 0, true, &s);
	assert_int_equal(dissect_counts(d).checksum_tried, 1100);
	assert_int_equal(dissect_counts(d).bad_checksum, 100);
	dissector_free(d);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_fragments_in_fragments),
		cmocka_unit_test(test_fragments_expire),
		cmocka_unit_test(test_fragments_overlap),
		cmocka_unit_test(test_worker_killed),
		cmocka_unit_test(test_unmatched),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_outer),
		cmocka_unit_test(test_checksums),
	};
	enum { CASES = sizeof fragment_cases / sizeof *fragment_cases };
	struct CMUnitTest whole[CASES], match[CASES];

	for (size_t i = 0; i < CASES; i++) {
		const struct fragment_case *c = &fragment_cases[i];

		whole[i] = (struct CMUnitTest){ c->sample, test_fragments, NULL, NULL, (void *)(uintptr_t)c };
		match[i] = (struct CMUnitTest){ c->sample, test_fragments_match, NULL, NULL,
						(void *)(uintptr_t)c };
	}
	return cmocka_run_group_tests_name("fragmented", whole, NULL, NULL) +
	       cmocka_run_group_tests_name("fragmented, some matching", match, NULL, NULL) +
	       cmocka_run_group_tests_name("others", others, NULL, NULL);
}
