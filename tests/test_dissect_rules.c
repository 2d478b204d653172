// SPDX-License-Identifier: GPL-2.0-or-later
/* test_dissect_rules.c - what is read from TCP and ICMP headers, which lengths count, what is not a segment.
 */
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

/* What came of one frame. */
struct outcome {
	enum dissect_result result;
	struct segment segment;
	struct dissect_counts counts;
};

static struct outcome decode(int link, const char *hex, uint32_t sent, const struct dissect_options *options)
{
	struct dissector *d = dissector_new(options);
	struct outcome outcome = { .result = DISSECT_RESULT_COUNT };
	size_t length;
	uint8_t *bytes = hex_bytes(hex, &length);
	struct frame frame = { .packet = 1,
			       .bytes = bytes,
			       .caplen = (uint32_t)length,
			       .len = sent ? sent : (uint32_t)length,
			       .link = link,
			       .matched = true };
	bool got;

	assert_non_null(d);
	got = dissect_frame(d, &frame, &outcome.segment);
	outcome.counts = dissect_counts(d);
	for (unsigned i = 0; i < DISSECT_RESULT_COUNT; i++) {
		if (outcome.counts.by_result[i] == 1)
			outcome.result = (enum dissect_result)i;
	}
	assert_int_equal(got, outcome.result == DISSECT_SEGMENT || outcome.result == DISSECT_ICMP);
	free(bytes);
	dissector_free(d);
	return outcome;
}

static const struct dissect_options no_reassembly = { .no_reassembly = true };

static struct outcome decode_raw(const char *hex, uint32_t sent)
{
	return decode(DLT_RAW, hex, sent, &no_reassembly);
}

/* The payload behind an IPv4 or IPv6 header that fits it, between the usual two hosts. */
static struct outcome decode_payload(bool ipv6, unsigned protocol, const char *payload)
{
	char hex[1024];
	size_t length;
	int written;

	free(hex_bytes(payload, &length));
	if (ipv6)
		written = snprintf(hex, sizeof hex,
				   "60000000 %04zx %02x 40 20010db8000000000000000000000001 "
				   "20010db8000000000000000000000002 %s",
				   length, protocol, payload);
	else
		written = snprintf(hex, sizeof hex, "4500 %04zx 0001 0000 40 %02x 0000 c0000201 c6336402 %s",
				   20 + length, protocol, payload);
	assert_true(written > 0 && (size_t)written < sizeof hex);
	return decode_raw(hex, 0);
}

/* A TCP header's first 12 bytes: 40000 > 80, seq 1, ack 2; then offset and flags, window, checksum, urgent,
 * options. */
#define PORTS_SEQ_ACK "9c40 0050 00000001 00000002 "
#define REST_OF_FIXED " 2000 0000 0000 "

struct tcp_case {
	const char *name, *hex;
	enum dissect_result result;
	uint32_t len, tsval, sack_right;
	unsigned bits; /* but SEGMENT_IPV6 */
	uint8_t flags, wscale, mptcp_reason;
	const char *text;
};

