/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_filter.c - the language of --only and of the dashboard's filter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "ui/decimal.h"
#include "ui/select.h"

static struct record example(void)
{
	struct record r = {
		.start = { 1795161600500000000 },
		.end = { 1795161602000000000 },
		.host = { { .addr = { [10] = 0xff, 0xff, 10, 1, 2, 3 } },
			  { .addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } },
		.port = { 40000, 443 },
		.close = CLOSE_RESET,
		.cause = CAUSE_KEEPALIVE_RACE,
		.closer = CLOSER_SERVER,
		.duration = 1500000000,
		.teardown_time = UNKNOWN_NS,
		.handshake_time = UNKNOWN_NS,
		.idle_before_close = UNKNOWN_NS,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = UNKNOWN_NS,
		.first_packet = 7,
	};

	r.side[CLIENT] =
		(struct record_side){ .saw = SAW_ECONNRESET, .bytes = 1000, .close_wait = UNKNOWN_NS };
	r.side[SERVER] = (struct record_side){ .saw = SAW_NOTHING, .bytes = 20, .close_wait = 5000000000 };
	r.side[SERVER].states[0] = STATE_CLOSE_WAIT;
	r.side[SERVER].state_count = 1;
	return r;
}

static char why_bytes[4096];

static bool takes(const char *terms, bool typed)
{
	struct record r = example();
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct only only;

	if (!(typed ? only_parse_typed(&only, terms, &why) : only_parse(&only, terms, &why)))
		fail_msg("%s: %s", terms, text_end(&why));
	return only_takes(&only, &r);
}

static const char *refused(const char *terms, bool typed)
{
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct only only;

	if (typed ? only_parse_typed(&only, terms, &why) : only_parse(&only, terms, &why))
		fail_msg("%s is not refused", terms);
	return text_end(&why);
}

static void terms_that_hold(void **state)
{
	static const char *const terms[] = {
		"reset",
		"RESET",
		"graceful,reset",
		"keepalive-race",
		"close=reset",
		"close=graceful,reset",
		"CLOSE=Reset",
		"close!=graceful",
		"cause=keepalive-race close=reset",
		"  close=reset   port=443  ",
		"port=443",
		"port=40000",
		"port=80,443",
		"server_port=443",
		"client_port!=443",
		"port!=80",
		"duration=1.5",
		"duration>1.4",
		"duration>=1.5",
		"duration<=1.5",
		"duration<2",
		"duration!=2",
		"duration=1.500000000",
		"ip=10.1.2.3",
		"ip=10.0.0.0/8",
		"client_ip=10.1.0.0/16",
		"ip=2001:db8::1",
		"ip=2001:DB8::/32",
		"server_ip=2001:0db8:0:0::1",
		"ip!=10.1.2.4",
		"saw=ECONNRESET",
		"saw=-",
		"state=CLOSE-WAIT",
		"bytes>999",
		"close_wait>4",
		"teardown_time=",
		"close_wait!=7",
		"text=keepal",
		"text=:db8:",
		"closer=server",
		"midstream=no",
		"start=1795161600.5",
		"start>1795161600",
		"ip=0.0.0.0/0",
		"ip=::/0",
		"first_packet=7",
		"reset keepalive-race",
	};

	(void)state;
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		if (!takes(terms[i], false))
			fail_msg("does not hold: %s", terms[i]);
}

static void terms_that_do_not_hold(void **state)
{
	static const char *const terms[] = {
		"graceful",
		"abort",
		"lingering",
		"close=graceful",
		"close!=reset",
		"reset abort",
		"close=reset port=80",
		"port=80",
		"server_port=40000",
		"port!=443",
		"client_port=443",
		"duration>1.5",
		"duration<1.5",
		"duration=1.50000001",
		"duration!=1.5",
		"ip=10.1.2.4",
		"ip=11.0.0.0/8",
		"server_ip=10.0.0.0/8",
		"ip=2001:db9::/32",
		"saw=EPIPE",
		"state=TIME-WAIT",
		"bytes>1000",
		"close_wait>5",
		"teardown_time>0",
		"teardown_time<1000",
		"close=",
		"text=nothing",
		"midstream=yes",
		"client_ip=0.0.0.0/32",
		"ip=10.1.2.3/32 port=1",
		"close!=reset,graceful",
	};

	(void)state;
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		if (takes(terms[i], false))
			fail_msg("holds: %s", terms[i]);
}

