/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns.c - the columns of a row (../shared/design/columns.md). */
#include "ui/columns.h"

#include "ui/community_id.h"
#include "ui/put.h"

/* What an enum is stored in: see field_enum(). */
_Static_assert(sizeof(enum close) == 1 && sizeof(enum cause) == 1 && sizeof(enum saw) == 1,
	       "enums of records are read as bytes");

_Static_assert(RECORD_STATES_MAX *(WORD_ROOM + 1) <= COLUMN_ROOM &&
		       RECORD_EVIDENCE_MAX * (20 + 1) + PUT_ROOM <= COLUMN_ROOM &&
		       RECORD_HISTORY_MAX + COMMUNITY_ID_LENGTH + PUT_ROOM <= COLUMN_ROOM,
	       "each value has room");

static const void *field(const struct row *row, const struct column *column)
{
	return (const char *)row->record + column->field;
}

static unsigned field_enum(const struct row *row, const struct column *column)
{
	return *(const uint8_t *)field(row, column);
}

static char *put_start_or_end(char *to, const struct row *row, const struct column *column)
{
	struct moment at;

	memcpy(&at, field(row, column), sizeof at);
	return put_moment(to, at, row->nanoseconds);
}

static char *put_duration(char *to, const struct row *row, const struct column *column)
{
	int64_t ns;

	memcpy(&ns, field(row, column), sizeof ns);
	return ns == UNKNOWN_NS ? to : put_seconds(to, ns);
}

static char *put_count(char *to, const struct row *row, const struct column *column)
{
	uint64_t n;

	memcpy(&n, field(row, column), sizeof n);
	return put_number(to, n);
}

/* Of segments with payload, which --closes-only does not capture. */
static char *put_payload(char *to, const struct row *row, const struct column *column)
{
	return row->record->closes_only ? to : put_count(to, row, column);
}

/* A packet's number: 0 is none. */
static char *put_packet(char *to, const struct row *row, const struct column *column)
{
	uint64_t n;

	memcpy(&n, field(row, column), sizeof n);
	return n == 0 ? to : put_number(to, n);
}

static char *put_address(char *to, const struct row *row, const struct column *column)
{
	struct host host;

	memcpy(&host, field(row, column), sizeof host);
	return put_host(to, &host);
}

static char *put_port(char *to, const struct row *row, const struct column *column)
{
	uint16_t port;

	memcpy(&port, field(row, column), sizeof port);
	return put_number(to, port);
}

/* A word in its room: a copy of fixed size. */
static inline char *put_name(char *to, const char name[static WORD_ROOM], size_t length)
{
	memcpy(to, name, WORD_ROOM);
	return to + length;
}

static char *put_word(char *to, const struct row *row, const struct column *column)
{
	const struct word *word = &column->words[field_enum(row, column)];

	return put_name(to, word->name, word->length);
}

static const struct record_side *field_side(const struct row *row, const struct column *column)
{
	return field(row, column);
}

static char *put_state_name(char *to, enum state state)
{
	return put_name(to, state_words[state].name, state_words[state].length);
}

static char *put_state(char *to, const struct row *row, const struct column *column)
{
	enum state state = record_state(field_side(row, column));

	return state == STATE_UNKNOWN ? to : put_state_name(to, state);
}

static char *put_states(char *to, const struct row *row, const struct column *column)
{
	const struct record_side *side = field_side(row, column);

	for (int i = 0; i < side->state_count; i++) {
		if (side->states[i] == STATE_UNKNOWN)
			continue;
		if (i > 0)
			to = put_char(to, '>');
		to = put_state_name(to, side->states[i]);
	}
	return to;
}

static char *put_saw(char *to, const struct row *row, const struct column *column)
{
	const struct saw_word *word = &saw_words[field_enum(row, column)];

	return put_name(to, word->name, word->length);
}

static char *put_winsock(char *to, const struct row *row, const struct column *column)
{
	int number = saw_words[field_enum(row, column)].winsock;

	return number > 0 ? put_number(to, (uint64_t)number) : to;
}

static char *put_lost(char *to, const struct row *row, const struct column *column)
{
	const struct record_side *side = field_side(row, column);

	return side->lost_known ? put_number(to, side->lost) : to;
}