static const struct tcp_case tcp_cases[] = {
	{ .name = "no options",
	  .hex = PORTS_SEQ_ACK "5010" REST_OF_FIXED "aabb",
	  .len = 2,
	  .flags = TCP_ACK },
	{ .name = "SYN: MSS, SACK permitted, timestamps, window scale",
	  .hex = PORTS_SEQ_ACK "a002" REST_OF_FIXED "0204 05b4 0402 080a 00000005 00000000 01 03 03 07",
	  .flags = TCP_SYN,
	  .tsval = 5,
	  .wscale = 7,
	  .bits = SEGMENT_TIMESTAMPS | SEGMENT_WSCALE },
	{ .name = "the same list without a SYN",
	  .hex = PORTS_SEQ_ACK "a010" REST_OF_FIXED "0204 05b4 0402 080a 00000005 00000000 01 03 03 07",
	  .flags = TCP_ACK,
	  .tsval = 5,
	  .bits = SEGMENT_TIMESTAMPS },
	{ .name = "SYN: the same list with another MSS, window scale first",
	  .hex = PORTS_SEQ_ACK "a002" REST_OF_FIXED "0204 0218 0303 07 01 0402 080a 00000006 00000000",
	  .flags = TCP_SYN,
	  .tsval = 6,
	  .wscale = 7,
	  .bits = SEGMENT_TIMESTAMPS | SEGMENT_WSCALE },
	{ .name = "SYN: the same list but for MSS, which is longer",
	  .hex = PORTS_SEQ_ACK "a002" REST_OF_FIXED "0208 05b4 0402 080a 00000005 00000000 01 03 03 07",
	  .flags = TCP_SYN },
	{ .name = "SYN: the same list but for timestamps, an unknown option instead",
	  .hex = PORTS_SEQ_ACK "a002" REST_OF_FIXED "0204 05b4 0402 fd0a 00000005 00000000 01 03 03 07",
	  .flags = TCP_SYN,
	  .wscale = 7,
	  .bits = SEGMENT_WSCALE },
	{ .name = "SYN: the same list but for the padding, an end instead",
	  .hex = PORTS_SEQ_ACK "a002" REST_OF_FIXED "0204 05b4 0402 080a 00000005 00000000 00 03 03 07",
	  .flags = TCP_SYN,
	  .tsval = 5,
	  .bits = SEGMENT_TIMESTAMPS },
	{ .name = "window scale 14 and more is told as sent",
	  .hex = PORTS_SEQ_ACK "6012" REST_OF_FIXED "01 03 03 ff",
	  .flags = TCP_SYN | TCP_ACK,
	  .wscale = 255,
	  .bits = SEGMENT_WSCALE },
	{ .name = "window scale only in a SYN",
	  .hex = PORTS_SEQ_ACK "6010" REST_OF_FIXED "01 03 03 07",
	  .flags = TCP_ACK },
	{ .name = "two SACK blocks: the right edge of the first",
	  .hex = PORTS_SEQ_ACK "a010" REST_OF_FIXED "0101 0512 00000010 00000020 00000030 00000040",
	  .flags = TCP_ACK,
	  .sack_right = 0x20,
	  .bits = SEGMENT_SACK },
	{ .name = "SACK without a block",
	  .hex = PORTS_SEQ_ACK "6010" REST_OF_FIXED "0101 0502",
	  .flags = TCP_ACK },
	{ .name = "timestamps behind an unknown option",
	  .hex = PORTS_SEQ_ACK "9010" REST_OF_FIXED "fd04 f989 080a 00000007 00000008 0101",
	  .flags = TCP_ACK,
	  .tsval = 7,
	  .bits = SEGMENT_TIMESTAMPS },
	{ .name = "timestamps of a wrong length",
	  .hex = PORTS_SEQ_ACK "8010" REST_OF_FIXED "0809 00000007 000000 010101",
	  .flags = TCP_ACK },
	{ .name = "nothing behind the end of the list",
	  .hex = PORTS_SEQ_ACK "9010" REST_OF_FIXED "01010100 080a 00000007 00000008 0000",
	  .flags = TCP_ACK },
	{ .name = "an option of length 0 ends the list",
	  .hex = PORTS_SEQ_ACK "9010" REST_OF_FIXED "0500 0101 080a 00000007 00000008 0101",
	  .flags = TCP_ACK },
	{ .name = "an option of length 1 ends the list",
	  .hex = PORTS_SEQ_ACK "9010" REST_OF_FIXED "0501 0101 080a 00000007 00000008 0101",
	  .flags = TCP_ACK },
	{ .name = "an option that runs out of the header",
	  .hex = PORTS_SEQ_ACK "7010" REST_OF_FIXED "01010101 0101 080a 00000007 00000008",
	  .len = 8,
	  .flags = TCP_ACK },
	{ .name = "a kind without a length",
	  .hex = PORTS_SEQ_ACK "6010" REST_OF_FIXED "010101 08",
	  .flags = TCP_ACK },
	{ .name = "MPTCP reset with a reason",
	  .hex = PORTS_SEQ_ACK "6014" REST_OF_FIXED "1e04 81 05",
	  .flags = TCP_RST | TCP_ACK,
	  .mptcp_reason = 5,
	  .bits = SEGMENT_MPTCP_RST },
	{ .name = "MPTCP reset option without RST",
	  .hex = PORTS_SEQ_ACK "6010" REST_OF_FIXED "1e04 81 05",
	  .flags = TCP_ACK },
	{ .name = "MPTCP fast close gives no reason",
	  .hex = PORTS_SEQ_ACK "8014" REST_OF_FIXED "1e0c 7000 0102030405060708",
	  .flags = TCP_RST | TCP_ACK },
	{ .name = "RST with text",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED "476f2061776179",
	  .len = 7,
	  .flags = TCP_RST | TCP_ACK,
	  .text = "Go away" },
	{ .name = "RST with text, its end of line cut off",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED "62796520 0d0a00",
	  .len = 7,
	  .flags = TCP_RST | TCP_ACK,
	  .text = "bye " },
	{ .name = "RST with nothing but an end of line",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED "0d0a",
	  .len = 2,
	  .flags = TCP_RST | TCP_ACK },
	{ .name = "RST with bytes that are no text",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED "6279 0a 65",
	  .len = 4,
	  .flags = TCP_RST | TCP_ACK },
	{ .name = "RST with UTF-8",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED "c3a4",
	  .len = 2,
	  .flags = TCP_RST | TCP_ACK },
	{ .name = "RST with a long text: its beginning",
	  .hex = PORTS_SEQ_ACK "5014" REST_OF_FIXED
			       "30313233343536373839 30313233343536373839 30313233343536373839",
	  .len = 30,
	  .flags = TCP_RST | TCP_ACK,
	  .text = "0123456789012345678901" },
	{ .name = "RST with timestamps and text",
	  .hex = PORTS_SEQ_ACK "8014" REST_OF_FIXED "0101 080a 00000007 00000008 6e6f",
	  .len = 2,
	  .flags = TCP_RST | TCP_ACK,
	  .tsval = 7,
	  .bits = SEGMENT_TIMESTAMPS,
	  .text = "no" },
	{ .name = "payload is not text without RST",
	  .hex = PORTS_SEQ_ACK "5018" REST_OF_FIXED "476f",
	  .len = 2,
	  .flags = TCP_PSH | TCP_ACK },
	{ .name = "all flags", .hex = PORTS_SEQ_ACK "50ff" REST_OF_FIXED, .flags = 0xff },
	{ .name = "reserved bits do not matter",
	  .hex = PORTS_SEQ_ACK "5f10" REST_OF_FIXED,
	  .flags = TCP_ACK },
	{ .name = "header of 16 bytes",
	  .hex = PORTS_SEQ_ACK "4010" REST_OF_FIXED,
	  .result = DISSECT_MALFORMED },
	{ .name = "header longer than the packet",
	  .hex = PORTS_SEQ_ACK "6010" REST_OF_FIXED "0101",
	  .result = DISSECT_MALFORMED },
	{ .name = "not even a fixed header",
	  .hex = PORTS_SEQ_ACK "5010 2000 0000 00",
	  .result = DISSECT_MALFORMED },
};

