/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns.c - the columns of a row (../shared/design/columns.md). */
#include "ui/columns.h"

#include "ui/community_id.h"

/* What an enum is stored in: see field_enum(). */
_Static_assert(sizeof(enum close) == sizeof(unsigned) && sizeof(enum saw) == sizeof(unsigned) &&
		       sizeof(enum state) == sizeof(unsigned),
	       "enums of records are read as unsigned");

static const void *field(const struct row *row, const struct column *column)
{
	return (const char *)row->record + column->field;
}

static unsigned field_enum(const struct row *row, const struct column *column)
{
	unsigned n;

	memcpy(&n, field(row, column), sizeof n);
	return n;
}

static void value_moment(struct text *text, const struct row *row, const struct column *column)
{
	struct moment at;

	memcpy(&at, field(row, column), sizeof at);
	text_moment(text, at, row->nanoseconds);
}

static void value_seconds(struct text *text, const struct row *row, const struct column *column)
{
	int64_t ns;

	memcpy(&ns, field(row, column), sizeof ns);
	if (ns != UNKNOWN_NS)
		text_seconds(text, ns);
}

static void value_count(struct text *text, const struct row *row, const struct column *column)
{
	uint64_t n;

	memcpy(&n, field(row, column), sizeof n);
	text_number(text, n);
}

/* Of segments with payload, which --closes-only does not capture. */
static void value_payload(struct text *text, const struct row *row, const struct column *column)
{
	if (!row->record->closes_only)
		value_count(text, row, column);
}

/* A packet's number: 0 is none. */
static void value_packet(struct text *text, const struct row *row, const struct column *column)
{
	uint64_t n;

	memcpy(&n, field(row, column), sizeof n);
	if (n > 0)
		text_number(text, n);
}

static void value_host(struct text *text, const struct row *row, const struct column *column)
{
	struct host host;

	memcpy(&host, field(row, column), sizeof host);
	text_host(text, &host);
}

static void value_port(struct text *text, const struct row *row, const struct column *column)
{
	uint16_t port;

	memcpy(&port, field(row, column), sizeof port);
	text_number(text, port);
}

static void value_word(struct text *text, const struct row *row, const struct column *column)
{
	text_string(text, column->words[field_enum(row, column)].name);
}

static const struct record_side *field_side(const struct row *row, const struct column *column)
{
	return field(row, column);
}

static void value_state(struct text *text, const struct row *row, const struct column *column)
{
	enum state state = record_state(field_side(row, column));

	if (state != STATE_UNKNOWN)
		text_string(text, state_words[state].name);
}

static void value_states(struct text *text, const struct row *row, const struct column *column)
{
	const struct record_side *side = field_side(row, column);

	for (int i = 0; i < side->state_count; i++) {
		if (side->states[i] == STATE_UNKNOWN)
			continue;
		if (i > 0)
			text_char(text, '>');
		text_string(text, state_words[side->states[i]].name);
	}
}

static void value_saw(struct text *text, const struct row *row, const struct column *column)
{
	text_string(text, saw_words[field_enum(row, column)].name);
}

static void value_winsock(struct text *text, const struct row *row, const struct column *column)
{
	int number = saw_words[field_enum(row, column)].winsock;

	if (number > 0)
		text_number(text, (uint64_t)number);
}

static void value_lost(struct text *text, const struct row *row, const struct column *column)
{
	const struct record_side *side = field_side(row, column);

	if (side->lost_known)
		text_number(text, side->lost);
}

static void value_evidence(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	for (int i = 0; i < row->record->evidence_count; i++) {
		if (i > 0)
			text_char(text, ' ');
		text_number(text, row->record->evidence[i]);
	}
}

static void value_midstream(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	text_string(text, row->record->midstream ? "yes" : "no");
}

static void value_history(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	text_string(text, row->record->history);
}

static void value_conn_state(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	if (row->record->conn_state)
		text_string(text, row->record->conn_state);
}

static void value_completeness(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	text_number(text, row->record->completeness);
}

static void value_community_id(struct text *text, const struct row *row, const struct column *column)
{
	char id[COMMUNITY_ID_LENGTH];

	(void)column;
	community_id(id, row->record->host, row->record->port);
	text_bytes(text, id, sizeof id);
}

static void value_source(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	text_utf8(text, row->source, strlen(row->source));
}

/* The last parentheses hold the number: a name may have others. */
static void put_process(struct text *text, const struct row *row, enum side side)
{
	const struct process *process = row->process ? &row->process[side] : NULL;

	if (!process || process->pid == 0)
		return;
	text_utf8(text, process->name, strnlen(process->name, PROCESS_NAME_MAX));
	text_char(text, '(');
	text_number(text, process->pid);
	text_char(text, ')');
}

static void value_client_process(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	put_process(text, row, CLIENT);
}

static void value_server_process(struct text *text, const struct row *row, const struct column *column)
{
	(void)column;
	put_process(text, row, SERVER);
}

#define OF(member) offsetof(struct record, member)

