/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_hold.c - see broker_hold.h.
 *
 * Landlock has no library in Debian, so its three system calls are made here; numbers that the headers of an
 * older kernel lack are from Linux's include/uapi/linux/landlock.h, whose ABI versions say from where on each
 * is known.
 */
#include "ui/broker_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dissect/calls.h"
#include "dissect/lockdown.h"

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* ---- Landlock ---- */

/* struct landlock_ruleset_attr of ABI 6, of which older kernels take the beginning. */
struct ruleset {
	uint64_t files, net, scopes;
};

struct beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

enum {
	VERSION_FLAG = 1,
	RULE_BENEATH = 1,
	/* Rights over files, LANDLOCK_ACCESS_FS_*. */
	WRITE_FILE = 1 << 1,
	REMOVE_FILE = 1 << 5,
	MAKE_REGULAR = 1 << 8,
	ABI_1_RIGHTS = (1 << 13) - 1,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14, /* goes with the descriptor: whom it is passed to may ftruncate() it */
	IOCTL_DEV = 1 << 15,
	TCP_RIGHTS = 3,	  /* bind and connect */
	SCOPE_RIGHTS = 3, /* abstract sockets and signals */
	REFER_ABI = 2,
	TRUNCATE_ABI = 3,
	TCP_ABI = 4,
	IOCTL_ABI = 5,
	SCOPE_ABI = 6,
};

static struct ruleset all_rights(long abi)
{
	struct ruleset all = { .files = ABI_1_RIGHTS };

	if (abi >= REFER_ABI)
		all.files |= REFER;
	if (abi >= TRUNCATE_ABI)
		all.files |= TRUNCATE;
	if (abi >= IOCTL_ABI)
		all.files |= IOCTL_DEV;
	if (abi >= TCP_ABI)
		all.net = TCP_RIGHTS;
	if (abi >= SCOPE_ABI)
		all.scopes = SCOPE_RIGHTS;
	return all;
}

static size_t ruleset_size(long abi)
{
	return abi >= SCOPE_ABI ? sizeof(struct ruleset)
	       : abi >= TCP_ABI ? 2 * sizeof(uint64_t)
				: sizeof(uint64_t);
}

static bool add_folders(int rules, uint64_t known, const struct broker_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct beneath rule = {
			.allowed = (WRITE_FILE | REMOVE_FILE | MAKE_REGULAR | TRUNCATE) & known,
			.folder = files->list[i].fd,
		};

		if (syscall(SYS_landlock_add_rule, rules, RULE_BENEATH, &rule, 0) != 0)
			return false;
	}
	return true;
}

/* EPERM: a container that does not let even this be tried. */
static bool landlock(const struct broker_files *files)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
	struct ruleset all;
	long rules;
	bool done;

	if (abi < 1)
		return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
	all = all_rights(abi);
	rules = syscall(SYS_landlock_create_ruleset, &all, ruleset_size(abi), 0);
	if (rules == -1)
		return false;
	done = add_folders((int)rules, all.files, files) &&
	       syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close((int)rules);
	return done;
}

/* ---- system calls ---- */

/* What serving takes, besides opening. Never asked for by a name that comes from outside: sockets, programs.
 */
static const int plain_calls[] = {
	SCMP_SYS(read),		SCMP_SYS(pread64),	 SCMP_SYS(write),	    SCMP_SYS(lseek),
	SCMP_SYS(sendto),	SCMP_SYS(recvfrom),	 SCMP_SYS(sendmsg),	    SCMP_SYS(recvmsg),
	SCMP_SYS(fstat),	SCMP_SYS(newfstatat),	 SCMP_SYS(close),	    SCMP_SYS(fcntl),
	SCMP_SYS(poll),		SCMP_SYS(ppoll),	 SCMP_SYS(futex),	    SCMP_SYS(getrandom),
	SCMP_SYS(getpid),	SCMP_SYS(gettid),	 SCMP_SYS(rt_sigaction),    SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall), SCMP_SYS(exit_group),
	SCMP_SYS(exit),
#ifdef LASTACK_SANITIZED
	SCMP_SYS(sched_yield),	SCMP_SYS(sigaltstack),	 SCMP_SYS(readlink),	    SCMP_SYS(prlimit64),
	SCMP_SYS(prctl),	SCMP_SYS(ioctl),	 SCMP_SYS(clone),	    SCMP_SYS(getrlimit),
#endif
};

static const int opener_calls[] = { SCMP_SYS(openat2), SCMP_SYS(openat), SCMP_SYS(unlinkat) };

static const int lookup_calls[] = { SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
				    SCMP_SYS(getsockopt) };

static void begin(struct calls *calls)
{
	calls_begin(calls, CALLS_REFUSE);
	calls_allow(calls, plain_calls, sizeof plain_calls / sizeof *plain_calls);
	calls_allow_memory(calls);
}

/* Not O_WRONLY, O_RDWR, O_CREAT, O_TRUNC. */
static void allow_reading(struct calls *calls)
{
	enum { WRITING = O_ACCMODE | O_CREAT | O_TRUNC };

	calls_allow_if(calls, SCMP_SYS(openat), 2, WRITING, O_RDONLY);
	calls_allow_if(calls, SCMP_SYS(open), 1, WRITING, O_RDONLY);
}

/* ---- who ---- */

/* With the capabilities that there are now. */
static bool can_write(const struct broker_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		if (faccessat(files->list[i].fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
			return false;
	return true;
}

/*
 * Root owns most folders that it writes to, and needs no capability for them; elsewhere it may have been let
 * in by CAP_DAC_OVERRIDE alone. It is given up for a look, and had again if it is missed.
 */
static bool keep_what_folders_need(const struct broker_files *files)
{
	const uint64_t override = CAPABILITY(CAP_DAC_OVERRIDE);
	bool before = can_write(files), without;

	if (!lockdown_capabilities_rest())
		return false;
	without = can_write(files);
	return lockdown_capabilities(before && !without ? override : 0);
}

bool broker_hold_opener(const struct broker_files *files)
{
	struct calls calls;

	if (!keep_what_folders_need(files) || !lockdown_no_core() || !lockdown_no_new_privileges() ||
	    !landlock(files))
		return false;
	begin(&calls);
	calls_allow(&calls, opener_calls, sizeof opener_calls / sizeof *opener_calls);
	return calls_finish(&calls, true);
}

bool broker_hold_lookups(void)
{
	struct calls calls;

	if (!lockdown_capabilities(CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_READ_SEARCH)) ||
	    !lockdown_no_core() || !lockdown_no_new_privileges())
		return false;
	begin(&calls);
	calls_allow(&calls, lookup_calls, sizeof lookup_calls / sizeof *lookup_calls);
	allow_reading(&calls);
	return calls_finish(&calls, true);
}
