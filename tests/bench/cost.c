/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cost - runs a command with nothing on its standard input and output, and prints "SECONDS BYTES": wall time
 * and peak memory. A program of its own because a child's peak begins with the size of whoever started it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void become(char **command)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0)
		execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 2) {
		fputs("usage: cost COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	double begin = now();
	pid_t child = fork();

	if (child == 0)
		become(argv + 1);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		perror("cost");
		return 1;
	}
	printf("%.6f %lld\n", now() - begin, (long long)usage.ru_maxrss * 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