/* clang-format off: a table, one row a line. Name, type, value, field, words, meaning. */
const struct column columns[] = {
	{ "start", COLUMN_NUMBER, value_moment, OF(start), NULL,
	  "time of the first packet, seconds since 1970" },
	{ "end", COLUMN_NUMBER, value_moment, OF(end), NULL, "time of the last packet" },
	{ "client_ip", COLUMN_WORD, value_host, OF(host[CLIENT]), NULL,
	  "the end that opened the connection" },
	{ "client_port", COLUMN_NUMBER, value_port, OF(port[CLIENT]), NULL, "its port" },
	{ "server_ip", COLUMN_WORD, value_host, OF(host[SERVER]), NULL, "the end that was called" },
	{ "server_port", COLUMN_NUMBER, value_port, OF(port[SERVER]), NULL, "its port" },
	{ "close", COLUMN_WORD, value_word, OF(close), close_words, "what happened" },
	{ "cause", COLUMN_WORD, value_word, OF(cause), cause_words, "why" },
	{ "confidence", COLUMN_WORD, value_word, OF(confidence), confidence_words, "how sure that is" },
	{ "closer", COLUMN_WORD, value_word, OF(closer), closer_words,
	  "who began it: the first FIN or accepted RST" },
	{ "time_wait", COLUMN_WORD, value_word, OF(time_wait), time_wait_words, "what became of TIME-WAIT" },
	{ "time_wait_side", COLUMN_WORD, value_word, OF(time_wait_side), holder_words,
	  "who holds or held it" },
	{ "time_wait_left", COLUMN_NUMBER, value_seconds, OF(time_wait_left), NULL,
	  "seconds of it still to run" },
	{ "path", COLUMN_WORD, value_word, OF(path), path_words, "the active closer's way to TIME-WAIT" },
	{ "client_state", COLUMN_WORD, value_state, OF(side[CLIENT]), NULL, "the client's last state" },
	{ "server_state", COLUMN_WORD, value_state, OF(side[SERVER]), NULL, "the server's last state" },
	{ "client_states", COLUMN_WORD, value_states, OF(side[CLIENT]), NULL, "all the client's states" },
	{ "server_states", COLUMN_WORD, value_states, OF(side[SERVER]), NULL, "all the server's states" },
	{ "client_saw", COLUMN_WORD, value_saw, OF(side[CLIENT].saw), NULL,
	  "what a call on the client's socket returned" },
	{ "server_saw", COLUMN_WORD, value_saw, OF(side[SERVER].saw), NULL,
	  "what a call on the server's socket returned" },
	{ "client_wsa", COLUMN_NUMBER, value_winsock, OF(side[CLIENT].saw), NULL,
	  "the same as Winsock's error number" },
	{ "server_wsa", COLUMN_NUMBER, value_winsock, OF(side[SERVER].saw), NULL,
	  "the same as Winsock's error number" },
	{ "handshake_time", COLUMN_NUMBER, value_seconds, OF(handshake_time), NULL,
	  "last SYN to the ACK that completes it" },
	{ "teardown_time", COLUMN_NUMBER, value_seconds, OF(teardown_time), NULL,
	  "first FIN or RST to the last acknowledgement or RST" },
	{ "duration", COLUMN_NUMBER, value_seconds, OF(duration), NULL, "first packet to last packet" },
	{ "client_close_wait", COLUMN_NUMBER, value_seconds, OF(side[CLIENT].close_wait), NULL,
	  "seconds the client spent in CLOSE-WAIT" },
	{ "server_close_wait", COLUMN_NUMBER, value_seconds, OF(side[SERVER].close_wait), NULL,
	  "seconds the server spent in CLOSE-WAIT" },
	{ "client_fin_wait_2", COLUMN_NUMBER, value_seconds, OF(side[CLIENT].fin_wait_2), NULL,
	  "seconds the client spent in FIN-WAIT-2" },
	{ "server_fin_wait_2", COLUMN_NUMBER, value_seconds, OF(side[SERVER].fin_wait_2), NULL,
	  "seconds the server spent in FIN-WAIT-2" },
	{ "time_wait_held", COLUMN_NUMBER, value_seconds, OF(time_wait_held), NULL,
	  "seconds of TIME-WAIT so far" },
	{ "idle_before_close", COLUMN_NUMBER, value_seconds, OF(idle_before_close), NULL,
	  "last payload to the first FIN or RST" },
	{ "client_packets", COLUMN_NUMBER, value_payload, OF(side[CLIENT].packets), NULL,
	  "packets from the client" },
	{ "server_packets", COLUMN_NUMBER, value_payload, OF(side[SERVER].packets), NULL,
	  "packets from the server" },
	{ "client_bytes", COLUMN_NUMBER, value_payload, OF(side[CLIENT].bytes), NULL,
	  "payload from the client, each byte counted once" },
	{ "server_bytes", COLUMN_NUMBER, value_payload, OF(side[SERVER].bytes), NULL,
	  "payload from the server, each byte counted once" },
	{ "client_after_fin", COLUMN_NUMBER, value_payload, OF(side[CLIENT].after_fin), NULL,
	  "of these, sent after it acknowledged the server's FIN" },
	{ "server_after_fin", COLUMN_NUMBER, value_payload, OF(side[SERVER].after_fin), NULL,
	  "of these, sent after it acknowledged the client's FIN" },
	{ "client_lost", COLUMN_NUMBER, value_lost, OF(side[CLIENT]), NULL,
	  "bytes unacknowledged when the closing packet passed" },
	{ "server_lost", COLUMN_NUMBER, value_lost, OF(side[SERVER]), NULL,
	  "bytes unacknowledged when the closing packet passed" },
	{ "client_retransmits", COLUMN_NUMBER, value_payload, OF(side[CLIENT].retransmits), NULL,
	  "segments that only repeat old bytes" },
	{ "server_retransmits", COLUMN_NUMBER, value_payload, OF(side[SERVER].retransmits), NULL,
	  "segments that only repeat old bytes" },
	{ "syn_retransmits", COLUMN_NUMBER, value_count, OF(syn_retransmits), NULL,
	  "repeated SYNs and SYN-ACKs" },
	{ "fin_retransmits", COLUMN_NUMBER, value_count, OF(fin_retransmits), NULL, "repeated FINs" },
	{ "rst_count", COLUMN_NUMBER, value_count, OF(rst_count), NULL, "RSTs of either side" },
	{ "rst_ignored", COLUMN_NUMBER, value_count, OF(rst_ignored), NULL,
	  "of these, not accepted by their receiver" },
	{ "packets_after_close", COLUMN_NUMBER, value_count, OF(packets_after_close), NULL,
	  "packets after the deciding one" },
	{ "duplicates", COLUMN_NUMBER, value_count, OF(duplicates), NULL,
	  "frames captured twice, not analysed" },
	{ "first_packet", COLUMN_NUMBER, value_packet, OF(first_packet), NULL,
	  "number of the first packet, from 1" },
	{ "last_packet", COLUMN_NUMBER, value_packet, OF(last_packet), NULL, "number of the last packet" },
	{ "closing_packet", COLUMN_NUMBER, value_packet, OF(closing_packet), NULL,
	  "the packet that decided" },
	{ "trigger_packet", COLUMN_NUMBER, value_packet, OF(trigger_packet), NULL,
	  "the packet that the deciding RST answers" },
	{ "evidence", COLUMN_WORD, value_evidence, 0, NULL, "all packets that the cause rests on" },
	{ "midstream", COLUMN_TRUTH, value_midstream, 0, NULL, "whether it was first seen in its middle" },
	{ "record_end", COLUMN_WORD, value_word, OF(record_end), record_end_words, "why the record ended" },
	{ "history", COLUMN_WORD, value_history, 0, NULL, "Zeek's history letters" },
	{ "conn_state", COLUMN_WORD, value_conn_state, 0, NULL, "Zeek's connection state" },
	{ "completeness", COLUMN_NUMBER, value_completeness, 0, NULL, "Wireshark's tcp.completeness" },
	{ "community_id", COLUMN_WORD, value_community_id, 0, NULL, "Community ID, version 1, seed 0" },
	{ "source", COLUMN_STRING, value_source, 0, NULL, "capture file of the first packet" },
	{ "client_process", COLUMN_STRING, value_client_process, 0, NULL,
	  "process of this host that has the client's socket: name(pid)" },
	{ "server_process", COLUMN_STRING, value_server_process, 0, NULL,
	  "process of this host that has the server's socket: name(pid)" },
};
/* clang-format on */

