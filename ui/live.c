/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live.c - rows into an output for months. */
#include "ui/live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/live_parts.h"
#include "ui/resume.h"

#define NS_PER_S INT64_C(1000000000)
#define FLUSH_NS (NS_PER_S / 2)
#define RETRY_NS NS_PER_S

bool live_elapsed(const struct live *live, int64_t since, int64_t ns)
{
	return live->now < since || live->now - since >= ns;
}

static void lose(struct live *live, uint64_t rows)
{
	live->counts.lost_rows += rows;
	live->unsaid += rows;
}

/* Rows held are no longer. */
static void forget(struct live *live)
{
	lose(live, live->rows - live->first);
	live->first = live->rows = 0;
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

void live_trouble(struct live *live, int error)
{
	live->counts.errors++;
	live->trouble = error;
	live->tried = live->now;
	if (is_final(error)) {
		live->output.error = error;
		return;
	}
	if (!complain_paced(&live->pace, live->now))
		return;
	live->said = true;
	if (live->unsaid > 0)
		complain(live->output.name, "%s; tried again every second, %" PRIu64 " %s lost so far",
			 strerror(error), live->unsaid, rows_were(live->unsaid));
	else
		complain(live->output.name, "%s; tried again every second, rows are held meanwhile",
			 strerror(error));
}

static void say_lost(struct live *live, const char *why)
{
	complain(live->output.name, "%s%" PRIu64 " %s lost", why, live->unsaid, rows_were(live->unsaid));
	live->unsaid = 0;
}

/* It was written after trouble. An end is told only where the beginning was. */
static void recover(struct live *live)
{
	if (live->said)
		say_lost(live,
			 is_full(live->trouble) ? "there is room again; " : "it can be written again; ");
	live->said = false;
	live->trouble = 0;
}

/* Rows that are still to be written move to the front. */
static void close_up(struct live *live)
{
	size_t from = live_row_start(live, live->first);

	if (live->first == 0)
		return;
	memmove(live->bytes, live->bytes + from, live_row_start(live, live->rows) - from);
	for (size_t i = live->first; i < live->rows; i++)
		live->ends[i - live->first] = live->ends[i] - (uint32_t)from;
	live->rows -= live->first;
	live->first = 0;
}

void live_flush(struct live *live)
{
	if (live->output.error)
		return;
	live->flushed = live->now;
	if (live_write(live) && live->trouble)
		recover(live);
	close_up(live);
	if (live->output.error)
		forget(live);
}

static bool has_room(const struct live *live, size_t n)
{
	return live->rows < BATCH_ROWS && n <= BATCH_BYTES - live_row_start(live, live->rows);
}

void live_row(struct live *live, const char *row, size_t n)
{
	if (!has_room(live, n) && !live->trouble)
		live_flush(live);
	if (!has_room(live, n) || live->output.error) {
		lose(live, 1);
		return;
	}
	memcpy(live->bytes + live_row_start(live, live->rows), row, n);
	live->ends[live->rows] = (uint32_t)(live_row_start(live, live->rows) + n);
	live->rows++;
}

static bool is_due(const struct live *live)
{
	bool holds = live->rows > 0 || live->head_out < live->head_length;

	return live->trouble ? live_elapsed(live, live->tried, RETRY_NS)
			     : holds && live_elapsed(live, live->flushed, FLUSH_NS);
}

/* Whether there is to be another file, and trying for it makes sense now. */
static bool wants_file(const struct live *live)
{
	return live->series && live->regular && (live->reopen || series_due(live->series, live->now)) &&
	       (!live->stuck || live_elapsed(live, live->stuck_tried, RETRY_NS));
}

/* What is held belongs to the file before. */
static void change_file(struct live *live)
{
	if (!live->trouble)
		live_flush(live);
	if (live->reopen) {
		live->reopen = !live_same_file(live);
	} else if (live->out == 0) {
		live_next_file(live);
	}
	live_flush(live); /* its head */
}

void live_tick(struct live *live, int64_t wall_ns)
{
	live->now = wall_ns;
	if (live->output.error)
		return;
	if (is_due(live))
		live_flush(live);
	if (wants_file(live))
		change_file(live);
	if (!live->trouble && live->unsaid > 0 && complain_paced(&live->pace, wall_ns))
		say_lost(live, "");
}

void live_reopen(struct live *live)
{
	/* Nobody moves a pipe away, and opening one again could wait for ever. */
	live->reopen = live->series && live->regular;
}

void live_use(struct live *live, struct opener *opener)
{
	if (live->series)
		series_use(live->series, opener);
}

struct output *live_output(struct live *live)
{
	return &live->output;
}

struct output_counts live_counts(const struct live *live)
{
	return live->counts;
}

static bool copy_head(struct live *live, const struct live_options *options)
{
	live->head_length = options->head ? options->head_length : 0;
	live->head = malloc(live->head_length + 1);
	if (!live->head)
		return false;
	if (live->head_length > 0)
		memcpy(live->head, options->head, live->head_length);
	return true;
}

static void open_standard(struct live *live)
{
	struct stat status;

	live->output = output_stdout;
	live->regular = fstat(live->output.fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* False after a complaint. */
static bool open_series(struct live *live, const struct live_options *options)
{
	const char *begin = live->head_length > 0 ? live->head : options->begin;
	size_t n = live->head_length > 0 ? live->head_length : strlen(begin);
	int fd = -1;

	live->series = series_new(&options->series);
	if (live->series)
		fd = series_begin(live->series, live->now);
	if (fd == -1) {
		complain(options->series.name, "%s", strerror(errno));
		return false;
	}
	live->output.fd = fd;
	live->output.name = series_name(live->series);
	if (!resume_rows(fd, live->output.name, begin, n))
		return false;
	live_look(live);
	return true;
}

struct live *live_open(const struct live_options *options, int64_t wall_ns)
{
	struct live *live = calloc(1, sizeof *live);
	bool fine = true;

	if (!live || !copy_head(live, options)) {
		complain(options->series.name, "%s", strerror(errno));
		free(live);
		return NULL;
	}
	live->now = wall_ns;
	live->output.fd = -1;
	if (strcmp(options->series.name, "-") == 0)
		open_standard(live);
	else
		fine = open_series(live, options);
	if (fine)
		return live;
	live_free(live);
	return NULL;
}

bool live_close(struct live *live)
{
	/* Without rows there is no need for a head either: perhaps nothing was ever begun. */
	if (live->rows > live->first)
		live_flush(live);
	forget(live);
	output_close(&live->output);
	if (live->unsaid > 0 && !live->output.error)
		say_lost(live, "");
	return !live->output.error && live->counts.lost_rows == 0;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	if (live->output.fd != -1 && !live->output.standard)
		close(live->output.fd);
	series_free(live->series);
	free(live->head);
	free(live);
}
