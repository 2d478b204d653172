/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_connections.c - the screen "Connections": a list, and below it all of the one that is selected. */
#include <string.h>

#include "ui/dashboard_parts.h"
#include "ui/plain.h"

enum {
	DETAIL_ROWS = 3,     /* a line, and two of text */
	SEARCH_EACH = 20000, /* connections looked at with every refresh */
};

static int list_rows(const struct dashboard *d)
{
	/* A line that says what is listed, the headings. */
	return content_rows(d) - 2 - DETAIL_ROWS;
}

void connections_filter(struct dashboard *d, const char *filter)
{
	struct listing_order order = *listing_order(d->listing);
	char bytes[sizeof d->message];
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	snprintf(d->filter, sizeof d->filter, "%s", filter);
	d->message[0] = '\0';
	if (!only_parse_typed(&order.only, d->filter, &why)) {
		/* What was meant before still holds, while this is not finished. */
		dashboard_say(d, ROLE_WARN, "%s", text_end(&why));
		return;
	}
	listing_set(d->listing, &order);
	cells_forget(&d->cells);
	connections_refresh(d);
}

void connections_order(struct dashboard *d, const struct column *sort, bool ascending)
{
	struct listing_order order = *listing_order(d->listing);

	order.sort = sort;
	order.ascending = ascending;
	listing_set(d->listing, &order);
	snprintf(d->settings.sort, sizeof d->settings.sort, "%s", sort ? sort->name : "");
	d->settings.ascending = ascending;
	connections_refresh(d);
}

void connections_columns_changed(struct dashboard *d)
{
	d->cells.first = 0;
	cells_forget(&d->cells);
}

/* The selection stays with its connection; at the top of the list, it stays there until it is moved. */
void connections_refresh(struct dashboard *d)
{
	size_t n, at;

	d->searching = !listing_update(d->listing, SEARCH_EACH);
	n = listing_count(d->listing);
	at = d->selected ? listing_find(d->listing, d->selected, d->list.at) : n;
	if (at < n) {
		d->list.top = at > d->list.at - d->list.top ? at - (d->list.at - d->list.top) : 0;
		d->list.at = at;
	}
	scroll_fit(&d->list, n, list_rows(d));
}

static void select_row(struct dashboard *d)
{
	d->selected = d->list.count > 0 && d->list.at > 0 ? listing_connection(d->listing, d->list.at) : 0;
}

/* ---- drawing ---- */

static void draw_title(struct dashboard *d, int row)
{
	static const char *const parts[LISTING_PARTS] = { "", "the living, ", "the closed, " };
	const struct listing_order *order = listing_order(d->listing);
	struct screen *s = d->screen;
	uint64_t forgotten = model_forgotten(d->model), unlisted = model_live_unlisted(d->model);
	int column = screen_say(s, row, 0, ROLE_TITLE, "%s",
				plain_count(d->list.count, "connection", "connections").s);

	column = screen_say(s, row, column, ROLE_TEXT, ", %s%s%s%s first", parts[order->part],
			    order->sort ? "by " : "", order->sort ? order->sort->name : "",
			    order->sort ? (order->ascending ? ", least" : ", most")
					: (order->ascending ? "oldest" : "newest"));
	if (d->searching)
		column = screen_put(s, row, column, ROLE_WARN, ", searching");
	if (forgotten > 0)
		column = screen_say(s, row, column, ROLE_WARN, ", %s older ones not kept",
				    plain_number(forgotten).s);
	if (unlisted > 0)
		column = screen_say(s, row, column, ROLE_WARN, ", %s more live ones",
				    plain_number(unlisted).s);
	if (d->filter[0] && d->dialog != DIALOG_FILTER) {
		column = screen_put(s, row, column, ROLE_TEXT, "  filter: ");
		screen_fit(s, row, column, s->columns - column, ROLE_KEY, d->filter);
	}
}

/* What is known of it, behind what the text says already. */
static void draw_state(struct screen *s, int at, struct text *text, const struct listing_row *row)
{
	const struct record *r = &row->record;

	if (row->live) {
		text_string(text, "client ");
		text_string(text, state_words[record_state(&r->side[CLIENT])].name);
		text_string(text, ", server ");
		text_string(text, state_words[record_state(&r->side[SERVER])].name);
	} else {
		text_string(text, close_words[r->close].name);
		text_string(text, r->cause == CAUSE_NONE ? "" : "/");
		text_string(text, cause_words[r->cause].name);
		text_string(text, ", ");
		if (r->closer == CLOSER_NONE)
			text_string(text, "nobody");
		else
			text_string(text, closer_words[r->closer].name);
		text_string(text, " began; client saw ");
		text_string(text,
			    r->side[CLIENT].saw == SAW_UNKNOWN ? "?" : saw_words[r->side[CLIENT].saw].name);
		text_string(text, ", server saw ");
		text_string(text,
			    r->side[SERVER].saw == SAW_UNKNOWN ? "?" : saw_words[r->side[SERVER].saw].name);
	}
	screen_fit(s, at, 0, s->columns, ROLE_TEXT, text_end(text));
}

