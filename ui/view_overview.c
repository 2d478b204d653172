/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_overview.c - the screen "Overview": how fast connections open and close, how they closed, why the
 * resets, and who stands out. Every line of the last three leads to its connections.
 */
#include "ui/view_overview.h"

#include <stdlib.h>
#include <string.h>

#include "ui/plain.h"

#define NS_PER_S   INT64_C(1000000000)
#define RATES_SPAN (300 * NS_PER_S) /* shown while watching */
#define NOW_SPAN   (60 * NS_PER_S)

enum { RATES = 5, LABEL_WIDTH = 10, FIGURES_WIDTH = 19 };

/* ---- rates ---- */

static void draw_rates(struct dashboard *d, int top)
{
	static const struct {
		const char *label;
		unsigned kinds;
		enum role role;
	} rates[RATES] = {
		{ "opened", TIMELINE_SUM_OPENED, ROLE_CALM },
		{ "graceful", TIMELINE_SUM_GRACEFUL, ROLE_GOOD },
		{ "reset", TIMELINE_SUM_RESET, ROLE_BAD },
		{ "vanished", TIMELINE_SUM_VANISHED, ROLE_BAD },
		{ "failed", TIMELINE_SUM_FAILED, ROLE_WARN },
	};
	const struct timeline *t = &d->timeline;
	struct screen *s = d->screen;
	int n = s->columns - LABEL_WIDTH - FIGURES_WIDTH - 1;
	int64_t each = 0;

	for (int i = 0; i < RATES; i++) {
		uint64_t values[SCREEN_COLUMNS_MAX], most = 0, sum = 0;

		each = timeline_columns(t, rates[i].kinds, RATES_SPAN, values, n);
		for (int k = 0; k < n; k++) {
			most = values[k] > most ? values[k] : most;
			sum += values[k];
		}
		screen_put(s, top + 1 + i, 1, ROLE_TEXT, rates[i].label);
		screen_spark(s, top + 1 + i, LABEL_WIDTH, rates[i].role, values, n, most);
		if (!t->whole)
			sum = timeline_recent(t, rates[i].kinds, NOW_SPAN);
		screen_fit_right(s, top + 1 + i, s->columns - FIGURES_WIDTH, 9, ROLE_TEXT,
				 plain_number(sum).s);
		screen_fit_right(s, top + 1 + i, s->columns - 9, 9, ROLE_DIM, plain_number(most).s);
	}
	screen_put(s, top, 0, ROLE_TITLE, "RATES");
	if (each > 0 && t->n > 0)
		screen_say(s, top, LABEL_WIDTH, ROLE_DIM, "%s, a column is %s",
			   t->whole ? "all the time" : "lately", plain_duration(each).s);
	screen_fit_right(s, top, s->columns - FIGURES_WIDTH, 9, ROLE_DIM, t->whole ? "in all" : "last min");
	screen_fit_right(s, top, s->columns - 9, 9, ROLE_DIM, "highest");
}

/* ---- lines that lead somewhere ---- */

struct link *overview_link(struct dashboard *d, int row, int column, int width, enum view_id view)
{
	struct link *link;

	if (d->link_count == LINKS_MAX)
		return NULL;
	link = &d->links[d->link_count++];
	*link = (struct link){ .row = row, .column = column, .width = width, .view = view };
	return link;
}

/* One line of a table: label, count, share and a bar. */
static void draw_share(struct dashboard *d, int row, int column, int width, const char *label, enum role role,
		       uint64_t count, uint64_t whole)
{
	struct screen *s = d->screen;
	int label_width = width > 56 ? 26 : width - 19;
	int bar = width - label_width - 21;

	screen_fit(s, row, column + 1, label_width - 1, ROLE_TEXT, label);
	screen_fit_right(s, row, column + label_width, 9, ROLE_TEXT, plain_number(count).s);
	screen_fit_right(s, row, column + label_width + 9, 9, ROLE_DIM, plain_share(count, whole).s);
	if (bar > 3)
		screen_bar(s, row, column + label_width + 20, bar, role, count, whole);
}

static enum role close_role(int close)
{
	if (close == CLOSE_GRACEFUL || close == CLOSE_SIMULTANEOUS)
		return ROLE_GOOD;
	if (close == CLOSE_RESET || close == CLOSE_VANISHED)
		return ROLE_BAD;
	return close >= CLOSE_CLOSING ? ROLE_CALM : ROLE_WARN;
}

/* A kind of close, or the cause of a reset, and how many there were. */
struct counted {
	int kind;
	uint64_t count;
};

