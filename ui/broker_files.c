/* SPDX-License-Identifier: GPL-2.0-or-later */
/* broker_files.c - see broker_files.h. */
#include "ui/broker_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- names ---- */

/* Where a name's last part begins. */
static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static bool same_folder(const struct broker_file *file, const char *name)
{
	size_t length = (size_t)(base_of(name) - name);

	return strlen(file->folder) == length && memcmp(file->folder, name, length) == 0;
}

/*
 * One element of a template, moved past: a character, a conversion (flags, width and modifier, see
 * strftime(3)), or "%%". A '%' that begins none of these stands for itself.
 */
static bool is_conversion(const char **at, char *character)
{
	const char *end = *at + 1;

	*character = **at;
	if (**at == '%' && *end == '%') {
		*at += 2;
		return false;
	}
	if (**at != '%') {
		*at = end;
		return false;
	}
	end += strspn(end, "_-0^#+123456789EO");
	if (*end == '\0') {
		++*at;
		return false;
	}
	*at = end + 1;
	return true;
}

/* What a template's places may take; a place between characters holds a set of characters, any number. */
enum place { PLACE_CHARACTER, PLACE_ANY, PLACE_FIGURES };

enum { PLACES_MAX = NAME_MAX + 3 };

struct shape {
	size_t n;
	enum place place[PLACES_MAX];
	char character[PLACES_MAX];
};

static bool shape_add(struct shape *shape, enum place place, char character)
{
	if (shape->n == PLACES_MAX)
		return false;
	shape->place[shape->n] = place;
	shape->character[shape->n++] = character;
	return true;
}

static bool shape_make(struct shape *shape, const char *base)
{
	const char *dot = strrchr(base, '.'), *at = base;

	if (dot == base)
		dot = NULL;
	shape->n = 0;
	while (*at) {
		bool figures = at == dot;
		char character;
		enum place place = is_conversion(&at, &character) ? PLACE_ANY : PLACE_CHARACTER;

		if (figures && !shape_add(shape, PLACE_FIGURES, 0))
			return false;
		if (!shape_add(shape, place, character))
			return false;
	}
	return shape_add(shape, PLACE_FIGURES, 0);
}

static bool is_figure(char c)
{
	return (c >= '0' && c <= '9') || (c != '\0' && strchr("-._:+TZ", c));
}

/* Places that may be empty are passed. at[i]: the first i places are behind. */
static void pass_empty(const struct shape *shape, bool *at)
{
	for (size_t i = 0; i < shape->n; i++)
		at[i + 1] = at[i + 1] || (at[i] && shape->place[i] != PLACE_CHARACTER);
}

static void take(const struct shape *shape, bool *at, char c)
{
	for (size_t i = shape->n; i > 0; i--)
		at[i] = at[i - 1] && shape->place[i - 1] == PLACE_CHARACTER && shape->character[i - 1] == c;
	at[0] = false;
}

bool broker_name_fits(const char *base, const char *name)
{
	struct shape shape;
	bool at[PLACES_MAX + 1] = { true }, before[PLACES_MAX + 1];

	if (strlen(name) > NAME_MAX || strchr(name, '/') || !*name || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || !shape_make(&shape, base))
		return false;
	pass_empty(&shape, at);
	for (; *name; name++) {
		memcpy(before, at, sizeof before);
		take(&shape, at, *name);
		for (size_t i = 0; i < shape.n; i++) /* places that take it, and may take more */
			at[i] = at[i] ||
				(before[i] && (shape.place[i] == PLACE_ANY ||
					       (shape.place[i] == PLACE_FIGURES && is_figure(*name))));
		pass_empty(&shape, at);
	}
	return at[shape.n];
}

/* The output that may be called so, or NULL with errno. *given: it was called exactly so at start. */
static const struct broker_file *find(const struct broker_files *files, const char *name, bool *given)
{
	const struct broker_file *found = NULL;
	const char *base = base_of(name);

	*given = false;
	for (size_t i = 0; i < files->n && !*given; i++) {
		const struct broker_file *file = &files->list[i];

		if (!same_folder(file, name) || !broker_name_fits(file->base, base))
			continue;
		found = file;
		*given = strcmp(file->base, base) == 0;
	}
	errno = EACCES;
	return found;
}

/* ---- folders ---- */

static bool open_folder(struct broker_file *file, const char *name)
{
	const char *base = base_of(name);

	file->folder = strndup(name, (size_t)(base - name));
	file->base = strdup(base);
	if (!file->folder || !file->base)
		return false;
	file->fd = open(*file->folder ? file->folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return file->fd != -1;
}

bool broker_files_open(struct broker_files *files, const char *const *outputs, size_t n)
{
	*files = (struct broker_files){ .list = calloc(n ? n : 1, sizeof *files->list) };
	if (!files->list)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct broker_file *file = &files->list[files->n];
		int error;

		if (strcmp(outputs[i], "-") == 0)
			continue;
		file->fd = -1;
		files->n++;
		if (open_folder(file, outputs[i]))
			continue;
		error = errno;
		broker_files_close(files);
		errno = error;
		return false;
	}
	return true;
}

void broker_files_close(struct broker_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		if (files->list[i].fd != -1)
			close(files->list[i].fd);
		free(files->list[i].folder);
		free(files->list[i].base);
	}
	free(files->list);
	*files = (struct broker_files){ 0 };
}

/* ---- files ---- */

/* There is something of that name that is not a regular file. */
static bool is_special(int folder, const char *base)
{
	struct stat status;

	return fstatat(folder, base, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode);
}

/*
 * O_NONBLOCK: a FIFO without a reader, a lock or a device keeps nobody waiting. EPERM too is what a container
 * answers that does not know the call.
 */
static int open_beneath(int folder, const char *base)
{
	const struct open_how how = {
		.flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.mode = 0666,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, folder, base, &how, sizeof how);

	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		return openat(folder, base, (int)how.flags | O_NOFOLLOW, 0666);
	return (int)fd;
}

static bool wait_again(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

int broker_files_create(const struct broker_files *files, const char *name)
{
	bool given;
	const struct broker_file *file = find(files, name, &given);
	const char *base = base_of(name);
	int fd;

	if (!file)
		return -1;
	if (!given && is_special(file->fd, base)) {
		errno = EACCES;
		return -1;
	}
	fd = open_beneath(file->fd, base);
	if (fd != -1 && !wait_again(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool broker_files_remove(const struct broker_files *files, const char *name)
{
	bool given;
	const struct broker_file *file = find(files, name, &given);

	if (!file)
		return false;
	if (is_special(file->fd, base_of(name))) {
		errno = EACCES;
		return false;
	}
	return unlinkat(file->fd, base_of(name), 0) == 0;
}
