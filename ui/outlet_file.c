/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outlet_file.c - an outlet's files: rows whole or not at all, a head in each, one after the other. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/outlet_parts.h"

#define RETRY_NS INT64_C(1000000000)

/* As many of the bytes as can be written. Fewer after outlet_trouble(). */
static size_t put(struct outlet *outlet, const char *bytes, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t written = write(outlet->output.fd, bytes + done, n - done);

		if (written > 0) {
			done += (size_t)written;
		} else if (written == 0 || errno != EINTR) {
			outlet_trouble(outlet, written == 0 ? EIO : errno);
			break;
		}
	}
	outlet->size += (off_t)done;
	return done;
}

/* Takes away the last n bytes written. Not where others have written behind them, nor from a pipe. */
static bool cut_back(struct outlet *outlet, size_t n)
{
	off_t end = lseek(outlet->output.fd, 0, SEEK_CUR);
	off_t cut = end - (off_t)n;
	struct stat status;

	if (!outlet->regular || cut < 0 || fstat(outlet->output.fd, &status) == -1 || status.st_size != end ||
	    ftruncate(outlet->output.fd, cut) == -1)
		return false;
	outlet->size -= (off_t)n;
	return lseek(outlet->output.fd, cut, SEEK_SET) == cut;
}

/* Others may have emptied the file (logrotate's copytruncate): then it needs its head again. */
static bool go_to_end(struct outlet *outlet)
{
	if (!outlet->series || !outlet->regular)
		return true;
	outlet->size = lseek(outlet->output.fd, 0, SEEK_END);
	if (outlet->size == -1) {
		outlet_trouble(outlet, errno);
		return false;
	}
	if (outlet->size == 0)
		outlet->head_out = outlet->out = 0;
	return true;
}

/* The file, or its folder, was removed while it is open. */
static bool has_no_name(const struct outlet *outlet)
{
	struct stat status;

	return outlet->series && outlet->named && fstat(outlet->output.fd, &status) == 0 &&
	       status.st_nlink == 0;
}

/* Rows are about to go there. */
static void note_name(struct outlet *outlet)
{
	if (!has_no_name(outlet))
		return;
	outlet->nameless = true;
	if (complain_paced(&outlet->stuck_pace, outlet->now))
		complain(outlet->output.name, "rows go into a file that has no name any more");
}

static bool write_head(struct outlet *outlet)
{
	size_t missing = outlet->head_length - outlet->head_out;
	size_t done;

	if (missing == 0)
		return true;
	done = put(outlet, outlet->head + outlet->head_out, missing);
	outlet->head_out += done;
	if (done == missing)
		return true;
	if (outlet->head_out > 0 && cut_back(outlet, outlet->head_out))
		outlet->head_out = 0;
	return false;
}

/* Up to row number 'last', which is not written. */
static bool write_rows(struct outlet *outlet, size_t last)
{
	size_t from = outlet_row_start(outlet, outlet->first) + outlet->out;
	size_t to = from + put(outlet, outlet->bytes + from, outlet_row_start(outlet, last) - from);

	while (outlet->first < last && outlet->ends[outlet->first] <= to) {
		outlet->first++;
		outlet->counts.rows++;
	}
	outlet->out = to - outlet_row_start(outlet, outlet->first);
	if (outlet->out > 0 && cut_back(outlet, outlet->out))
		outlet->out = 0;
	return outlet->first == last;
}

/* The row after the last that the file has room for. */
static size_t rows_that_fit(const struct outlet *outlet)
{
	size_t from = outlet_row_start(outlet, outlet->first) + outlet->out;
	size_t last = outlet->first;

	if (!outlet->series)
		return outlet->rows;
	while (last < outlet->rows && !series_full(outlet->series, outlet->size, outlet->ends[last] - from))
		last++;
	return last;
}

/* Whether another file would do better, and can be tried for. */
static bool may_go_on_elsewhere(const struct outlet *outlet)
{
	return outlet->size > (off_t)outlet->head_length && outlet->out == 0 &&
	       (!outlet->stuck || outlet_elapsed(outlet, outlet->stuck_tried, RETRY_NS));
}

bool outlet_write(struct outlet *outlet)
{
	if (!go_to_end(outlet))
		return false;
	for (;;) {
		size_t last;

		if (!write_head(outlet))
			return false;
		if (outlet->first == outlet->rows)
			return true;
		last = rows_that_fit(outlet);
		if (last == outlet->first) {
			if (may_go_on_elsewhere(outlet) && outlet_next_file(outlet))
				continue;
			last++; /* too large for any file, or there is no other */
		}
		note_name(outlet);
		if (!write_rows(outlet, last))
			return false;
	}
}

void outlet_look(struct outlet *outlet)
{
	struct stat status;

	outlet->regular = fstat(outlet->output.fd, &status) == 0 && S_ISREG(status.st_mode);
	outlet->named = outlet->regular && status.st_nlink > 0;
	outlet->size = outlet->regular ? status.st_size : 0;
	outlet->head_out = outlet->size > 0 ? outlet->head_length : 0;
	outlet->out = 0;
}

static void switch_to(struct outlet *outlet, int fd)
{
	/* Some file systems tell only now that there was no room (close(2)). */
	if (close(outlet->output.fd) == -1 && errno != EINTR) {
		outlet->counts.errors++;
		if (complain_paced(&outlet->stuck_pace, outlet->now))
			complain(outlet->output.name, "%s", strerror(errno));
	}
	outlet->output.fd = fd;
	outlet->output.name = series_name(outlet->series);
	outlet->stuck = false;
	outlet_look(outlet);
}

static void say_stuck(struct outlet *outlet, int error)
{
	bool taken = error == EWOULDBLOCK;

	complain(outlet->output.name, "no other file can be opened, %s: %s%s%s",
		 has_no_name(outlet) ? "rows go into a file that has no name any more" : "rows still go here",
		 taken ? series_tried(outlet->series) : "", taken ? " " : "", series_reason(error));
}

static bool switch_if(struct outlet *outlet, int fd)
{
	int error = errno;

	if (fd != -1) {
		switch_to(outlet, fd);
		return true;
	}
	outlet->counts.errors++;
	outlet->stuck = true;
	outlet->stuck_tried = outlet->now;
	if (complain_paced(&outlet->stuck_pace, outlet->now))
		say_stuck(outlet, error);
	return false;
}

bool outlet_next_file(struct outlet *outlet)
{
	if (!switch_if(outlet, series_next(outlet->series, outlet->now)))
		return false;
	outlet->counts.rotations++;
	return true;
}

bool outlet_same_file(struct outlet *outlet)
{
	return switch_if(outlet, series_begin(outlet->series, outlet->now));
}