static void test_tcp(void **state)
{
	const struct tcp_case *c = *state;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct outcome o = decode_payload(ipv6, 6, c->hex);
		const struct segment *s = &o.segment;
		size_t text = c->text ? strlen(c->text) : 0;

		assert_int_equal(o.result, c->result);
		if (c->result != DISSECT_SEGMENT)
			continue;
		assert_int_equal(s->kind, SEGMENT_TCP);
		assert_int_equal(s->sport, 40000);
		assert_int_equal(s->dport, 80);
		assert_int_equal(s->seq.n, 1);
		assert_int_equal(s->ack.n, 2);
		assert_int_equal(s->window, 8192);
		assert_int_equal(s->bits, c->bits | (ipv6 ? SEGMENT_IPV6 : 0u));
		assert_int_equal(s->flags, c->flags);
		assert_int_equal(s->len, c->len);
		assert_int_equal(s->tsval, c->tsval);
		assert_int_equal(s->sack_right, c->sack_right);
		assert_int_equal(s->wscale, c->wscale);
		assert_int_equal(s->says.rst.mptcp_reason, c->mptcp_reason);
		assert_int_equal(s->says.rst.text_len, text);
		if (text > 0)
			assert_memory_equal(s->says.rst.text, c->text, text);
		assert_int_equal(o.counts.checksum_tried, 1);
		assert_int_equal(o.counts.bad_checksum, 1);
	}
}

#define QUOTE4		    "4500 0038 1234 4000 4006 0000 c6336402 c0000201 "
#define QUOTE4_OF(protocol) "4500 0038 1234 4000 40 " protocol " 0000 c6336402 c0000201 "
#define QUOTE6_OF(next)                                                                                      \
	"6000 0000 0024 " next " 40 20010db8000000000000000000000002 20010db8000000000000000000000001 "
