/* SPDX-License-Identifier: GPL-2.0-or-later */
/* series.c - the files of one output, one after the other. */
#include "ui/series.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
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

/* Opens series->wanted, once its number is known. */
static int open_wanted(struct series *series, int64_t wall_ns)
{
	if (!make_name(series, wall_ns, series->wanted.number, series->wanted.name))
		return -1;
	return series->options.opener->open(series->options.opener, series->wanted.name);
}

/* The file wanted is open. */
static int accept_wanted(struct series *series, int fd, int64_t wall_ns)
{
	series->now = series->wanted;
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

/* From the number of series->wanted on, the first file that holds nothing. */
static int open_unused(struct series *series, int64_t wall_ns)
{
	for (int i = 0; i < TRIES_MAX; i++, series->wanted.number++) {
		int fd = open_wanted(series, wall_ns);

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
	if (fd == -1)
		return -1;
	if (!is_full(series, fd))
		return accept_wanted(series, fd, wall_ns);
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