static void terms_that_are_wrong(void **state)
{
	(void)state;
	assert_non_null(strstr(refused("", false), "'' is none of: graceful "));
	assert_non_null(strstr(refused("reset,", false), "'' is none of"));
	assert_non_null(strstr(refused("gracefu", false), "'gracefu' is none of"));
	assert_non_null(strstr(refused("close=rese", false), "'rese' is none of: graceful "));
	assert_non_null(strstr(refused("closes=reset", false), "'closes' is no column to select by"));
	assert_non_null(strstr(refused("=reset", false), "'' is no column to select by"));
	assert_non_null(strstr(refused("duration>fast", false), "'fast' is no number, as duration is"));
	assert_non_null(strstr(refused("duration>1,2", false), "is no number"));
	assert_non_null(strstr(refused("duration>", false), "a number is missing for duration"));
	assert_non_null(strstr(refused("close>reset", false), "only numbers can be compared, not close"));
	assert_non_null(strstr(refused("source=a.pcap", false), "'source' is no column to select by"));
	assert_non_null(strstr(refused("port=http", false), "'http' is no number, as client_port is"));
	assert_non_null(strstr(refused("text!=a b", false), "'text' is no column"));
	refused("reset reset reset reset reset reset reset reset reset reset reset reset reset reset reset "
		"reset reset",
		false);
	refused("text="
		"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"23456"
		"78901234567890123456789012345678901",
		false);
}

static void what_is_being_typed(void **state)
{
	(void)state;
	assert_true(takes("", true));
	assert_true(takes("   ", true));
	assert_true(takes("econnres", true)); /* as text */
	assert_true(takes("10.1.", true));
	assert_false(takes("192.168", true));
	assert_true(takes("close=res", true)); /* the beginning of a value */
	assert_true(takes("close=", true));
	assert_false(takes("close=gra", true));
	assert_true(takes("cause=keepalive-r", true));
	assert_true(takes("state=CLOSE-W", true));
	assert_false(takes("port=44", true)); /* numbers are whole */
	assert_true(takes("port=443 keepaliv", true));
	assert_false(takes("port=80 keepaliv", true));
	/* Only the last one is still being typed. */
	assert_non_null(strstr(refused("close=res port=443", true), "'res' is none of"));
	assert_non_null(strstr(refused("clos=", true), "'clos' is no column"));
}

/* Every beginning of a line one can type is fine or refused; nothing else happens. */
static void anything_can_be_typed(void **state)
{
	char terms[160];
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		static const char *const parts[] = { "close", "=",    "!=",  ">",  "<",	       "reset", ",",
						     " ",     "port", "443", "ip", "10.0.0.0", "/",	"33",
						     "text",  "-",    "!",   "::", "duration", "1.5",	"" };
		struct record r = example();
		struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
		struct only only;
		size_t n = 0;

		for (int part = 0; part < 12; part++) {
			const char *what;

			random = random * 6364136223846793005u + 1442695040888963407u;
			what = parts[(random >> 33) % (sizeof parts / sizeof *parts)];
			n += (size_t)snprintf(terms + n, sizeof terms - n, "%s", what);
		}
		if (only_parse_typed(&only, terms, &why))
			only_takes(&only, &r);
		why.length = 0;
		if (only_parse(&only, terms, &why))
			only_takes(&only, &r);
	}
}

static int compared(const char *a, const char *b)
{
	struct decimal x, y;

	assert_true(decimal_parse(a, strlen(a), &x));
	assert_true(decimal_parse(b, strlen(b), &y));
	return decimal_compare(&x, &y);
}

static void decimals_are_compared_exactly(void **state)
{
	struct decimal d;

	(void)state;
	assert_int_equal(compared("1", "1.000"), 0);
	assert_true(compared("0.000000001", "0") > 0);
	assert_true(compared("9999999999.1", "10000000000") < 0);
	assert_true(compared("-2", "-1") < 0);
	assert_true(compared("-0.5", "0.1") < 0);
	assert_true(compared("18446744073709551615", "18446744073709551614") > 0);
	assert_false(decimal_parse("18446744073709551616", 20, &d));
	assert_false(decimal_parse("", 0, &d));
	assert_false(decimal_parse(".", 1, &d));
	assert_false(decimal_parse("-", 1, &d));
	assert_false(decimal_parse("1 ", 2, &d));
	assert_false(decimal_parse("1.2.3", 5, &d));
	assert_true(decimal_parse("1.23", 3, &d));
	assert_int_equal(d.billionths, 200000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_that_hold),	 cmocka_unit_test(terms_that_do_not_hold),
		cmocka_unit_test(terms_that_are_wrong),	 cmocka_unit_test(what_is_being_typed),
		cmocka_unit_test(anything_can_be_typed), cmocka_unit_test(decimals_are_compared_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
