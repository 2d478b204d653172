/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_hosts.c - the screen "Hosts and services": how the connections of each closed, and how long that took.
 */
#include "ui/view_hosts.h"

#include <math.h>

#include "ui/plain.h"

#define NS_PER_S 1e9
#define AGAIN_NS INT64_C(1000000000) /* between two takings from the model */

/* ---- columns ---- */

static const struct peer_row *row_of(const void *row)
{
	return row;
}

static void show_name(struct text *text, const void *row)
{
	const struct peer_name *name = &row_of(row)->name;

	if (name->port != 0)
		text_endpoint(text, &name->host, name->port);
	else
		text_host(text, &name->host);
}

static uint64_t failed(const struct peer *p)
{
	return p->closes[CLOSE_REFUSED] + p->closes[CLOSE_UNREACHABLE] + p->closes[CLOSE_UNANSWERED] +
	       p->closes[CLOSE_ABANDONED];
}

static uint64_t graceful(const struct peer *p)
{
	return p->closes[CLOSE_GRACEFUL] + p->closes[CLOSE_SIMULTANEOUS];
}

static uint64_t unfinished(const struct peer *p)
{
	return p->closes[CLOSE_CLOSING] + p->closes[CLOSE_HALF_CLOSED] + p->closes[CLOSE_OPEN];
}

#define COUNT_COLUMN(name, value)                                                                            \
	static void show_##name(struct text *text, const void *row)                                          \
	{                                                                                                    \
		const struct peer *p = &row_of(row)->peer;                                                   \
                                                                                                             \
		text_string(text, plain_number(value).s);                                                    \
	}                                                                                                    \
	static double number_##name(const void *row)                                                         \
	{                                                                                                    \
		const struct peer *p = &row_of(row)->peer;                                                   \
                                                                                                             \
		return (double)(value);                                                                      \
	}
COUNT_COLUMN(connections, p->connections)
COUNT_COLUMN(graceful, graceful(p))
COUNT_COLUMN(reset, p->closes[CLOSE_RESET])
COUNT_COLUMN(vanished, p->closes[CLOSE_VANISHED])
COUNT_COLUMN(failed, failed(p))
COUNT_COLUMN(unfinished, unfinished(p))
COUNT_COLUMN(sent, p->resets_sent)
COUNT_COLUMN(received, p->resets_received)
COUNT_COLUMN(fins, p->fin_retransmits)

#define TIME_COLUMN(name, value)                                                                             \
	static void show_##name(struct text *text, const void *row)                                          \
	{                                                                                                    \
		const struct peer_row *r = row_of(row);                                                      \
                                                                                                             \
		if ((value) >= 0)                                                                            \
			text_short_time(text, value);                                                        \
		else                                                                                         \
			text_char(text, '-');                                                                \
	}                                                                                                    \
	static double number_##name(const void *row)                                                         \
	{                                                                                                    \
		const struct peer_row *r = row_of(row);                                                      \
                                                                                                             \
		return (value) >= 0 ? (double)(value) / NS_PER_S : (double)NAN;                              \
	}
TIME_COLUMN(teardown, r->median_teardown)
TIME_COLUMN(worst_teardown, r->peer.teardown.n > 0 ? r->peer.teardown.longest : -1)
TIME_COLUMN(close_wait, r->median_close_wait)
TIME_COLUMN(worst_close_wait, r->peer.close_wait.n > 0 ? r->peer.close_wait.longest : -1)

static const struct grid_column columns_of_peers[] = {
	{ "name", "SERVICE OR HOST", 21, false, show_name, NULL, show_name },
	{ "connections", "CLOSED", 6, true, show_connections, number_connections, NULL },
	{ "graceful", "FIN", 5, true, show_graceful, number_graceful, NULL },
	{ "reset", "RESET", 5, true, show_reset, number_reset, NULL },
	{ "failed", "FAILED", 5, true, show_failed, number_failed, NULL },
	{ "median_teardown", "TEARDN", 6, true, show_teardown, number_teardown, NULL },
	{ "worst_teardown", "WORST", 6, true, show_worst_teardown, number_worst_teardown, NULL },
	{ "median_close_wait", "CL-WAIT", 6, true, show_close_wait, number_close_wait, NULL },
	{ "worst_close_wait", "WORST", 6, true, show_worst_close_wait, number_worst_close_wait, NULL },
	{ "resets_sent", "RST SENT", 5, true, show_sent, number_sent, NULL },
	{ "resets_received", "RST GOT", 5, true, show_received, number_received, NULL },
	{ "fin_retransmits", "FIN AGAIN", 5, true, show_fins, number_fins, NULL },
	{ "vanished", "VANISHED", 5, true, show_vanished, number_vanished, NULL },
	{ "unfinished", "UNFINISHED", 5, true, show_unfinished, number_unfinished, NULL },
};

const struct grid hosts_grid = {
	.columns = columns_of_peers,
	.count = sizeof columns_of_peers / sizeof *columns_of_peers,
	.row_size = sizeof(struct peer_row),
};

const char *hosts_sort_name(int i)
{
	return i < hosts_grid.count ? columns_of_peers[i].name : NULL;
}

/* ---- rows ---- */

static bool same_name(const struct peer_name *a, const struct peer_name *b)
{
	return a->port == b->port && host_equal(&a->host, &b->host);
}

