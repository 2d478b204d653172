/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frame.c - what stands around every screen: the names of all above, what is looked at, the keys below. */
#include <stdarg.h>
#include <string.h>

#include "ui/dashboard_parts.h"
#include "ui/plain.h"

/* Draws the names of the screens, or looks which of them is at a column. */
static enum view_id tabs(const struct dashboard *d, bool paint, int sought)
{
	struct screen *s = d->screen;
	bool narrow = s->columns < 110;
	int column = 9;

	for (int view = 0; view < VIEW_COUNT; view++) {
		char text[64];
		int begin = column;

		snprintf(text, sizeof text, " %d %s ", view + 1,
			 narrow ? view_names[view].shorter : view_names[view].name);
		column += screen_width(s, text);
		if (paint) {
			screen_put(s, 0, begin, ROLE_BAR, text);
			if ((enum view_id)view == d->view)
				screen_paint(s, 0, begin, column - begin, ROLE_BAR,
					     SCREEN_REVERSE | SCREEN_BOLD);
		} else if (sought >= begin && sought < column) {
			return (enum view_id)view;
		}
	}
	return VIEW_COUNT;
}

enum view_id frame_view_at(const struct dashboard *d, int column)
{
	return tabs(d, false, column);
}

/* What says how the watching goes: time, losses, memory. */
static void put_state(const struct dashboard *d, struct text *text)
{
	const struct dashboard_input *in = &d->input;
	char bytes[16];
	struct text number = { .bytes = bytes, .size = sizeof bytes };

	if (d->now.ns != 0) {
		text_string(text, plain_moment(d->now, !d->options.live).s);
		text_string(text, " UTC  ");
	}
	text_string(text, plain_number(in->packets).s);
	text_string(text, " packets  ");
	if (in->dropped > 0 || d->options.live) {
		text_string(text, plain_number(in->dropped).s);
		text_string(text, " dropped  ");
	}
	text_short_number(&number, in->memory);
	text_string(text, text_end(&number));
	text_string(text, "B of state");
}

/* Of a path that is too long its end, which tells one capture from another. */
static void draw_title(struct dashboard *d, int width)
{
	struct screen *s = d->screen;
	const char *title = d->options.title, *slash;

	while (screen_width(s, title) > width && (slash = strchr(title, '/')))
		title = slash + 1;
	screen_fit(s, 1, 0, width, ROLE_TEXT, title);
}

static void draw_state(struct dashboard *d)
{
	struct screen *s = d->screen;
	char bytes[256];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	int column, width, room;

	put_state(d, &text);
	width = screen_width(s, text_end(&text));
	room = s->columns - width - (d->paused || d->input.note ? 12 : 2);
	column = screen_width(s, d->options.title);
	if (column > room)
		column = room;
	draw_title(d, column);
	if (d->paused) {
		screen_put(s, 1, column + 1, ROLE_WARN, " PAUSED ");
		screen_paint(s, 1, column + 1, 8, ROLE_WARN, SCREEN_REVERSE);
	} else if (d->input.note) {
		screen_fit(s, 1, column + 1, s->columns - width - column - 2, ROLE_WARN, d->input.note);
	}
	screen_put(s, 1, s->columns - width, d->input.dropped > 0 ? ROLE_BAD : ROLE_DIM, bytes);
}

static void draw_keys(struct dashboard *d)
{
	struct screen *s = d->screen;
	int row = s->rows - 1, column = 0;

	for (size_t i = 0; i < key_count; i++) {
		const struct key_row *key = &key_rows[i];
		char shown[16];

		if (!key->bar || !(key->views >> d->view & 1))
			continue;
		snprintf(shown, sizeof shown, "%.*s", (int)strcspn(key->shown, " "), key->shown);
		if (column + (int)strlen(shown) + (int)strlen(key->bar) + 3 > s->columns)
			break;
		column = screen_put(s, row, column, ROLE_KEY, shown);
		column = screen_say(s, row, column, ROLE_DIM, " %s  ", key->bar);
	}
}

void dashboard_say(struct dashboard *d, enum role role, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->message, sizeof d->message, format, args);
	va_end(args);
	d->message_role = role;
	d->message_until.ns = d->handled.ns + INT64_C(6000000000);
}

void frame_draw(struct dashboard *d)
{
	struct screen *s = d->screen;

	screen_put(s, 0, 0, ROLE_BAR, " lastack ");
	screen_paint(s, 0, 0, s->columns, ROLE_BAR, 0);
	screen_paint(s, 0, 0, 9, ROLE_BAR, SCREEN_BOLD);
	tabs(d, true, 0);
	draw_state(d);
	if (d->message[0] && d->message_until.ns > d->handled.ns)
		screen_fit(s, s->rows - 1, 0, s->columns, d->message_role, d->message);
	else
		draw_keys(d);
}
