/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_time_wait.c - the screen "TIME-WAIT": who holds how many towards which service, and the pairs of the
 * holder that is selected, with the time that each has left. time_wait_rows.c takes both from the model.
 */
#include <math.h>
#include <stdlib.h>

#include "ui/plain.h"
#include "ui/time_wait_rows.h"

#define NS_PER_S 1e9

/* ---- columns ---- */

static const struct holder_row *holder_of(const void *row)
{
	return row;
}

static void show_holder(struct text *text, const void *row)
{
	text_host(text, &holder_of(row)->holder);
}

static void show_side(struct text *text, const void *row)
{
	text_string(text, holder_of(row)->side == CLIENT ? "client" : "server");
}

static void show_service(struct text *text, const void *row)
{
	const struct holder_row *h = holder_of(row);

	text_endpoint(text, h->side == CLIENT ? &h->peer : &h->holder, h->port);
}

static void show_now(struct text *text, const void *row)
{
	text_string(text, plain_number(holder_of(row)->now).s);
}

static double number_now(const void *row)
{
	return (double)holder_of(row)->now;
}

static void show_share(struct text *text, const void *row)
{
	const struct holder_row *h = holder_of(row);

	/* What a server holds takes none of its ports. */
	text_string(text, h->side == CLIENT ? plain_share(h->now, h->ports).s : "-");
}

static double number_share(const void *row)
{
	const struct holder_row *h = holder_of(row);

	return h->side == CLIENT ? (double)h->now / (double)h->ports : (double)NAN;
}

static void show_rate(struct text *text, const void *row)
{
	char bytes[32];

	if (isnan(holder_of(row)->rate))
		snprintf(bytes, sizeof bytes, "-");
	else
		snprintf(bytes, sizeof bytes, "%.1f", holder_of(row)->rate);
	text_string(text, bytes);
}

static double number_rate(const void *row)
{
	return holder_of(row)->rate;
}

static double seconds(int64_t ns)
{
	return ns == UNKNOWN_NS ? (double)NAN : (double)ns / NS_PER_S;
}

static void show_left(struct text *text, const void *row)
{
	if (holder_of(row)->left != UNKNOWN_NS)
		text_short_time(text, holder_of(row)->left);
	else
		text_string(text, holder_of(row)->side == CLIENT ? "never" : "-");
}

static double number_left(const void *row)
{
	return seconds(holder_of(row)->left);
}

static void show_oldest(struct text *text, const void *row)
{
	if (holder_of(row)->oldest != UNKNOWN_NS)
		text_short_time(text, holder_of(row)->oldest);
}

static double number_oldest(const void *row)
{
	return seconds(holder_of(row)->oldest);
}

#define COUNT_COLUMN(field)                                                                                  \
	static void show_##field(struct text *text, const void *row)                                         \
	{                                                                                                    \
		text_string(text, plain_number(holder_of(row)->field).s);                                    \
	}                                                                                                    \
	static double number_##field(const void *row)                                                        \
	{                                                                                                    \
		return (double)holder_of(row)->field;                                                        \
	}
COUNT_COLUMN(made)
COUNT_COLUMN(peak)
COUNT_COLUMN(reused)
COUNT_COLUMN(assassinated)

static const struct grid_column columns_of_holders[] = {
	{ "holder", "HOLDER", 15, false, show_holder, NULL, show_holder },
	{ "side", "SIDE", 6, false, show_side, NULL, show_side },
	{ "service", "SERVICE", 17, false, show_service, NULL, show_service },
	{ "now", "NOW", 6, true, show_now, number_now, NULL },
	{ "share", "PORTS", 6, true, show_share, number_share, NULL },
	{ "rate", "A SEC", 6, true, show_rate, number_rate, NULL },
	{ "runs_out", "RUNS OUT", 7, true, show_left, number_left, NULL },
	{ "oldest", "OLDEST", 6, true, show_oldest, number_oldest, NULL },
	{ "made", "MADE", 7, true, show_made, number_made, NULL },
	{ "peak", "MOST", 7, true, show_peak, number_peak, NULL },
	{ "reused", "REUSED", 7, true, show_reused, number_reused, NULL },
	{ "assassinated", "ASSASSINATED", 7, true, show_assassinated, number_assassinated, NULL },
};

const struct grid time_wait_grid = {
	.columns = columns_of_holders,
	.count = sizeof columns_of_holders / sizeof *columns_of_holders,
	.row_size = sizeof(struct holder_row),
};

const char *time_wait_sort_name(int i)
{
	return i < time_wait_grid.count ? columns_of_holders[i].name : NULL;
}

/* ---- drawing ---- */

static int holder_rows(const struct dashboard *d)
{
	int rows = content_rows(d) - 3;

	return rows / 2 - 1;
}

static int pair_rows(const struct dashboard *d)
{
	return content_rows(d) - 3 - holder_rows(d) - 1;
}

static void draw_totals(struct dashboard *d)
{
	struct ledger_totals t = ledger_totals(model_ledger(d->model));
	uint64_t now = 0;

	for (size_t i = 0; i < d->holder_count; i++)
		now += d->holders[i].now;
	screen_say(d->screen, CONTENT_TOP, 0, ROLE_TITLE, "%s now",
		   plain_count(now, "TIME-WAIT", "TIME-WAITs").s);
	screen_say(d->screen, CONTENT_TOP, 22, ROLE_TEXT, "of %s each; %s reused, %s assassinated by a RST",
		   plain_duration(d->options.time_wait).s, plain_number(t.by_time_wait[TIME_WAIT_REUSED]).s,
		   plain_number(t.by_time_wait[TIME_WAIT_ASSASSINATED]).s);
}

