/* SPDX-License-Identifier: GPL-2.0-or-later */
/* descriptors.c - see descriptors.h. Nothing is allocated after descriptors_new(). */
#include "ui/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PLACES = 1 << 16,     /* sockets remembered; inodes are handed out one after the other */
	OWNERS = 8,	      /* processes looked at first */
	REST = 20,	      /* times as long as it took, until it is done again */
	GUESSES = 2,	      /* descriptors, see guess() */
	LINKS_BY_CLOCK = 64,  /* links read between looks at the clock */
	ROUND_NS = 500000000, /* between rounds over all processes, at least */
	PATH = 64,
};

/* Where a socket was met: the link /proc/pid/fd/fd. */
struct place {
	uint32_t inode; /* 0 = none */
	uint32_t pid, fd;
};

struct owner {
	uint32_t pid; /* 0 = none */
	uint32_t fd;  /* of the socket of its that was found last */
	int64_t rest; /* not to be looked through before */
};

/* A directory whose names are numbers, being read. */
struct listing {
	int fd; /* -1 = none */
	ssize_t length, at;
	_Alignas(struct dirent64) char bytes[16384];
};

struct descriptors {
	struct listing processes; /* /proc, open for ever */
	struct listing files;	  /* of the process that the round has reached */
	uint32_t pid;		  /* that process */
	bool in_round;
	int64_t spent;		     /* on this round */
	int64_t round_rest;	     /* none begins before */
	struct owner owners[OWNERS]; /* the latest first */
	struct place places[PLACES];
};

static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The number that a text begins with, and that 'after' must follow. False: it is none. */
static bool read_number(const char *text, const char *after, uint32_t *number)
{
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*number = (uint32_t)n;
	return strcmp(text, after) == 0;
}

/* The next number among the names. False at the end. */
static bool listing_next(struct listing *listing, uint32_t *number)
{
	for (;;) {
		const struct dirent64 *entry;

		if (listing->at >= listing->length) {
			listing->length = getdents64(listing->fd, listing->bytes, sizeof listing->bytes);
			listing->at = 0;
			if (listing->length <= 0)
				return false;
		}
		entry = (const struct dirent64 *)(listing->bytes + listing->at);
		listing->at += entry->d_reclen;
		if (read_number(entry->d_name, "", number))
			return true;
	}
}

static void listing_close(struct listing *listing)
{
	if (listing->fd >= 0)
		close(listing->fd);
	listing->fd = -1;
}