void hosts_refresh(struct dashboard *d)
{
	const struct peers *peers = model_peers(d->model);
	struct peer_name selected = { 0 };
	bool any = d->peer_list.at > 0 && d->peer_list.at < d->peer_count;

	if (d->counted.ns != 0 && d->painted.ns - d->counted.ns < AGAIN_NS)
		return;
	d->counted = d->painted;
	if (any)
		selected = d->peers[d->peer_list.at].name;
	d->peer_count = peers_count(peers, !d->show_hosts);
	for (size_t i = 0; i < d->peer_count; i++) {
		struct peer_row *row = &d->peers[i];

		memset(row, 0, sizeof *row);
		row->peer = *peers_at(peers, !d->show_hosts, i, &row->name);
		row->median_teardown = spread_median(&row->peer.teardown);
		row->median_close_wait = spread_median(&row->peer.close_wait);
	}
	grid_sort(&hosts_grid, d->peers, d->peer_count, d->peer_sort, d->peer_ascending);
	for (size_t i = 0; any && i < d->peer_count; i++)
		if (same_name(&d->peers[i].name, &selected))
			d->peer_list.at = i;
}

/* ---- drawing ---- */

static int list_rows(const struct dashboard *d)
{
	return content_rows(d) - 3;
}

static void draw_note(struct dashboard *d, int row)
{
	uint64_t missed = peers_missed(model_peers(d->model), !d->show_hosts);

	if (missed > 0)
		screen_say(d->screen, row, 0, ROLE_WARN,
			   "There were more than are remembered: up to %s may be missing from any.",
			   plain_count(missed, "connection", "connections").s);
	else
		screen_put(d->screen, row, 0, ROLE_DIM,
			   "TEARDN: first FIN or RST to the end. CL-WAIT: in CLOSE-WAIT. Both: the median.");
}

static void draw(struct dashboard *d)
{
	bool more = peers_missed(model_peers(d->model), !d->show_hosts) > 0;
	int n = list_rows(d), shown, column;

	scroll_fit(&d->peer_list, d->peer_count, n);
	shown = (int)(d->peer_count - d->peer_list.top);
	shown = shown > n ? n : shown;
	column = screen_say(d->screen, CONTENT_TOP, 0, ROLE_TITLE, "%s%s",
			    d->show_hosts ? plain_count(d->peer_count, "host", "hosts").s
					  : plain_count(d->peer_count, "service", "services").s,
			    more ? " of more" : "");
	screen_say(d->screen, CONTENT_TOP, column < 19 ? 20 : column + 1, ROLE_TEXT,
		   "by %s, %s first; t shows %s", hosts_sort_name(d->peer_sort),
		   d->peer_ascending ? "least" : "most", d->show_hosts ? "services" : "hosts");
	grid_draw(&hosts_grid, d->screen, CONTENT_TOP + 1, d->peers + d->peer_list.top, shown, d->peer_first,
		  d->peer_sort, d->peer_ascending);
	if (d->peer_count == 0)
		screen_put(d->screen, CONTENT_TOP + 3, 2, ROLE_DIM, "No connection has closed.");
	else
		screen_paint(d->screen, CONTENT_TOP + 2 + (int)(d->peer_list.at - d->peer_list.top), 0,
			     d->screen->columns, ROLE_COUNT, SCREEN_REVERSE);
	draw_note(d, CONTENT_TOP + content_rows(d) - 1);
}

/* ---- keys ---- */

static void open_selected(struct dashboard *d)
{
	const struct peer_name *name;
	char filter[EDIT_MAX];

	if (d->peer_count == 0)
		return;
	name = &d->peers[d->peer_list.at].name;
	if (name->port != 0)
		snprintf(filter, sizeof filter, "server_ip=%s server_port=%u", plain_host(&name->host).s,
			 (unsigned)name->port);
	else
		snprintf(filter, sizeof filter, "ip=%s", plain_host(&name->host).s);
	d->list = (struct scroll){ 0 };
	d->selected = 0;
	dashboard_show(d, VIEW_CONNECTIONS);
	connections_filter(d, filter);
}

static bool act(struct dashboard *d, enum action action)
{
	if (scroll_act(&d->peer_list, action))
		return true;
	switch (action) {
	case ACT_ENTER:
		open_selected(d);
		return true;
	case ACT_TABLE:
		d->show_hosts = !d->show_hosts;
		d->peer_list = (struct scroll){ 0 };
		d->counted.ns = 0;
		return true;
	case ACT_LEFT:
		d->peer_first -= d->peer_first > 0;
		return true;
	case ACT_RIGHT:
		d->peer_first += d->peer_first + 1 < hosts_grid.count;
		return true;
	case ACT_SORT:
		dialog_open(d, DIALOG_SORT);
		return true;
	case ACT_REVERSE:
		d->peer_ascending = !d->peer_ascending;
		d->counted.ns = 0;
		return true;
	default:
		return false;
	}
}

static void click(struct dashboard *d, int row, int column)
{
	int at = row - CONTENT_TOP - 2;
	bool again;

	(void)column;
	if (at < 0 || at >= list_rows(d) || d->peer_list.top + (size_t)at >= d->peer_count)
		return;
	again = d->peer_list.at == d->peer_list.top + (size_t)at;
	d->peer_list.at = d->peer_list.top + (size_t)at;
	if (again)
		open_selected(d);
}

static void wheel(struct dashboard *d, int row, int lines)
{
	(void)row;
	scroll_by(&d->peer_list, lines);
}

const struct view view_hosts = {
	.refresh = hosts_refresh, .draw = draw, .act = act, .click = click, .wheel = wheel
};
