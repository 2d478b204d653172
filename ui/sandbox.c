/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox.c - the user, the capabilities, and what is loaded late: what stands before the list of calls. */
#include "ui/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "dissect/lockdown.h"
#include "ui/complain.h"
#include "ui/number.h"
#include "ui/sandbox_calls.h"

/* Linux's overflow id, which is nobody where the list of users does not say anything else. */
enum { NOBODY = 65534 };

static void take(struct sandbox_user *user, const struct passwd *entry)
{
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
}

/* The greatest number means "leave it as it is" to the kernel. */
static bool numbered(struct sandbox_user *user, const char *name)
{
	const char *end;
	uint64_t n;
	const struct passwd *entry;

	if (!number_digits(name, &end, &n) || *end || n >= UINT32_MAX)
		return false;
	user->uid = (uid_t)n;
	user->gid = (gid_t)n;
	entry = getpwuid(user->uid);
	if (entry)
		take(user, entry);
	return true;
}

bool sandbox_user_named(struct sandbox_user *user, const char *name)
{
	const struct passwd *entry = getpwnam(name);

	user->given = true;
	if (!entry)
		return numbered(user, name);
	take(user, entry);
	return true;
}

static struct sandbox_user nobody(void)
{
	struct sandbox_user user = { .uid = NOBODY, .gid = NOBODY };
	const struct passwd *entry = getpwnam("nobody");

	if (entry)
		take(&user, entry);
	return user;
}

/* What the C library opens when it is first needed: the time zone; tables of a character set. */
static void load_late(void)
{
	mbstate_t state = { 0 };
	wchar_t wide;

	tzset();
	mbrtowc(&wide, "a", 1, &state);
}

/* Threads that there are already would keep their capabilities. Where there is no /proc, nobody can tell. */
static bool alone(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	int n = 0;

	while (tasks && (entry = readdir(tasks)) != NULL)
		n += entry->d_name[0] != '.';
	if (tasks)
		closedir(tasks);
	errno = EBUSY;
	return n <= 1;
}

static bool is_root(void)
{
	return getuid() == 0 || geteuid() == 0;
}

static bool has_become(const struct sandbox_user *user)
{
	return getuid() == user->uid && geteuid() == user->uid && getgid() == user->gid &&
	       getegid() == user->gid;
}

/* Only one that was not asked for may be missed. */
static bool change_user(const struct sandbox_user *asked)
{
	struct sandbox_user user = *asked;

	if (user.given && has_become(&user) && !is_root())
		return true;
	if (!user.given) {
		if (!is_root())
			return true;
		user = nobody();
	}
	if (lockdown_user(user.uid, user.gid))
		return true;
	return !user.given && (errno == EPERM || errno == EINVAL);
}

/* No way back: neither is anything kept, nor can root be had again. */
static bool is_for_good(void)
{
	errno = EPERM;
	return lockdown_capabilities_none() && (is_root() || setresuid((uid_t)-1, 0, (uid_t)-1) != 0);
}

static bool not_to_be_looked_into(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool no_capabilities(void)
{
	return lockdown_capabilities(0);
}

bool sandbox_enter(const struct sandbox_user *user)
{
	static const struct step {
		const char *what;
		bool (*act)(void);
	} steps[] = {
		{ "capabilities", no_capabilities },
		{ "rights given up for good", is_for_good },
		{ "new privileges", lockdown_no_new_privileges },
		{ "core files", lockdown_no_core },
		{ "debugging", not_to_be_looked_into },
		{ "system calls (seccomp)", sandbox_calls },
	};
	const char *failed = NULL;

	load_late();
	if (!alone())
		failed = "threads";
	else if (!change_user(user))
		failed = "the user";
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !failed; i++)
		if (!steps[i].act())
			failed = steps[i].what;
	if (failed)
		complain(NULL, "cannot lock itself up (%s): %s; --no-sandbox goes on without", failed,
			 strerror(errno));
	return !failed;
}