const size_t column_count = sizeof columns / sizeof columns[0];
_Static_assert(sizeof columns / sizeof columns[0] <= COLUMNS_MAX, "a column_list has room for all");

void columns_all(struct column_list *list)
{
	list->n = column_count;
	for (size_t i = 0; i < column_count; i++)
		list->at[i] = &columns[i];
}

static const struct column *find_column(const char *name, size_t length)
{
	for (size_t i = 0; i < column_count; i++) {
		if (strlen(columns[i].name) == length && strncasecmp(columns[i].name, name, length) == 0)
			return &columns[i];
	}
	return NULL;
}

static bool has_column(const struct column_list *list, const struct column *column)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->at[i] == column)
			return true;
	}
	return false;
}

bool columns_parse(struct column_list *list, const char *names, struct text *why)
{
	const char *name = names;

	list->n = 0;
	for (;;) {
		size_t length = strcspn(name, ",");
		const struct column *column = find_column(name, length);

		if (column && !has_column(list, column)) {
			list->at[list->n++] = column;
			if (name[length] == '\0')
				return true;
			name += length + 1;
			continue;
		}
		text_char(why, '\'');
		text_bytes(why, name, length);
		text_string(why, column ? "' is there twice" : "' is none of:");
		for (size_t i = 0; !column && i < column_count; i++) {
			text_char(why, ' ');
			text_string(why, columns[i].name);
		}
		return false;
	}
}
