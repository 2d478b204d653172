/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output_files.c - see output_files.h. */
#include "output_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXTS_MAX = 256, COMPLAINTS_MAX = 65536 };

static char folder[] = "/tmp/lastack-outputs-XXXXXX";
static int said[2], real_stderr = -1; /* a pipe: what limits files must not limit it */
static void *texts[TEXTS_MAX];	      /* to be freed at the end of a test */
static size_t text_count;

static void *owned(void *text)
{
	assert_non_null(text);
	assert_true(text_count < TEXTS_MAX);
	texts[text_count++] = text;
	return text;
}

int files_set_up(void **state)
{
	(void)state;
	memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
	if (!mkdtemp(folder) || chdir(folder) == -1)
		return -1;
	fflush(stderr);
	real_stderr = dup(STDERR_FILENO);
	setenv("TZ", "UTC0", 1);
	tzset();
	if (real_stderr == -1 || pipe2(said, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	return dup2(said[1], STDERR_FILENO) == -1 ? -1 : 0;
}

static void remove_files(void)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
}

int files_tear_down(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(said[0]);
	close(said[1]);
	while (text_count > 0)
		free(texts[--text_count]);
	remove_files();
	return chdir("/") == -1 || rmdir(folder) == -1 ? -1 : 0;
}

char *file_text(const char *name)
{
	int fd = open(name, O_RDONLY);
	char *text;
	off_t size;

	if (fd == -1)
		return NULL;
	size = lseek(fd, 0, SEEK_END);
	text = owned(calloc(1, (size_t)size + 1));
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	close(fd);
	return text;
}

void file_write(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

char *file_names(void)
{
	struct dirent **entries;
	int n = scandir(".", &entries, NULL, alphasort);
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	assert_true(n >= 0 && out);
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.')
			fprintf(out, "%s ", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	fclose(out);
	return owned(all);
}

char *complaints(void)
{
	char *text = owned(calloc(1, COMPLAINTS_MAX + 1));

	fflush(stderr);
	assert_true(read(said[0], text, COMPLAINTS_MAX) < COMPLAINTS_MAX);
	return text;
}

int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return (int64_t)timegm(&tm) * INT64_C(1000000000);
}

static int open_as_told(struct opener *opener, const char *name)
{
	struct test_opener *test = (struct test_opener *)opener;

	test->opened++;
	errno = test->open_error;
	return test->open_error ? -1 : opener_direct()->open(opener_direct(), name);
}

static bool remove_as_told(struct opener *opener, const char *name)
{
	struct test_opener *test = (struct test_opener *)opener;

	test->removed++;
	errno = test->remove_error;
	return !test->remove_error && opener_direct()->remove(opener_direct(), name);
}

struct test_opener *test_opener(void)
{
	struct test_opener *test = owned(calloc(1, sizeof *test));

	test->opener = (struct opener){ .open = open_as_told, .remove = remove_as_told };
	return test;
}
