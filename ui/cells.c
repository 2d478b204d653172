/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cells.c - see cells.h. */
#include "ui/cells.h"

#include <strings.h>

#include "ui/plain.h"

enum {
	MARK_WIDTH = 2,	    /* before each row: whether it lives */
	ELASTIC_LEAST = 15, /* columns of an address that is cut off */
};

static void put_state(struct text *text, const struct record *r, enum side side)
{
	enum state state = record_state(&r->side[side]);

	text_string(text, state == STATE_UNKNOWN ? "?" : state_words[state].name);
}

/* What happened, or where both ends are. */
static void value_what(struct text *text, const struct listing_row *row)
{
	const struct record *r = &row->record;

	if (row->live) {
		put_state(text, r, CLIENT);
		if (record_state(&r->side[CLIENT]) == record_state(&r->side[SERVER]))
			return;
		text_char(text, '/');
		put_state(text, r, SERVER);
		return;
	}
	text_string(text, close_words[r->close].name);
	if (r->cause != CAUSE_NONE) {
		text_char(text, '/');
		text_string(text, cause_words[r->cause].name);
	}
}

static void value_closer(struct text *text, const struct listing_row *row)
{
	if (row->record.closer != CLOSER_NONE)
		text_string(text, closer_words[row->record.closer].name);
	else
		text_char(text, '-');
}

static void value_client(struct text *text, const struct listing_row *row)
{
	text_endpoint(text, &row->record.host[CLIENT], row->record.port[CLIENT]);
}

static void value_server(struct text *text, const struct listing_row *row)
{
	text_endpoint(text, &row->record.host[SERVER], row->record.port[SERVER]);
}

static void value_saw(struct text *text, const struct listing_row *row)
{
	for (int side = CLIENT; side <= SERVER; side++) {
		const char *name = saw_words[row->record.side[side].saw].name;

		text_string(text, side == CLIENT ? "" : "/");
		text_string(text, name[0] ? name : "?");
	}
}

static void value_lasted(struct text *text, const struct listing_row *row)
{
	text_short_time(text, row->record.duration);
}

static void value_when(struct text *text, const struct listing_row *row)
{
	text_string(text, plain_moment(row->live ? row->record.start : row->record.end, false).s);
}

static void value_bytes(struct text *text, const struct listing_row *row)
{
	text_short_number(text, row->record.side[CLIENT].bytes);
	text_char(text, '/');
	text_short_number(text, row->record.side[SERVER].bytes);
}

/* By the name of the column that it is sorted by. */
static const struct {
	struct cells_column column;
	const char *sort;
} made[] = {
	{ { "what", "CLOSE", "what happened and why; of one that lives both states", .value = value_what },
	  "close" },
	{ { "by", "CLOSER", "who began to close", .value = value_closer }, "closer" },
	{ { "lasted", "LASTED", "from the first packet to the last", true, .value = value_lasted },
	  "duration" },
	{ { "client", "CLIENT", "the client's address and port", .elastic = true, .value = value_client },
	  "client_ip" },
	{ { "server", "SERVER", "the server's address and port", .elastic = true, .value = value_server },
	  "server_ip" },
	{ { "saw", "THEY SAW", "what the client's and the server's application saw", .value = value_saw },
	  "client_saw" },
	{ { "when", "WHEN", "when it began, or closed (UTC)", .value = value_when }, "end" },
	{ { "bytes", "BYTES > <", "payload of the client and of the server", true, .value = value_bytes },
	  "server_bytes" },
};
enum { MADE = sizeof made / sizeof *made };

