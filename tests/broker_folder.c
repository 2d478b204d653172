/* SPDX-License-Identifier: GPL-2.0-or-later */
/* broker_folder.c - see broker_folder.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_folder.h"
#include "dissect/child.h"

/* A folder with out/, which outputs are in, and other/, which they are not. */
static char root[] = "/tmp/lastack-test-broker-XXXXXX";

const char *in(const char *name)
{
	static char names[4][NAME_SIZE];
	static unsigned next;
	char *to = names[next++ % 4];

	snprintf(to, NAME_SIZE, "%s/%s", root, name);
	return to;
}

void put(const char *name, const char *bytes)
{
	FILE *f = fopen(in(name), "we");

	assert_non_null(f);
	assert_true(fputs(bytes, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

bool exists(const char *name)
{
	struct stat status;

	return lstat(in(name), &status) == 0;
}

int broker_folders_make(void **state)
{
	(void)state;
	return mkdtemp(root) && mkdir(in("out"), 0755) == 0 && mkdir(in("other"), 0755) == 0 &&
			       chdir(root) == 0
		       ? 0
		       : -1;
}

int broker_folders_remove(void **state)
{
	char command[NAME_SIZE];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

struct broker *start_with(const char *const *outputs, size_t n)
{
	const struct broker_options options = { .outputs = outputs, .output_count = n };
	struct broker *broker = broker_start(&options);

	if (!broker)
		fail_msg("broker_start: %s", strerror(errno));
	return broker;
}

int open_by(struct broker *broker, const char *name)
{
	struct opener *opener = broker_opener(broker);

	return opener->open(opener, name);
}

bool remove_by(struct broker *broker, const char *name)
{
	struct opener *opener = broker_opener(broker);

	return opener->remove(opener, name);
}

void refuses(struct broker *broker, const char *name, int error)
{
	int fd = open_by(broker, name);

	if (fd != -1)
		fail_msg("%s was opened", name);
	if (errno != error)
		fail_msg("%s: %s, not %s", name, strerror(errno), strerror(error));
	assert_false(remove_by(broker, name));
}

void all_children_are_reaped(void)
{
	pid_t pids[CHILDREN_MAX];

	assert_int_equal(child_list(pids), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

bool status_has(pid_t pid, const char *line)
{
	char name[64], text[8192];
	size_t n;
	FILE *f;

	snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return strstr(text, line) != NULL;
}

pid_t only_child(void)
{
	pid_t pids[CHILDREN_MAX];

	assert_int_equal(child_list(pids), 1);
	return pids[0];
}

int error_of(long result)
{
	return result == -1 ? errno : 0;
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