static int most_first(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->kind - y->kind;
}

static int count_closes(const struct dashboard *d, struct counted counted[static CLOSE_COUNT])
{
	int n = 0;

	for (int i = 0; i < CLOSE_COUNT; i++)
		if (d->counts.closes[i] > 0)
			counted[n++] = (struct counted){ i, d->counts.closes[i] };
	return n;
}

static int count_causes(const struct dashboard *d, struct counted counted[static CAUSE_COUNT])
{
	const uint64_t *causes = d->counts.causes[CLOSE_RESET];
	int n = 0;

	for (int i = 0; i < CAUSE_COUNT; i++)
		if (causes[i] > 0)
			counted[n++] = (struct counted){ i, causes[i] };
	if (n > 1)
		qsort(counted, (size_t)n, sizeof *counted, most_first);
	return n;
}

/* Which lines of a table are seen, where there is no room for all: from its first on. */
static int first_seen(struct dashboard *d, int half, int n, int room)
{
	struct scroll *table = &d->tables[half];

	table->count = (size_t)n;
	table->height = room;
	if (table->top + (size_t)room > table->count)
		table->top = n > room ? (size_t)(n - room) : 0;
	return (int)table->top;
}

/* Behind a heading: that there is more than is seen. */
static void say_part(struct dashboard *d, int row, int column, int half)
{
	const struct scroll *table = &d->tables[half];

	if (table->count > (size_t)table->height)
		screen_say(d->screen, row, column, ROLE_WARN, "%zu-%zu of %zu", table->top + 1,
			   table->top + (size_t)table->height, table->count);
}

static void draw_closes(struct dashboard *d, int top, int rows, int width)
{
	const struct model_counts *c = &d->counts;
	struct counted counted[CLOSE_COUNT];
	struct screen *s = d->screen;
	int n = count_closes(d, counted), first = first_seen(d, 0, n, rows - 1);
	bool part = n > rows - 1;

	screen_put(s, top, 0, ROLE_TITLE, "HOW THEY CLOSED");
	say_part(d, top, 16, 0);
	screen_fit_right(s, top, part ? 26 : 16, width - (part ? 27 : 17), ROLE_DIM,
			 c->since.ns	    ? plain_moment(c->since, false).s
			 : !d->options.live ? ""
			 : part		    ? "since start"
					    : "since the start");
	for (int i = 0; first + i < n && i < rows - 1; i++) {
		int kind = counted[first + i].kind;
		struct link *link = overview_link(d, top + 1 + i, 0, width, VIEW_CONNECTIONS);

		draw_share(d, top + 1 + i, 0, width, close_words[kind].name, close_role(kind),
			   counted[first + i].count, c->records);
		if (link)
			snprintf(link->filter, sizeof link->filter, "close=%s", close_words[kind].name);
	}
	if (n == 0)
		screen_put(s, top + 1, 1, ROLE_DIM, d->input.over ? "nothing has" : "nothing has yet");
}

static void draw_causes(struct dashboard *d, int top, int rows, int column, int width)
{
	struct counted counted[CAUSE_COUNT];
	int n = count_causes(d, counted), first = first_seen(d, 1, n, rows - 1);

	screen_put(d->screen, top, column, ROLE_TITLE, "WHY THE RESETS");
	say_part(d, top, column + 15, 1);
	for (int i = 0; first + i < n && i < rows - 1; i++) {
		const char *name = cause_words[counted[first + i].kind].name;
		struct link *link = overview_link(d, top + 1 + i, column, width, VIEW_CONNECTIONS);

		draw_share(d, top + 1 + i, column, width, name[0] ? name : "not known", ROLE_BAD,
			   counted[first + i].count, d->counts.closes[CLOSE_RESET]);
		if (link)
			snprintf(link->filter, sizeof link->filter, "close=reset cause=%s", name);
	}
	if (n == 0)
		screen_put(d->screen, top + 1, column + 1, ROLE_DIM, "there are none");
}

/* ---- the whole ---- */

static void refresh(struct dashboard *d)
{
	d->counts = *model_counts(d->model);
	d->timeline = *model_timeline(d->model);
	time_wait_refresh(d);
	overview_find_standouts(d);
}