static void draw_pair(struct dashboard *d, int row, const struct pair_row *p)
{
	struct screen *s = d->screen;
	char bytes[160];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	int bar = s->columns >= 110 ? 30 : 16;

	text_endpoint(&text, &p->host[CLIENT], p->port[CLIENT]);
	text_string(&text, s->utf8 ? " \u2192 " : " -> ");
	text_endpoint(&text, &p->host[SERVER], p->port[SERVER]);
	screen_fit_right(s, row, 1, 7, ROLE_TEXT, plain_duration(p->left / 1000000000 * 1000000000).s);
	screen_bar(s, row, 9, bar, ROLE_CALM, (uint64_t)p->left, (uint64_t)d->options.time_wait);
	screen_fit(s, row, 9 + bar + 1, s->columns - bar - 10, ROLE_TEXT, text_end(&text));
}

static void draw_pairs(struct dashboard *d, int top)
{
	int n = pair_rows(d);
	struct screen *s = d->screen;

	screen_rule(s, top, 0, s->columns, ROLE_DIM);
	screen_say(s, top, 2, ROLE_TITLE, " %s of the one selected, the oldest first%s ",
		   plain_count(d->pair_count + d->pairs_more, "pair", "pairs").s,
		   d->pairs_more > 0 ? " (not all are listed)" : "");
	scroll_fit(&d->pair_list, d->pair_count, n);
	for (int i = 0; i < n && d->pair_list.top + (size_t)i < d->pair_count; i++)
		draw_pair(d, top + 1 + i, &d->pairs[d->pair_list.top + (size_t)i]);
	if (d->in_pairs && d->pair_count > 0)
		screen_paint(s, top + 1 + (int)(d->pair_list.at - d->pair_list.top), 0, s->columns,
			     ROLE_COUNT, SCREEN_REVERSE);
}

static void draw(struct dashboard *d)
{
	int n = holder_rows(d), shown;

	draw_totals(d);
	scroll_fit(&d->holder_list, d->holder_count, n);
	shown = (int)(d->holder_count - d->holder_list.top);
	shown = shown > n ? n : shown;
	grid_draw(&time_wait_grid, d->screen, CONTENT_TOP + 1, d->holders + d->holder_list.top, shown,
		  d->holder_first, d->holder_sort, d->holder_ascending);
	if (d->holder_count == 0) {
		screen_put(d->screen, CONTENT_TOP + 3, 2, ROLE_DIM, "Nobody holds a TIME-WAIT.");
		return;
	}
	if (!d->in_pairs)
		screen_paint(d->screen, CONTENT_TOP + 2 + (int)(d->holder_list.at - d->holder_list.top), 0,
			     d->screen->columns, ROLE_COUNT, SCREEN_REVERSE);
	draw_pairs(d, CONTENT_TOP + 2 + n);
}

/* ---- keys ---- */

static bool act_in_pairs(struct dashboard *d, enum action action)
{
	if (scroll_act(&d->pair_list, action))
		return true;
	if (action == ACT_BACK) {
		d->in_pairs = false;
		return true;
	}
	if (action != ACT_ENTER)
		return false;
	if (d->pair_count > 0)
		connection_open(d, d->pairs[d->pair_list.at].connection);
	return true;
}

static void select_holder(struct dashboard *d)
{
	d->pair_list = (struct scroll){ 0 };
	time_wait_pairs(d);
}

static bool act(struct dashboard *d, enum action action)
{
	if (d->in_pairs && act_in_pairs(d, action))
		return true;
	if (!d->in_pairs && scroll_act(&d->holder_list, action)) {
		select_holder(d);
		return true;
	}
	switch (action) {
	case ACT_ENTER:
		d->in_pairs = d->pair_count > 0;
		return true;
	case ACT_LEFT:
		d->holder_first -= d->holder_first > 0;
		return true;
	case ACT_RIGHT:
		d->holder_first += d->holder_first + 1 < time_wait_grid.count;
		return true;
	case ACT_SORT:
		dialog_open(d, DIALOG_SORT);
		return true;
	case ACT_REVERSE:
		d->holder_ascending = !d->holder_ascending;
		d->counted.ns = 0;
		return true;
	default:
		return false;
	}
}

static void click(struct dashboard *d, int row, int column)
{
	int holder = row - CONTENT_TOP - 2;
	int pair = row - CONTENT_TOP - 3 - holder_rows(d);

	(void)column;
	if (holder >= 0 && holder < holder_rows(d) && d->holder_list.top + (size_t)holder < d->holder_count) {
		d->in_pairs = false;
		d->holder_list.at = d->holder_list.top + (size_t)holder;
		select_holder(d);
	} else if (pair >= 0 && d->pair_list.top + (size_t)pair < d->pair_count) {
		bool again = d->in_pairs && d->pair_list.at == d->pair_list.top + (size_t)pair;

		d->in_pairs = true;
		d->pair_list.at = d->pair_list.top + (size_t)pair;
		if (again)
			connection_open(d, d->pairs[d->pair_list.at].connection);
	}
}

static void wheel(struct dashboard *d, int row, int lines)
{
	if (row >= CONTENT_TOP + 2 + holder_rows(d)) {
		scroll_by(&d->pair_list, lines);
	} else {
		scroll_by(&d->holder_list, lines);
		select_holder(d);
	}
}

const struct view view_time_wait = {
	.refresh = time_wait_refresh, .draw = draw, .act = act, .click = click, .wheel = wheel
};
