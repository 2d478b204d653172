/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cost.c - what each application saw of a close, and what it cost (design/verdicts.md 5 and 7). */
#include "ui/plain.h"
#include "ui/sentences.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* ---- what they saw ---- */

/* Behind the errno's name and Winsock's number. */
static const char *const saw_texts[SAW_COUNT] = {
	[SAW_EOF] = ": recv() returned 0 once the other's FIN had come",
	[SAW_ECONNREFUSED] = " from connect()",
	[SAW_ECONNRESET] = " on its next call, once; after that EOF on reads, EPIPE on writes",
	[SAW_EPIPE] = " on its next write; a read still said EOF",
	[SAW_ETIMEDOUT] = " once it gave up trying",
	[SAW_ENETUNREACH] = " once it gave up trying",
	[SAW_EHOSTUNREACH] = " once it gave up trying",
	[SAW_ENOPROTOOPT] = " once it gave up trying",
	[SAW_EACCES] = " once it gave up trying",
	[SAW_EPROTO] = " from connect()",
};

/* A RST sent without a socket: there was no program that could see anything. */
static bool knew_nothing(const struct story *story, enum side side)
{
	const struct record *record = story->record;
	enum closer closer = side == CLIENT ? CLOSER_CLIENT : CLOSER_SERVER;

	return record->close == CLOSE_RESET && record->rst_family == RST_REPLY &&
	       record->rst_sender == closer && story->facts->fin[side] == 0;
}

static bool failed_attempt(enum close close)
{
	return close == CLOSE_REFUSED || close == CLOSE_ABANDONED || close == CLOSE_UNREACHABLE ||
	       close == CLOSE_UNANSWERED;
}

static const char *nothing_text(const struct story *story, enum side side)
{
	const struct record *record = story->record;
	enum state state = record_state(&record->side[side]);

	if (record->close == CLOSE_OPEN || (side == CLIENT && record->close == CLOSE_UNANSWERED))
		return "nothing so far";
	if ((side == SERVER && failed_attempt(record->close)) || state == STATE_SYN_RECEIVED)
		return "nothing: its program never had the connection";
	if (state == STATE_UNKNOWN || (record->close == CLOSE_ABANDONED && record->rst_count == 0))
		return "nothing that the capture shows";
	if (record->close == CLOSE_VANISHED)
		return "nothing: to it the connection still stands, unless its host is gone";
	if (knew_nothing(story, side))
		return "nothing: its host knew of no such connection any more";
	return "nothing: it ended the connection itself";
}

void sentences_saw(struct text *text, const struct story *story, enum side side)
{
	enum saw saw = story->record->side[side].saw;

	if (saw == SAW_UNKNOWN) {
		text_string(text, "what it saw the capture does not show");
		return;
	}
	if (saw == SAW_NOTHING) {
		text_string(text, nothing_text(story, side));
		return;
	}
	text_string(text, saw_words[saw].name);
	if (saw_words[saw].winsock > 0) {
		text_string(text, " (Winsock ");
		text_number(text, (uint64_t)saw_words[saw].winsock);
		text_char(text, ')');
	}
	text_string(text, saw_texts[saw]);
}

/* ---- what it cost ---- */

static const char *const side_names[] = { [CLIENT] = "the client", [SERVER] = "the server" };

/* Begins another item. */
static void next(struct text *text)
{
	if (text->length > 0)
		text_string(text, "; ");
}

static void put_handshake(struct text *text, const struct record *record)
{
	if (record->syn_retransmits > 0) {
		next(text);
		text_string(text, plain_count(record->syn_retransmits, "SYN", "SYNs").s);
		text_string(text, " sent again");
	}
	if (record->handshake_time < 500 * NS_PER_MS)
		return;
	next(text);
	text_string(text, plain_duration(record->handshake_time).s);
	text_string(text, " of handshake");
}

