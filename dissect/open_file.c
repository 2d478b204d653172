/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_by_name(const char *name)
{
	if (strcmp(name, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* Many rotated files may need more descriptors than are allowed at first (setrlimit(2): soft and hard limit).
 */
static bool more_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

const char *open_file(struct open_file *file, const char *name)
{
	struct stat status;
	int fd = open_by_name(name);

	if (fd < 0 && errno == EMFILE && more_descriptors())
		fd = open_by_name(name);
	if (fd < 0 && errno == EMFILE)
		return "too many files at once for the limit on open files (ulimit -n)";
	if (fd < 0)
		return strerror(errno);
	*file = (struct open_file){ .fd = fd };
	if (fstat(fd, &status) != 0)
		return NULL;
	if (S_ISDIR(status.st_mode)) {
		close(fd);
		return strerror(EISDIR);
	}
	file->start = S_ISREG(status.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
	file->again = file->start != -1;
	return NULL;
}
