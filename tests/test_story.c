/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_story.c - what --explain makes of a connection: which packets it shows, and its sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/origin.h"
#include "ui/ladder.h"
#include "ui/sentences.h"

enum { MSS = 1000 };

/* A connection of which segments are added one by one. */
struct connection {
	struct ladder *ladder;
	struct record record;
	uint64_t packet;
	uint64_t segments, bytes; /* all that were added */
	uint32_t nxt[2];
};

static void begin(struct connection *c, uint64_t closing, uint64_t trigger)
{
	*c = (struct connection){
		.record = { .first_packet = 1,
			    .last_packet = UINT64_MAX,
			    .closing_packet = closing,
			    .trigger_packet = trigger },
		.nxt = { 101, 501 },
	};
	c->ladder = ladder_new(&c->record);
	assert_non_null(c->ladder);
}

static struct segment make(struct connection *c, enum side side, uint8_t flags, uint32_t seq, uint32_t len)
{
	c->packet++;
	c->segments++;
	c->bytes += len;
	return (struct segment){
		.at = { (int64_t)c->packet * 1000000 },
		.packet = c->packet,
		.seq = { seq },
		.ack = { c->nxt[other(side)] },
		.len = len,
		.flags = flags,
		.window = 100,
	};
}

static void add(struct connection *c, const struct segment *s, enum side side)
{
	const struct sighting sighting = {
		.segment = s,
		.connection = 1,
		.side = side,
		.base = { { 100 }, { 500 } },
		.state = { STATE_ESTABLISHED, STATE_ESTABLISHED },
	};

	ladder_add(c->ladder, &sighting, true);
}

/* The side sends what comes next. */
static void sends(struct connection *c, enum side side, uint8_t flags, uint32_t len)
{
	struct segment s = make(c, side, flags, c->nxt[side], len);

	add(c, &s, side);
	c->nxt[side] += len + ((flags & TCP_FIN) != 0);
}

/* The side sends its last bytes again. */
static void repeats(struct connection *c, enum side side, uint32_t len)
{
	struct segment s = make(c, side, TCP_ACK, c->nxt[side] - len, len);

	add(c, &s, side);
}

/* What is shown and what is folded is all there is, in order; returns how many lines. */
static size_t finish(struct connection *c)
{
	size_t n;
	uint64_t segments = 0, bytes = 0, last = 0;

	ladder_finish(c->ladder);
	n = ladder_count(c->ladder);
	for (size_t i = 0; i < n; i++) {
		const struct ladder_line *line = ladder_line(c->ladder, i);

		if (line->folded) {
			assert_true(line->fold.segments > LADDER_SHORT_FOLD);
			assert_false(i > 0 && ladder_line(c->ladder, i - 1)->folded);
			segments += line->fold.segments;
			bytes += line->fold.bytes[CLIENT] + line->fold.bytes[SERVER];
		} else {
			assert_true(line->rung.packet > last);
			last = line->rung.packet;
			segments++;
			bytes += line->rung.len;
		}
	}
	assert_int_equal(segments, c->segments);
	assert_int_equal(bytes, c->bytes);
	return n;
}

static const struct rung *find(const struct connection *c, uint64_t packet)
{
	for (size_t i = 0; i < ladder_count(c->ladder); i++) {
		const struct ladder_line *line = ladder_line(c->ladder, i);

		if (!line->folded && line->rung.packet == packet)
			return &line->rung;
	}
	return NULL;
}

static void a_short_connection_is_shown_whole(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, 12, 0);
	for (int i = 0; i < 5; i++) {
		sends(&c, CLIENT, TCP_ACK, 10);
		sends(&c, SERVER, TCP_ACK, 20);
	}
	sends(&c, CLIENT, TCP_ACK | TCP_FIN, 0);
	sends(&c, SERVER, TCP_ACK | TCP_RST, 0);
	assert_int_equal(finish(&c), 12);
	assert_int_equal(find(&c, 12)->marks, RUNG_CLOSING);
	ladder_free(c.ladder);
}

