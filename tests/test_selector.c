/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_selector.c - which connections a selector of --explain means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/selector.h"

static struct host v4(uint8_t last)
{
	return (struct host){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last } };
}

static struct host v6(uint8_t last)
{
	return (struct host){ { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last } };
}

/* Whether the selector means a connection from client to server. */
static bool takes(const char *given, struct host client, uint16_t client_port, struct host server,
		  uint16_t server_port)
{
	const struct host host[2] = { client, server };
	const uint16_t port[2] = { client_port, server_port };
	char bytes[256];
	struct text why = { .bytes = bytes, .size = sizeof bytes };
	struct selector selector;

	assert_true(selector_parse(&selector, given, &why));
	assert_string_equal(selector.given, given);
	assert_int_equal(selector.packet, 0);
	return selector_takes(&selector, host, port);
}

static void an_address_means_either_side(void **state)
{
	(void)state;
	assert_true(takes("192.0.2.1", v4(1), 1000, v4(2), 80));
	assert_true(takes("192.0.2.2", v4(1), 1000, v4(2), 80));
	assert_false(takes("192.0.2.3", v4(1), 1000, v4(2), 80));
	assert_true(takes("2001:db8::1", v6(1), 1000, v6(2), 80));
	assert_true(takes("[2001:db8::2]", v6(1), 1000, v6(2), 80));
	assert_false(takes("2001:db8::3", v6(1), 1000, v6(2), 80));
}

static void a_port_belongs_to_its_address(void **state)
{
	(void)state;
	assert_true(takes("192.0.2.1:1000", v4(1), 1000, v4(2), 80));
	assert_true(takes("192.0.2.2:80", v4(1), 1000, v4(2), 80));
	assert_false(takes("192.0.2.1:80", v4(1), 1000, v4(2), 80));
	assert_true(takes("[2001:db8::2]:80", v6(1), 1000, v6(2), 80));
	assert_false(takes("[2001:db8::1]:80", v6(1), 1000, v6(2), 80));
	assert_true(takes("192.0.2.1:0", v4(1), 0, v4(2), 80));
}

static void two_ends_mean_both_sides_in_any_order(void **state)
{
	static const char *const pairs[] = {
		"192.0.2.1:1000-192.0.2.2:80",
		"192.0.2.2:80-192.0.2.1:1000",
		"192.0.2.1:1000,192.0.2.2:80",
		"192.0.2.1:1000 > 192.0.2.2:80",
		"192.0.2.1:1000 \u2192 192.0.2.2:80",
		"192.0.2.1-192.0.2.2:80",
		"192.0.2.2-192.0.2.1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_true(takes(pairs[i], v4(1), 1000, v4(2), 80));
		assert_false(takes(pairs[i], v4(1), 1000, v4(3), 80));
		assert_false(takes(pairs[i], v4(3), 1000, v4(2), 80));
	}
	assert_false(takes("192.0.2.1:80-192.0.2.2:1000", v4(1), 1000, v4(2), 80));
	assert_true(takes("[2001:db8::1]:1000-[2001:db8::2]:80", v6(1), 1000, v6(2), 80));
	/* Both ends of one host: the same address must be on both sides. */
	assert_false(takes("192.0.2.1-192.0.2.1", v4(1), 1000, v4(2), 80));
	assert_true(takes("192.0.2.1-192.0.2.1", v4(1), 1000, v4(1), 80));
}

static void a_number_is_a_packet(void **state)
{
	const struct host host[2] = { v4(1), v4(2) };
	const uint16_t port[2] = { 12, 12 };
	char bytes[256];
	struct text why = { .bytes = bytes, .size = sizeof bytes };
	struct selector selector;

	(void)state;
	assert_true(selector_parse(&selector, "12", &why));
	assert_int_equal(selector.packet, 12);
	assert_false(selector_takes(&selector, host, port));
	assert_true(selector_parse(&selector, "#4711", &why));
	assert_int_equal(selector.packet, 4711);
}

static void anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"0",
		"#",
		"#0",
		"-1",
		"12x",
		"host",
		"192.0.2",
		"192.0.2.1:",
		"192.0.2.1:x",
		"192.0.2.1:65536",
		":80",
		"[::1",
		"::1]",
		"[]",
		"[]:80",
		"[192.0.2.1:80",
		"192.0.2.1-",
		"-192.0.2.1",
		"192.0.2.1--192.0.2.2",
		"192.0.2.1-192.0.2.2-192.0.2.3",
		"192.0.2.1:80:90",
		"99999999999999999999",
		"2001:db8::1::2",
		"2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:1",
	};
	char bytes[512];
	struct selector selector;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text why = { .bytes = bytes, .size = sizeof bytes };

		assert_false(selector_parse(&selector, wrong[i], &why));
		assert_non_null(strstr(text_end(&why), "a packet's number"));
		assert_non_null(strstr(bytes, wrong[i]));
	}
}

static void an_ipv6_port_without_brackets_is_guessed(void **state)
{
	static const struct {
		const char *given, *advice;
	} rows[] = {
		{ "2001:db8::2:7254", " (an IPv6 port needs brackets: [2001:db8::2]:7254)" },
		{ "2001:db8::1-2001:db8::2:80", " (an IPv6 port needs brackets: [2001:db8::2]:80)" },
		{ "192.0.2.1-2001:db8::2:80", " (an IPv6 port needs brackets: [2001:db8::2]:80)" },
		{ "2001:db8::2", "" },
		{ "[2001:db8::2]:80", "" },
		{ "2001:db8::2:99999", "" },
		{ "1:2:3:4:5:6:7:8", "" },
		{ "192.0.2.1:80", "" },
		{ "9", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char bytes[SELECTOR_ADVICE_MAX];
		struct text text = { .bytes = bytes, .size = sizeof bytes };
		struct selector selector = { .given = rows[i].given };

		if (rows[i].given[0] == '9')
			selector.packet = 9;
		selector_advice(&selector, &text);
		assert_string_equal(text_end(&text), rows[i].advice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_means_either_side),
		cmocka_unit_test(a_port_belongs_to_its_address),
		cmocka_unit_test(two_ends_mean_both_sides_in_any_order),
		cmocka_unit_test(a_number_is_a_packet),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(an_ipv6_port_without_brackets_is_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
