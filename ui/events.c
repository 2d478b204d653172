/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.c - see events.h. Nothing in a line needs escaping: it holds numbers, addresses and words of ours.
 */
#include "ui/events.h"

#include <stdlib.h>

#include "ui/community_id.h"
#include "ui/format.h"

enum { EVENT_MAX = 1024, HELD_MAX = 64 * 1024 }; /* bytes of a line; of lines that wait to be written */

struct events {
	struct sink sink;      /* first: see record.h */
	struct output *output; /* NULL: lines go to 'outlet' */
	struct outlet *outlet;
	const bool *nanoseconds;
	struct text text; /* lines not yet handed to output */
	char bytes[HELD_MAX];
};

/* A member's name; the first of its object, where the brace is still to come. */
static void member(struct text *text, const char *name, bool first)
{
	text_string(text, first ? "{\"" : ",\"");
	text_string(text, name);
	text_string(text, "\":");
}

static void moment_member(struct text *text, const char *name, struct moment at, bool nanoseconds)
{
	member(text, name, false);
	text_moment(text, at, nanoseconds);
}

static void number_member(struct text *text, const char *name, uint64_t n)
{
	member(text, name, false);
	text_number(text, n);
}

/* Bytes of ours; none = null. */
static void word_member(struct text *text, const char *name, const char *word, size_t n)
{
	member(text, name, false);
	if (n == 0) {
		text_string(text, "null");
		return;
	}
	text_char(text, '"');
	text_bytes(text, word, n);
	text_char(text, '"');
}

static void host_member(struct text *text, const char *name, const struct host *host)
{
	member(text, name, false);
	text_char(text, '"');
	text_host(text, host);
	text_char(text, '"');
}

static void state_member(struct text *text, const char *name, enum state state)
{
	const char *word = state == STATE_UNKNOWN ? "" : state_words[state].name;

	word_member(text, name, word, strlen(word));
}

/* Which connection: the columns of its row that have these names. */
static void connection_members(struct text *text, const struct change *change, bool nanoseconds)
{
	char id[COMMUNITY_ID_LENGTH];

	moment_member(text, "start", change->start, nanoseconds);
	host_member(text, "client_ip", &change->host[CLIENT]);
	number_member(text, "client_port", change->port[CLIENT]);
	host_member(text, "server_ip", &change->host[SERVER]);
	number_member(text, "server_port", change->port[SERVER]);
	community_id(id, change->host, change->port);
	word_member(text, "community_id", id, sizeof id);
	number_member(text, "first_packet", change->connection);
}

static void change_members(struct text *text, const struct change *change)
{
	const char *side = change->side == CLIENT ? "client" : "server";

	word_member(text, "side", side, strlen(side));
	state_member(text, "from", change->from);
	state_member(text, "to", change->to);
	member(text, "held", false);
	if (change->held == UNKNOWN_NS)
		text_string(text, "null");
	else
		text_seconds(text, change->held);
	member(text, "packet", false);
	if (change->packet == 0)
		text_string(text, "null");
	else
		text_number(text, change->packet);
	member(text, "retracted", false);
	text_string(text, change->retracted ? "true" : "false");
}

static void hand_on(struct events *events)
{
	if (events->output)
		output_write(events->output, events->bytes, events->text.length);
	else if (events->text.length > 0)
		outlet_row(events->outlet, events->bytes, events->text.length);
	events->text.length = 0;
}

static void events_change(struct sink *sink, const struct change *change)
{
	struct events *events = (struct events *)sink;
	struct text *text = &events->text;
	bool nanoseconds = *events->nanoseconds;

	member(text, "time", true);
	text_moment(text, change->at, nanoseconds);
	connection_members(text, change, nanoseconds);
	change_members(text, change);
	text_string(text, "}\n");
	if (events->outlet || text->size - text->length < EVENT_MAX)
		hand_on(events);
}

static struct events *new_events(const bool *nanoseconds)
{
	struct events *events = malloc(sizeof *events);

	if (!events)
		return NULL;
	events->sink = (struct sink){ .change = events_change };
	events->output = NULL;
	events->outlet = NULL;
	events->nanoseconds = nanoseconds;
	events->text = (struct text){ .bytes = events->bytes, .size = sizeof events->bytes };
	return events;
}

struct events *events_new(struct output *output, const bool *nanoseconds)
{
	struct events *events = new_events(nanoseconds);

	if (events)
		events->output = output;
	return events;
}

struct events *events_new_live(struct outlet *outlet, const bool *nanoseconds)
{
	struct events *events = new_events(nanoseconds);

	if (events)
		events->outlet = outlet;
	return events;
}

struct sink *events_sink(struct events *events)
{
	return &events->sink;
}

void events_flush(struct events *events)
{
	hand_on(events);
	if (events->outlet)
		outlet_flush(events->outlet);
}

void events_free(struct events *events)
{
	free(events);
}