static void a_long_transfer_is_folded(void **state)
{
	struct connection c;
	size_t n;

	(void)state;
	begin(&c, 10001, 10000);
	for (int i = 0; i < 5000; i++) {
		sends(&c, SERVER, TCP_ACK, MSS);
		sends(&c, CLIENT, TCP_ACK, 0);
	}
	sends(&c, SERVER, TCP_ACK | TCP_RST, 0);
	n = finish(&c);
	assert_in_range(n, LADDER_FIRST + LADDER_CONTEXT + 2, 20);
	assert_non_null(find(&c, 1));
	assert_non_null(find(&c, LADDER_FIRST));
	assert_non_null(find(&c, 10001 - LADDER_CONTEXT));
	assert_int_equal(find(&c, 10000)->marks, RUNG_TRIGGER);
	assert_int_equal(find(&c, 10001)->marks, RUNG_CLOSING);
	ladder_free(c.ladder);
}

static void what_is_sent_again_stays_up_to_a_number(void **state)
{
	struct connection c;
	size_t n;

	(void)state;
	begin(&c, 0, 0);
	for (int i = 0; i < 1000; i++) {
		sends(&c, CLIENT, TCP_ACK, 100);
		repeats(&c, CLIENT, 100);
		for (int j = 0; j < 5; j++)
			sends(&c, SERVER, TCP_ACK, 0);
	}
	n = finish(&c);
	assert_in_range(n, 2 * LADDER_REPEATS, 4 * LADDER_REPEATS);
	assert_int_equal(find(&c, 9)->notes, RUNG_AGAIN);
	assert_int_equal(ladder_facts(c.ladder)->tries[CLIENT], 1);
	ladder_free(c.ladder);
}

static void a_storm_is_folded_but_for_what_decided(void **state)
{
	struct connection c;
	size_t n;

	(void)state;
	begin(&c, 3000, 0);
	for (int i = 0; i < 5000; i++) {
		struct segment s = make(&c, SERVER, TCP_RST, (uint32_t)i * 77, 0);

		add(&c, &s, SERVER);
	}
	n = finish(&c);
	assert_in_range(n, LADDER_STRIKING, LADDER_KEPT + 2 * LADDER_PENDING);
	assert_int_equal(find(&c, 3000)->marks, RUNG_CLOSING);
	assert_non_null(find(&c, 5000));
	ladder_free(c.ladder);
}

static void reordered_segments_are_not_repeats(void **state)
{
	struct connection c;
	struct segment late;

	(void)state;
	begin(&c, 0, 0);
	sends(&c, CLIENT, TCP_ACK, 100);
	c.nxt[CLIENT] += 100;
	sends(&c, CLIENT, TCP_ACK, 100);
	late = make(&c, CLIENT, TCP_ACK, 201, 100);
	add(&c, &late, CLIENT);
	add(&c, &late, CLIENT);
	c.segments++;
	c.bytes += 100;
	ladder_finish(c.ladder);
	assert_int_equal(find(&c, 3)->notes, RUNG_FILLS);
	ladder_free(c.ladder);
}

static void duplicate_frames_count_with_theirs(void **state)
{
	struct connection c;
	struct segment s;
	struct sighting again = { .segment = &s, .connection = 1, .side = CLIENT, .duplicate = true };

	(void)state;
	begin(&c, 0, 0);
	s = make(&c, CLIENT, TCP_ACK, c.nxt[CLIENT], 10);
	add(&c, &s, CLIENT);
	ladder_add(c.ladder, &again, true);
	ladder_add(c.ladder, &again, true);
	assert_int_equal(finish(&c), 1);
	assert_int_equal(find(&c, 1)->copies, 2);
	assert_int_equal(ladder_duplicates(c.ladder), 2);
	ladder_free(c.ladder);
}

static void chance_segments_keep_the_bounds(void **state)
{
	static const uint8_t flags[] = { TCP_ACK, TCP_ACK,	     TCP_ACK, TCP_ACK, TCP_ACK,
					 TCP_ACK, TCP_ACK | TCP_FIN, TCP_RST, TCP_SYN, TCP_SYN | TCP_ACK };
	uint32_t x = 12345;

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct connection c;

		begin(&c, 1800 + (uint64_t)round, 50);
		c.record.evidence_count = 0;
		for (int i = 0; i < 2000; i++) {
			struct segment s;

			x = x * 1664525 + 1013904223;
			s = make(&c, x >> 31 ? CLIENT : SERVER, flags[(x >> 20) % sizeof flags],
				 x >> 8 & 0xffff, x >> 16 & 0x3ff);
			add(&c, &s, x >> 31 ? CLIENT : SERVER);
		}
		assert_in_range(finish(&c), 20, 3 * (LADDER_KEPT + LADDER_PENDING + 12));
		assert_non_null(find(&c, 50));
		assert_non_null(find(&c, 1800 + (uint64_t)round));
		ladder_free(c.ladder);
	}
}