/* All of the selected one, uncut. */
static void draw_detail(struct dashboard *d, int top, const struct listing_row *row)
{
	struct screen *s = d->screen;
	const struct record *r = &row->record;
	char bytes[512];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	int column;

	screen_rule(s, top, 0, s->columns, ROLE_DIM);
	if (row->connection == 0)
		return;
	text_endpoint(&text, &r->host[CLIENT], r->port[CLIENT]);
	text_string(&text, s->utf8 ? " \u2192 " : " -> ");
	text_endpoint(&text, &r->host[SERVER], r->port[SERVER]);
	column = screen_width(s, text_end(&text));
	if (column > s->columns) {
		/* Two long addresses have a line each, and what is known stands behind the second. */
		text.length = 0;
		text_endpoint(&text, &r->host[CLIENT], r->port[CLIENT]);
		screen_put(s, top + 1, 0, ROLE_TEXT, text_end(&text));
		text.length = 0;
		text_string(&text, s->utf8 ? "\u2192 " : "-> ");
		text_endpoint(&text, &r->host[SERVER], r->port[SERVER]);
		text_string(&text, ", ");
	} else {
		screen_put(s, top + 1, 0, ROLE_TEXT, text_end(&text));
		if (column + 30 < s->columns)
			screen_say(s, top + 1, column, ROLE_DIM, ", %s UTC, lasted %s",
				   plain_moment(r->start, true).s, plain_duration(r->duration).s);
		text.length = 0;
	}
	draw_state(s, top + 2, &text, row);
}

static void draw_nothing(struct dashboard *d, int row)
{
	const char *why = d->filter[0]	  ? "No connection is like that. Esc takes the filter away."
			  : d->input.over ? "There is no TCP connection in this."
					  : "No TCP connection has been seen yet.";

	screen_put(d->screen, row, 2, ROLE_DIM, why);
}

/* While paused a row stays as it was drawn. */
static void fetch_row(const struct dashboard *d, size_t i, struct listing_row *row)
{
	if (d->paused && d->rows_top == d->list.top && row->connection == listing_connection(d->listing, i))
		return;
	if (!listing_row(d->listing, i, row))
		row->connection = 0;
	else if (d->options.source.captures)
		row->source = captures_source(d->options.source.captures, row->record.source);
}

static void draw(struct dashboard *d)
{
	struct listing_row *rows = d->rows;
	int n = list_rows(d);
	int shown = 0;

	scroll_fit(&d->list, listing_count(d->listing), n);
	draw_title(d, CONTENT_TOP);
	for (; shown < n && d->list.top + (size_t)shown < d->list.count; shown++)
		fetch_row(d, d->list.top + (size_t)shown, &rows[shown]);
	d->rows_top = d->list.top;
	cells_draw(&d->cells, d->screen, CONTENT_TOP + 1, rows, shown, listing_order(d->listing));
	if (shown == 0) {
		draw_nothing(d, CONTENT_TOP + 3);
		return;
	}
	screen_paint(d->screen, CONTENT_TOP + 2 + (int)(d->list.at - d->list.top), 0, d->screen->columns,
		     ROLE_COUNT, SCREEN_REVERSE);
	draw_detail(d, CONTENT_TOP + 2 + n, &rows[d->list.at - d->list.top]);
}

/* ---- keys ---- */

static void open_selected(struct dashboard *d)
{
	if (d->list.count == 0)
		return;
	connection_open(d, listing_connection(d->listing, d->list.at));
}

static void next_part(struct dashboard *d)
{
	struct listing_order order = *listing_order(d->listing);

	order.part = (enum listing_part)((order.part + 1) % LISTING_PARTS);
	listing_set(d->listing, &order);
	connections_refresh(d);
}

static bool act(struct dashboard *d, enum action action)
{
	const struct listing_order *order = listing_order(d->listing);

	if (scroll_act(&d->list, action)) {
		select_row(d);
		return true;
	}
	switch (action) {
	case ACT_ENTER:
		open_selected(d);
		return true;
	case ACT_LEFT:
		d->cells.first -= d->cells.first > 0;
		return true;
	case ACT_RIGHT:
		d->cells.first += d->cells.first + 1 < d->cells.n;
		return true;
	case ACT_FILTER:
		dialog_open(d, DIALOG_FILTER);
		return true;
	case ACT_PART:
		next_part(d);
		return true;
	case ACT_SORT:
		dialog_open(d, DIALOG_SORT);
		return true;
	case ACT_REVERSE:
		connections_order(d, order->sort, !order->ascending);
		return true;
	case ACT_COLUMNS:
		dialog_open(d, DIALOG_COLUMNS);
		return true;
	default:
		return false;
	}
}

/* A click selects; a second one opens. On a heading: sorts by it, or the other way round. */
static void click(struct dashboard *d, int row, int column)
{
	const struct listing_order *order = listing_order(d->listing);
	int at = row - CONTENT_TOP - 2;
	struct cells_column heading;
	bool again;

	if (at == -1 && cells_at(&d->cells, d->screen->columns, column, &heading))
		connections_order(d, heading.sort, order->ascending != (order->sort == heading.sort));
	if (at < 0 || at >= d->list.height || d->list.top + (size_t)at >= d->list.count)
		return;
	again = d->list.at == d->list.top + (size_t)at;
	d->list.at = d->list.top + (size_t)at;
	select_row(d);
	if (again)
		open_selected(d);
}

static void wheel(struct dashboard *d, int row, int lines)
{
	(void)row;
	scroll_by(&d->list, lines);
	select_row(d);
}

const struct view view_connections = {
	.refresh = connections_refresh, .draw = draw, .act = act, .click = click, .wheel = wheel
};
