/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lockdown.c - drop privileges, set limits, install the list of allowed system calls. */
#include "dissect/lockdown.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dissect/calls.h"

/* The kernel's overflow id, which is nobody and nogroup on Debian. Asking NSS would load code and open files.
 */
enum { NOBODY = 65534 };

bool lockdown_user(uid_t uid, gid_t gid)
{
	return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static bool become_nobody(void)
{
	return lockdown_user(NOBODY, NOBODY) || errno == EINVAL || errno == EPERM;
}

/* What is effective; and what is permitted at most, so that it can become so again. */
static bool set_capabilities(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(permitted >> 32 * i);
		data[i].effective = data[i].permitted & (uint32_t)(effective >> 32 * i);
		data[i].inheritable = 0; /* the ambient ones go with it (capabilities(7)) */
	}
	return syscall(SYS_capset, &header, data) == 0;
}

bool lockdown_capabilities(uint64_t keep)
{
	return set_capabilities(keep, keep);
}

bool lockdown_capabilities_rest(void)
{
	return set_capabilities(0, UINT64_MAX);
}

bool lockdown_capabilities_none(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t any = 0;

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		any |= data[i].permitted | data[i].effective | data[i].inheritable;
	return any == 0;
}

bool lockdown_no_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool lockdown_privileges(void)
{
	if (geteuid() == 0 && !become_nobody())
		return false;
	return lockdown_capabilities(0) && lockdown_no_new_privileges();
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return false;
	if (now.rlim_max < value)
		value = now.rlim_max;
	return setrlimit(resource, &(struct rlimit){ value, value }) == 0;
}

#ifdef LASTACK_SANITIZED
/* The shadow memory of AddressSanitizer alone is 16 TiB of address space. */
static bool limit_memory(size_t memory)
{
	(void)memory;
	return true;
}
#else
/* What a fork inherits counts too, so the limit starts from there. */
static bool limit_memory(size_t memory)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");
	bool known = statm && fscanf(statm, "%lu", &pages) == 1;

	if (statm)
		fclose(statm);
	if (!known)
		return true; /* no /proc: what is fed is bounded anyway */
	return limit(RLIMIT_AS, (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + memory);
}
#endif

bool lockdown_no_core(void)
{
	return limit(RLIMIT_CORE, 0);
}

bool lockdown_limits(size_t memory)
{
	return limit_memory(memory) && lockdown_no_core();
}

/* setitimer is the cage's watch over its own CPU time. No call asks for the time. */
static const int plain_calls[] = {
	SCMP_SYS(setitimer),
	SCMP_SYS(exit_group),
#ifdef LASTACK_SANITIZED
	/* What the sanitizers' runtimes (and valgrind around us) need, most of it only to report an error. */
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstat),
	SCMP_SYS(openat),
	SCMP_SYS(open),
	SCMP_SYS(close),
	SCMP_SYS(readlink),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(prctl),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(ioctl),
	SCMP_SYS(exit),
#endif
};

#ifdef LASTACK_SANITIZED
enum { DESCRIPTOR = 0 }; /* any: reports go to standard error, their stack traces are read from files */
#else
enum { DESCRIPTOR = INT_MAX };
#endif

bool lockdown_calls(int in, int out)
{
	struct calls calls;

	if (!limit(RLIMIT_NOFILE, 0))
		return false;
	calls_begin(&calls, CALLS_KILL);
	calls_allow_if(&calls, SCMP_SYS(read), 0, DESCRIPTOR, (uint64_t)in & DESCRIPTOR);
	calls_allow_if(&calls, SCMP_SYS(write), 0, DESCRIPTOR, (uint64_t)out & DESCRIPTOR);
	calls_allow_memory(&calls);
	calls_allow(&calls, plain_calls, sizeof plain_calls / sizeof *plain_calls);
	return calls_finish(&calls, false);
}
