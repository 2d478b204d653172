/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.c - a file or standard output, with its first error kept. */
#include "ui/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct output output_stdout = { .fd = STDOUT_FILENO, .name = "standard output", .standard = true };
const struct output output_stderr = { .fd = STDERR_FILENO, .name = "standard error", .standard = true };

bool output_open(struct output *output, const char *name)
{
	if (strcmp(name, "-") == 0) {
		*output = output_stdout;
		return true;
	}
	*output = (struct output){ .name = name };
	output->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	return output->fd != -1;
}

bool output_is(const struct output *output, const char *name)
{
	struct stat ours, theirs;

	/* Only regular files can be destroyed: /dev/null, say, may well be both. */
	return fstat(output->fd, &ours) == 0 && S_ISREG(ours.st_mode) && stat(name, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool output_truncate(struct output *output)
{
	struct stat status;

	if (output->standard)
		return true;
	if (fstat(output->fd, &status) == -1)
		return false;
	/* One that is empty is left alone: ext4 writes out what was truncated once it is closed, and waits.
	 */
	return !S_ISREG(status.st_mode) || status.st_size == 0 || ftruncate(output->fd, 0) == 0;
}

void output_write(struct output *output, const char *bytes, size_t n)
{
	while (n > 0 && !output->error) {
		ssize_t written = write(output->fd, bytes, n);

		if (written >= 0) {
			bytes += written;
			n -= (size_t)written;
		} else if (errno != EINTR) {
			output->error = errno;
		}
	}
}

bool output_close(struct output *output)
{
	/* Some file systems tell only now that there is no room (close(2)). */
	if (!output->standard && close(output->fd) == -1 && errno != EINTR && !output->error)
		output->error = errno;
	output->fd = -1;
	return !output->error;
}

bool output_unread(const struct output *output)
{
	return output->standard && output->error == EPIPE;
}
