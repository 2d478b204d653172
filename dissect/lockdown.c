/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lockdown.c - drop privileges, set limits, install the list of allowed system calls. */
#include "dissect/lockdown.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's overflow id, which is nobody and nogroup on Debian. Asking NSS would load code and open files.
 */
enum { NOBODY = 65534 };

static bool become_nobody(void)
{
	bool done = setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		    setresuid(NOBODY, NOBODY, NOBODY) == 0;
	bool no_such_id = errno == EINVAL || errno == EPERM;

	return done || no_such_id;
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	return syscall(SYS_capset, &header, none) == 0;
}

bool lockdown_privileges(void)
{
	if (geteuid() == 0 && !become_nobody())
		return false;
	return drop_capabilities() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
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

bool lockdown_limits(size_t memory)
{
	return limit_memory(memory) && limit(RLIMIT_CORE, 0);
}

/*
 * mmap, mprotect, mremap and madvise are malloc's: mprotect and madvise when the fork was made by a thread
 * with an arena of its own. setitimer is the cage's watch over its own CPU time. No call asks for the time.
 */
static const int plain_calls[] = {
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
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

static bool allow_plain_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof plain_calls / sizeof *plain_calls; i++)
		if (plain_calls[i] >= 0 && /* negative: this machine does not have it */
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0) != 0)
			return false;
	return true;
}

/* Allows a call as long as (argument & mask) == value. */
static bool allow_if(scmp_filter_ctx filter, int call, unsigned argument, scmp_datum_t mask,
		     scmp_datum_t value)
{
	struct scmp_arg_cmp rule = { argument, SCMP_CMP_MASKED_EQ, mask, value };

	return call < 0 || seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &rule) == 0;
}

/* mmap2 is what 32-bit machines call mmap. */
static bool allow_memory(scmp_filter_ctx filter)
{
	return allow_if(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0) &&
	       allow_if(filter, SCMP_SYS(mmap2), 2, PROT_EXEC, 0) &&
	       allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
}

#ifdef LASTACK_SANITIZED
enum { DESCRIPTOR = 0 }; /* any: reports go to standard error, their stack traces are read from files */
#else
enum { DESCRIPTOR = INT_MAX };
#endif

static bool allow_pipes(scmp_filter_ctx filter, int in, int out)
{
	return allow_if(filter, SCMP_SYS(read), 0, DESCRIPTOR, (scmp_datum_t)in & DESCRIPTOR) &&
	       allow_if(filter, SCMP_SYS(write), 0, DESCRIPTOR, (scmp_datum_t)out & DESCRIPTOR);
}

bool lockdown_calls(int in, int out)
{
	scmp_filter_ctx filter;
	bool done;

	if (!limit(RLIMIT_NOFILE, 0))
		return false;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return false;
	done = allow_pipes(filter, in, out) && allow_memory(filter) && allow_plain_calls(filter) &&
	       seccomp_load(filter) == 0;
	seccomp_release(filter);
	return done;
}
