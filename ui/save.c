/* SPDX-License-Identifier: GPL-2.0-or-later */
/* save.c - writes what a screen shows to a file: as text, CSV, NDJSON, or the packets behind it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/dashboard_parts.h"
#include "ui/output.h"
#include "ui/report.h"
#include "ui/time_wait_rows.h"
#include "ui/view_hosts.h"

static bool shows_connections(const struct dashboard *d)
{
	return d->view == VIEW_CONNECTIONS || (d->view == VIEW_CONNECTION && d->connection != 0);
}

bool save_can(const struct dashboard *d, enum save_format format)
{
	switch (format) {
	case SAVE_TEXT:
		return true;
	case SAVE_PCAP:
		return shows_connections(d) && d->options.source.slice;
	default:
		return shows_connections(d) || d->view == VIEW_TIME_WAIT || d->view == VIEW_HOSTS;
	}
}

/* ---- connections ---- */

/* Those that are shown: all of the list, or the one. The rows are the caller's to free. */
static struct listing_row *shown_rows(struct dashboard *d, size_t *n)
{
	size_t most = d->view == VIEW_CONNECTION ? 1 : listing_count(d->listing);
	struct listing_row *rows = calloc(most + 1, sizeof *rows);

	*n = 0;
	if (!rows)
		return NULL;
	if (d->view == VIEW_CONNECTION) {
		rows[0].record = d->record;
		connection_name(d, &d->record, rows[0].process);
		*n = 1;
	}
	for (size_t i = 0; d->view == VIEW_CONNECTIONS && i < most; i++)
		if (listing_row(d->listing, i, &rows[*n]))
			(*n)++;
	return rows;
}

static void put_rows(struct dashboard *d, FILE *out, const struct report_format *format,
		     const struct report_options *options, const struct listing_row *rows, size_t n)
{
	char *bytes = malloc(REPORT_ROW_MAX);
	struct text text = { .bytes = bytes, .size = REPORT_ROW_MAX };

	if (!bytes)
		return;
	if (format->head)
		format->head(&text, options);
	for (size_t i = 0; i <= n; i++) {
		struct row row = { .several_inputs = options->several_inputs, .nanoseconds = true };

		fwrite(bytes, 1, text.length, out);
		text.length = 0;
		if (i == n)
			break;
		row.record = &rows[i].record;
		row.process = rows[i].process;
		row.source = d->options.source.captures
				     ? captures_source(d->options.source.captures, row.record->source)
				     : "";
		format->row(&text, &row, options);
	}
	free(bytes);
}

static bool put_connections(struct dashboard *d, FILE *out, enum save_format format)
{
	struct report_options options = { .heading = true, .several_inputs = d->options.several_inputs };
	size_t n;
	struct listing_row *rows = shown_rows(d, &n);

	if (!rows)
		return false;
	columns_all(&options.columns);
	put_rows(d, out,
		 format == SAVE_CSV    ? &report_csv
		 : format == SAVE_JSON ? &report_json
				       : &report_list,
		 &options, rows, n);
	free(rows);
	return true;
}

static bool put_packets(struct dashboard *d, int fd)
{
	size_t n;
	struct listing_row *rows = shown_rows(d, &n);
	const struct record **list = calloc(n + 1, sizeof *list);
	bool fine = rows && list;

	for (size_t i = 0; fine && i < n; i++)
		list[i] = &rows[i].record;
	fine = fine && d->options.source.slice(d->options.source.context, list, n, fd);
	free(list);
	free(rows);
	return fine;
}

/* ---- the other screens ---- */

static bool put_table(struct dashboard *d, FILE *out, enum save_format format)
{
	bool waits = d->view == VIEW_TIME_WAIT;
	const struct grid *grid = waits ? &time_wait_grid : &hosts_grid;
	const void *rows = waits ? (const void *)d->holders : d->peers;
	size_t n = waits ? d->holder_count : d->peer_count;

	if (format == SAVE_CSV)
		grid_csv(grid, out, rows, n);
	else
		grid_json(grid, out, rows, n);
	return true;
}

/* The picture without what is asked on top of it. */
static bool put_screen(struct dashboard *d, FILE *out)
{
	dashboard_draw(d);
	screen_text(d->screen, out);
	return true;
}

static bool put_all(struct dashboard *d, FILE *out, enum save_format format)
{
	if (d->view == VIEW_CONNECTION && format == SAVE_TEXT && d->connection != 0) {
		pages_write(d->pages, out);
		return true;
	}
	if (shows_connections(d))
		return put_connections(d, out, format);
	return format == SAVE_TEXT ? put_screen(d, out) : put_table(d, out, format);
}

/* ---- the file ---- */

static bool write_text(struct dashboard *d, enum save_format format, struct output *output)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	bool fine = stream && put_all(d, stream, format);

	if (stream)
		fine = fclose(stream) == 0 && fine;
	if (fine)
		output_write(output, text, length);
	free(text);
	return fine;
}

void save_shown(struct dashboard *d, enum save_format format)
{
	char name[SAVES_NAME_MAX];
	struct output output = { .fd = -1, .name = name };
	bool fine;

	if (!d->options.opener) {
		dashboard_say(d, ROLE_BAD, "Nothing can be written here.");
		return;
	}
	saves_name(name, d->view, format, time(NULL));
	output.fd = d->options.opener->open(d->options.opener, name);
	fine = output.fd != -1 && output_truncate(&output);
	if (fine)
		fine = format == SAVE_PCAP ? put_packets(d, output.fd) : write_text(d, format, &output);
	if (fine && output.error) {
		errno = output.error;
		fine = false;
	}
	if (fine)
		dashboard_say(d, ROLE_GOOD, "Written to %s, where lastack was started.", name);
	else
		dashboard_say(d, ROLE_BAD, "%s: %s", name, strerror(errno));
	if (output.fd != -1)
		close(output.fd);
}
