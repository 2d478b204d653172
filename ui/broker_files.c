/* SPDX-License-Identifier: GPL-2.0-or-later */
/* broker_files.c - see broker_files.h. */
#include "ui/broker_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ui/rotation.h"

/* ---- names ---- */

static bool same_folder(const struct broker_file *file, const char *name)
{
	size_t length = (size_t)(rotation_base(name) - name);

	return strlen(file->folder) == length && memcmp(file->folder, name, length) == 0;
}

bool broker_name_fits(const struct broker_file *file, const char *base)
{
	uint64_t number;

	if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || *base == '\0' || strchr(base, '/'))
		return false;
	return strcmp(file->base, base) == 0 ||
	       (file->rotates && rotation_matches(file->base, base, &number));
}

/* The output that may be called so, or NULL with errno. *given: it was called exactly so at start. */
static const struct broker_file *find(const struct broker_files *files, const char *name, bool *given)
{
	const struct broker_file *found = NULL;
	const char *base = rotation_base(name);

	*given = false;
	for (size_t i = 0; i < files->n && !*given; i++) {
		const struct broker_file *file = &files->list[i];

		if (!same_folder(file, name) || !broker_name_fits(file, base))
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
	const char *base = rotation_base(name);
	char why[256];
	struct text ignored = { .bytes = why, .size = sizeof why };

	file->folder = strndup(name, (size_t)(base - name));
	file->base = strdup(base);
	file->rotates = rotation_pattern_valid(base, &ignored);
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
static int open_beneath(int folder, const char *base, bool given)
{
	const uint64_t no_links = given ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS;
	const struct open_how how = {
		.flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.mode = 0666,
		.resolve = RESOLVE_BENEATH | no_links,
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
	const char *base = rotation_base(name);
	int fd;

	if (!file)
		return -1;
	if (!given && is_special(file->fd, base)) {
		errno = EACCES;
		return -1;
	}
	fd = open_beneath(file->fd, base, given); /* it may have become something else meanwhile */
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
	if (is_special(file->fd, rotation_base(name))) {
		errno = EACCES;
		return false;
	}
	return unlinkat(file->fd, rotation_base(name), 0) == 0;
}
