/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_file.c - a live output's files: rows whole or not at all, a head in each, one after the other. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/live_parts.h"

#define RETRY_NS INT64_C(1000000000)

/* As many of the bytes as can be written. Fewer after live_trouble(). */
static size_t put(struct live *live, const char *bytes, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t written = write(live->output.fd, bytes + done, n - done);

		if (written > 0) {
			done += (size_t)written;
		} else if (written == 0 || errno != EINTR) {
			live_trouble(live, written == 0 ? EIO : errno);
			break;
		}
	}
	live->size += (off_t)done;
	return done;
}

/* Takes away the last n bytes written. Not where others have written behind them, nor from a pipe. */
static bool cut_back(struct live *live, size_t n)
{
	off_t end = lseek(live->output.fd, 0, SEEK_CUR);
	off_t cut = end - (off_t)n;
	struct stat status;

	if (!live->regular || cut < 0 || fstat(live->output.fd, &status) == -1 || status.st_size != end ||
	    ftruncate(live->output.fd, cut) == -1)
		return false;
	live->size -= (off_t)n;
	return lseek(live->output.fd, cut, SEEK_SET) == cut;
}

/* Others may have emptied the file (logrotate's copytruncate): then it needs its head again. */
static bool go_to_end(struct live *live)
{
	if (!live->series || !live->regular)
		return true;
	live->size = lseek(live->output.fd, 0, SEEK_END);
	if (live->size == -1) {
		live_trouble(live, errno);
		return false;
	}
	if (live->size == 0)
		live->head_out = live->out = 0;
	return true;
}

static bool write_head(struct live *live)
{
	size_t missing = live->head_length - live->head_out;
	size_t done;

	if (missing == 0)
		return true;
	done = put(live, live->head + live->head_out, missing);
	live->head_out += done;
	if (done == missing)
		return true;
	if (live->head_out > 0 && cut_back(live, live->head_out))
		live->head_out = 0;
	return false;
}

/* Up to row number 'last', which is not written. */
static bool write_rows(struct live *live, size_t last)
{
	size_t from = live_row_start(live, live->first) + live->out;
	size_t to = from + put(live, live->bytes + from, live_row_start(live, last) - from);

	while (live->first < last && live->ends[live->first] <= to) {
		live->first++;
		live->counts.rows++;
	}
	live->out = to - live_row_start(live, live->first);
	if (live->out > 0 && cut_back(live, live->out))
		live->out = 0;
	return live->first == last;
}

/* The row after the last that the file has room for. */
static size_t rows_that_fit(const struct live *live)
{
	size_t from = live_row_start(live, live->first) + live->out;
	size_t last = live->first;

	if (!live->series)
		return live->rows;
	while (last < live->rows && !series_full(live->series, live->size, live->ends[last] - from))
		last++;
	return last;
}

/* Whether another file would do better, and can be tried for. */
static bool may_go_on_elsewhere(const struct live *live)
{
	return live->size > (off_t)live->head_length && live->out == 0 &&
	       (!live->stuck || live_elapsed(live, live->stuck_tried, RETRY_NS));
}

bool live_write(struct live *live)
{
	if (!go_to_end(live))
		return false;
	for (;;) {
		size_t last;

		if (!write_head(live))
			return false;
		if (live->first == live->rows)
			return true;
		last = rows_that_fit(live);
		if (last == live->first) {
			if (may_go_on_elsewhere(live) && live_next_file(live))
				continue;
			last++; /* too large for any file, or there is no other */
		}
		if (!write_rows(live, last))
			return false;
	}
}

void live_look(struct live *live)
{
	struct stat status;

	live->regular = fstat(live->output.fd, &status) == 0 && S_ISREG(status.st_mode);
	live->size = live->regular ? status.st_size : 0;
	live->head_out = live->size > 0 ? live->head_length : 0;
	live->out = 0;
}

static void switch_to(struct live *live, int fd)
{
	/* Some file systems tell only now that there was no room (close(2)). */
	if (close(live->output.fd) == -1 && errno != EINTR) {
		live->counts.errors++;
		if (complain_paced(&live->stuck_pace, live->now))
			complain(live->output.name, "%s", strerror(errno));
	}
	live->output.fd = fd;
	live->output.name = series_name(live->series);
	live->stuck = false;
	live_look(live);
}

static bool switch_if(struct live *live, int fd)
{
	if (fd != -1) {
		switch_to(live, fd);
		return true;
	}
	live->counts.errors++;
	live->stuck = true;
	live->stuck_tried = live->now;
	if (complain_paced(&live->stuck_pace, live->now))
		complain(live->output.name, "no other file can be opened, rows still go here: %s",
			 strerror(errno));
	return false;
}

bool live_next_file(struct live *live)
{
	if (!switch_if(live, series_next(live->series, live->now)))
		return false;
	live->counts.rotations++;
	return true;
}

bool live_same_file(struct live *live)
{
	return switch_if(live, series_begin(live->series, live->now));
}