static char *put_evidence(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	for (int i = 0; i < row->record->evidence_count; i++) {
		if (i > 0)
			to = put_char(to, ' ');
		to = put_number(to, row->record->evidence[i]);
	}
	return to;
}

static char *put_midstream(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return row->record->midstream ? put_bytes(to, "yes", 3) : put_bytes(to, "no", 2);
}

static char *put_history(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return stpcpy(to, row->record->history);
}

static char *put_conn_state(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return row->record->conn_state ? stpcpy(to, row->record->conn_state) : to;
}

static char *put_completeness(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return put_number(to, row->record->completeness);
}

static char *put_community_id(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	community_id(to, row->record->host, row->record->port);
	return to + COMMUNITY_ID_LENGTH;
}

/* Nearly all names are. */
static bool is_ascii(const char *bytes, size_t n)
{
	uint64_t all = 0, word;
	size_t i = 0;

	for (; i + sizeof word <= n; i += sizeof word) {
		memcpy(&word, bytes + i, sizeof word);
		all |= word;
	}
	for (; i < n; i++)
		all |= (unsigned char)bytes[i];
	return (all & 0x8080808080808080) == 0;
}

static char *put_source(char *to, const struct row *row, const struct column *column)
{
	struct text text = { .bytes = to, .size = COLUMN_BYTES_MAX };
	size_t n = strlen(row->source);

	(void)column;
	if (n <= COLUMN_BYTES_MAX && is_ascii(row->source, n))
		return put_bytes(to, row->source, n);
	text_utf8(&text, row->source, n);
	return to + text.length;
}

/* The last parentheses hold the number: a name may have others. */
static char *put_process(char *to, const struct row *row, enum side side)
{
	const struct process *process = row->process ? &row->process[side] : NULL;
	struct text text = { .bytes = to, .size = COLUMN_BYTES_MAX };

	if (!process || process->pid == 0)
		return to;
	text_utf8(&text, process->name, strnlen(process->name, PROCESS_NAME_MAX));
	text_char(&text, '(');
	text_number(&text, process->pid);
	text_char(&text, ')');
	return to + text.length;
}

static char *put_client_process(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return put_process(to, row, CLIENT);
}

static char *put_server_process(char *to, const struct row *row, const struct column *column)
{
	(void)column;
	return put_process(to, row, SERVER);
}

#define OF(member) offsetof(struct record, member)

#define NAME(name) name, sizeof name - 1