static const struct column *column_called(const char *name)
{
	for (size_t i = 0; i < column_count; i++)
		if (strcmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

bool cells_column(size_t i, struct cells_column *column)
{
	if (i < MADE) {
		*column = made[i].column;
		column->sort = column_called(made[i].sort);
		return true;
	}
	i -= MADE;
	if (i >= column_count)
		return false;
	*column = (struct cells_column){
		.name = columns[i].name,
		.heading = columns[i].name,
		.meaning = columns[i].meaning,
		.right = columns[i].type == COLUMN_NUMBER,
		.sort = &columns[i],
	};
	return true;
}

void cells_usual(struct cells *c)
{
	*c = (struct cells){ .n = MADE };
	for (size_t i = 0; i < MADE; i++)
		c->at[i] = i;
}

static bool add_name(struct cells *c, const char *name, size_t length)
{
	struct cells_column column;

	for (size_t i = 0; cells_column(i, &column); i++) {
		if (strlen(column.name) != length || strncasecmp(column.name, name, length) != 0)
			continue;
		for (size_t k = 0; k < c->n; k++)
			if (c->at[k] == i)
				return true;
		c->at[c->n++] = i;
		return true;
	}
	return false;
}

bool cells_parse(struct cells *c, const char *names, struct text *why)
{
	struct cells parsed = { 0 };

	for (const char *name = names;;) {
		size_t length = strcspn(name, ", ");

		if (!add_name(&parsed, name, length)) {
			text_char(why, '\'');
			text_bytes(why, name, length);
			text_string(why, "' is no column");
			return false;
		}
		name += length;
		if (*name == '\0')
			break;
		name += strspn(name, ", ");
	}
	*c = parsed;
	return true;
}

void cells_names(const struct cells *c, struct text *text)
{
	struct cells_column column;

	for (size_t i = 0; i < c->n; i++) {
		if (i > 0)
			text_char(text, ',');
		if (cells_column(c->at[i], &column))
			text_string(text, column.name);
	}
}

void cells_forget(struct cells *c)
{
	memset(c->width, 0, sizeof c->width);
}

/* ---- drawing ---- */

/* Digits behind the point that say nothing are left out, and more than six. */
static void trim(struct text *text)
{
	const char *point = memchr(text->bytes, '.', text->length);

	if (!point)
		return;
	if (text->length > (size_t)(point - text->bytes) + 7)
		text->length = (size_t)(point - text->bytes) + 7;
	while (text->bytes[text->length - 1] == '0')
		text->length--;
	text->length -= text->bytes[text->length - 1] == '.';
}

static const char *text_of(char *bytes, size_t size, const struct cells_column *column,
			   const struct listing_row *row)
{
	struct text text = { .bytes = bytes, .size = size };
	const struct row plain = { .record = &row->record,
				   .process = row->process,
				   .source = row->source ? row->source : "",
				   .nanoseconds = true };

	if (column->value) {
		column->value(&text, row);
	} else {
		column_text(&text, &plain, column->sort);
		if (column->right)
			trim(&text);
	}
	return text_end(&text);
}

static int heading_width(const struct screen *s, const struct cells_column *column, bool sorted)
{
	return screen_width(s, column->heading) + (sorted ? 1 : 0);
}

static void measure(struct cells *c, const struct screen *s, const struct listing_row *rows, int n,
		    const struct column *sort)
{
	for (size_t i = c->first; i < c->n; i++) {
		struct cells_column column;
		char bytes[CELL_TEXT_MAX];

		cells_column(c->at[i], &column);
		if (c->width[i] < heading_width(s, &column, column.sort == sort))
			c->width[i] = heading_width(s, &column, column.sort == sort);
		for (int row = 0; row < n; row++) {
			int width =
				rows[row].connection
					? screen_width(s, text_of(bytes, sizeof bytes, &column, &rows[row]))
					: 0;

			if (width > c->width[i])
				c->width[i] = width;
		}
	}
}

/* The addresses must be in sight, cut or not; what stands behind them need not. */
static int needed(const struct cells *c, const int *width)
{
	int total = MARK_WIDTH - 1, until_elastic = 0;

	for (size_t i = c->first; i < c->n; i++) {
		struct cells_column column;

		cells_column(c->at[i], &column);
		total += width[i] + 1;
		if (column.elastic)
			until_elastic = total;
	}
	return until_elastic;
}

/* What is too much is taken from the elastic columns, from the widest first. */
static void squeeze(const struct cells *c, int room, int *width)
{
	memcpy(width, c->width, sizeof c->width);
	while (needed(c, width) > room) {
		size_t widest = c->n;

		for (size_t i = c->first; i < c->n; i++) {
			struct cells_column column;

			cells_column(c->at[i], &column);
			if (column.elastic && width[i] > ELASTIC_LEAST &&
			    (widest == c->n || width[i] > width[widest]))
				widest = i;
		}
		if (widest == c->n)
			return;
		width[widest]--;
	}
}

static enum role row_role(const struct listing_row *row)
{
	if (row->live)
		return ROLE_CALM;
	switch (row->record.close) {
	case CLOSE_GRACEFUL:
	case CLOSE_SIMULTANEOUS:
		return ROLE_GOOD;
	case CLOSE_RESET:
	case CLOSE_VANISHED:
		return ROLE_BAD;
	default:
		return ROLE_WARN;
	}
}

static void draw_row(const struct cells *c, struct screen *s, int at, const struct listing_row *row,
		     const int *width)
{
	int left = MARK_WIDTH;

	if (row->connection == 0) {
		screen_put(s, at, MARK_WIDTH, ROLE_DIM, "(not kept any more)");
		return;
	}
	screen_put(s, at, 0, ROLE_CALM, row->live ? (s->utf8 ? "\u25cf" : "*") : " ");
	for (size_t i = c->first; i < c->n && left < s->columns; i++) {
		struct cells_column column;
		char bytes[CELL_TEXT_MAX];
		int room = s->columns - left;
		int wide = width[i] < room ? width[i] : room;
		enum role role;

		cells_column(c->at[i], &column);
		role = c->at[i] == 0 ? row_role(row) : ROLE_TEXT;
		text_of(bytes, sizeof bytes, &column, row);
		if (column.right && wide == width[i])
			screen_fit_right(s, at, left, wide, role, bytes);
		else
			screen_fit(s, at, left, wide, role, bytes);
		left += width[i] + 1;
	}
}

static void draw_heading(const struct cells *c, struct screen *s, int at, const int *width,
			 const struct listing_order *order)
{
	const char *mark = order->ascending ? (s->utf8 ? "\u25b2" : "^") : (s->utf8 ? "\u25bc" : "v");
	int left = MARK_WIDTH;
	size_t i = c->first;

	if (c->first > 0)
		screen_put(s, at, 0, ROLE_WARN, "<");
	for (; i < c->n && left < s->columns; i++) {
		struct cells_column column;
		char text[CELL_TEXT_MAX];
		int wide = width[i] < s->columns - left ? width[i] : s->columns - left;

		cells_column(c->at[i], &column);
		snprintf(text, sizeof text, "%s%s", column.heading,
			 order->sort && column.sort == order->sort ? mark : "");
		if (column.right && wide == width[i])
			screen_fit_right(s, at, left, wide, ROLE_TITLE, text);
		else
			screen_fit(s, at, left, wide, ROLE_TITLE, text);
		left += width[i] + 1;
	}
	if (i < c->n || left - 1 > s->columns)
		screen_put(s, at, s->columns - 1, ROLE_WARN, ">");
	screen_paint(s, at, 0, s->columns, ROLE_COUNT, SCREEN_UNDERLINE);
}

void cells_draw(struct cells *c, struct screen *s, int top, const struct listing_row *rows, int n,
		const struct listing_order *order)
{
	int width[CELLS_MAX] = { 0 };

	measure(c, s, rows, n, order->sort);
	squeeze(c, s->columns, width);
	draw_heading(c, s, top, width, order);
	for (int i = 0; i < n; i++)
		draw_row(c, s, top + 1 + i, &rows[i], width);
}

bool cells_at(const struct cells *c, int room, int place, struct cells_column *column)
{
	int width[CELLS_MAX] = { 0 };
	int left = MARK_WIDTH;

	squeeze(c, room, width);
	for (size_t i = c->first; i < c->n && left < room; i++) {
		if (place >= left && place < left + width[i])
			return cells_column(c->at[i], column);
		left += width[i] + 1;
	}
	return false;
}
