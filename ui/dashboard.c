/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dashboard.c - see dashboard.h: what is pressed goes to dialogs and screens, and ten times a second one is
 * drawn. */
#include "ui/dashboard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/dashboard_parts.h"
#include "ui/terminal.h"

#define PAINT_NS  INT64_C(100000000) /* between two pictures */
#define HANDLE_NS INT64_C(20000000)  /* between two looks at the keyboard */

enum { PRESSES_EACH = 100, WHEEL_LINES = 3 };

const struct view *const views[VIEW_COUNT] = {
	[VIEW_OVERVIEW] = &view_overview,     [VIEW_CONNECTIONS] = &view_connections,
	[VIEW_CONNECTION] = &view_connection, [VIEW_TIME_WAIT] = &view_time_wait,
	[VIEW_HOSTS] = &view_hosts,	      [VIEW_HELP] = &view_help,
};

/* ---- beginning and end ---- */

static bool make_parts(struct dashboard *d, int rows, int width, bool utf8)
{
	const struct model_options model = {
		.records = d->options.records,
		.time_wait = d->options.time_wait,
		.seed = d->options.seed,
		.whole = !d->options.live,
		.look = d->options.source.look,
		.name = d->options.source.name,
		.context = d->options.source.context,
	};

	d->model = model_new(&model);
	d->screen = screen_new(rows, width, utf8);
	d->standouts = calloc(STANDOUT_KINDS, sizeof *d->standouts);
	d->rows = calloc(SCREEN_ROWS_MAX, sizeof *d->rows);
	d->holders = calloc(HOLDERS_MAX, sizeof *d->holders);
	d->pairs = calloc(PAIRS_MAX, sizeof *d->pairs);
	d->peers = calloc(PEERS_MAX, sizeof *d->peers);
	d->pages = pages_new();
	d->help_pages = pages_new();
	d->listing = d->model ? listing_new(d->model) : NULL;
	if (d->listing)
		listing_name_sources(d->listing, d->options.source.captures);
	return d->model && d->screen && d->standouts && d->rows && d->holders && d->pairs && d->peers &&
	       d->pages && d->help_pages && d->listing;
}

static void take_settings(struct dashboard *d)
{
	struct listing_order order = { .ascending = d->settings.ascending };
	struct column_list list;
	char bytes[256];
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	if (!d->settings.columns[0] || !cells_parse(&d->cells, d->settings.columns, &why))
		cells_usual(&d->cells);
	if (d->settings.sort[0] && columns_parse(&list, d->settings.sort, &why))
		order.sort = list.at[0];
	listing_set(d->listing, &order);
}

struct dashboard *dashboard_new(const struct dashboard_options *options, int rows, int width, bool utf8)
{
	struct dashboard *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->options = *options;
	d->settings = options->settings ? *options->settings : settings_usual;
	if (!make_parts(d, rows, width, utf8)) {
		dashboard_close(d);
		errno = ENOMEM;
		return NULL;
	}
	take_settings(d);
	d->holder_sort = options->live ? TIME_WAIT_SORT_NOW : TIME_WAIT_SORT_PEAK;
	d->peer_sort = HOSTS_SORT_CONNECTIONS;
	return d;
}

struct dashboard *dashboard_open(const struct dashboard_options *options, struct text *why)
{
	struct dashboard *d =
		dashboard_new(options, SCREEN_ROWS_LEAST, SCREEN_COLUMNS_LEAST, terminal_utf8());

	if (!d) {
		text_string(why, strerror(errno));
		return NULL;
	}
	d->terminal = terminal_screen_open(d->settings.theme, why);
	if (d->terminal)
		return d;
	dashboard_close(d);
	return NULL;
}

void dashboard_close(struct dashboard *d)
{
	if (!d)
		return;
	terminal_screen_close(d->terminal);
	listing_free(d->listing);
	pages_free(d->pages);
	pages_free(d->help_pages);
	model_free(d->model);
	screen_free(d->screen);
	free(d->standouts);
	free(d->rows);
	free(d->holders);
	free(d->pairs);
	free(d->peers);
	free(d);
}

