/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.c - one readable line a connection: what happened, who began it, how long it lived, what it
 * carried, what each side saw, the packet that decided, and at the end, where nothing is shifted by the
 * length of an IPv6 address, between whom. Verbose: a second line with the evidence.
 */
#include "analyzer/origin.h"
#include "ui/report.h"

/*
 * The character of the line before which each column ends. What is longer than its column takes from the
 * next one before it shifts anything.
 */
enum {
	END_CLOSE = 21,	 /* reset/abort-after-fin */
	END_CLOSER = 29, /* network */
	END_TIME = 36,
	END_CLIENT_BYTES = 42,
	END_SERVER_BYTES = 48,
	END_SAW = 63, /* ECONNREFUSED/- */
	END_PACKET = 71,
	END_USUAL = END_PACKET + 46, /* of the longest line with IPv4 addresses */
};

enum { ENDS_INDENT = 4 };

/* What was written since length 'line', filled up to column 'end', and a space. */
static void left(struct text *text, size_t line, size_t end)
{
	text_pad(text, line, end);
	text_char(text, ' ');
}

/* The same, with the spaces before what was written since 'from'. */
static void right(struct text *text, size_t line, size_t from, size_t end)
{
	if (line + end > from)
		text_pad_left(text, from, line + end - from);
	text_char(text, ' ');
}

static void put_close(struct text *text, size_t line, const struct record *record)
{
	text_string(text, close_words[record->close].name);
	if (record->cause != CAUSE_NONE) {
		text_char(text, '/');
		text_string(text, cause_words[record->cause].name);
	}
	left(text, line, END_CLOSE);
}

static void put_number(struct text *text, size_t line, size_t end, uint64_t n)
{
	size_t from = text->length;

	text_short_number(text, n);
	right(text, line, from, end);
}

/* Under --closes-only segments with payload were not captured, so that this is not known, as in rows. */
static void put_payload(struct text *text, size_t line, size_t end, const struct record *record,
			enum side side)
{
	if (record->closes_only) {
		size_t from = text->length;

		text_char(text, '?');
		right(text, line, from, end);
	} else {
		put_number(text, line, end, record->side[side].bytes);
	}
}

static const char *saw(const struct record *record, enum side side)
{
	const char *name = saw_words[record->side[side].saw].name;

	return name[0] ? name : "?";
}

static void put_packet(struct text *text, size_t line, uint64_t packet)
{
	size_t from = text->length;

	if (packet > 0) {
		text_char(text, '#');
		text_number(text, packet);
	} else {
		text_char(text, '-');
	}
	right(text, line, from, END_PACKET);
}

/* Begins another line where that has no room for usual ends, or for these. */
static void part_line(struct text *text, int width, size_t length)
{
	if (width == 0 || (width >= END_USUAL && END_PACKET + 1 + length <= (size_t)width))
		return;
	text->length--; /* the space */
	text_char(text, '\n');
	for (int i = 0; i < ENDS_INDENT; i++)
		text_char(text, ' ');
}

/* On a terminal that has no room for them, the ends stand on a line of their own. */
static void put_ends(struct text *text, const struct record *record, int width)
{
	char bytes[256];
	struct text ends = { .bytes = bytes, .size = sizeof bytes };

	text_endpoint(&ends, &record->host[CLIENT], record->port[CLIENT]);
	text_string(&ends, " > ");
	text_endpoint(&ends, &record->host[SERVER], record->port[SERVER]);
	if (record->time_wait == TIME_WAIT_LINGERING)
		text_string(&ends, " lingering");
	part_line(text, width, ends.length);
	text_bytes(text, bytes, ends.length);
	text_char(text, '\n');
}

static void put_line(struct text *text, const struct record *record, int width)
{
	size_t line = text->length;
	size_t from;

	put_close(text, line, record);
	text_string(text, closer_words[record->closer].name);
	left(text, line, END_CLOSER);
	from = text->length;
	text_short_time(text, record->duration);
	right(text, line, from, END_TIME);
	put_payload(text, line, END_CLIENT_BYTES, record, CLIENT);
	put_payload(text, line, END_SERVER_BYTES, record, SERVER);
	text_string(text, saw(record, CLIENT));
	text_char(text, '/');
	text_string(text, saw(record, SERVER));
	left(text, line, END_SAW);
	put_packet(text, line, record->closing_packet);
	put_ends(text, record, width);
}