#define QUOTED_TCP_8  "0050 9c40 01020304 "
#define QUOTED_TCP_14 QUOTED_TCP_8 "0a0b0c0d 8018 "
#define QUOTED_TCP_20 QUOTED_TCP_14 "2000 beef 0000 "

struct icmp_case {
	const char *name, *hex;
	bool ipv6;
	enum dissect_result result;
	uint8_t type, code;
	unsigned quoted; /* bytes of TCP */
};

static const struct icmp_case icmp_cases[] = {
	{ "port unreachable, 8 bytes quoted", "0303 0000 00000000 " QUOTE4 QUOTED_TCP_8, false, DISSECT_ICMP,
	  3, 3, 8 },
	{ "14 bytes quoted", "0301 0000 00000000 " QUOTE4 QUOTED_TCP_14, false, DISSECT_ICMP, 3, 1, 14 },
	{ "13 bytes quoted: flags are not there", "0301 0000 00000000 " QUOTE4 QUOTED_TCP_8 "0a0b0c0d 80",
	  false, DISSECT_ICMP, 3, 1, 13 },
	{ "a quoted length that the host garbled",
	  "0303 0000 00000000 4500 000a 1234 4000 4006 0000 c6336402 c0000201" QUOTED_TCP_8, false,
	  DISSECT_ICMP, 3, 3, 8 },
	{ "20 bytes quoted", "0301 0000 00000000 " QUOTE4 QUOTED_TCP_20, false, DISSECT_ICMP, 3, 1, 20 },
	{ "fragmentation needed", "0304 0000 000005dc " QUOTE4 QUOTED_TCP_8, false, DISSECT_ICMP, 3, 4, 8 },
	{ "time exceeded", "0b00 0000 00000000 " QUOTE4 QUOTED_TCP_8, false, DISSECT_ICMP, 11, 0, 8 },
	{ "parameter problem", "0c00 0000 00000000 " QUOTE4 QUOTED_TCP_8, false, DISSECT_ICMP, 12, 0, 8 },
	{ "echo", "0800 0000 00000000 " QUOTE4 QUOTED_TCP_8, false, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "redirect", "0501 0000 c0000201 " QUOTE4 QUOTED_TCP_8, false, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "source quench", "0400 0000 00000000 " QUOTE4 QUOTED_TCP_8, false, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "7 bytes quoted", "0303 0000 00000000 " QUOTE4 "0050 9c40 010203", false, DISSECT_CUT, 0, 0, 0 },
	{ "no quotation", "0303 0000 00000000 ", false, DISSECT_MALFORMED, 0, 0, 0 },
	{ "quotes UDP", "0303 0000 00000000 " QUOTE4_OF("11") QUOTED_TCP_8, false, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "quotes a tunnel", "0303 0000 00000000 " QUOTE4_OF("04") QUOTE4 QUOTED_TCP_8, false,
	  DISSECT_NOT_TCP, 0, 0, 0 },
	{ "quotes a quotation",
	  "0303 0000 00000000 " QUOTE4_OF("01") "0303 0000 00000000 " QUOTE4 QUOTED_TCP_8, false,
	  DISSECT_NOT_TCP, 0, 0, 0 },
	{ "quotes a first fragment",
	  "0303 0000 00000000 4500 0038 1234 2000 4006 0000 c6336402 c0000201" QUOTED_TCP_8, false,
	  DISSECT_ICMP, 3, 3, 8 },
	{ "quotes a later fragment",
	  "0303 0000 00000000 4500 0038 1234 2001 4006 0000 c6336402 c0000201" QUOTED_TCP_8, false,
	  DISSECT_NOT_TCP, 0, 0, 0 },
	{ "quotes IPv4 options",
	  "0303 0000 00000000 4600 003c 1234 4000 4006 0000 c6336402 c0000201 94040000" QUOTED_TCP_14, false,
	  DISSECT_ICMP, 3, 3, 14 },
	{ "quotes AH", "0303 0000 00000000 " QUOTE4_OF("33") "0601 0000 00000001 00000001" QUOTED_TCP_8,
	  false, DISSECT_ICMP, 3, 3, 8 },
	{ "quotes ESP", "0303 0000 00000000 " QUOTE4_OF("32") QUOTED_TCP_8, false, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "IPv6: no route", "0100 0000 00000000 " QUOTE6_OF("06") QUOTED_TCP_8, true, DISSECT_ICMP, 1, 0, 8 },
	{ "IPv6: port unreachable, 20 bytes quoted", "0104 0000 00000000 " QUOTE6_OF("06") QUOTED_TCP_20,
	  true, DISSECT_ICMP, 1, 4, 20 },
	{ "IPv6: too big", "0200 0000 00000500 " QUOTE6_OF("06") QUOTED_TCP_8, true, DISSECT_ICMP, 2, 0, 8 },
	{ "IPv6: time exceeded", "0301 0000 00000000 " QUOTE6_OF("06") QUOTED_TCP_14, true, DISSECT_ICMP, 3,
	  1, 14 },
	{ "IPv6: parameter problem", "0402 0000 00000000 " QUOTE6_OF("06") QUOTED_TCP_8, true, DISSECT_ICMP,
	  4, 2, 8 },
	{ "IPv6: echo", "8000 0000 00000000 " QUOTE6_OF("06") QUOTED_TCP_8, true, DISSECT_NOT_TCP, 0, 0, 0 },
	{ "IPv6: quotes hop-by-hop options",
	  "0104 0000 00000000 " QUOTE6_OF("00") "0600 0104 00000000" QUOTED_TCP_8, true, DISSECT_ICMP, 1, 4,
	  8 },
	{ "IPv6: quotes a first fragment",
	  "0104 0000 00000000 " QUOTE6_OF("2c") "0600 0001 00000001" QUOTED_TCP_8, true, DISSECT_ICMP, 1, 4,
	  8 },
	{ "IPv6: quotes a later fragment",
	  "0104 0000 00000000 " QUOTE6_OF("2c") "0600 0008 00000001" QUOTED_TCP_8, true, DISSECT_NOT_TCP, 0,
	  0, 0 },
	{ "IPv6: quotes a tunnel", "0104 0000 00000000 " QUOTE6_OF("29") QUOTE6_OF("06") QUOTED_TCP_8, true,
	  DISSECT_NOT_TCP, 0, 0, 0 },
};

