/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rhythm.c - see rhythm.h. */
#include "analyzer/rhythm.h"

#include <stddef.h>
#include <string.h>

static int64_t apart(struct moment a, struct moment b)
{
	int64_t ns;

	if (__builtin_sub_overflow(a.ns, b.ns, &ns) || ns == INT64_MIN)
		return INT64_MAX;
	return ns < 0 ? -ns : ns;
}

void rhythm_add(struct rhythm *rhythm, struct moment at)
{
	if (rhythm->count > 0)
		rhythm->spacing[(rhythm->count - 1) % RHYTHM_LATEST] = apart(at, rhythm->last);
	if (rhythm->count++ == 0 || at.ns > rhythm->last.ns)
		rhythm->last = at;
}

static void sort(int64_t *values, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int64_t value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

int64_t rhythm_interval(const struct rhythm *rhythm)
{
	int64_t sorted[RHYTHM_LATEST], median;
	size_t n, alike = 0;

	if (rhythm->count <= RHYTHM_LEAST)
		return 0;
	n = rhythm->count > RHYTHM_LATEST ? RHYTHM_LATEST : (size_t)rhythm->count - 1;
	memcpy(sorted, rhythm->spacing, n * sizeof *sorted);
	sort(sorted, n);
	median = sorted[n / 2];
	for (size_t i = 0; i < n; i++)
		alike += apart((struct moment){ sorted[i] }, (struct moment){ median }) <= median / 10;
	return 4 * alike >= 3 * n ? median : 0;
}
