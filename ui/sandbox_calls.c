/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox_calls.c - the list of system calls: found by watching what runs (strace), file by file, interface
 * by interface, with metrics and a terminal; each group says who uses it.
 *
 * Numbers that a call takes as an int are compared in their 32 bits: what the upper half of a register holds
 * is not the kernel's business either.
 */
#include "ui/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dissect/calls.h"
#include "dissect/child.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

#define INT_BITS UINT64_C(0xffffffff)
#define ALL_BITS UINT64_MAX

/* As tcgetattr(3) of newer C libraries asks; the headers that have the names clash with <termios.h>. */
enum { TERMIOS2_BYTES = 44 };
#define TERMIOS2_GET  _IOC(_IOC_READ, 'T', 0x2a, TERMIOS2_BYTES)
#define TERMIOS2_SET  _IOC(_IOC_WRITE, 'T', 0x2b, TERMIOS2_BYTES)
#define TERMIOS2_SETW _IOC(_IOC_WRITE, 'T', 0x2c, TERMIOS2_BYTES)
#define TERMIOS2_SETF _IOC(_IOC_WRITE, 'T', 0x2d, TERMIOS2_BYTES)

static const int plain_calls[] = {
	/* Files, pipes and sockets that are open; captures, outputs, the terminal, the broker, metrics. */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(ftruncate64),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fadvise64),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(sendto),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	/* Time. */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(setitimer),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_gettime),
	/* Threads. */
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getcpu),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* Signals. */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigsuspend),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(pause),
	SCMP_SYS(restart_syscall),
	/* Children that end, and what a process may know of itself. */
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getppid),
	SCMP_SYS(getpgrp),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getrusage),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getrandom),
#ifdef LASTACK_SANITIZED
	/* For the leak check, which debugs its own process from a thread's sibling, and for reports. */
	SCMP_SYS(ptrace),
	SCMP_SYS(prctl),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(getdents),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(prlimit64),
#endif
};

/*
 * Nothing in this program, nor in a library that it uses, has a reason to try these: whoever does has taken
 * it over.
 */
static const int deadly_calls[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(open_by_handle_at),
#ifndef LASTACK_SANITIZED
	SCMP_SYS(ptrace),
#endif
};

/* The terminal's: its size, and what the dashboard changes; never TIOCSTI. An interface's: is it still there?
 */
static const uint64_t controls[] = {
	TIOCGWINSZ,   TCGETS,	     TCSETS,	    TCSETSW,	   TCSETSF,    TERMIOS2_GET,
	TERMIOS2_SET, TERMIOS2_SETW, TERMIOS2_SETF, TIOCGPGRP,	   FIONREAD,   FIONBIO,
	SIOCGIFFLAGS, SIOCGIFINDEX,  SIOCGIFNAME,   SIOCGIFHWADDR, SIOCGIFMTU,
};

static const uint64_t file_controls[] = {
	F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC,
};

/* libpcap's when it ends, and libmicrohttpd's. */
static const struct {
	uint64_t level, name;
} socket_options[] = {
	{ SOL_PACKET, PACKET_RX_RING },	  { SOL_PACKET, PACKET_DROP_MEMBERSHIP },
	{ SOL_SOCKET, SO_ATTACH_FILTER }, { SOL_SOCKET, SO_DETACH_FILTER },
	{ IPPROTO_TCP, TCP_NODELAY },	  { IPPROTO_TCP, TCP_CORK },
};

static void allow_each(struct calls *calls, int call, unsigned argument, const uint64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		calls_allow_if(calls, call, argument, INT_BITS, values[i] & INT_BITS);
}

static void allow_pair(struct calls *calls, int call, unsigned first, uint64_t a, uint64_t b)
{
	calls_allow_if_both(calls, call, (const unsigned[]){ first, first + 1 },
			    (const uint64_t[]){ INT_BITS, INT_BITS },
			    (const uint64_t[]){ a & INT_BITS, b & INT_BITS });
}

/* Ourselves by any signal (abort, Ctrl-Z), children by the one that they need. */
static void allow_signals(struct calls *calls)
{
	pid_t children[CHILDREN_MAX];
	size_t n = child_list(children);
	uint64_t self = (uint64_t)getpid();

	calls_allow_if(calls, SCMP_SYS(kill), 0, INT_BITS, self);
	calls_allow_if(calls, SCMP_SYS(tgkill), 0, INT_BITS, self);
	for (size_t i = 0; i < n; i++)
		allow_pair(calls, SCMP_SYS(kill), 0, (uint64_t)children[i], SIGKILL);
}

#ifdef __s390x__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

/*
 * Threads, no processes. clone3's flags are behind a pointer; the C library makes do with clone where it does
 * not exist.
 */
static void allow_threads(struct calls *calls)
{
#ifdef LASTACK_SANITIZED
	calls_allow_if(calls, SCMP_SYS(clone), CLONE_FLAGS, CLONE_VM, CLONE_VM);
#else
	calls_allow_if(calls, SCMP_SYS(clone), CLONE_FLAGS, CLONE_VM | CLONE_THREAD, CLONE_VM | CLONE_THREAD);
	calls_kill_if(calls, SCMP_SYS(clone), CLONE_FLAGS, CLONE_THREAD, 0);
#endif
	calls_answer(calls, SCMP_SYS(clone3), ENOSYS);
}

static void allow_partly(struct calls *calls)
{
	calls_allow_if(calls, SCMP_SYS(flock), 1, INT_BITS, LOCK_EX | LOCK_NB); /* outputs; never waits */
	allow_each(calls, SCMP_SYS(ioctl), 1, controls, COUNT(controls));
	allow_each(calls, SCMP_SYS(fcntl), 1, file_controls, COUNT(file_controls));
	allow_each(calls, SCMP_SYS(fcntl64), 1, file_controls, COUNT(file_controls));
	for (size_t i = 0; i < COUNT(socket_options); i++)
		allow_pair(calls, SCMP_SYS(setsockopt), 1, socket_options[i].level, socket_options[i].name);
#ifdef LASTACK_SANITIZED
	enum { WRITING = O_ACCMODE | O_CREAT | O_TRUNC };

	calls_allow_if(calls, SCMP_SYS(openat), 2, WRITING, O_RDONLY);
	calls_allow_if(calls, SCMP_SYS(open), 1, WRITING, O_RDONLY);
#else
	/* fstat(3), as newer C libraries call it. */
	calls_allow_if(calls, SCMP_SYS(newfstatat), 3, INT_BITS, AT_EMPTY_PATH);
	calls_allow_if(calls, SCMP_SYS(prctl), 0, INT_BITS, PR_SET_NAME); /* names of threads */
	/* getrlimit(3): our own, and no new one. */
	calls_allow_if_both(calls, SCMP_SYS(prlimit64), (const unsigned[]){ 0, 2 },
			    (const uint64_t[]){ INT_BITS, ALL_BITS }, (const uint64_t[]){ 0, 0 });
#endif
}

bool sandbox_calls(void)
{
	struct calls calls;

	calls_begin(&calls, CALLS_REFUSE);
	calls_allow(&calls, plain_calls, COUNT(plain_calls));
	calls_allow_memory(&calls);
	allow_partly(&calls);
	allow_signals(&calls);
	allow_threads(&calls);
	calls_kill(&calls, deadly_calls, COUNT(deadly_calls));
	return calls_finish(&calls, true);
}