static void test_icmp(void **state)
{
	const struct icmp_case *c = *state;
	struct outcome o = decode_payload(c->ipv6, c->ipv6 ? 58 : 1, c->hex);
	const struct segment *s = &o.segment;
	uint8_t first = c->ipv6 ? 0x20 : 0; /* of every address */

	assert_int_equal(o.result, c->result);
	if (c->result != DISSECT_ICMP)
		return;
	assert_int_equal(s->kind, SEGMENT_ICMP);
	assert_int_equal(s->says.icmp.type, c->type);
	assert_int_equal(s->says.icmp.code, c->code);
	assert_int_equal(s->bits, c->ipv6 ? SEGMENT_IPV6 : 0);
	assert_int_equal(s->src.addr[0], first);
	assert_int_equal(s->src.addr[15], 2); /* the quoted packet went the other way */
	assert_int_equal(s->dst.addr[15], 1);
	assert_int_equal(s->says.icmp.reporter.addr[0], first);
	assert_int_equal(s->says.icmp.reporter.addr[15], 1);
	assert_int_equal(s->sport, 80);
	assert_int_equal(s->dport, 40000);
	assert_int_equal(s->seq.n, 0x01020304);
	assert_int_equal(s->ttl, 64);
	assert_int_equal(s->ip_id, c->ipv6 ? 0 : 1); /* the error's own */
	assert_int_equal(s->ack.n, c->quoted >= 14 ? 0x0a0b0c0d : 0);
	assert_int_equal(s->flags, c->quoted >= 14 ? TCP_PSH | TCP_ACK : 0);
	assert_int_equal(s->len, c->quoted >= 14 ? 4 : 0); /* 36 bytes of TCP by the quoted header */
	assert_int_equal(s->window, c->quoted >= 18 ? 8192 : 0);
	assert_int_equal(s->checksum, c->quoted >= 18 ? 0xbeef : 0);
}

struct length_case {
	const char *name, *hex;
	int link;
	uint32_t sent; /* bytes of the frame, 0 = as many as there are */
	enum dissect_result result;
	uint32_t len;
	bool cut, oversized;
};

#define HOSTS4	" 0001 0000 4006 0000 c0000201 c6336402 "
#define HOSTS6	" 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define ACK_4	PORTS_SEQ_ACK "5010" REST_OF_FIXED "aaaaaaaa"
#define TO_IPV4 "020000000002 020000000001 0800 "

