/* SPDX-License-Identifier: GPL-2.0-or-later */
/* series.c - the files of one output, one after the other. */
#include "ui/series.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/kept.h"

enum { TRIES_MAX = 1000 }; /* numbers in a row that are taken */

/* A name, and what it was made from. */
struct serial {
	char name[PATH_MAX];
	char stamp[PATH_MAX]; /* the name without a number */
	uint64_t number;
};

struct series {
	struct series_options options;
	struct kept kept;
	struct serial now, wanted; /* the file open now, and the one being opened */
	int fd;			   /* of the file open now, which the caller owns; -1 = none yet */
	int64_t begun, end;	   /* of the time of the file */
};

static bool rotates(const struct series *series)
{
	return rotation_wanted(&series->options.rotation);
}

struct series *series_new(const struct series_options *options)
{
	struct series *series = calloc(1, sizeof *series);
	int error;

	if (!series)
		return NULL;
	series->options = *options;
	series->end = INT64_MAX;
	series->fd = -1;
	if (!rotates(series) || kept_scan(&series->kept, options->name))
		return series;
	error = errno;
	series_free(series);
	errno = error;
	return NULL;
}

void series_use(struct series *series, struct opener *opener)
{
	series->options.opener = opener;
}

static bool make_name(const struct series *series, int64_t wall_ns, uint64_t number, char bytes[PATH_MAX])
{
	struct text name = { .bytes = bytes, .size = PATH_MAX };

	if (!rotates(series)) {
		text_string(&name, series->options.name);
		text_char(&name, '\0');
	} else {
		rotation_name(series->options.name, wall_ns, number, &name);
	}
	if (name.cut)
		errno = ENAMETOOLONG;
	return !name.cut;
}

/* Makes series->wanted: whether the time makes the name that there is now is in *same. False with errno. */
static bool want(struct series *series, int64_t wall_ns, bool *same)
{
	series->wanted.number = 0;
	if (!make_name(series, wall_ns, 0, series->wanted.stamp))
		return false;
	*same = strcmp(series->wanted.stamp, series->now.stamp) == 0;
	return true;
}

static bool is_same_file(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * False with errno = EWOULDBLOCK: somebody else has locked it. File systems that know no locks, or fail at
 * them, are written to without.
 */
static bool lock(int fd)
{
	struct stat status;

	return fstat(fd, &status) == -1 || !S_ISREG(status.st_mode) || flock(fd, LOCK_EX | LOCK_NB) == 0 ||
	       errno != EWOULDBLOCK;
}

/*
 * A file that was opened, locked: two programs that write to the same one would spoil each other's rows. The
 * lock goes with what was opened once, so that one of our own stands in the way of a second opening too; then
 * the first is used on. -1 with errno, and closed.
 */
static int locked(const struct series *series, int fd)
{
	int ours = -1, error = EWOULDBLOCK;

	if (fd == -1 || lock(fd))
		return fd;
	if (series->fd != -1 && is_same_file(series->fd, fd)) {
		ours = fcntl(series->fd, F_DUPFD_CLOEXEC, 0);
		error = errno;
	}
	close(fd);
	errno = error;
	return ours;
}

/* Opens series->wanted, once its number is known. */
static int open_wanted(struct series *series, int64_t wall_ns)
{
	if (!make_name(series, wall_ns, series->wanted.number, series->wanted.name))
		return -1;
	return locked(series, series->options.opener->open(series->options.opener, series->wanted.name));
}

/* The file wanted is open. */
static int accept_wanted(struct series *series, int fd, int64_t wall_ns)
{
	series->now = series->wanted;
	series->fd = fd;
	series->begun = wall_ns;
	if (!rotates(series))
		return fd;
	series->end = rotation_next(&series->options.rotation, wall_ns);
	/* Where nothing is removed, names would become ever more. Without memory, a later run finds the file.
	 */
	if (series->options.keep > 0 && kept_add(&series->kept, series->now.name))
		kept_expire(&series->kept, series->options.keep, series->options.opener, wall_ns);
	return fd;
}

static bool is_full(const struct series *series, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && series_full(series, status.st_size, 1);
}

static bool is_used(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

/* From the number of series->wanted on, the first file that holds nothing and that nobody else writes. */
static int open_unused(struct series *series, int64_t wall_ns)
{
	for (int i = 0; i < TRIES_MAX; i++, series->wanted.number++) {
		int fd = open_wanted(series, wall_ns);

		if (fd == -1 && errno == EWOULDBLOCK)
			continue;
		if (fd == -1)
			return -1;
		if (!is_used(fd))
			return accept_wanted(series, fd, wall_ns);
		close(fd);
	}
	errno = EEXIST;
	return -1;
}

int series_begin(struct series *series, int64_t wall_ns)
{
	bool same;
	int fd;

	if (!want(series, wall_ns, &same))
		return -1;
	if (same)
		series->wanted.number = series->now.number;
	else if (rotates(series))
		series->wanted.number = kept_highest(&series->kept, series->options.name, wall_ns);
	fd = open_wanted(series, wall_ns);
	/* At the start it is a mistake to write where another does; later there are other numbers. */
	if (fd == -1 && (errno != EWOULDBLOCK || series->fd == -1 || !rotates(series)))
		return -1;
	if (fd != -1 && !is_full(series, fd))
		return accept_wanted(series, fd, wall_ns);
	if (fd != -1)
		close(fd);
	series->wanted.number++;
	return open_unused(series, wall_ns);
}

int series_next(struct series *series, int64_t wall_ns)
{
	bool same;

	if (!want(series, wall_ns, &same))
		return -1;
	if (same)
		series->wanted.number = series->now.number + 1;
	return open_unused(series, wall_ns);
}

const char *series_name(const struct series *series)
{
	return series->now.name;
}

const char *series_tried(const struct series *series)
{
	return series->wanted.name;
}

const char *series_reason(int error)
{
	return error == EWOULDBLOCK ? "is being written by another lastack" : strerror(error);
}

bool series_due(struct series *series, int64_t wall_ns)
{
	/* The clock was set back by more than the file's time: that begins now. */
	if (wall_ns < series->begun && series->end != INT64_MAX &&
	    series->begun - wall_ns > series->end - series->begun) {
		series->begun = wall_ns;
		series->end = rotation_next(&series->options.rotation, wall_ns);
	}
	return wall_ns >= series->end;
}

bool series_full(const struct series *series, off_t size, size_t more)
{
	uint64_t most = series->options.rotation.size;

	return most > 0 && ((uint64_t)size > most || more > most - (uint64_t)size);
}

void series_free(struct series *series)
{
	if (!series)
		return;
	kept_free(&series->kept);
	free(series);
}
