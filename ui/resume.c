/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume.c - adding rows to a file that an earlier run has written. */
#include "ui/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/complain.h"

enum { CHUNK = 4096 };

/* As many bytes as there are from an offset on, up to n. -1 with errno. */
static ssize_t read_at(int fd, char *bytes, size_t n, off_t from)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, bytes + done, n - done, from + (off_t)done);

		if (got == 0)
			break;
		if (got == -1 && errno != EINTR)
			return -1;
		if (got > 0)
			done += (size_t)got;
	}
	return (ssize_t)done;
}

/* Whether the file begins so, as far as it goes; *shorter = it ends before. False with errno (0: it does
 * not). */
static bool begins_with(int fd, const char *begin, size_t n)
{
	char bytes[CHUNK];

	for (size_t at = 0; at < n; at += CHUNK) {
		size_t wanted = n - at < CHUNK ? n - at : CHUNK;
		ssize_t got = read_at(fd, bytes, wanted, (off_t)at);

		if (got == -1)
			return false;
		errno = 0;
		if (memcmp(bytes, begin + at, (size_t)got) != 0)
			return false;
		if ((size_t)got < wanted)
			break;
	}
	return true;
}

/* The length of a file without what stands behind its last newline. -1 with errno. */
static off_t whole_lines(int fd, off_t size)
{
	char bytes[CHUNK];

	while (size > 0) {
		size_t n = size < CHUNK ? (size_t)size : CHUNK;
		ssize_t got = read_at(fd, bytes, n, size - (off_t)n);
		const char *newline;

		if (got == -1)
			return -1;
		newline = memrchr(bytes, '\n', (size_t)got);
		if (newline)
			return size - (off_t)n + (newline - bytes) + 1;
		size -= (off_t)n;
	}
	return 0;
}

/* The same for what is open for reading as well. False with errno, 0 = it does not begin so. */
static bool resume(int fd, int reader, const char *name, const char *begin, size_t n, off_t size)
{
	off_t whole;

	if (!begins_with(reader, begin, n))
		return false;
	whole = whole_lines(reader, size);
	if (whole == -1)
		return false;
	if (whole == size)
		return true;
	if (ftruncate(fd, whole) == -1)
		return false;
	complain(name, "its last line had been cut short, and is removed");
	return true;
}

bool resume_rows(int fd, const char *name, const char *begin, size_t n)
{
	struct stat status;
	bool fine;
	int reader;

	if (fstat(fd, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size == 0))
		return true;
	reader = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	fine = reader != -1 && resume(fd, reader, name, begin, n, status.st_size);
	if (!fine && errno == 0)
		complain(name, "holds something else (rows with other columns?), and nothing is added to it");
	else if (!fine)
		complain(name, "cannot be looked at for whether rows can be added: %s", strerror(errno));
	if (reader != -1)
		close(reader);
	return fine;
}
