/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel.c - see kernel.h. */
#include "ui/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 3, TEXT_MAX = 64 * 1024 /* netstat has 6 kB */ };

static const char *const paths[FILES] = { "/proc/net/snmp", "/proc/net/netstat", "/proc/net/sockstat" };

const char *const kernel_names[KERNEL_COUNT] = {
#define KERNEL_NAME(id, line, name) [id] = name,
	KERNEL_COUNTERS(KERNEL_NAME)
#undef KERNEL_NAME
};

static const char *const lines[KERNEL_COUNT] = {
#define KERNEL_LINE(id, line, name) [id] = line,
	KERNEL_COUNTERS(KERNEL_LINE)
#undef KERNEL_LINE
};

struct kernel {
	int fds[FILES]; /* -1 = not there */
	struct kernel_counts begin;
};

/* A piece of a text. */
struct piece {
	const char *at;
	size_t n;
};

static bool piece_is(struct piece piece, const char *string)
{
	return piece.n == strlen(string) && memcmp(piece.at, string, piece.n) == 0;
}

static bool same(struct piece a, struct piece b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

/* Cuts off what stands before the next 'end', or all that is left. False when nothing is left. */
static bool cut(struct piece *from, char end, struct piece *piece)
{
	const char *found = from->n > 0 ? memchr(from->at, end, from->n) : NULL;

	if (from->n == 0)
		return false;
	*piece = (struct piece){ from->at, found ? (size_t)(found - from->at) : from->n };
	from->at += piece->n + (found != NULL);
	from->n -= piece->n + (found != NULL);
	return true;
}

/* The next word, however many spaces stand before it. */
static bool next_word(struct piece *line, struct piece *word)
{
	while (cut(line, ' ', word))
		if (word->n > 0)
			return true;
	return false;
}

static bool read_count(struct piece digits, uint64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < digits.n; i++) {
		char c = digits.at[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(*n, 10u, n) ||
		    __builtin_add_overflow(*n, (uint64_t)(c - '0'), n))
			return false;
	}
	return digits.n > 0;
}

static void take(struct kernel_counts *counts, struct piece line, struct piece name, struct piece digits)
{
	uint64_t n;

	for (int i = 0; i < KERNEL_COUNT; i++) {
		if (piece_is(name, kernel_names[i]) && piece_is(line, lines[i]) && read_count(digits, &n)) {
			counts->n[i] = n;
			counts->known[i] = true;
		}
	}
}

/* snmp and netstat: a line of names, then a line of numbers. */
static void take_pair(struct kernel_counts *counts, struct piece line, struct piece names,
		      struct piece numbers)
{
	struct piece name, number;

	while (next_word(&names, &name) && next_word(&numbers, &number))
		take(counts, line, name, number);
}

/* sockstat: "TCP: inuse 5 orphan 0 tw 0". */
static void take_line(struct kernel_counts *counts, struct piece line, struct piece words)
{
	struct piece name, number;

	while (next_word(&words, &name) && next_word(&words, &number))
		take(counts, line, name, number);
}

static bool begins_with_digit(struct piece words)
{
	struct piece word;

	return next_word(&words, &word) && ((word.at[0] >= '0' && word.at[0] <= '9') || word.at[0] == '-');
}

void kernel_parse(struct kernel_counts *counts, const char *text, size_t n)
{
	struct piece left = { text, n }, line, label, before = { 0 }, names = { 0 };

	while (cut(&left, '\n', &line)) {
		if (!cut(&line, ':', &label))
			continue;
		if (begins_with_digit(line) && same(label, before))
			take_pair(counts, label, names, line);
		else
			take_line(counts, label, line);
		before = label;
		names = line;
	}
}

static void read_file(struct kernel_counts *counts, int fd)
{
	char text[TEXT_MAX];
	size_t n = 0;
	ssize_t got;

	/* In one piece as a rule: the kernel makes the text when its beginning is read. */
	while (n < sizeof text && (got = pread(fd, text + n, sizeof text - n, (off_t)n)) > 0)
		n += (size_t)got;
	kernel_parse(counts, text, n);
}

static struct kernel_counts read_now(const struct kernel *kernel)
{
	struct kernel_counts counts = { 0 };

	for (int i = 0; i < FILES; i++)
		if (kernel->fds[i] >= 0)
			read_file(&counts, kernel->fds[i]);
	return counts;
}

/* A 32-bit kernel's counters go over at 2^32. */
static uint64_t since(uint64_t begin, uint64_t end)
{
	return end < begin && begin <= UINT32_MAX ? (uint64_t)(uint32_t)(end - begin) : end - begin;
}

struct kernel_counts kernel_between(const struct kernel_counts *begin, const struct kernel_counts *end)
{
	struct kernel_counts counts = { 0 };

	for (int i = 0; i < KERNEL_COUNT; i++) {
		bool held = i == KERNEL_CURR_ESTAB || i == KERNEL_TW_NOW;

		counts.known[i] = end->known[i] && begin->known[i];
		if (counts.known[i])
			counts.n[i] = held ? end->n[i] : since(begin->n[i], end->n[i]);
	}
	return counts;
}

struct kernel_counts kernel_counted(const struct kernel *kernel)
{
	const struct kernel_counts now = read_now(kernel);

	return kernel_between(&kernel->begin, &now);
}

struct kernel *kernel_open(void)
{
	struct kernel *kernel = calloc(1, sizeof *kernel);
	int opened = 0;

	if (!kernel)
		return NULL;
	for (int i = 0; i < FILES; i++) {
		kernel->fds[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		opened += kernel->fds[i] >= 0;
	}
	if (opened == 0) {
		int error = errno;

		free(kernel);
		errno = error;
		return NULL;
	}
	kernel->begin = read_now(kernel);
	return kernel;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	for (int i = 0; i < FILES; i++)
		if (kernel->fds[i] >= 0)
			close(kernel->fds[i]);
	free(kernel);
}

/* Where a way from one state to the next is counted; NULL = nowhere. As RFC 4022 and Linux count. */
static uint64_t *counted_at(struct kernel_seen *seen, enum side side, enum state from, enum state to)
{
	switch (to) {
	case STATE_SYN_SENT:
		return &seen->active_opens;
	case STATE_ESTABLISHED:
		return from == STATE_SYN_RECEIVED && side == SERVER ? &seen->passive_opens : NULL;
	case STATE_TIME_WAIT:
		return &seen->time_waits;
	case STATE_CLOSED:
		if (from == STATE_SYN_SENT || from == STATE_SYN_RECEIVED)
			return &seen->attempt_fails;
		return from == STATE_ESTABLISHED || from == STATE_CLOSE_WAIT ? &seen->estab_resets : NULL;
	default:
		return NULL;
	}
}

void kernel_see_change(struct kernel_seen *seen, const struct addresses *addresses,
		       const struct change *change)
{
	uint64_t *n;

	/* What is taken back is the way from 'to' to 'from'. */
	if (change->retracted)
		n = counted_at(seen, change->side, change->to, change->from);
	else
		n = counted_at(seen, change->side, change->from, change->to);
	if (!n || !addresses_has(addresses, &change->host[change->side], NULL))
		return;
	if (!change->retracted)
		++*n;
	else if (*n > 0)
		--*n;
}

void kernel_see_segment(struct kernel_seen *seen, const struct addresses *addresses,
			const struct sighting *sighting)
{
	const struct segment *segment = sighting->segment;

	if ((segment->flags & TCP_RST) && segment->kind == SEGMENT_TCP && !sighting->duplicate &&
	    addresses_has(addresses, &segment->src, NULL))
		seen->rsts_sent++;
}