void dashboard_set_source(struct dashboard *d, const struct dashboard_source *source)
{
	d->options.source = *source;
	model_set_look(d->model, source->look, source->name, source->context);
	listing_name_sources(d->listing, source->captures);
}

struct sink *dashboard_sink(struct dashboard *d)
{
	return model_sink(d->model);
}

int dashboard_fd(const struct dashboard *d)
{
	return d->terminal ? terminal_screen_fd(d->terminal) : -1;
}

const struct settings *dashboard_settings(const struct dashboard *d)
{
	return &d->settings;
}

/* ---- actions ---- */

void dashboard_show(struct dashboard *d, enum view_id view)
{
	if (view == d->view)
		return;
	if (view == VIEW_CONNECTION && d->connection == 0) {
		if (listing_count(d->listing) > 0 && d->list.at < listing_count(d->listing))
			connection_open(d, listing_connection(d->listing, d->list.at));
		else
			dashboard_say(d, ROLE_WARN, "There is no connection to show.");
		return;
	}
	if (d->back_count == BACK_MAX) {
		memmove(d->back, d->back + 1, (BACK_MAX - 1) * sizeof *d->back);
		d->back_count--;
	}
	d->back[d->back_count++] = d->view;
	d->view = view;
	d->counted.ns = 0;
}

/* To where one came from; from a screen that was chosen by its number, to the overview. */
static void go_back(struct dashboard *d, int key)
{
	if (d->view == VIEW_OVERVIEW) {
		d->quit = key == 'q';
		d->back_count = 0;
		return;
	}
	if (d->view == VIEW_CONNECTIONS && key == PRESS_ESCAPE && d->filter[0]) {
		connections_filter(d, "");
		return;
	}
	d->view = d->back_count > 0 ? d->back[--d->back_count] : VIEW_OVERVIEW;
	d->counted.ns = 0;
}

static void turn_view(struct dashboard *d, int by)
{
	enum view_id view = (enum view_id)(((int)d->view + by + VIEW_COUNT) % VIEW_COUNT);

	/* Where no connection was opened yet, its screen is passed over. */
	if (view == VIEW_CONNECTION && d->connection == 0)
		view = (enum view_id)((int)view + by);
	d->back_count = 0;
	dashboard_show(d, view);
	d->back_count = 0;
}

/* All screens stand as of the same moment. */
static void take_all(struct dashboard *d)
{
	for (int view = 0; view < VIEW_COUNT; view++) {
		d->counted.ns = 0;
		if (views[view]->refresh)
			views[view]->refresh(d);
	}
}

static void pause_or_go_on(struct dashboard *d)
{
	if (!d->paused)
		take_all(d);
	d->paused = !d->paused;
	dashboard_say(d, ROLE_WARN,
		      d->paused ? "Paused: the picture stands, the capture goes on. p goes on."
				: "Going on.");
}

static void zero(struct dashboard *d)
{
	if (model_zero(d->model))
		dashboard_say(d, ROLE_TEXT, "Counting from zero.");
	else
		dashboard_say(d, ROLE_BAD, "%s", strerror(errno));
	d->counted.ns = 0;
}

static void act(struct dashboard *d, enum action action, int key)
{
	if (views[d->view]->act(d, action))
		return;
	switch (action) {
	case ACT_BACK:
		go_back(d, key);
		break;
	case ACT_QUIT:
		d->quit = true;
		break;
	case ACT_VIEW:
		d->back_count = 0;
		dashboard_show(d, (enum view_id)(key - '1'));
		break;
	case ACT_NEXT_VIEW:
	case ACT_PREVIOUS_VIEW:
		turn_view(d, action == ACT_NEXT_VIEW ? 1 : -1);
		break;
	case ACT_HELP:
		dashboard_show(d, VIEW_HELP);
		break;
	case ACT_PAUSE:
		pause_or_go_on(d);
		break;
	case ACT_ZERO:
		zero(d);
		break;
	case ACT_WRITE:
		dialog_open(d, DIALOG_WRITE);
		break;
	case ACT_REDRAW:
		if (d->terminal)
			terminal_screen_redraw(d->terminal);
		break;
	case ACT_SUSPEND:
		if (d->terminal)
			terminal_screen_suspend(d->terminal);
		break;
	default:
		break;
	}
}

