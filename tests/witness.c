/* SPDX-License-Identifier: GPL-2.0-or-later */
/* witness.c - see witness.h. */
#include "witness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was told of a connection and not taken back. */
struct told {
	struct told_end {
		enum state state[RECORD_STATES_MAX];
		struct moment at[RECORD_STATES_MAX];
		int count;
	} end[2];
	struct change first;
	bool known, ended;
};

__attribute__((format(printf, 3, 4))) static void wrong(struct witness *w, uint64_t connection,
							const char *format, ...)
{
	va_list values;
	int n;

	if (w->wrong[0])
		return;
	n = snprintf(w->wrong, sizeof w->wrong, "connection %" PRIu64 ": ", connection);
	va_start(values, format);
	vsnprintf(w->wrong + n, sizeof w->wrong - (size_t)n, format, values);
	va_end(values);
}

static struct told *told_of(struct witness *w, uint64_t connection)
{
	if (connection >= w->room) {
		size_t room = connection + connection / 2 + 64;

		w->told = realloc(w->told, room * sizeof *w->told);
		if (w->told == NULL)
			abort();
		memset(w->told + w->room, 0, (room - w->room) * sizeof *w->told);
		w->room = room;
	}
	return &w->told[connection];
}

static bool same_connection(const struct change *a, const struct change *b)
{
	return host_equal(&a->host[CLIENT], &b->host[CLIENT]) &&
	       host_equal(&a->host[SERVER], &b->host[SERVER]) && a->port[CLIENT] == b->port[CLIENT] &&
	       a->port[SERVER] == b->port[SERVER] && a->start.ns == b->start.ns;
}

static enum state top(const struct told_end *end)
{
	return end->count == 0 ? STATE_UNKNOWN : end->state[end->count - 1];
}

static int64_t held(const struct told_end *end, const struct change *c)
{
	int64_t ns;

	if (end->count == 0)
		return UNKNOWN_NS;
	ns = c->at.ns - end->at[end->count - 1].ns;
	return ns < 0 ? 0 : ns;
}

static void follow(struct witness *w, struct told_end *end, const struct change *c)
{
	if (c->from != top(end))
		wrong(w, c->connection, "leaves %s, was in %s", state_words[c->from].name,
		      state_words[top(end)].name);
	if (c->from == c->to)
		wrong(w, c->connection, "from %s to itself", state_words[c->from].name);
	if (c->held != held(end, c))
		wrong(w, c->connection, "held %s for %" PRId64 ", not %" PRId64, state_words[c->from].name,
		      c->held, held(end, c));
	if (c->retracted) {
		w->retractions++;
		end->count--;
		if (end->count < 0 || c->to != top(end))
			wrong(w, c->connection, "is back in %s, where it was not", state_words[c->to].name);
		if (end->count < 0)
			end->count = 0;
	} else if (end->count == RECORD_STATES_MAX) {
		wrong(w, c->connection, "too many states");
	} else {
		end->at[end->count] = c->at;
		end->state[end->count++] = c->to;
	}
}

void witness_change(struct witness *w, const struct change *c)
{
	struct told *told = told_of(w, c->connection);

	w->changes++;
	if (told->ended)
		wrong(w, c->connection, "changes after its record");
	if (!told->known)
		told->first = *c;
	told->known = true;
	if (!same_connection(&told->first, c))
		wrong(w, c->connection, "is another than it was");
	if (w->changes > 1 && !w->backwards && c->at.ns < w->last.ns)
		wrong(w, c->connection, "a change of %s at %" PRId64 ", after one of %" PRId64,
		      state_words[c->to].name, c->at.ns, w->last.ns);
	w->last = c->at;
	follow(w, &told->end[c->side], c);
}

static void compare_end(struct witness *w, const struct record *r, const struct told_end *end, enum side side)
{
	const struct record_side *got = &r->side[side];
	bool same = end->count == got->state_count;

	for (int i = 0; same && i < end->count; i++)
		same = end->state[i] == got->states[i];
	if (!same)
		wrong(w, r->first_packet, "%s: %d changes lead to %s, the row's %d states to %s",
		      side == CLIENT ? "client" : "server", end->count, state_words[top(end)].name,
		      got->state_count, state_words[record_state(got)].name);
}

void witness_record(struct witness *w, const struct record *r)
{
	struct told *told = told_of(w, r->first_packet);
	const struct change me = { .start = r->start,
				   .host = { r->host[CLIENT], r->host[SERVER] },
				   .port = { r->port[CLIENT], r->port[SERVER] } };

	if (told->ended)
		wrong(w, r->first_packet, "has two records");
	told->ended = true;
	if (told->known && !same_connection(&told->first, &me))
		wrong(w, r->first_packet, "is another in its record");
	compare_end(w, r, &told->end[CLIENT], CLIENT);
	compare_end(w, r, &told->end[SERVER], SERVER);
}

void witness_end(struct witness *w)
{
	for (size_t i = 0; i < w->room; i++)
		if (w->told[i].known && !w->told[i].ended &&
		    (w->told[i].end[CLIENT].count != 0 || w->told[i].end[SERVER].count != 0))
			wrong(w, i, "has no record");
	free(w->told);
	w->told = NULL;
	w->room = 0;
}
