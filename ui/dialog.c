/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dialog.c - what is asked on top of a screen: a filter, what to sort by, which columns, what to write where.
 */
#include <stdlib.h>
#include <string.h>

#include "ui/dashboard_parts.h"

static const char *const formats[SAVE_FORMATS] = { [SAVE_TEXT] = "text, as it is shown",
						   [SAVE_CSV] = "CSV",
						   [SAVE_JSON] = "NDJSON",
						   [SAVE_PCAP] = "the packets, as pcapng" };

/* ---- what there is to choose from ---- */

/* What the connections can be sorted by: the time, then all columns. */
static const struct column *sort_column(size_t i)
{
	return i == 0 ? NULL : &columns[i - 1];
}

/* Text of line i; false behind the last. 'on' is what is chosen already. */
static bool choice(const struct dashboard *d, size_t i, char *text, size_t size, bool *on)
{
	struct cells_column cell;
	const char *name = NULL;

	*on = false;
	if (d->dialog == DIALOG_WRITE) {
		if (i >= SAVE_FORMATS)
			return false;
		snprintf(text, size, "%s%s", formats[i],
			 save_can(d, (enum save_format)i) ? "" : " (not here)");
		return true;
	}
	if (d->dialog == DIALOG_COLUMNS) {
		if (!cells_column(i, &cell))
			return false;
		for (size_t k = 0; k < d->cells.n; k++)
			*on = *on || d->cells.at[k] == i;
		snprintf(text, size, "%-18s %s", cell.name, cell.meaning);
		return true;
	}
	if (d->view == VIEW_CONNECTIONS) {
		const struct column *column = i <= column_count ? sort_column(i) : NULL;

		if (i > column_count)
			return false;
		*on = listing_order(d->listing)->sort == column;
		snprintf(text, size, "%-18s %s", column ? column->name : "time",
			 column ? column->meaning : "when it came, or closed");
		return true;
	}
	name = d->view == VIEW_TIME_WAIT ? time_wait_sort_name((int)i) : hosts_sort_name((int)i);
	if (!name)
		return false;
	*on = (int)i == (d->view == VIEW_TIME_WAIT ? d->holder_sort : d->peer_sort);
	snprintf(text, size, "%s", name);
	return true;
}

static size_t count_choices(const struct dashboard *d)
{
	char text[128];
	size_t n = 0;
	bool on;

	while (choice(d, n, text, sizeof text, &on))
		n++;
	return n;
}

void dialog_open(struct dashboard *d, enum dialog dialog)
{
	char text[128];
	bool on = false;

	d->dialog = dialog;
	d->message[0] = '\0';
	d->choice = (struct scroll){ 0 };
	if (dialog == DIALOG_FILTER) {
		snprintf(d->filter_before, sizeof d->filter_before, "%s", d->filter);
		edit_set(&d->edit, d->filter);
		return;
	}
	/* Begins at what is chosen. */
	for (size_t i = 0; dialog == DIALOG_SORT && choice(d, i, text, sizeof text, &on); i++)
		if (on)
			d->choice.at = i;
	scroll_fit(&d->choice, count_choices(d), d->screen->rows - 8);
}

/* ---- keys ---- */

static void choose_sort(struct dashboard *d)
{
	if (d->view == VIEW_CONNECTIONS) {
		connections_order(d, sort_column(d->choice.at), listing_order(d->listing)->ascending);
	} else if (d->view == VIEW_TIME_WAIT) {
		d->holder_sort = (int)d->choice.at;
	} else {
		d->peer_sort = (int)d->choice.at;
	}
	d->counted.ns = 0;
	d->dialog = DIALOG_NONE;
}

/* Shown, or not; the last one stays. */
static void toggle_column(struct dashboard *d)
{
	struct cells *c = &d->cells;
	struct text text = { .bytes = d->settings.columns, .size = sizeof d->settings.columns };
	size_t at = 0;

	while (at < c->n && c->at[at] != d->choice.at)
		at++;
	if (at == c->n && c->n < CELLS_MAX) {
		c->at[c->n++] = d->choice.at;
	} else if (c->n > 1) {
		memmove(&c->at[at], &c->at[at + 1], (c->n - at - 1) * sizeof *c->at);
		c->n--;
	}
	connections_columns_changed(d);
	cells_names(c, &text);
	text_end(&text);
}

static void choose_format(struct dashboard *d)
{
	enum save_format format = (enum save_format)d->choice.at;

	if (!save_can(d, format)) {
		dashboard_say(d, ROLE_WARN, "This screen cannot be written so.");
		return;
	}
	d->dialog = DIALOG_NONE;
	save_shown(d, format);
}

static void choose(struct dashboard *d)
{
	if (d->dialog == DIALOG_SORT)
		choose_sort(d);
	else if (d->dialog == DIALOG_COLUMNS)
		toggle_column(d);
	else
		choose_format(d);
}