static void click(struct dashboard *d, const struct press *press)
{
	enum view_id view = press->row == 0 ? frame_view_at(d, press->column) : VIEW_COUNT;

	if (view != VIEW_COUNT) {
		d->back_count = 0;
		dashboard_show(d, view);
	} else if (press->row >= CONTENT_TOP && views[d->view]->click) {
		views[d->view]->click(d, press->row, press->column);
	}
}

static bool is_too_small(const struct dashboard *d)
{
	return d->screen->rows < SCREEN_ROWS_LEAST || d->screen->columns < SCREEN_COLUMNS_LEAST;
}

static void take_press(struct dashboard *d, const struct press *press)
{
	if (press->kind == PRESS_GONE) {
		d->quit = true;
		return;
	}
	if (is_too_small(d)) {
		d->quit = d->quit || (press->kind == PRESS_KEY && (press->key == 'q' || press->key == 'Q'));
		return;
	}
	if (dialog_press(d, press))
		return;
	if (press->kind == PRESS_KEY) {
		d->message[0] = '\0';
		act(d, key_action(d->view, press->key), press->key);
	} else if (press->kind == PRESS_CLICK) {
		click(d, press);
	} else if (press->kind == PRESS_WHEEL && views[d->view]->wheel) {
		views[d->view]->wheel(d, press->row, press->key * WHEEL_LINES);
	}
}

/* What is pressed on a screen rests on what it shows; the next press may have come already. */
void dashboard_press(struct dashboard *d, const struct press *press)
{
	enum view_id before = d->view;

	take_press(d, press);
	if (d->view != before)
		dashboard_draw(d);
}

/* ---- drawing ---- */

static void draw_too_small(struct dashboard *d)
{
	struct screen *s = d->screen;

	screen_say(s, s->rows / 2, 0, ROLE_WARN, "%dx%d: too small", s->columns, s->rows);
	screen_say(s, s->rows / 2 + 1, 0, ROLE_TEXT, "lastack needs %dx%d", SCREEN_COLUMNS_LEAST,
		   SCREEN_ROWS_LEAST);
}

void dashboard_draw(struct dashboard *d)
{
	screen_clear(d->screen);
	if (is_too_small(d)) {
		draw_too_small(d);
		return;
	}
	if (!d->paused) {
		d->now = d->input.now;
		if (views[d->view]->refresh)
			views[d->view]->refresh(d);
	}
	views[d->view]->draw(d);
	frame_draw(d);
	dialog_draw(d);
}

void dashboard_resize(struct dashboard *d, int rows, int width)
{
	if (rows != d->screen->rows || width != d->screen->columns)
		screen_resize(d->screen, rows, width);
}

static void paint(struct dashboard *d)
{
	int rows, width;

	if (d->terminal) {
		terminal_screen_size(d->terminal, &rows, &width);
		dashboard_resize(d, rows < SCREEN_ROWS_MAX ? rows : SCREEN_ROWS_MAX,
				 width < SCREEN_COLUMNS_MAX ? width : SCREEN_COLUMNS_MAX);
	}
	dashboard_draw(d);
	if (d->terminal)
		terminal_screen_paint(d->terminal, d->screen);
}

static void handle(struct dashboard *d)
{
	struct press press;

	for (int i = 0; d->terminal && i < PRESSES_EACH && !d->quit; i++) {
		press = terminal_screen_read(d->terminal);
		if (press.kind == PRESS_NOTHING)
			return;
		dashboard_press(d, &press);
	}
}

bool dashboard_turn(struct dashboard *d, struct moment clock, const struct dashboard_input *input)
{
	d->input = *input;
	if (clock.ns - d->handled.ns >= HANDLE_NS || d->handled.ns == 0) {
		d->handled = clock;
		handle(d);
	}
	model_settle(d->model, input->now);
	if (clock.ns - d->painted.ns >= PAINT_NS || d->painted.ns == 0) {
		d->painted = clock;
		paint(d);
	}
	return !d->quit;
}