/* False where it may not be seen, or is gone. */
static bool open_files(struct descriptors *d, struct listing *files, uint32_t pid)
{
	char path[PATH];

	snprintf(path, sizeof path, "%" PRIu32 "/fd", pid);
	files->length = files->at = 0;
	files->fd = openat(d->processes.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return files->fd >= 0;
}

/* The inode of the socket that a link leads to; 0 = it leads to none, or may not be read. */
static uint32_t socket_behind(int directory, const char *name)
{
	static const char begin[] = "socket:[";
	char link[PATH];
	ssize_t n = readlinkat(directory, name, link, sizeof link - 1);
	uint32_t inode;

	if (n < (ssize_t)sizeof begin)
		return 0;
	link[n] = '\0';
	if (strncmp(link, begin, sizeof begin - 1) != 0 || !read_number(link + sizeof begin - 1, "]", &inode))
		return 0;
	return inode;
}

static uint32_t socket_at(struct descriptors *d, const struct place *place)
{
	char path[PATH];

	snprintf(path, sizeof path, "%" PRIu32 "/fd/%" PRIu32, place->pid, place->fd);
	return socket_behind(d->processes.fd, path);
}

static struct place *place_of(struct descriptors *d, uint32_t inode)
{
	return &d->places[inode % PLACES];
}

static bool is_known(struct descriptors *d, uint32_t inode)
{
	return place_of(d, inode)->inode == inode;
}

/* Looks at some links of a process; false when there are no more. */
static bool look_at_links(struct descriptors *d, struct listing *files, uint32_t pid)
{
	for (int i = 0; i < LINKS_BY_CLOCK; i++) {
		char name[PATH];
		uint32_t fd, inode;

		if (!listing_next(files, &fd))
			return false;
		snprintf(name, sizeof name, "%" PRIu32, fd);
		inode = socket_behind(files->fd, name);
		if (inode != 0 && !is_known(d, inode))
			*place_of(d, inode) = (struct place){ inode, pid, fd };
	}
	return true;
}

/*
 * Whether an owner has it where it had the last one, or right behind: a new descriptor has the smallest
 * number that is free. Without this, who makes and ends connections faster than it may be looked through
 * stays unknown.
 */
static void guess(struct descriptors *d, uint32_t inode)
{
	for (int i = 0; i < OWNERS && d->owners[i].pid != 0; i++) {
		for (uint32_t fd = d->owners[i].fd, n = 0; n < GUESSES; fd++, n++) {
			const struct place place = { inode, d->owners[i].pid, fd };

			if (socket_at(d, &place) == inode) {
				*place_of(d, inode) = place;
				return;
			}
		}
	}
}

/* All that an owner holds, as far as there is time. */
static void look_through(struct descriptors *d, struct owner *owner, int64_t until)
{
	int64_t begun = clock_now(), ended;
	struct listing files;

	if (begun < owner->rest || begun >= until)
		return;
	if (open_files(d, &files, owner->pid)) {
		while (look_at_links(d, &files, owner->pid) && clock_now() < until)
			;
		listing_close(&files);
	}
	ended = clock_now();
	owner->rest = ended + REST * (ended - begun);
}

static void look_through_owners(struct descriptors *d, uint32_t inode, int64_t until)
{
	for (int i = 0; i < OWNERS && d->owners[i].pid != 0 && !is_known(d, inode); i++)
		look_through(d, &d->owners[i], until);
}

static bool begin_round(struct descriptors *d, int64_t now)
{
	if (now < d->round_rest || lseek(d->processes.fd, 0, SEEK_SET) != 0)
		return false;
	d->processes.length = d->processes.at = 0;
	d->spent = 0;
	d->in_round = true;
	return true;
}

/* One step of the round: the next process, or some links of this one. False when the round is over. */
static bool step(struct descriptors *d)
{
	if (d->files.fd < 0) {
		if (!listing_next(&d->processes, &d->pid))
			return false;
		open_files(d, &d->files, d->pid); /* which may not be allowed, or too late */
	} else if (!look_at_links(d, &d->files, d->pid)) {
		listing_close(&d->files);
	}
	return true;
}

/* Goes on with the round over all processes, or begins one. */
static void go_round(struct descriptors *d, uint32_t inode, int64_t until)
{
	int64_t begun = clock_now(), now = begun;

	if (!d->in_round && !begin_round(d, begun))
		return;
	while (d->in_round && now < until && !is_known(d, inode)) {
		d->in_round = step(d);
		now = clock_now();
	}
	d->spent += now - begun;
	if (!d->in_round)
		d->round_rest = now + (REST * d->spent > ROUND_NS ? REST * d->spent : ROUND_NS);
}

/* Where its next socket may be is told by a new one alone: not by the one it listens on, asked for each time.
 */
static void became_owner(struct descriptors *d, const struct place *place, bool is_new)
{
	struct owner owner = { .pid = place->pid };
	int i;

	for (i = 0; i < OWNERS - 1 && d->owners[i].pid != 0 && d->owners[i].pid != place->pid; i++)
		;
	if (d->owners[i].pid == place->pid)
		owner = d->owners[i];
	if (is_new)
		owner.fd = place->fd;
	memmove(d->owners + 1, d->owners, (size_t)i * sizeof *d->owners);
	d->owners[0] = owner;
}

/* What the process calls itself; its number is known when that could be read. */
static void name_process(struct descriptors *d, uint32_t pid, struct process *process)
{
	char path[PATH];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%" PRIu32 "/comm", pid);
	*process = (struct process){ 0 };
	fd = openat(d->processes.fd, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, process->name, PROCESS_NAME_MAX);
		close(fd);
	}
	if (n < 0)
		return;
	/* The kernel ends it by a line feed, which does not belong to it; others do. */
	process->name[n] = '\0';
	if (n > 0 && n < PROCESS_NAME_MAX && process->name[n - 1] == '\n')
		process->name[n - 1] = '\0';
	process->pid = pid;
}

/* Whether what is remembered is still so; else it is forgotten. */
static bool holds_still(struct descriptors *d, uint32_t inode, struct process *process)
{
	struct place *place = place_of(d, inode);

	if (!is_known(d, inode))
		return false;
	if (socket_at(d, place) == inode)
		name_process(d, place->pid, process);
	else
		process->pid = 0;
	if (process->pid == 0)
		place->inode = 0;
	return process->pid != 0;
}

bool descriptors_owner(struct descriptors *d, uint32_t inode, struct process *process)
{
	int64_t until = clock_now() + DESCRIPTORS_CALL_NS;
	bool known;

	if (inode == 0)
		return false;
	known = holds_still(d, inode, process);
	if (!known) {
		guess(d, inode);
		look_through_owners(d, inode, until);
		if (!is_known(d, inode))
			go_round(d, inode, until);
		if (!holds_still(d, inode, process))
			return false;
	}
	became_owner(d, place_of(d, inode), !known);
	return true;
}

struct descriptors *descriptors_new(void)
{
	struct descriptors *d = calloc(1, sizeof *d);

	if (d)
		d->files.fd = d->processes.fd = -1;
	return d;
}

bool descriptors_open(struct descriptors *d)
{
	d->processes.fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->processes.fd >= 0;
}

void descriptors_free(struct descriptors *d)
{
	if (!d)
		return;
	listing_close(&d->files);
	listing_close(&d->processes);
	free(d);
}
