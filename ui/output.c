/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.c - a file or standard output, with its first error kept. */
#include "ui/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool output_open(struct output *output, const char *name)
{
	int fd, saved;

	*output = (struct output){ .file = stdout, .name = "standard output", .standard = true };
	if (strcmp(name, "-") == 0)
		return true;
	*output = (struct output){ .name = name };
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd == -1)
		return false;
	output->file = fdopen(fd, "w");
	if (!output->file) {
		saved = errno;
		close(fd);
		errno = saved;
	}
	return output->file != NULL;
}

bool output_is(const struct output *output, const char *name)
{
	struct stat ours, theirs;

	/* Only what can be overwritten matters: a terminal or /dev/null may be both. */
	return fstat(fileno(output->file), &ours) == 0 && S_ISREG(ours.st_mode) && stat(name, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool output_truncate(struct output *output)
{
	struct stat status;

	if (output->standard)
		return true;
	if (fstat(fileno(output->file), &status) == -1)
		return false;
	return !S_ISREG(status.st_mode) || ftruncate(fileno(output->file), 0) == 0;
}

void output_write(struct output *output, const char *bytes, size_t n)
{
	if (output->error)
		return;
	errno = 0;
	if (fwrite(bytes, 1, n, output->file) != n)
		output->error = errno ? errno : EIO;
}

bool output_flush(struct output *output)
{
	errno = 0;
	if (!output->error && fflush(output->file) == EOF)
		output->error = errno ? errno : EIO;
	return !output->error;
}

bool output_close(struct output *output)
{
	bool fine;

	if (!output->file)
		return true;
	fine = output_flush(output);
	/* Some file systems tell only now that there is no room (close(2)). */
	if (!output->standard && fclose(output->file) == EOF && fine) {
		output->error = errno ? errno : EIO;
		fine = false;
	}
	output->file = NULL;
	return fine;
}

bool output_unread(const struct output *output)
{
	return output->standard && output->error == EPIPE;
}
