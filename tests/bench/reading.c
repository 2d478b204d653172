/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading - how a capture is best read: reading FILE [ROUNDS].
 *
 * Walks over all packets of a pcap and touches their headers, once with each way there is to get at a file's
 * bytes, in turns, after one round that only warms up. Prints a Markdown table: the median of the rounds. It
 * is the evidence for what dissect/stream.h does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	CAPTURED = 8,	     /* where a record says how long it is */
	RECORD_MAX = 262144, /* bytes captured */
	HEADERS = 64,	     /* bytes of a packet that are looked at */
	ROUNDS_MAX = 99,
};

struct capture {
	int fd;
	size_t size;
};

/* What was seen: the same in every way, or the figures are of no use. */
struct walk {
	uint64_t packets, sum;
};

/* Looks at the packets from 'at'; returns where the first one begins that is not whole before 'end'. */
static const uint8_t *walk(struct walk *w, const uint8_t *at, const uint8_t *end)
{
	while (end - at >= RECORD_HEADER) {
		uint32_t captured;
		uint64_t word;

		memcpy(&captured, at + CAPTURED, sizeof captured);
		if (captured > RECORD_MAX || end - at < RECORD_HEADER + (ptrdiff_t)captured)
			break;
		at += RECORD_HEADER;
		for (uint32_t i = 0; i + sizeof word <= captured && i < HEADERS; i += (uint32_t)sizeof word) {
			memcpy(&word, at + i, sizeof word);
			w->sum += word;
		}
		at += captured;
		w->packets++;
	}
	return at;
}

/* read() so many bytes at once; what is left of a packet moves to the front. */
static bool by_read(const struct capture *c, size_t chunk, struct walk *w)
{
	uint8_t *buffer = malloc(chunk + RECORD_HEADER + RECORD_MAX);
	size_t have = 0;
	ssize_t got = buffer && lseek(c->fd, FILE_HEADER, SEEK_SET) == FILE_HEADER ? 1 : -1;

	while (got > 0 && have <= RECORD_HEADER + RECORD_MAX &&
	       (got = read(c->fd, buffer + have, chunk)) > 0) {
		const uint8_t *rest;

		have += (size_t)got;
		rest = walk(w, buffer, buffer + have);
		have -= (size_t)(rest - buffer);
		memmove(buffer, rest, have);
	}
	free(buffer);
	if (got > 0)
		errno = EBADMSG; /* a record longer than there are any */
	return got == 0;
}

static bool by_map(const struct capture *c, int flags, int advice, struct walk *w)
{
	uint8_t *map = mmap(NULL, c->size, PROT_READ, flags, c->fd, 0);

	if (map == MAP_FAILED)
		return false;
	bool fine = advice == MADV_NORMAL || madvise(map, c->size, advice) == 0;

	if (fine)
		walk(w, map + FILE_HEADER, map + c->size);
	munmap(map, c->size);
	return fine;
}

static bool mapped(const struct capture *c, size_t chunk, struct walk *w)
{
	(void)chunk;
	return by_map(c, MAP_SHARED, MADV_NORMAL, w);
}

static bool mapped_in_order(const struct capture *c, size_t chunk, struct walk *w)
{
	(void)chunk;
	return by_map(c, MAP_SHARED, MADV_SEQUENTIAL, w);
}

static bool mapped_at_once(const struct capture *c, size_t chunk, struct walk *w)
{
	(void)chunk;
	return by_map(c, MAP_SHARED | MAP_POPULATE, MADV_NORMAL, w);
}

/* Pages are put into the map a window at a time, before they are looked at (Linux 5.14). */
static bool mapped_ahead(const struct capture *c, size_t window, struct walk *w)
{
	uint8_t *map = mmap(NULL, c->size, PROT_READ, MAP_SHARED, c->fd, 0);
	const uint8_t *at = map + FILE_HEADER;
	bool fine = map != MAP_FAILED;

	for (size_t done = 0; fine && done < c->size; done += window) {
		size_t n = c->size - done < window ? c->size - done : window;

		fine = madvise(map + done, n, MADV_POPULATE_READ) == 0;
		if (fine)
			at = walk(w, at, map + done + n);
	}
	if (map != MAP_FAILED)
		munmap(map, c->size);
	return fine;
}

static const struct way {
	const char *name;
	bool (*look)(const struct capture *c, size_t chunk, struct walk *w);
	size_t chunk;
} ways[] = {
	{ "`read()`, 128 KiB at once", by_read, 128 * KIB },
	{ "`read()`, 1 MiB at once", by_read, MIB },
	{ "`read()`, 4 MiB at once", by_read, 4 * MIB },
	{ "`mmap()`", mapped, 0 },
	{ "`mmap()`, `MADV_SEQUENTIAL`", mapped_in_order, 0 },
	{ "`mmap()`, `MAP_POPULATE`", mapped_at_once, 0 },
	{ "`mmap()`, `MADV_POPULATE_READ` of 128 KiB", mapped_ahead, 128 * KIB },
	{ "`mmap()`, `MADV_POPULATE_READ` of 4 MiB", mapped_ahead, 4 * MIB },
};

enum { WAYS = sizeof ways / sizeof *ways };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* False, with a message, when the file cannot be walked over. */
static bool open_capture(const char *name, struct capture *c)
{
	uint32_t magic = 0;
	struct stat about;

	c->fd = open(name, O_RDONLY);
	if (c->fd < 0 || fstat(c->fd, &about) != 0 || read(c->fd, &magic, sizeof magic) < 0) {
		fprintf(stderr, "reading: %s: %s\n", name, strerror(errno));
		return false;
	}
	c->size = (size_t)about.st_size;
	if ((magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) || c->size < FILE_HEADER) {
		fprintf(stderr, "reading: %s: not a pcap in this machine's byte order\n", name);
		return false;
	}
	return true;
}

/* One round of all ways; the first one sets what every other must see. */
static bool one_round(const struct capture *c, struct walk *expected, double seconds[WAYS])
{
	for (int i = 0; i < WAYS; i++) {
		struct walk w = { 0 };
		double begin = now();

		if (!ways[i].look(c, ways[i].chunk, &w)) {
			fprintf(stderr, "reading: %s: %s\n", ways[i].name, strerror(errno));
			return false;
		}
		seconds[i] = now() - begin;
		if (expected->packets == 0)
			*expected = w;
		if (w.packets == 0 || w.packets != expected->packets || w.sum != expected->sum) {
			fprintf(stderr, "reading: %s: other packets than before\n", ways[i].name);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : 5;
	static double seconds[ROUNDS_MAX + 1][WAYS];
	struct walk expected = { 0 };
	struct capture c;

	if (argc < 2 || argc > 3 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: reading FILE [ROUNDS]\n");
		return 2;
	}
	if (!open_capture(argv[1], &c))
		return 1;
	for (int i = 0; i <= rounds; i++) /* round 0 only warms up */
		if (!one_round(&c, &expected, seconds[i]))
			return 1;
	printf("| ns a packet | packets of %.0f bytes |\n| --- | ---: |\n",
	       (double)c.size / (double)expected.packets - RECORD_HEADER);
	for (int i = 0; i < WAYS; i++) {
		double of[ROUNDS_MAX];

		for (int j = 0; j < rounds; j++)
			of[j] = seconds[j + 1][i];
		qsort(of, (size_t)rounds, sizeof *of, compare);
		printf("| %s | %.1f |\n", ways[i].name, of[rounds / 2] / (double)expected.packets * 1e9);
	}
	close(c.fd);
	return 0;
}