static const struct length_case length_cases[] = {
	{ "Ethernet's padding is not payload", TO_IPV4 "4500 0028" HOSTS4 ACK_4 "0000", DLT_EN10MB, 0,
	  DISSECT_SEGMENT, 0, false, false },
	{ "IPv4 length 0: what is in the frame", TO_IPV4 "4500 0000" HOSTS4 ACK_4, DLT_EN10MB, 0,
	  DISSECT_SEGMENT, 4, false, false },
	{ "IPv4 length 0: what was in the frame", TO_IPV4 "4500 0000" HOSTS4 ACK_4, DLT_EN10MB, 70000,
	  DISSECT_SEGMENT, 69946, true, true },
	{ "IPv6 length 0: what was in the frame", "60000000 0000 0640" HOSTS6 ACK_4, DLT_RAW, 100000,
	  DISSECT_SEGMENT, 99940, true, true },
	{ "a jumbogram", "60000000 0000 0040" HOSTS6 "0600 c204 00011178" ACK_4, DLT_RAW, 70040,
	  DISSECT_SEGMENT, 69972, true, true },
	{ "offloaded segment", "4500 ffff" HOSTS4 ACK_4, DLT_RAW, 65535, DISSECT_SEGMENT, 65495, true, true },
	{ "full Ethernet frame", "4500 05dc" HOSTS4 ACK_4, DLT_RAW, 1500, DISSECT_SEGMENT, 1460, true,
	  false },
	{ "longer by the IP header than by the frame", "4500 0064" HOSTS4 ACK_4, DLT_RAW, 0, DISSECT_SEGMENT,
	  60, true, false },
	{ "IPv4 length below its header", "4500 0013" HOSTS4 ACK_4, DLT_RAW, 0, DISSECT_MALFORMED, 0, false,
	  false },
	{ "IPv4 header of 16 bytes", "4400 002c" HOSTS4 ACK_4, DLT_RAW, 0, DISSECT_MALFORMED, 0, false,
	  false },
	{ "IPv4 header longer than the packet", "4f00 002c" HOSTS4 ACK_4, DLT_RAW, 0, DISSECT_MALFORMED, 0,
	  false, false },
	{ "IPv6 where the Ethernet type says IPv4", TO_IPV4 "6500 002c" HOSTS4 ACK_4, DLT_EN10MB, 0,
	  DISSECT_MALFORMED, 0, false, false },
	{ "IPv4 where the Ethernet type says IPv6",
	  "020000000002 020000000001 86dd 45000000 0018 0640" HOSTS6 ACK_4, DLT_EN10MB, 0, DISSECT_MALFORMED,
	  0, false, false },
	{ "IPv6 extension header longer than the packet",
	  "60000000 0018 0040" HOSTS6 "06ff 0104 00000000" ACK_4, DLT_RAW, 0, DISSECT_MALFORMED, 0, false,
	  false },
	{ "neither version", "5500 002c" HOSTS4 ACK_4, DLT_RAW, 0, DISSECT_NOT_IP, 0, false, false },
	{ "ARP", "ffffffffffff 020000000001 0806 0001 0800 0604 0001", DLT_EN10MB, 0, DISSECT_NOT_IP, 0,
	  false, false },
	{ "spanning tree", "0180c2000000 020000000001 0026 4242 03 00000000000000", DLT_EN10MB, 0,
	  DISSECT_NOT_IP, 0, false, false },
	{ "PPP link control", "ff03 c021 0101 0004", DLT_PPP, 0, DISSECT_NOT_IP, 0, false, false },
	{ "PPPoE discovery", "ffffffffffff 020000000001 8863 1109 0000 0000", DLT_EN10MB, 0, DISSECT_NOT_IP,
	  0, false, false },
	{ "netlink in SLL", "0000 0338 0000 0000000000000000 0800 4500 002c" HOSTS4 ACK_4, DLT_LINUX_SLL, 0,
	  DISSECT_NOT_IP, 0, false, false },
	{ "802.11 beacon", "8000 0000 ffffffffffff 020000000001 020000000003 1000 00", DLT_IEEE802_11, 0,
	  DISSECT_NOT_IP, 0, false, false },
	{ "802.11 null function", "4801 0000 020000000002 020000000001 020000000003 1000", DLT_IEEE802_11, 0,
	  DISSECT_NOT_IP, 0, false, false },
	{ "802.11 protected", "0841 0000 020000000002 020000000001 020000000003 1000 aaaa03000000 0800",
	  DLT_IEEE802_11, 0, DISSECT_ENCRYPTED, 0, false, false },
	{ "MACsec", "020000000002 020000000001 88e5 2c00 00000001", DLT_EN10MB, 0, DISSECT_ENCRYPTED, 0,
	  false, false },
	{ "ESP", "4500 001c 0001 0000 4032 0000 c0000201 c6336402 00000001 00000001", DLT_RAW, 0,
	  DISSECT_ENCRYPTED, 0, false, false },
	{ "IPComp over IPv6", "60000000 0004 6c40" HOSTS6 "0600 0002", DLT_RAW, 0, DISSECT_ENCRYPTED, 0,
	  false, false },
	{ "PPTP, encrypted",
	  "4500 0026 0001 0000 402f 0000 c0000201 c6336402 3001 880b 0004 0001 00000001 00fd 9000 aaaa",
	  DLT_RAW, 0, DISSECT_ENCRYPTED, 0, false, false },
	{ "UDP", "4500 001c 0001 0000 4011 0000 c0000201 c6336402 0035 0035 0008 0000", DLT_RAW, 0,
	  DISSECT_NOT_TCP, 0, false, false },
	{ "UDP on VXLAN's port without its flag",
	  "4500 0024 0001 0000 4011 0000 c0000201 c6336402 c350 12b5 0010 0000 0000000000000000", DLT_RAW, 0,
	  DISSECT_NOT_TCP, 0, false, false },
	{ "IPv6 hop-by-hop options behind IPv4",
	  "4500 0030 0001 0000 4000 0000 c0000201 c6336402 0600 0104 00000000" ACK_4, DLT_RAW, 0,
	  DISSECT_NOT_TCP, 0, false, false },
	{ "ICMPv6 behind IPv4",
	  "4500 0024 0001 0000 403a 0000 c0000201 c6336402 0104 0000 00000000" QUOTED_TCP_8, DLT_RAW, 0,
	  DISSECT_NOT_TCP, 0, false, false },
	{ "no next header", "60000000 0000 3b40" HOSTS6, DLT_RAW, 0, DISSECT_NOT_TCP, 0, false, false },
	{ "IPv4 fragment", "4500 002c 0001 2000 4006 0000 c0000201 c6336402 " ACK_4, DLT_RAW, 0,
	  DISSECT_FRAGMENT, 0, false, false },
	{ "IPv6 fragment", "60000000 0020 2c40" HOSTS6 "0600 0001 00000001" ACK_4, DLT_RAW, 0,
	  DISSECT_FRAGMENT, 0, false, false },
};