static void draw(struct dashboard *d)
{
	int rows = content_rows(d);
	int half = d->screen->columns / 2;
	int lists = RATES + 1 + 1;
	/* What is left is shared: the tables are at most as long as there are closes, or causes that were
	 * seen. */
	struct counted counted[CAUSE_COUNT];
	int causes = count_causes(d, counted), longest = causes > CLOSE_COUNT ? causes : CLOSE_COUNT;
	int tables = (rows - lists) / 2 < longest + 1 ? (rows - lists) / 2 : longest + 1;
	int standouts = CONTENT_TOP + lists + tables + 1;

	d->link_count = 0;
	draw_rates(d, CONTENT_TOP);
	draw_closes(d, CONTENT_TOP + lists, tables, half - 1);
	draw_causes(d, CONTENT_TOP + lists, tables, half + 1, d->screen->columns - half - 1);
	overview_standouts(d, standouts, CONTENT_TOP + rows - standouts);
	if (d->link_at >= d->link_count)
		d->link_at = d->link_count > 0 ? d->link_count - 1 : 0;
	if (d->link_count > 0) {
		const struct link *link = &d->links[d->link_at];

		screen_paint(d->screen, link->row, link->column, link->width, ROLE_COUNT, SCREEN_REVERSE);
	}
}

/* A table that does not fit moves on below its first or last line, and the line stays selected. */
static bool scroll_table(struct dashboard *d, int by)
{
	const struct link *now = &d->links[d->link_at];
	struct scroll *table = &d->tables[now->column > 0];
	int at = now->row - (CONTENT_TOP + RATES + 3);

	if (d->link_count == 0 || at < 0 || at >= table->height)
		return false;
	if (by > 0 && at == table->height - 1 && table->top + (size_t)table->height < table->count)
		table->top++;
	else if (by < 0 && at == 0 && table->top > 0)
		table->top--;
	else
		return false;
	return true;
}

/* The next line up or down in its half; the first or last of all where there is none. */
static void move(struct dashboard *d, int by)
{
	const struct link *now = &d->links[d->link_at];
	int best = -1;

	if (scroll_table(d, by))
		return;

	for (int i = 0; i < d->link_count; i++) {
		const struct link *link = &d->links[i];
		int away = (link->row - now->row) * by;
		int cost = away * 4 + (link->column != now->column);
		const struct link *found = best < 0 ? NULL : &d->links[best];

		if (away > 0 &&
		    (!found || cost < (found->row - now->row) * by * 4 + (found->column != now->column)))
			best = i;
	}
	if (best >= 0)
		d->link_at = best;
}

static void move_across(struct dashboard *d, bool right)
{
	const struct link *now = &d->links[d->link_at];
	int best = -1;

	for (int i = 0; i < d->link_count; i++) {
		const struct link *link = &d->links[i];
		int away = abs(link->row - now->row);

		if (right ? link->column > now->column : link->column < now->column)
			if (best < 0 || away < abs(d->links[best].row - now->row))
				best = i;
	}
	if (best >= 0)
		d->link_at = best;
}

static void follow(struct dashboard *d)
{
	const struct link *link = &d->links[d->link_at];

	if (d->link_count == 0)
		return;
	if (link->view == VIEW_CONNECTION) {
		connection_open(d, link->connection);
		return;
	}
	dashboard_show(d, link->view);
	if (link->view == VIEW_CONNECTIONS) {
		d->list = (struct scroll){ 0 };
		d->selected = 0;
		connections_filter(d, link->filter);
	}
}

static bool act(struct dashboard *d, enum action action)
{
	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
		move(d, action == ACT_UP ? -1 : 1);
		return true;
	case ACT_LEFT:
	case ACT_RIGHT:
		move_across(d, action == ACT_RIGHT);
		return true;
	case ACT_FIRST:
	case ACT_PAGE_UP:
		d->link_at = 0;
		return true;
	case ACT_LAST:
	case ACT_PAGE_DOWN:
		d->link_at = d->link_count > 0 ? d->link_count - 1 : 0;
		return true;
	case ACT_ENTER:
		follow(d);
		return true;
	case ACT_FILTER:
		dashboard_show(d, VIEW_CONNECTIONS);
		dialog_open(d, DIALOG_FILTER);
		return true;
	default:
		return false;
	}
}

static void click(struct dashboard *d, int row, int column)
{
	for (int i = 0; i < d->link_count; i++) {
		const struct link *link = &d->links[i];
		bool again = i == d->link_at;

		if (link->row != row || column < link->column || column >= link->column + link->width)
			continue;
		d->link_at = i;
		if (again)
			follow(d);
		return;
	}
}

static void wheel(struct dashboard *d, int row, int lines)
{
	(void)row;
	move(d, lines);
}

const struct view view_overview = {
	.refresh = refresh, .draw = draw, .act = act, .click = click, .wheel = wheel
};
