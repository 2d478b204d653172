/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox_attempts.c - see sandbox_attempts.h. */
#include "sandbox_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What children find open. */
static char folder[] = "/tmp/lastack-test-sandbox-XXXXXX";
static char name_there[sizeof folder + 16], name_new[sizeof folder + 16];
int attempt_file;
static int udp;

int attempts_begin(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || chmod(folder, 0777) != 0)
		return -1;
	sprintf(name_there, "%s/there", folder);
	sprintf(name_new, "%s/new", folder);
	attempt_file = open(name_there, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return attempt_file == -1 || udp == -1 || fchmod(attempt_file, 0666) != 0 ||
			       write(attempt_file, "hello", 5) != 5
		       ? -1
		       : 0;
}

int attempts_end(void **state)
{
	(void)state;
	close(attempt_file);
	close(udp);
	unlink(name_new);
	unlink(name_there);
	return rmdir(folder);
}

static int error_of(long result)
{
	return result == -1 ? errno : 0;
}

int attempt_open_to_read(void)
{
	return error_of(open("/etc/passwd", O_RDONLY));
}

int attempt_open_to_write(void)
{
	return error_of(open(name_there, O_WRONLY));
}

static int make_file(void)
{
	return error_of(open(name_new, O_WRONLY | O_CREAT, 0600));
}

static int open_by_openat2(void)
{
	static const uint64_t how[3] = { O_WRONLY };

	return error_of(syscall(SYS_openat2, AT_FDCWD, name_there, how, sizeof how));
}

static int remove_file(void)
{
	make_file();
	return error_of(unlink(name_new));
}

static int make_folder(void)
{
	int error = error_of(mkdir(name_new, 0700));

	rmdir(name_new);
	return error;
}

static int change_mode(void)
{
	return error_of(fchmod(attempt_file, 0666));
}

static int make_socket(void)
{
	return error_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_local_socket(void)
{
	int pair[2];

	return error_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int connect_socket(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return error_of(connect(udp, (struct sockaddr *)&to, sizeof to));
}

static int bind_socket(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return error_of(bind(udp, (struct sockaddr *)&at, sizeof at));
}

static int set_socket_option(void)
{
	static const int on = 1;

	return error_of(setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
}

static int control_device(void)
{
	return error_of(ioctl(attempt_file, FIOCLEX));
}

static int map_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return error_of(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int kill_stranger(void)
{
	return error_of(kill(getppid(), 0));
}

static int kill_all_of_group(void)
{
	return error_of(kill(0, 0));
}

static int signal_stranger(void)
{
	return error_of(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int allow_debugging(void)
{
	return error_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int make_anonymous_file(void)
{
	return error_of(memfd_create("x", 0));
}

static int become_owner(void)
{
	return error_of(fcntl(udp, F_SETOWN, getpid()));
}

static int run_program(void)
{
	char *const arguments[] = { "true", NULL }, *const nothing[] = { NULL };

	return error_of(execve("/bin/true", arguments, nothing));
}

static int run_program_by_descriptor(void)
{
	char *const arguments[] = { "true", NULL }, *const nothing[] = { NULL };

	return error_of(syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, nothing, 0));
}

static int make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return error_of(pid);
}

static int make_process_sharing_memory(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return error_of(pid);
}

static int be_debugged(void)
{
	return error_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int read_memory(void)
{
	char from = 'x', to = 0;
	struct iovec here = { &to, 1 }, there = { &from, 1 };

	return error_of(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
}

const struct attempt attempts[] = {
	{ "open to read", attempt_open_to_read, REFUSED, true },
	{ "open to write", attempt_open_to_write, REFUSED, false },
	{ "make a file", make_file, REFUSED, false },
	{ "openat2", open_by_openat2, REFUSED, false },
	{ "remove a file", remove_file, REFUSED, false },
	{ "make a folder", make_folder, REFUSED, false },
	{ "change a mode", change_mode, REFUSED, false },
	{ "make a socket", make_socket, REFUSED, false },
	{ "make a local socket", make_local_socket, REFUSED, false },
	{ "bind", bind_socket, REFUSED, false },
	{ "connect", connect_socket, REFUSED, false },
	{ "an option of a socket", set_socket_option, REFUSED, false },
	{ "an ioctl", control_device, REFUSED, false },
	{ "memory that is code", map_code, REFUSED, false },
	{ "memory that becomes code", make_code, REFUSED, false },
	{ "kill a stranger", kill_stranger, REFUSED, false },
	{ "kill the group", kill_all_of_group, REFUSED, false },
	{ "signal a stranger", signal_stranger, REFUSED, false },
	{ "allow debugging", allow_debugging, REFUSED, true },
	{ "a file in memory", make_anonymous_file, REFUSED, false },
	{ "an fcntl", become_owner, REFUSED, false },
	{ "run a program", run_program, KILLED, false },
	{ "run a program by descriptor", run_program_by_descriptor, KILLED, false },
	{ "make a process", make_process, KILLED, true },
	{ "make a process by vfork", make_process_sharing_memory, KILLED, false },
	{ "be debugged", be_debugged, KILLED, true },
	{ "read a process's memory", read_memory, KILLED, false },
};

const size_t attempt_count = sizeof attempts / sizeof *attempts;
