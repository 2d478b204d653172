/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_connection.c - the screen "One connection": what --explain tells of it, growing while it lives.
 *
 * Its packets are read again when it has got new ones, and not so often that it costs much: after a reading
 * that took long, it takes longer until the next.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ui/dashboard_parts.h"
#include "ui/sentences.h"

#define AGAIN_NS    INT64_C(1000000000) /* at least, between two readings */
#define AGAIN_TIMES 20			/* as long as the last reading took */
#define LIVES_TIMES 5			/* as long, where only time has passed */

/* Among those that closed, the newest of that name. */
static const struct kept *find_kept(const struct dashboard *d, uint64_t connection)
{
	for (uint64_t n = model_next(d->model); n > model_first(d->model); n--) {
		const struct kept *kept = model_kept(d->model, n - 1);

		if (kept && kept->record.first_packet == connection)
			return kept;
	}
	return NULL;
}

bool connection_find(const struct dashboard *d, uint64_t connection, struct record *record, bool *lives)
{
	const struct live *live = model_find(d->model, connection);
	const struct kept *kept;

	*lives = live && !live->closed;
	if (live) {
		model_look_at(d->model, live, record);
		return true;
	}
	kept = find_kept(d, connection);
	if (kept)
		*record = kept->record;
	return kept != NULL;
}

void connection_name(const struct dashboard *d, const struct record *r, struct process process[static 2])
{
	const struct kept *kept = find_kept(d, r->first_packet);

	if (kept)
		memcpy(process, kept->process, sizeof kept->process);
	model_name_of(d->model, r, process);
}

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int page_columns(const struct dashboard *d)
{
	int width = content_columns(d) - 1;

	return width > 132 ? 132 : width;
}

/* False with errno. */
static bool tell(struct dashboard *d)
{
	const struct explain_options options = { .timers = d->options.timers,
						 .several_inputs = d->options.several_inputs };
	const struct dashboard_source *source = &d->options.source;
	struct explain *explain = explain_new(&options);
	struct page *page = explain ? pages_begin(d->pages, page_columns(d), d->screen->utf8) : NULL;
	bool fine = page && explain_add(explain, &d->record);

	if (fine && source->read)
		fine = source->read(source->context, explain, d->payload);
	if (fine)
		explain_print(explain, page, source->captures, 0);
	if (fine && source->forgotten && source->forgotten(source->context) > 0 && d->options.live)
		page_warn(page, 2, "Packets older than --keep-packets has room for are not shown.");
	explain_free(explain);
	return page && pages_end(d->pages) && fine;
}

static void tell_now(struct dashboard *d)
{
	int64_t began = clock_ns();

	if (!tell(d))
		dashboard_say(d, ROLE_BAD, "The packets could not be read again: %s", strerror(errno));
	d->telling = clock_ns() - began;
	d->told.ns = clock_ns();
	d->told_columns = page_columns(d);
}

void connection_open(struct dashboard *d, uint64_t connection)
{
	d->connection = connection;
	d->page = (struct scroll){ 0 };
	d->known = connection_find(d, connection, &d->record, &d->still_lives);
	if (!d->known) {
		dashboard_say(d, ROLE_WARN, "That connection is not kept any more.");
		d->connection = 0;
		return;
	}
	tell_now(d);
	dashboard_show(d, VIEW_CONNECTION);
}

/* What is told differs. */
static bool has_changed(const struct record *a, const struct record *b)
{
	return a->last_packet != b->last_packet || a->close != b->close || a->cause != b->cause ||
	       a->record_end != b->record_end || a->duplicates != b->duplicates;
}

static void refresh(struct dashboard *d)
{
	struct record record;
	int64_t wait = d->telling * AGAIN_TIMES > AGAIN_NS ? d->telling * AGAIN_TIMES : AGAIN_NS;
	bool lives;

	if (d->connection == 0 || clock_ns() - d->told.ns < wait)
		return;
	if (!connection_find(d, d->connection, &record, &lives))
		return; /* it is not kept any more, but still here */
	d->still_lives = lives;
	/* What it costs to wait grows without packets, too. */
	if (!has_changed(&record, &d->record) && (!lives || clock_ns() - d->told.ns < LIVES_TIMES * wait))
		return;
	d->record = record;
	tell_now(d);
}

static void draw(struct dashboard *d)
{
	int rows = content_rows(d);
	size_t top;

	if (d->connection == 0) {
		screen_put(d->screen, CONTENT_TOP + 1, 2, ROLE_DIM,
			   "Choose a connection on screen 2 and press Enter.");
		return;
	}
	if (d->told_columns != page_columns(d))
		tell_now(d);
	top = d->page.top;
	d->page.at = top;
	scroll_fit(&d->page, pages_count(d->pages), rows);
	for (int i = 0; i < rows; i++)
		pages_draw(d->pages, d->screen, CONTENT_TOP + i, 0, d->page.top + (size_t)i);
	if (d->still_lives)
		screen_fit_right(d->screen, CONTENT_TOP, d->screen->columns - 7, 7, ROLE_CALM, " lives ");
	if (d->page.top + (size_t)rows < d->page.count)
		screen_fit_right(d->screen, CONTENT_TOP + rows - 1, d->screen->columns - 6, 6, ROLE_WARN,
				 " more ");
}

static void show_payload(struct dashboard *d)
{
	if (!d->options.source.read) {
		dashboard_say(d, ROLE_WARN, "There are no packets to show it from.");
		return;
	}
	d->payload = !d->payload;
	tell_now(d);
	/* It stands at the end. */
	if (d->payload)
		scroll_act_page(&d->page, ACT_LAST);
}

static bool act(struct dashboard *d, enum action action)
{
	if (action == ACT_PAYLOAD && d->connection != 0) {
		show_payload(d);
		return true;
	}
	return scroll_act_page(&d->page, action);
}

static void wheel(struct dashboard *d, int row, int lines)
{
	(void)row;
	for (int i = 0; i < (lines < 0 ? -lines : lines); i++)
		scroll_act_page(&d->page, lines < 0 ? ACT_UP : ACT_DOWN);
}

const struct view view_connection = { .refresh = refresh, .draw = draw, .act = act, .wheel = wheel };
