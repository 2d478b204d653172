/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_processes.c - when processes are asked for and how long they are kept: against an asker made by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/processes.h"

#define MS INT64_C(1000000)

enum { QUESTIONS_MAX = 1 << 16 };

/* Keeps what it is asked and gives the answers it is told to. */
struct double_asker {
	struct asker asker; /* first */
	struct socket_question questions[QUESTIONS_MAX];
	size_t n, room; /* questions; how many it takes */
	struct socket_answer answers[64];
	size_t given, answer_count;
};

static struct double_asker asker;
static struct addresses *addresses;
static struct processes *processes;

static bool double_ask(struct asker *base, const struct socket_question *question)
{
	struct double_asker *d = (struct double_asker *)base;

	if (d->n == d->room)
		return false;
	d->questions[d->n++] = *question;
	return true;
}

static bool double_answer(struct asker *base, struct socket_answer *answer)
{
	struct double_asker *d = (struct double_asker *)base;

	if (d->given == d->answer_count)
		return false;
	*answer = d->answers[d->given++];
	return true;
}

static const struct host here = { { [10] = 0xff, 0xff, 192, 0, 2, 1 } };
static const struct host there = { { [10] = 0xff, 0xff, 192, 0, 2, 99 } };

static void begin(size_t max)
{
	struct processes_options options = { .asker = &asker.asker, .seed = 42, .max = max };

	memset(&asker, 0, sizeof asker);
	asker.asker = (struct asker){ double_ask, double_answer };
	asker.room = QUESTIONS_MAX;
	options.addresses = addresses = addresses_new();
	assert_non_null(addresses);
	addresses_put(addresses, &here, 7);
	processes = processes_new(&options);
	assert_non_null(processes);
}

static void end(void)
{
	processes_free(processes);
	addresses_free(addresses);
}

/* One of the connection's ends changes; its client is here, its server is not. */
static void change(uint64_t connection, enum side side, enum state from, enum state to)
{
	const struct change change = {
		.connection = connection,
		.host = { here, there },
		.port = { 40000, 443 },
		.side = side,
		.from = from,
		.to = to,
	};

	processes_change(processes, &change);
}

/* To question number i. */
static void answer(size_t i, enum socket_found found, uint32_t pid)
{
	struct socket_answer answer = { .question = asker.questions[i] };
	enum side side = answer.question.wanted[SERVER] ? SERVER : CLIENT;

	assert_true(i < asker.n);
	answer.found[side] = (uint8_t)found;
	answer.process[side].pid = pid;
	if (pid)
		memset(answer.process[side].name, 'x', sizeof answer.process[side].name);
	asker.answers[asker.answer_count++] = answer;
}

static uint32_t known(uint64_t connection, enum side side)
{
	const struct process *process = processes_find(processes, connection);

	return process ? process[side].pid : 0;
}

static void an_end_of_this_host_is_asked_for_once(void **state)
{
	const struct socket_question *question = &asker.questions[0];

	(void)state;
	begin(0);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	assert_int_equal(asker.n, 1);
	assert_int_equal(question->connection, 5);
	assert_int_equal(question->wanted[CLIENT], 1);
	assert_int_equal(question->wanted[SERVER], 0);
	assert_int_equal(question->interface[CLIENT], 7);
	assert_int_equal(question->port[CLIENT], 40000);
	assert_int_equal(question->port[SERVER], 443);
	assert_true(host_equal(&question->host[SERVER], &there));
	change(5, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED); /* not answered yet */
	answer(0, SOCKET_OWNER, 71);
	processes_work(processes, 0);
	assert_int_equal(known(5, CLIENT), 71);
	assert_int_equal(strlen(processes_find(processes, 5)[CLIENT].name), PROCESS_NAME_MAX);
	change(5, CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT_1);
	processes_work(processes, 100000 * MS);
	assert_int_equal(asker.n, 1);
	assert_null(processes_find(processes, 6));
	processes_forget(processes, 5);
	assert_null(processes_find(processes, 5));
	end();
}

static void what_is_not_ours_or_gone_is_not_asked_for(void **state)
{
	const struct change taken_back = { .connection = 5,
					   .host = { here, there },
					   .side = CLIENT,
					   .to = STATE_ESTABLISHED,
					   .retracted = true };

	(void)state;
	begin(0);
	change(5, SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED);
	change(5, SERVER, STATE_SYN_RECEIVED, STATE_ESTABLISHED);
	change(5, CLIENT, STATE_UNKNOWN, STATE_LAST_ACK);
	change(5, CLIENT, STATE_UNKNOWN, STATE_TIME_WAIT);
	change(5, CLIENT, STATE_UNKNOWN, STATE_CLOSED);
	change(5, CLIENT, STATE_UNKNOWN, STATE_LISTEN);
	processes_change(processes, &taken_back);
	assert_int_equal(asker.n, 0);
	assert_null(processes_find(processes, 5));
	end();
}

static void both_ends_may_be_here(void **state)
{
	(void)state;
	begin(0);
	addresses_put(addresses, &there, 8);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	change(5, SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED);
	assert_int_equal(asker.n, 2);
	assert_int_equal(asker.questions[1].wanted[SERVER], 1);
	assert_int_equal(asker.questions[1].interface[SERVER], 8);
	answer(0, SOCKET_OWNER, 71);
	answer(1, SOCKET_OWNER, 72);
	processes_work(processes, 0);
	assert_int_equal(known(5, CLIENT), 71);
	assert_int_equal(known(5, SERVER), 72);
	end();
}

