/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outlet.c - rows into an output for months. */
#include "ui/outlet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/outlet_parts.h"
#include "ui/resume.h"

#define NS_PER_S INT64_C(1000000000)
#define FLUSH_NS (NS_PER_S / 2)
#define RETRY_NS NS_PER_S

bool outlet_elapsed(const struct outlet *outlet, int64_t since, int64_t ns)
{
	return outlet->now < since || outlet->now - since >= ns;
}

static void lose(struct outlet *outlet, uint64_t rows)
{
	outlet->counts.lost_rows += rows;
	outlet->unsaid += rows;
}

/* Rows held are no longer. */
static void forget(struct outlet *outlet)
{
	lose(outlet, outlet->rows - outlet->first);
	outlet->first = outlet->rows = 0;
}

/* No waiting mends it. */
static bool is_final(int error)
{
	return error == EPIPE || error == EBADF || error == EINVAL;
}

static bool is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

static const char *rows_were(uint64_t n)
{
	return n == 1 ? "row was" : "rows were";
}

void outlet_trouble(struct outlet *outlet, int error)
{
	outlet->counts.errors++;
	outlet->trouble = error;
	outlet->tried = outlet->now;
	if (is_final(error)) {
		outlet->output.error = error;
		return;
	}
	if (!complain_paced(&outlet->pace, outlet->now))
		return;
	outlet->said = true;
	if (outlet->unsaid > 0)
		complain(outlet->output.name, "%s; tried again every second, %" PRIu64 " %s lost so far",
			 strerror(error), outlet->unsaid, rows_were(outlet->unsaid));
	else
		complain(outlet->output.name, "%s; tried again every second, rows are held meanwhile",
			 strerror(error));
}

static void say_lost(struct outlet *outlet, const char *why)
{
	complain(outlet->output.name, "%s%" PRIu64 " %s lost", why, outlet->unsaid,
		 rows_were(outlet->unsaid));
	outlet->unsaid = 0;
}

/* It was written after trouble. An end is told only where the beginning was. */
static void recover(struct outlet *outlet)
{
	if (outlet->said)
		say_lost(outlet,
			 is_full(outlet->trouble) ? "there is room again; " : "it can be written again; ");
	outlet->said = false;
	outlet->trouble = 0;
}

/* Rows that are still to be written move to the front. */
static void close_up(struct outlet *outlet)
{
	size_t from = outlet_row_start(outlet, outlet->first);

	if (outlet->first == 0)
		return;
	memmove(outlet->bytes, outlet->bytes + from, outlet_row_start(outlet, outlet->rows) - from);
	for (size_t i = outlet->first; i < outlet->rows; i++)
		outlet->ends[i - outlet->first] = outlet->ends[i] - (uint32_t)from;
	outlet->rows -= outlet->first;
	outlet->first = 0;
}

void outlet_flush(struct outlet *outlet)
{
	if (outlet->output.error)
		return;
	outlet->flushed = outlet->now;
	if (outlet_write(outlet) && outlet->trouble)
		recover(outlet);
	close_up(outlet);
	if (outlet->output.error)
		forget(outlet);
}

static bool has_room(const struct outlet *outlet, size_t n)
{
	return outlet->rows < BATCH_ROWS && n <= BATCH_BYTES - outlet_row_start(outlet, outlet->rows);
}

void outlet_row(struct outlet *outlet, const char *row, size_t n)
{
	if (!has_room(outlet, n) && !outlet->trouble)
		outlet_flush(outlet);
	if (!has_room(outlet, n) || outlet->output.error) {
		lose(outlet, 1);
		return;
	}
	memcpy(outlet->bytes + outlet_row_start(outlet, outlet->rows), row, n);
	outlet->ends[outlet->rows] = (uint32_t)(outlet_row_start(outlet, outlet->rows) + n);
	outlet->rows++;
}

static bool is_due(const struct outlet *outlet)
{
	bool holds = outlet->rows > 0 || outlet->head_out < outlet->head_length;

	return outlet->trouble ? outlet_elapsed(outlet, outlet->tried, RETRY_NS)
			       : holds && outlet_elapsed(outlet, outlet->flushed, FLUSH_NS);
}

/* Whether there is to be another file, and trying for it makes sense now. */
static bool wants_file(const struct outlet *outlet)
{
	return outlet->series && outlet->regular &&
	       (outlet->reopen || series_due(outlet->series, outlet->now)) &&
	       (!outlet->stuck || outlet_elapsed(outlet, outlet->stuck_tried, RETRY_NS));
}