static void put_teardown(struct text *text, const struct record *record)
{
	int64_t trips = record->handshake_time > 0 ? record->teardown_time / record->handshake_time : 0;

	if (record->teardown_time < NS_PER_S && (trips < 3 || record->teardown_time < 50 * NS_PER_MS))
		return;
	next(text);
	text_string(text, plain_duration(record->teardown_time).s);
	text_string(text, " of closing");
	if (trips > 1) {
		text_string(text, ", ");
		text_string(text, plain_number((uint64_t)trips).s);
		text_string(text, " round trips");
	}
}

static void put_wait(struct text *text, enum side side, const char *state, int64_t ns)
{
	if (ns < NS_PER_S)
		return;
	next(text);
	text_string(text, side_names[side]);
	text_string(text, " in ");
	text_string(text, state);
	text_string(text, " for ");
	text_string(text, plain_duration(ns).s);
}

static void put_side(struct text *text, const struct record *record, enum side side)
{
	const struct record_side *end = &record->side[side];

	put_wait(text, side, state_words[STATE_CLOSE_WAIT].name, end->close_wait);
	put_wait(text, side, state_words[STATE_FIN_WAIT_2].name, end->fin_wait_2);
	if (end->after_fin > 0) {
		next(text);
		text_string(text, plain_bytes(end->after_fin).s);
		text_string(text, " that ");
		text_string(text, side_names[side]);
		text_string(text, " sent after the other's FIN had reached it");
	}
	if (end->lost_known && end->lost > 0) {
		next(text);
		text_string(text, plain_bytes(end->lost).s);
		text_string(text, " of ");
		text_string(text, side_names[side]);
		text_string(text, " lost: sent, not acknowledged");
	}
	if (end->retransmits > 0) {
		next(text);
		text_string(text, plain_count(end->retransmits, "segment", "segments").s);
		text_string(text, " that ");
		text_string(text, side_names[side]);
		text_string(text, " sent again");
	}
}

static void put_count(struct text *text, uint64_t n, const char *one, const char *many)
{
	if (n == 0)
		return;
	next(text);
	text_string(text, plain_count(n, one, many).s);
}

static void put_time_wait(struct text *text, const struct record *record)
{
	if (record->time_wait == TIME_WAIT_NONE)
		return;
	next(text);
	text_string(text, "TIME-WAIT at ");
	text_string(text, holder_words[record->time_wait_side].meaning);
	if (record->time_wait_held > 0) {
		text_string(text, " for ");
		text_string(text, plain_duration(record->time_wait_held).s);
	}
	if (record->time_wait == TIME_WAIT_LINGERING) {
		text_string(text, ", ");
		text_string(text, plain_duration(record->time_wait_left).s);
		text_string(text, " still to run");
	} else if (record->time_wait == TIME_WAIT_REUSED) {
		text_string(text, ", then a new SYN took the pair");
	} else if (record->time_wait == TIME_WAIT_ASSASSINATED) {
		text_string(text, ", ended early by a RST");
	}
}

bool sentences_cost(struct text *text, const struct story *story)
{
	const struct record *record = story->record;
	char bytes[SENTENCES_MAX];
	struct text items = { .bytes = bytes, .size = sizeof bytes };

	put_handshake(&items, record);
	put_teardown(&items, record);
	if (record->idle_before_close >= NS_PER_S) {
		next(&items);
		text_string(&items, plain_duration(record->idle_before_close).s);
		text_string(&items, " idle before the close");
	}
	put_side(&items, record, CLIENT);
	put_side(&items, record, SERVER);
	put_count(&items, record->fin_retransmits, "FIN sent again", "FINs sent again");
	put_count(&items, record->rst_ignored, "RST that was not accepted", "RSTs that were not accepted");
	put_count(&items, record->packets_after_close, "packet after the end", "packets after the end");
	put_count(&items, record->duplicates, "duplicate frame", "duplicate frames");
	put_time_wait(&items, record);
	text_bytes(text, items.bytes, items.length);
	return items.length > 0;
}
