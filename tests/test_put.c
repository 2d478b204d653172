/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_put.c - numbers, times, addresses and Community IDs, against what the C library makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <inttypes.h>

#include "ui/community_id.h"
#include "ui/put.h"

static uint64_t random_state = 1;

/* Of any size: small ones are as frequent as large ones. */
static uint64_t random_number(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state ^ random_state >> 29) >> (random_state >> 58);
}

static void assert_number(uint64_t n)
{
	char put[PUT_ROOM], printed[32];

	*put_number(put, n) = '\0';
	snprintf(printed, sizeof printed, "%" PRIu64, n);
	assert_string_equal(put, printed);
}

static void numbers_are_whole(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 200000; n++)
		assert_number(n);
	for (uint64_t power = 10, more = 1; more; power *= 10) {
		for (uint64_t n = power - 2; n <= power + 2; n++)
			assert_number(n);
		more = power <= UINT64_MAX / 10;
	}
	for (int bit = 0; bit < 64; bit++) {
		assert_number(UINT64_C(1) << bit);
		assert_number((UINT64_C(1) << bit) - 1);
	}
	assert_number(UINT64_MAX);
	for (int i = 0; i < 200000; i++)
		assert_number(random_number());
}

static void assert_seconds(int64_t ns)
{
	char put[PUT_ROOM], printed[64];
	uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	*put_seconds(put, ns) = '\0';
	snprintf(printed, sizeof printed, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
		 magnitude / 1000000000, magnitude % 1000000000);
	assert_string_equal(put, printed);
}

static void seconds_have_nine_digits(void **state)
{
	static const int64_t edges[] = { 0,	    1,		-1,	    99999999,  100000000,
					 999999999, 1000000000, 1000000001, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
		assert_seconds(edges[i]);
	for (int i = 0; i < 100000; i++)
		assert_seconds((int64_t)random_number());
}

static void moments_have_six_or_nine_digits(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		const int64_t ns = (int64_t)(random_number() >> 1);
		char put[PUT_ROOM], printed[64];

		snprintf(printed, sizeof printed, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
		*put_moment(put, (struct moment){ ns }, true) = '\0';
		assert_string_equal(put, printed);
		snprintf(printed, sizeof printed, "%" PRId64 ".%06" PRId64, ns / 1000000000,
			 ns % 1000000000 / 1000);
		*put_moment(put, (struct moment){ ns }, false) = '\0';
		assert_string_equal(put, printed);
	}
}

static struct host ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct host){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } };
}

static struct host ipv6(const uint16_t groups[8])
{
	struct host host;

	for (int i = 0; i < 8; i++) {
		host.addr[2 * i] = (uint8_t)(groups[i] >> 8);
		host.addr[2 * i + 1] = (uint8_t)groups[i];
	}
	return host;
}

static void every_octet_is_written(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 4 * 256; n++) {
		uint8_t octets[4] = { 1, 20, 255, 100 };
		char put[PUT_ROOM], printed[64];
		struct host host;

		octets[n / 256] = (uint8_t)n;
		host = ipv4(octets[0], octets[1], octets[2], octets[3]);
		*put_host(put, &host) = '\0';
		snprintf(printed, sizeof printed, "%d.%d.%d.%d", octets[0], octets[1], octets[2], octets[3]);
		assert_string_equal(put, printed);
	}
}

/*
 * Every pattern of zero groups, with groups of one to four digits. inet_ntop() follows RFC 5952 but where
 * IPv4 addresses are embedded (the last two groups of an address that begins with six of zero, or with
 * ::ffff).
 */
static void every_run_of_zeros_is_shortened(void **state)
{
	(void)state;
	for (unsigned pattern = 1; pattern < 256 * 16; pattern++) {
		uint16_t groups[8] = { 0 };
		char put[PUT_ROOM], printed[INET6_ADDRSTRLEN];
		struct host host;

		if ((pattern & 0x3f) == 0)
			continue;
		for (int i = 0; i < 8; i++)
			if (pattern >> i & 1)
				groups[i] =
					(uint16_t)(random_number() % 0xfffe + 1) >> (random_number() % 4 * 4);
		for (int i = 0; i < 8; i++)
			groups[i] |= (uint16_t)((pattern >> i & 1) && groups[i] == 0);
		host = ipv6(groups);
		*put_host(put, &host) = '\0';
		assert_non_null(inet_ntop(AF_INET6, host.addr, printed, sizeof printed));
		if (!strchr(printed, '.'))
			assert_string_equal(put, printed);
	}
}

/* The TCP flows of the specification's own baseline (corelight/community-id-spec, baseline_deflt.json). */
static void community_ids_are_those_of_the_specification(void **state)
{
	static const uint16_t left[8] = { 0x2001, 0x470, 0xe5bf, 0xdead, 0x4957, 0x2174, 0xe82c, 0x4887 };
	static const uint16_t right[8] = { 0x2607, 0xf8b0, 0x400c, 0xc03, 0, 0, 0, 0x1a };
	const struct {
		struct host host[2];
		uint16_t port[2];
		const char *id;
	} cases[] = {
		{ { ipv4(128, 232, 110, 120), ipv4(66, 35, 250, 204) },
		  { 34855, 80 },
		  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ { ipv4(66, 35, 250, 204), ipv4(128, 232, 110, 120) },
		  { 80, 34855 },
		  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ { ipv6(left), ipv6(right) }, { 63943, 25 }, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
		{ { ipv6(right), ipv6(left) }, { 25, 63943 }, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char id[COMMUNITY_ID_LENGTH + 1] = { 0 };

		community_id(id, cases[i].host, cases[i].port);
		assert_string_equal(id, cases[i].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(seconds_have_nine_digits),
		cmocka_unit_test(moments_have_six_or_nine_digits),
		cmocka_unit_test(every_octet_is_written),
		cmocka_unit_test(every_run_of_zeros_is_shortened),
		cmocka_unit_test(community_ids_are_those_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