static void press_in_list(struct dashboard *d, int key)
{
	enum action action = key_action(VIEW_HELP, key);

	if (key == PRESS_ESCAPE || key == 'q' || (key == 'c' && d->dialog == DIALOG_COLUMNS)) {
		d->dialog = DIALOG_NONE;
	} else if (key == PRESS_ENTER && d->dialog == DIALOG_COLUMNS) {
		d->dialog = DIALOG_NONE;
	} else if (key == PRESS_ENTER || key == ' ') {
		choose(d);
	} else {
		scroll_act(&d->choice, action);
	}
}

static void press_in_filter(struct dashboard *d, int key)
{
	if (key == PRESS_ESCAPE) {
		d->dialog = DIALOG_NONE;
		connections_filter(d, d->filter_before);
	} else if (key == PRESS_ENTER) {
		d->dialog = DIALOG_NONE;
	} else if (edit_key(&d->edit, key)) {
		connections_filter(d, d->edit.text);
	} else {
		scroll_act(&d->list, key_action(VIEW_HELP, key));
	}
}

bool dialog_press(struct dashboard *d, const struct press *press)
{
	if (d->dialog == DIALOG_NONE)
		return false;
	if (press->kind == PRESS_WHEEL && d->dialog != DIALOG_FILTER)
		scroll_by(&d->choice, press->key);
	if (press->kind != PRESS_KEY)
		return d->dialog != DIALOG_FILTER;
	if (d->dialog == DIALOG_FILTER)
		press_in_filter(d, press->key);
	else
		press_in_list(d, press->key);
	return true;
}

/* ---- drawing ---- */

static void draw_line(struct dashboard *d, const char *label, const char *hint)
{
	struct screen *s = d->screen;
	int row = s->rows - 1, column, room;
	const char *text = d->edit.text;

	screen_blank(s, row, 0, 1, s->columns);
	column = screen_put(s, row, 0, ROLE_KEY, label);
	room = s->columns - column - 1;
	/* The end is what one types. */
	if ((int)d->edit.length > room)
		text += (int)d->edit.length - room;
	column = screen_put(s, row, column, ROLE_TEXT, text);
	screen_paint(s, row, column, 1, ROLE_TEXT, SCREEN_REVERSE);
	if (d->message[0] && d->message_until.ns > d->handled.ns)
		screen_fit(s, row, column + 2, s->columns - column - 2, d->message_role, d->message);
	else
		screen_fit(s, row, column + 2, s->columns - column - 2, ROLE_DIM, hint);
}

static void draw_box(struct dashboard *d, const char *title, const char *hint)
{
	struct screen *s = d->screen;
	int width = s->columns < 76 + 4 ? s->columns - 4 : 76;
	int most = s->rows - 8, n = (int)count_choices(d);
	int rows = n < most ? n : most;
	int top = (s->rows - rows - 4) / 2, left = (s->columns - width) / 2;

	scroll_fit(&d->choice, (size_t)n, rows);
	screen_blank(s, top, left, rows + 4, width);
	screen_rule(s, top, left, width, ROLE_TITLE);
	screen_say(s, top, left + 2, ROLE_TITLE, " %s ", title);
	for (int i = 0; i < rows; i++) {
		size_t at = d->choice.top + (size_t)i;
		char text[128];
		bool on;

		if (!choice(d, at, text, sizeof text, &on))
			break;
		screen_put(s, top + 1 + i, left + 1, ROLE_GOOD, on ? "*" : " ");
		screen_fit(s, top + 1 + i, left + 3, width - 4, ROLE_TEXT, text);
		if (at == d->choice.at)
			screen_paint(s, top + 1 + i, left, width, ROLE_COUNT, SCREEN_REVERSE);
	}
	if (rows < n)
		screen_say(s, top + 1 + rows, left + 3, ROLE_DIM, "%zu of %d", d->choice.at + 1, n);
	screen_fit(s, top + 2 + rows, left + 1, width - 2, ROLE_DIM, hint);
	screen_rule(s, top + 3 + rows, left, width, ROLE_TITLE);
}

void dialog_draw(struct dashboard *d)
{
	switch (d->dialog) {
	case DIALOG_FILTER:
		draw_line(d, "/", "text, or close=reset port=443; Enter keeps it, Esc takes it back");
		break;
	case DIALOG_SORT:
		draw_box(d, "Sort by", "Enter chooses, Esc leaves it as it was; r turns the order round");
		break;
	case DIALOG_COLUMNS:
		draw_box(d, "Columns", "Space shows or hides one, new ones come last; Enter is done");
		break;
	case DIALOG_WRITE:
		draw_box(d, "Write what is shown as",
			 "Enter writes to a file in the folder lastack was started in; Esc does not");
		break;
	case DIALOG_NONE:
		break;
	}
}