/* A listener stands for the process that has not accepted yet, and gives way to it. */
static void what_may_be_known_later_is_asked_for_again(void **state)
{
	static const int64_t after[] = { 50 * MS, 350 * MS, 2350 * MS, 12350 * MS };

	(void)state;
	begin(0);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_RECEIVED);
	answer(0, SOCKET_LISTENER, 70);
	processes_work(processes, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(known(5, CLIENT), 70);
		processes_work(processes, after[i] - 1);
		assert_int_equal(asker.n, i + 1);
		processes_work(processes, after[i]);
		assert_int_equal(asker.n, i + 2);
		assert_int_equal(asker.questions[i + 1].port[CLIENT], 40000);
		answer(i + 1, i < 3 ? SOCKET_LATER : SOCKET_OWNER, i < 3 ? 0 : 72);
		processes_work(processes, after[i]);
	}
	assert_int_equal(known(5, CLIENT), 72);
	processes_work(processes, 1000000 * MS);
	assert_int_equal(asker.n, 5);
	end();
}

static void it_is_given_up_in_the_end(void **state)
{
	(void)state;
	begin(0);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(asker.n, i + 1);
		answer(i, SOCKET_LATER, 0);
		processes_work(processes, (int64_t)i * 20000 * MS);
		processes_work(processes, (int64_t)i * 20000 * MS + 10000 * MS);
	}
	assert_int_equal(asker.n, 5);
	assert_null(processes_find(processes, 5));
	/* Another state is another reason to ask. */
	change(5, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED);
	assert_int_equal(asker.n, 6);
	answer(5, SOCKET_NOT, 0);
	processes_work(processes, 200000 * MS);
	processes_work(processes, 300000 * MS);
	assert_int_equal(asker.n, 6);
	end();
}

static void what_is_over_is_not_asked_for_again(void **state)
{
	(void)state;
	begin(0);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	change(6, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	answer(0, SOCKET_LATER, 0);
	processes_work(processes, 0);
	processes_forget(processes, 5);
	processes_work(processes, 1000 * MS);
	assert_int_equal(asker.n, 2);
	/* Nor does a late answer bring anything back. */
	processes_forget(processes, 6);
	answer(1, SOCKET_OWNER, 71);
	processes_work(processes, 1000 * MS);
	assert_null(processes_find(processes, 6));
	end();
}

static void the_last_answer_is_in_time_for_the_row(void **state)
{
	(void)state;
	begin(0);
	change(5, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	answer(0, SOCKET_OWNER, 71);
	assert_int_equal(known(5, CLIENT), 71);
	end();
}

static void an_asker_that_is_busy_is_asked_later(void **state)
{
	(void)state;
	begin(0);
	asker.room = 1;
	for (uint64_t i = 1; i <= 3; i++)
		change(i, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	assert_int_equal(asker.n, 1);
	processes_work(processes, 0);
	assert_int_equal(asker.n, 1);
	asker.room = 2;
	processes_work(processes, 0);
	assert_int_equal(asker.n, 2);
	asker.room = QUESTIONS_MAX;
	change(4, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT); /* behind the one that waits */
	processes_work(processes, 0);
	assert_int_equal(asker.n, 4);
	assert_int_equal(asker.questions[2].connection, 3);
	assert_int_equal(asker.questions[3].connection, 4);
	assert_int_equal(processes_counts(processes).asked, 4);
	assert_int_equal(processes_counts(processes).passed_over, 0);
	end();
}

static void questions_are_bounded(void **state)
{
	struct processes_counts counts;

	(void)state;
	begin(0);
	asker.room = 0;
	for (uint64_t i = 1; i <= 20000; i++)
		change(i, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
	counts = processes_counts(processes);
	assert_true(counts.passed_over > 10000 && counts.passed_over < 20000);
	asker.room = QUESTIONS_MAX;
	for (int i = 0; i < 3; i++)
		processes_work(processes, 0);
	assert_int_equal(asker.n, 20000 - counts.passed_over);
	/* What was passed over has its chance at its next state. */
	change(20000, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED);
	assert_int_equal(asker.questions[asker.n - 1].connection, 20000);
	end();
}

static void connections_are_bounded(void **state)
{
	size_t left = 0;

	(void)state;
	begin(100);
	for (uint64_t i = 1; i <= 1000; i++) {
		asker.given = asker.answer_count = 0;
		change(i, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT);
		answer(asker.n - 1, SOCKET_OWNER, (uint32_t)i);
		processes_work(processes, 0);
		assert_int_equal(known(i, CLIENT), i);
		if (i % 3 == 0)
			processes_forget(processes, i);
	}
	for (uint64_t i = 1; i <= 1000; i++) {
		if (known(i, CLIENT) == 0)
			continue;
		assert_int_equal(known(i, CLIENT), i);
		left++;
	}
	assert_true(left >= 99 && left <= 100);
	assert_int_equal(processes_counts(processes).forgotten, 1000 - 333 - left);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_of_this_host_is_asked_for_once),
		cmocka_unit_test(what_is_not_ours_or_gone_is_not_asked_for),
		cmocka_unit_test(both_ends_may_be_here),
		cmocka_unit_test(what_may_be_known_later_is_asked_for_again),
		cmocka_unit_test(it_is_given_up_in_the_end),
		cmocka_unit_test(what_is_over_is_not_asked_for_again),
		cmocka_unit_test(the_last_answer_is_in_time_for_the_row),
		cmocka_unit_test(an_asker_that_is_busy_is_asked_later),
		cmocka_unit_test(questions_are_bounded),
		cmocka_unit_test(connections_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