/* "ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 40000 && tcp.port == 80" */
static void put_filter(struct text *text, const struct row *row)
{
	const struct record *record = row->record;

	for (int side = CLIENT; side <= SERVER; side++) {
		text_string(text, host_is_ipv4(&record->host[side]) ? "ip.addr == " : "ipv6.addr == ");
		text_host(text, &record->host[side]);
		text_string(text, " && ");
	}
	for (int side = CLIENT; side <= SERVER; side++) {
		text_string(text, side == CLIENT ? "tcp.port == " : " && tcp.port == ");
		text_number(text, record->port[side]);
	}
	if (row->several_inputs)
		return;
	text_string(text, " && frame.number in {");
	text_number(text, record->first_packet);
	text_string(text, "..");
	text_number(text, record->last_packet);
	text_char(text, '}');
}

static void put_packets(struct text *text, const struct record *record)
{
	text_string(text, "packets ");
	text_number(text, record->first_packet);
	text_char(text, '-');
	text_number(text, record->last_packet);
	if (record->trigger_packet > 0) {
		text_string(text, ", trigger ");
		text_number(text, record->trigger_packet);
	}
	for (int i = 0; i < record->evidence_count; i++) {
		text_string(text, i == 0 ? ", evidence " : " ");
		text_number(text, record->evidence[i]);
	}
}

/* What made the RST that decided, and by what it is known. */
static void put_rst(struct text *text, const struct record *record)
{
	if (record->rst_family == RST_NONE)
		return;
	text_string(text, ", RST ");
	text_string(text, rst_family_words[record->rst_family].name);
	if (record->rst_signs != 0) {
		text_string(text, " score ");
		text_number(text, (uint64_t)origin_score(record->rst_signs));
	}
	if (record->rst_text.text[0] != '\0') {
		text_string(text, " \"");
		text_plain(text, record->rst_text.text);
		text_char(text, '"');
	}
	if (record->rst_text.mptcp) {
		text_string(text, " MPTCP reason ");
		text_number(text, record->rst_text.mptcp_reason);
	}
}

/* ", client curl(71)" */
static void put_process(struct text *text, const struct process *process, enum side side)
{
	if (process->pid == 0)
		return;
	text_string(text, side == CLIENT ? ", client " : ", server ");
	text_plain(text, process->name);
	text_char(text, '(');
	text_number(text, process->pid);
	text_char(text, ')');
}

static void put_details(struct text *text, const struct row *row)
{
	const struct record *record = row->record;

	text_string(text, "    ");
	text_string(text, confidence_words[record->confidence].name);
	text_string(text, ", ");
	put_packets(text, record);
	put_rst(text, record);
	if (record->timer) {
		text_string(text, ", timer: ");
		text_plain(text, record->timer);
	}
	if (record->time_wait != TIME_WAIT_NONE) {
		text_string(text, ", TIME-WAIT ");
		text_string(text, time_wait_words[record->time_wait].name);
		text_string(text, " on ");
		text_string(text, holder_words[record->time_wait_side].name);
	}
	if (record->time_wait_left != UNKNOWN_NS) {
		text_char(text, ' ');
		text_short_time(text, record->time_wait_left);
		text_string(text, " left");
	}
	if (record->midstream)
		text_string(text, ", midstream");
	if (record->record_end == RECORD_IDLE || record->record_end == RECORD_EVICTED) {
		text_string(text, ", record ended: ");
		text_string(text, record_end_words[record->record_end].name);
	}
	for (int side = CLIENT; row->process && side <= SERVER; side++)
		put_process(text, &row->process[side], (enum side)side);
	text_string(text, "; ");
	put_filter(text, row);
	text_char(text, '\n');
}

static void list_head(struct text *text, const struct report_options *options)
{
	size_t line = text->length;

	if (!options->heading)
		return;
	text_string(text, "CLOSE");
	left(text, line, END_CLOSE);
	text_string(text, "CLOSER");
	left(text, line, END_CLOSER);
	text_string(text, "LASTED BYTES > <");
	left(text, line, END_SERVER_BYTES);
	text_string(text, "THEY SAW");
	left(text, line, END_SAW);
	text_string(text, " PACKET ");
	part_line(text, options->width, 0);
	text_string(text, "CLIENT > SERVER\n");
}

static void list_row(struct text *text, const struct row *row, const struct report_options *options)
{
	put_line(text, row->record, options->width);
	if (options->verbose)
		put_details(text, row);
}

const struct report_format report_list = { .head = list_head, .row = list_row };