/* What is held belongs to the file before. */
static void change_file(struct outlet *outlet)
{
	if (!outlet->trouble)
		outlet_flush(outlet);
	if (outlet->reopen) {
		outlet->reopen = !outlet_same_file(outlet);
	} else if (outlet->out == 0) {
		outlet_next_file(outlet);
	}
	outlet_flush(outlet); /* its head */
}

void outlet_tick(struct outlet *outlet, int64_t wall_ns)
{
	outlet->now = wall_ns;
	if (outlet->output.error)
		return;
	if (is_due(outlet))
		outlet_flush(outlet);
	if (wants_file(outlet))
		change_file(outlet);
	if (!outlet->trouble && outlet->unsaid > 0 && complain_paced(&outlet->pace, wall_ns))
		say_lost(outlet, "");
}

void outlet_reopen(struct outlet *outlet)
{
	/* Nobody moves a pipe away, and opening one again could wait for ever. */
	outlet->reopen = outlet->series && outlet->regular;
}

void outlet_use(struct outlet *outlet, struct opener *opener)
{
	if (outlet->series)
		series_use(outlet->series, opener);
}

struct output *outlet_output(struct outlet *outlet)
{
	return &outlet->output;
}

struct output_counts outlet_counts(const struct outlet *outlet)
{
	return outlet->counts;
}

static bool copy_head(struct outlet *outlet, const struct outlet_options *options)
{
	outlet->head_length = options->head ? options->head_length : 0;
	outlet->head = malloc(outlet->head_length + 1);
	if (!outlet->head)
		return false;
	if (outlet->head_length > 0)
		memcpy(outlet->head, options->head, outlet->head_length);
	return true;
}

static void open_standard(struct outlet *outlet)
{
	struct stat status;

	outlet->output = output_stdout;
	outlet->regular = fstat(outlet->output.fd, &status) == 0 && S_ISREG(status.st_mode);
}

static void say_not_opened(const struct outlet *outlet, const struct outlet_options *options, int error)
{
	const char *tried = outlet->series ? series_tried(outlet->series) : "";
	const char *reason = series_reason(error);

	for (size_t i = 0; i < options->other_count && error == EWOULDBLOCK; i++)
		if (!options->others[i]->standard && output_is(options->others[i], tried))
			reason = "is given for two outputs";
	complain(*tried ? tried : options->series.name, "%s", reason);
}

/* False after a complaint. */
static bool open_series(struct outlet *outlet, const struct outlet_options *options)
{
	const char *begin = outlet->head_length > 0 ? outlet->head : options->begin;
	size_t n = outlet->head_length > 0 ? outlet->head_length : strlen(begin);
	int fd = -1;

	outlet->series = series_new(&options->series);
	if (outlet->series)
		fd = series_begin(outlet->series, outlet->now);
	if (fd == -1) {
		say_not_opened(outlet, options, errno);
		return false;
	}
	outlet->output.fd = fd;
	outlet->output.name = series_name(outlet->series);
	if (!resume_rows(fd, outlet->output.name, begin, n))
		return false;
	outlet_look(outlet);
	return true;
}

struct outlet *outlet_open(const struct outlet_options *options, int64_t wall_ns)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);
	bool fine = true;

	if (!outlet || !copy_head(outlet, options)) {
		complain(options->series.name, "%s", strerror(errno));
		free(outlet);
		return NULL;
	}
	outlet->now = wall_ns;
	outlet->output.fd = -1;
	if (strcmp(options->series.name, "-") == 0)
		open_standard(outlet);
	else
		fine = open_series(outlet, options);
	if (fine)
		return outlet;
	outlet_free(outlet);
	return NULL;
}

bool outlet_close(struct outlet *outlet)
{
	/* Without rows there is no need for a head either, unless one was begun and failed. */
	if (outlet->rows > outlet->first || outlet->trouble)
		outlet_flush(outlet);
	forget(outlet);
	output_close(&outlet->output);
	if (outlet->unsaid > 0 && !outlet->output.error)
		say_lost(outlet, "");
	return !outlet->output.error && !outlet->trouble && !outlet->nameless &&
	       outlet->counts.lost_rows == 0;
}

void outlet_free(struct outlet *outlet)
{
	if (!outlet)
		return;
	if (outlet->output.fd != -1 && !outlet->output.standard)
		close(outlet->output.fd);
	series_free(outlet->series);
	free(outlet->head);
	free(outlet);
}
