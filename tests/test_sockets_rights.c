/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_sockets_rights.c - what rights it takes to find the processes of other users. */
#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "socket_talk.h"

enum { NOBODY = 65534 };

/* Becomes nobody with these capabilities left. */
static bool become_nobody(uint64_t capabilities)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = (uint32_t)(capabilities >> (32 * i));
	return prctl(PR_SET_KEEPCAPS, 1) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && syscall(SYS_capset, &header, data) == 0;
}

/* What nobody with these capabilities finds of a socket of root's. */
static enum socket_found found_by_nobody(const struct talk *talk, uint64_t capabilities)
{
	const struct socket_question *question = &talk->question;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct sockets *sockets = sockets_new();
		struct socket_answer answer = { 0 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(talk->client); /* else it would find itself */
		if (!sockets || !sockets_prepare(sockets) || !become_nobody(capabilities))
			_exit(99);
		for (int i = 0; i < 60 && answer.found[CLIENT] < SOCKET_OWNER; i++) {
			usleep(20000);
			sockets_lookup(sockets, question, sizeof *question, &answer);
		}
		_exit(answer.found[CLIENT]);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum socket_found)WEXITSTATUS(status);
}

/* The two capabilities that sockets.h names, and that both are needed. */
static void other_users_sockets_need_two_capabilities(void **state)
{
	const uint64_t list = UINT64_C(1) << CAP_DAC_READ_SEARCH, look = UINT64_C(1) << CAP_SYS_PTRACE;
	struct talk talk;

	(void)state;
	if (geteuid() != 0) {
		print_message("not root: nobody's rights cannot be tried\n");
		skip();
	}
	talk = new_talk(AF_INET, AF_INET);
	talk.question.wanted[SERVER] = 0;
	assert_int_equal(found_by_nobody(&talk, list | look), SOCKET_OWNER);
	assert_int_equal(found_by_nobody(&talk, 0), SOCKET_LATER);
	assert_int_equal(found_by_nobody(&talk, list), SOCKET_LATER);
	assert_int_equal(found_by_nobody(&talk, look), SOCKET_LATER);
	end_talk(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_users_sockets_need_two_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
