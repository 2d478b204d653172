/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls.c - see calls.h. */
#include "dissect/calls.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>

/* Numbers of calls that there are only on other machines are negative. */
enum { NO_CALL = 0 };

static void note(struct calls *calls, int result)
{
	if (result < 0 && !calls->error)
		calls->error = -result;
}

static void set(struct calls *calls, enum scmp_filter_attr attribute, uint32_t value)
{
	if (calls->filter)
		note(calls, seccomp_attr_set(calls->filter, attribute, value));
}

static void add(struct calls *calls, uint32_t action, int call, unsigned n, const struct scmp_arg_cmp *rules)
{
	if (calls->filter && call >= NO_CALL)
		note(calls, seccomp_rule_add_array(calls->filter, action, call, n, rules));
}

void calls_begin(struct calls *calls, enum calls_rest rest)
{
	*calls = (struct calls){ 0 };
	calls->filter = seccomp_init(rest == CALLS_KILL ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	if (!calls->filter)
		calls->error = ENOMEM;
	set(calls, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A tree, not a list: with so many calls it is shorter for all but the first. */
	set(calls, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

void calls_allow(struct calls *calls, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(calls, SCMP_ACT_ALLOW, list[i], 0, NULL);
}

void calls_allow_if(struct calls *calls, int call, unsigned argument, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp rule = { argument, SCMP_CMP_MASKED_EQ, mask, value };

	add(calls, SCMP_ACT_ALLOW, call, 1, &rule);
}

void calls_allow_if_both(struct calls *calls, int call, const unsigned argument[2], const uint64_t mask[2],
			 const uint64_t value[2])
{
	struct scmp_arg_cmp rules[2];

	for (int i = 0; i < 2; i++)
		rules[i] = (struct scmp_arg_cmp){ argument[i], SCMP_CMP_MASKED_EQ, mask[i], value[i] };
	add(calls, SCMP_ACT_ALLOW, call, 2, rules);
}

void calls_kill(struct calls *calls, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(calls, SCMP_ACT_KILL_PROCESS, list[i], 0, NULL);
}

void calls_kill_if(struct calls *calls, int call, unsigned argument, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp rule = { argument, SCMP_CMP_MASKED_EQ, mask, value };

	add(calls, SCMP_ACT_KILL_PROCESS, call, 1, &rule);
}

void calls_answer(struct calls *calls, int call, int error)
{
	add(calls, SCMP_ACT_ERRNO((uint32_t)error), call, 0, NULL);
}

/*
 * mprotect and madvise are malloc's when a thread has an arena of its own. mmap2 is what 32-bit machines call
 * mmap.
 */
void calls_allow_memory(struct calls *calls)
{
	static const int plain[] = { SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise) };

	calls_allow(calls, plain, sizeof plain / sizeof *plain);
	calls_allow_if(calls, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	calls_allow_if(calls, SCMP_SYS(mmap2), 2, PROT_EXEC, 0);
	calls_allow_if(calls, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
}

bool calls_finish(struct calls *calls, bool all_threads)
{
	if (all_threads)
		set(calls, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!calls->error)
		note(calls, seccomp_load(calls->filter));
	if (calls->filter)
		seccomp_release(calls->filter);
	errno = calls->error;
	return !calls->error;
}