static void test_length(void **state)
{
	const struct length_case *c = *state;
	struct outcome o = decode(c->link, c->hex, c->sent, &no_reassembly);

	assert_int_equal(o.result, c->result);
	assert_int_equal(o.counts.oversized, c->oversized);
	assert_int_equal(o.counts.cut, c->cut);
	if (c->result != DISSECT_SEGMENT)
		return;
	assert_int_equal(o.segment.len, c->len);
	assert_int_equal(o.segment.bits & SEGMENT_CUT, c->cut ? SEGMENT_CUT : 0);
}

int main(void)
{
	enum {
		TCPS = sizeof tcp_cases / sizeof *tcp_cases,
		ICMPS = sizeof icmp_cases / sizeof *icmp_cases,
		LENGTHS = sizeof length_cases / sizeof *length_cases,
	};
	struct CMUnitTest tests[TCPS + ICMPS + LENGTHS];
	size_t n = 0;

	for (size_t i = 0; i < TCPS; i++)
		tests[n++] = (struct CMUnitTest){ tcp_cases[i].name, test_tcp, NULL, NULL,
						  (void *)(uintptr_t)&tcp_cases[i] };
	for (size_t i = 0; i < ICMPS; i++)
		tests[n++] = (struct CMUnitTest){ icmp_cases[i].name, test_icmp, NULL, NULL,
						  (void *)(uintptr_t)&icmp_cases[i] };
	for (size_t i = 0; i < LENGTHS; i++)
		tests[n++] = (struct CMUnitTest){ length_cases[i].name, test_length, NULL, NULL,
						  (void *)(uintptr_t)&length_cases[i] };
	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