/* clang-format off: a table, one row a line. Name, type, put(), field, words, meaning. */
const struct column columns[] = {
	{ NAME("start"), COLUMN_NUMBER, put_start_or_end, OF(start), NULL,
	  "time of the first packet, seconds since 1970" },
	{ NAME("end"), COLUMN_NUMBER, put_start_or_end, OF(end), NULL, "time of the last packet" },
	{ NAME("client_ip"), COLUMN_WORD, put_address, OF(host[CLIENT]), NULL,
	  "the end that opened the connection" },
	{ NAME("client_port"), COLUMN_NUMBER, put_port, OF(port[CLIENT]), NULL, "its port" },
	{ NAME("server_ip"), COLUMN_WORD, put_address, OF(host[SERVER]), NULL, "the end that was called" },
	{ NAME("server_port"), COLUMN_NUMBER, put_port, OF(port[SERVER]), NULL, "its port" },
	{ NAME("close"), COLUMN_WORD, put_word, OF(close), close_words, "what happened" },
	{ NAME("cause"), COLUMN_WORD, put_word, OF(cause), cause_words, "why" },
	{ NAME("confidence"), COLUMN_WORD, put_word, OF(confidence), confidence_words, "how sure that is" },
	{ NAME("closer"), COLUMN_WORD, put_word, OF(closer), closer_words,
	  "who began it: the first FIN or accepted RST" },
	{ NAME("time_wait"), COLUMN_WORD, put_word, OF(time_wait), time_wait_words,
	  "what became of TIME-WAIT" },
	{ NAME("time_wait_side"), COLUMN_WORD, put_word, OF(time_wait_side), holder_words,
	  "who holds or held it" },
	{ NAME("time_wait_left"), COLUMN_NUMBER, put_duration, OF(time_wait_left), NULL,
	  "seconds of it still to run" },
	{ NAME("path"), COLUMN_WORD, put_word, OF(path), path_words, "the active closer's way to TIME-WAIT" },
	{ NAME("client_state"), COLUMN_WORD, put_state, OF(side[CLIENT]), NULL, "the client's last state" },
	{ NAME("server_state"), COLUMN_WORD, put_state, OF(side[SERVER]), NULL, "the server's last state" },
	{ NAME("client_states"), COLUMN_WORD, put_states, OF(side[CLIENT]), NULL, "all the client's states" },
	{ NAME("server_states"), COLUMN_WORD, put_states, OF(side[SERVER]), NULL, "all the server's states" },
	{ NAME("client_saw"), COLUMN_WORD, put_saw, OF(side[CLIENT].saw), NULL,
	  "what a call on the client's socket returned" },
	{ NAME("server_saw"), COLUMN_WORD, put_saw, OF(side[SERVER].saw), NULL,
	  "what a call on the server's socket returned" },
	{ NAME("client_wsa"), COLUMN_NUMBER, put_winsock, OF(side[CLIENT].saw), NULL,
	  "the same as Winsock's error number" },
	{ NAME("server_wsa"), COLUMN_NUMBER, put_winsock, OF(side[SERVER].saw), NULL,
	  "the same as Winsock's error number" },
	{ NAME("handshake_time"), COLUMN_NUMBER, put_duration, OF(handshake_time), NULL,
	  "last SYN to the ACK that completes it" },
	{ NAME("teardown_time"), COLUMN_NUMBER, put_duration, OF(teardown_time), NULL,
	  "first FIN or RST to the last acknowledgement or RST" },
	{ NAME("duration"), COLUMN_NUMBER, put_duration, OF(duration), NULL, "first packet to last packet" },
	{ NAME("client_close_wait"), COLUMN_NUMBER, put_duration, OF(side[CLIENT].close_wait), NULL,
	  "seconds the client spent in CLOSE-WAIT" },
	{ NAME("server_close_wait"), COLUMN_NUMBER, put_duration, OF(side[SERVER].close_wait), NULL,
	  "seconds the server spent in CLOSE-WAIT" },
	{ NAME("client_fin_wait_2"), COLUMN_NUMBER, put_duration, OF(side[CLIENT].fin_wait_2), NULL,
	  "seconds the client spent in FIN-WAIT-2" },
	{ NAME("server_fin_wait_2"), COLUMN_NUMBER, put_duration, OF(side[SERVER].fin_wait_2), NULL,
	  "seconds the server spent in FIN-WAIT-2" },
	{ NAME("time_wait_held"), COLUMN_NUMBER, put_duration, OF(time_wait_held), NULL,
	  "seconds of TIME-WAIT so far" },
	{ NAME("idle_before_close"), COLUMN_NUMBER, put_duration, OF(idle_before_close), NULL,
	  "last payload to the first FIN or RST" },
	{ NAME("client_packets"), COLUMN_NUMBER, put_payload, OF(side[CLIENT].packets), NULL,
	  "packets from the client" },
	{ NAME("server_packets"), COLUMN_NUMBER, put_payload, OF(side[SERVER].packets), NULL,
	  "packets from the server" },
	{ NAME("client_bytes"), COLUMN_NUMBER, put_payload, OF(side[CLIENT].bytes), NULL,
	  "payload from the client, each byte counted once" },
	{ NAME("server_bytes"), COLUMN_NUMBER, put_payload, OF(side[SERVER].bytes), NULL,
	  "payload from the server, each byte counted once" },
	{ NAME("client_after_fin"), COLUMN_NUMBER, put_payload, OF(side[CLIENT].after_fin), NULL,
	  "of these, sent after it acknowledged the server's FIN" },
	{ NAME("server_after_fin"), COLUMN_NUMBER, put_payload, OF(side[SERVER].after_fin), NULL,
	  "of these, sent after it acknowledged the client's FIN" },
	{ NAME("client_lost"), COLUMN_NUMBER, put_lost, OF(side[CLIENT]), NULL,
	  "bytes unacknowledged when the closing packet passed" },
	{ NAME("server_lost"), COLUMN_NUMBER, put_lost, OF(side[SERVER]), NULL,
	  "bytes unacknowledged when the closing packet passed" },
	{ NAME("client_retransmits"), COLUMN_NUMBER, put_payload, OF(side[CLIENT].retransmits), NULL,
	  "segments that only repeat old bytes" },
	{ NAME("server_retransmits"), COLUMN_NUMBER, put_payload, OF(side[SERVER].retransmits), NULL,
	  "segments that only repeat old bytes" },
	{ NAME("syn_retransmits"), COLUMN_NUMBER, put_count, OF(syn_retransmits), NULL,
	  "repeated SYNs and SYN-ACKs" },
	{ NAME("fin_retransmits"), COLUMN_NUMBER, put_count, OF(fin_retransmits), NULL, "repeated FINs" },
	{ NAME("rst_count"), COLUMN_NUMBER, put_count, OF(rst_count), NULL, "RSTs of either side" },
	{ NAME("rst_ignored"), COLUMN_NUMBER, put_count, OF(rst_ignored), NULL,
	  "of these, not accepted by their receiver" },
	{ NAME("packets_after_close"), COLUMN_NUMBER, put_count, OF(packets_after_close), NULL,
	  "packets after the deciding one" },
	{ NAME("duplicates"), COLUMN_NUMBER, put_count, OF(duplicates), NULL,
	  "frames captured twice, not analysed" },
	{ NAME("first_packet"), COLUMN_NUMBER, put_packet, OF(first_packet), NULL,
	  "number of the first packet, from 1" },
	{ NAME("last_packet"), COLUMN_NUMBER, put_packet, OF(last_packet), NULL,
	  "number of the last packet" },
	{ NAME("closing_packet"), COLUMN_NUMBER, put_packet, OF(closing_packet), NULL,
	  "the packet that decided" },
	{ NAME("trigger_packet"), COLUMN_NUMBER, put_packet, OF(trigger_packet), NULL,
	  "the packet that the deciding RST answers" },
	{ NAME("evidence"), COLUMN_WORD, put_evidence, 0, NULL, "all packets that the cause rests on" },
	{ NAME("midstream"), COLUMN_TRUTH, put_midstream, 0, NULL,
	  "whether it was first seen in its middle" },
	{ NAME("record_end"), COLUMN_WORD, put_word, OF(record_end), record_end_words,
	  "why the record ended" },
	{ NAME("history"), COLUMN_WORD, put_history, 0, NULL, "Zeek's history letters" },
	{ NAME("conn_state"), COLUMN_WORD, put_conn_state, 0, NULL, "Zeek's connection state" },
	{ NAME("completeness"), COLUMN_NUMBER, put_completeness, 0, NULL, "Wireshark's tcp.completeness" },
	{ NAME("community_id"), COLUMN_WORD, put_community_id, 0, NULL, "Community ID, version 1, seed 0" },
	{ NAME("source"), COLUMN_STRING, put_source, 0, NULL, "capture file of the first packet" },
	{ NAME("client_process"), COLUMN_STRING, put_client_process, 0, NULL,
	  "process of this host that has the client's socket: name(pid)" },
	{ NAME("server_process"), COLUMN_STRING, put_server_process, 0, NULL,
	  "process of this host that has the server's socket: name(pid)" },
};
/* clang-format on */

const size_t column_count = sizeof columns / sizeof columns[0];
_Static_assert(sizeof columns / sizeof columns[0] <= COLUMNS_MAX, "a column_list has room for all");

void column_text(struct text *text, const struct row *row, const struct column *column)
{
	char bytes[COLUMN_BYTES_MAX];
	size_t n = (size_t)(column->put(bytes, row, column) - bytes);

	if (column->type == COLUMN_STRING)
		text_utf8(text, bytes, n);
	else
		text_bytes(text, bytes, n);
}

void columns_all(struct column_list *list)
{
	list->n = column_count;
	for (size_t i = 0; i < column_count; i++)
		list->at[i] = &columns[i];
}

static const struct column *find_column(const char *name, size_t length)
{
	for (size_t i = 0; i < column_count; i++) {
		if (columns[i].name_length == length && strncasecmp(columns[i].name, name, length) == 0)
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