/* ---- sentences ---- */

static const struct ladder_facts all_facts = {
	.fin = { 11, 12 },
	.syn = 1,
	.last_syn = 3,
	.syns = 3,
	.icmp = 4,
	.icmp_type = 3,
	.icmp_code = 1,
	.tries = { 5, 4 },
	.last_try = { 21, 22 },
	.silence = 61000000000,
	.quiet = 62000000000,
};
static const struct ladder_facts no_facts = { .silence = UNKNOWN_NS };

static struct record sample(enum close close, enum cause cause)
{
	return (struct record){
		.close = close,
		.cause = cause,
		.closer = CLOSER_SERVER,
		.rst_sender = CLOSER_SERVER,
		.rst_signs = RST_SIGN_TTL,
		.rst_text = { .text = "go away" },
		.timer = "a timer",
		.port = { 1000, 80 },
		.first_packet = 1,
		.last_packet = 30,
		.closing_packet = 13,
		.trigger_packet = 9,
		.duration = 1000000,
		.idle_before_close = UNKNOWN_NS,
		.side = { { .bytes = 10, .after_fin = 5, .close_wait = UNKNOWN_NS },
			  { .close_wait = 7000000000 } },
	};
}

static const char *verdict(const struct record *record, const struct ladder_facts *facts)
{
	static char bytes[SENTENCES_MAX];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	const struct story story = { .record = record, .facts = facts };

	sentences_verdict(&text, &story);
	assert_false(text.cut);
	return text_end(&text);
}

/* A capital letter, a full stop, and nothing left to fill in. */
static void assert_sentences(const char *text)
{
	assert_true(text[0] >= 'A' && text[0] <= 'Z');
	assert_int_equal(text[strlen(text) - 1], '.');
	assert_null(strpbrk(text, "?{}[]"));
	assert_null(strstr(text, "  "));
	assert_null(strstr(text, " ,"));
	assert_null(strstr(text, "packet 0"));
}

static void every_close_has_its_sentence(void **state)
{
	(void)state;
	for (int close = 0; close < CLOSE_COUNT; close++) {
		struct record record = sample((enum close)close, CAUSE_NONE);

		record.side[SERVER].state_count = 1;
		record.side[SERVER].states[0] = STATE_FIN_WAIT_1;
		assert_sentences(verdict(&record, &all_facts));
		assert_sentences(verdict(&record, &no_facts));
	}
}

static void every_cause_has_its_sentence(void **state)
{
	struct record plain = sample(CLOSE_RESET, CAUSE_NONE);
	char alone[SENTENCES_MAX];

	(void)state;
	snprintf(alone, sizeof alone, "%s", verdict(&plain, &all_facts));
	for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
		for (int confidence = 0; confidence < CONFIDENCE_COUNT; confidence++) {
			struct record record = sample(CLOSE_RESET, (enum cause)cause);
			const char *text;

			record.confidence = (enum confidence)confidence;
			text = verdict(&record, &all_facts);
			assert_sentences(text);
			/* The close's, the cause's, and how sure. */
			assert_true(strlen(text) > strlen(alone) + 60);
			assert_sentences(verdict(&record, &no_facts));
		}
	}
}

static void causes_that_are_not_certain_have_guesses(void **state)
{
	static const enum cause families[] = { CAUSE_ABORT,	    CAUSE_ABORT_UNREAD, CAUSE_ABORT_DISCARD,
					       CAUSE_HALF_OPEN,	    CAUSE_IDLE_TIMEOUT, CAUSE_HEALTH_CHECK,
					       CAUSE_ACCEPT_REJECT, CAUSE_INJECTED,	CAUSE_NO_LISTENER,
					       CAUSE_FIREWALL,	    CAUSE_FIN_TIMEOUT };
	char bytes[SENTENCES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct text text = { .bytes = bytes, .size = sizeof bytes };
		struct record record = sample(CLOSE_RESET, families[i]);
		const struct story story = { .record = &record, .facts = &all_facts };

		assert_false(sentences_guesses(&text, &story));
		record.confidence = CONFIDENCE_LIKELY;
		assert_true(sentences_guesses(&text, &story));
		assert_non_null(strstr(text_end(&text), "(1) "));
		assert_non_null(strstr(bytes, "; (2) "));
	}
}

