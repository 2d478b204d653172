/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kept.c - the files that an output has had, oldest first. */
#include "ui/kept.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ui/rotation.h"

/* A file found, until they are sorted. */
struct found {
	char *name;
	struct timespec changed;
};

struct finds {
	struct found *list;
	size_t n, size;
};

static int by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
	return strverscmp(x->name, y->name);
}

static bool note(struct finds *finds, const char *folder, size_t folder_length, const char *base)
{
	struct stat status;
	struct found *found;

	if (finds->n == finds->size) {
		size_t size = finds->size ? 2 * finds->size : 16;
		struct found *list = reallocarray(finds->list, size, sizeof *list);

		if (!list)
			return false;
		finds->list = list;
		finds->size = size;
	}
	found = &finds->list[finds->n];
	if (asprintf(&found->name, "%.*s%s", (int)folder_length, folder, base) == -1)
		return false;
	if (lstat(found->name, &status) == 0 && S_ISREG(status.st_mode)) {
		found->changed = status.st_mtim;
		finds->n++;
	} else {
		free(found->name); /* gone meanwhile, or not ours */
	}
	return true;
}

/* All files of the folder that the pattern's last part fits. */
static bool find(struct finds *finds, DIR *folder, const char *pattern)
{
	size_t folder_length = (size_t)(rotation_base(pattern) - pattern);
	const struct dirent *entry;
	uint64_t number;

	for (;;) {
		errno = 0;
		entry = readdir(folder);
		if (!entry)
			return errno == 0;
		if (rotation_matches(pattern, entry->d_name, &number) &&
		    !note(finds, pattern, folder_length, entry->d_name))
			return false;
	}
}

/* The names move into the list. */
static bool take(struct kept *kept, struct finds *finds)
{
	kept->names = calloc(finds->n + 1, sizeof *kept->names);
	if (!kept->names)
		return false;
	kept->size = finds->n + 1;
	if (finds->n > 0)
		qsort(finds->list, finds->n, sizeof *finds->list, by_age);
	for (size_t i = 0; i < finds->n; i++)
		kept->names[kept->n++] = finds->list[i].name;
	finds->n = 0;
	return true;
}

static DIR *open_folder(const char *pattern)
{
	size_t length = (size_t)(rotation_base(pattern) - pattern);
	char *name = length > 0 ? strndup(pattern, length) : strdup(".");
	DIR *folder = name ? opendir(name) : NULL;

	free(name);
	return folder;
}

bool kept_scan(struct kept *kept, const char *pattern)
{
	struct finds finds = { 0 };
	DIR *folder = open_folder(pattern);
	int error = errno;
	bool fine = false;

	*kept = (struct kept){ 0 };
	if (folder) {
		fine = find(&finds, folder, pattern) && take(kept, &finds);
		error = errno;
		closedir(folder);
	}
	for (size_t i = 0; i < finds.n; i++)
		free(finds.list[i].name);
	free(finds.list);
	errno = error;
	return fine;
}

/* The name leaves the list. */
static char *take_out(struct kept *kept, size_t i)
{
	char *name = kept->names[i];

	kept->n--;
	memmove(&kept->names[i], &kept->names[i + 1], (kept->n - i) * sizeof *kept->names);
	return name;
}

bool kept_add(struct kept *kept, const char *name)
{
	char *copy = NULL;

	for (size_t i = 0; i < kept->n && !copy; i++) {
		if (strcmp(kept->names[i], name) == 0)
			copy = take_out(kept, i);
	}
	if (!copy)
		copy = strdup(name);
	if (copy && kept->n == kept->size) {
		size_t size = 2 * kept->size + 1;
		char **names = reallocarray(kept->names, size, sizeof *names);

		if (!names) {
			free(copy);
			return false;
		}
		kept->names = names;
		kept->size = size;
	}
	if (copy)
		kept->names[kept->n++] = copy;
	return copy != NULL;
}

uint64_t kept_highest(const struct kept *kept, const char *pattern, int64_t wall_ns)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < kept->n; i++) {
		char bytes[PATH_MAX];
		struct text name = { .bytes = bytes, .size = sizeof bytes };
		uint64_t number;

		if (rotation_matches(pattern, rotation_base(kept->names[i]), &number) && number > highest &&
		    rotation_name(pattern, wall_ns, number, &name) && strcmp(bytes, kept->names[i]) == 0)
			highest = number;
	}
	return highest;
}

void kept_expire(struct kept *kept, uint64_t most, struct opener *opener, int64_t wall_ns)
{
	while (kept->n > most) {
		char *name = take_out(kept, 0);

		if (!opener->remove(opener, name) && errno != ENOENT && complain_paced(&kept->pace, wall_ns))
			complain(name, "cannot be removed, and stays: %s", strerror(errno));
		free(name);
	}
}

void kept_free(struct kept *kept)
{
	for (size_t i = 0; i < kept->n; i++)
		free(kept->names[i]);
	free(kept->names);
	*kept = (struct kept){ 0 };
}