static void guesses_that_fit_come_first(void **state)
{
	char bytes[SENTENCES_MAX];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	struct ladder_facts facts = no_facts;
	struct record record = sample(CLOSE_RESET, CAUSE_ABORT);
	const struct story story = { .record = &record, .facts = &facts };

	(void)state;
	record.confidence = CONFIDENCE_POSSIBLE;
	record.side[SERVER].bytes = 10;
	assert_true(sentences_guesses(&text, &story));
	assert_memory_equal(bytes, "(1) its program closed with SO_LINGER 0;", 40);
	assert_null(strstr(text_end(&text), "listener")); /* it had spoken, so its program had it */
	assert_null(strstr(bytes, "retransmissions"));	  /* there were none */
	facts.data_last[CLIENT] = true;			  /* and the server resets */
	text.length = 0;
	assert_true(sentences_guesses(&text, &story));
	assert_memory_equal(bytes, "(1) its program closed, crashed or was killed with data unread;", 63);
}

static void every_sign_of_a_forgery_is_told_with_its_weight(void **state)
{
	(void)state;
	for (unsigned sign = 1; sign < 0x10000; sign <<= 1) {
		struct record record = sample(CLOSE_RESET, CAUSE_INJECTED);
		char weight[16];

		if (origin_weight((enum rst_sign)sign) == 0)
			continue;
		record.rst_signs = (uint16_t)sign;
		snprintf(weight, sizeof weight, " (%d)", origin_weight((enum rst_sign)sign));
		assert_sentences(verdict(&record, &no_facts));
		assert_non_null(strstr(verdict(&record, &no_facts), weight));
	}
}

static void only_what_is_worth_telling_is_a_cost(void **state)
{
	char bytes[SENTENCES_MAX];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	struct record record = {
		.handshake_time = 20000000,
		.teardown_time = 30000000,
		.idle_before_close = 900000000,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = UNKNOWN_NS,
	};
	const struct story story = { .record = &record, .facts = &no_facts };

	(void)state;
	assert_false(sentences_cost(&text, &story));
	assert_int_equal(text.length, 0);
	record.side[SERVER].close_wait = 5000000000;
	record.side[CLIENT].lost_known = true;
	record.side[CLIENT].lost = 4;
	record.teardown_time = 2000000000;
	assert_true(sentences_cost(&text, &story));
	assert_string_equal(text_end(&text),
			    "2 s of closing, 100 round trips; 4 bytes of the client lost: sent, not "
			    "acknowledged; the server in CLOSE-WAIT for 5 s");
}

static void each_side_saw_something(void **state)
{
	char bytes[SENTENCES_MAX];

	(void)state;
	for (int saw = 0; saw < SAW_COUNT; saw++) {
		struct text text = { .bytes = bytes, .size = sizeof bytes };
		struct record record = { .close = CLOSE_RESET };
		const struct story story = { .record = &record, .facts = &no_facts };

		record.side[SERVER].saw = (enum saw)saw;
		sentences_saw(&text, &story, SERVER);
		assert_true(text.length > 10);
		text_end(&text);
		if (saw > SAW_NOTHING)
			assert_memory_equal(bytes, saw_words[saw].name, strlen(saw_words[saw].name));
		assert_true(saw_words[saw].winsock == 0 || strstr(bytes, "(Winsock 100"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_connection_is_shown_whole),
		cmocka_unit_test(a_long_transfer_is_folded),
		cmocka_unit_test(what_is_sent_again_stays_up_to_a_number),
		cmocka_unit_test(a_storm_is_folded_but_for_what_decided),
		cmocka_unit_test(reordered_segments_are_not_repeats),
		cmocka_unit_test(duplicate_frames_count_with_theirs),
		cmocka_unit_test(chance_segments_keep_the_bounds),
		cmocka_unit_test(every_close_has_its_sentence),
		cmocka_unit_test(every_cause_has_its_sentence),
		cmocka_unit_test(causes_that_are_not_certain_have_guesses),
		cmocka_unit_test(guesses_that_fit_come_first),
		cmocka_unit_test(every_sign_of_a_forgery_is_told_with_its_weight),
		cmocka_unit_test(only_what_is_worth_telling_is_a_cost),
		cmocka_unit_test(each_side_saw_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
