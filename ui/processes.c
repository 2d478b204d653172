/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.c - see processes.h. */
#include "ui/processes.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "analyzer/pool.h"
#include "analyzer/table.h"

enum {
	TRIES = 5,
	QUEUE = 1 << 13,     /* questions that wait for their time, for each try */
	WORK_MAX = 2 * QUEUE /* answers taken in, or questions passed on, at a time */
};

/* Before each try. */
static const int64_t delays[TRIES] = { 0, 50000000, 300000000, 2000000000, 10000000000 };

/* A connection with an end that is or may be this host's. */
struct entry {
	uint64_t connection;
	struct process process[2];
	bool used;	 /* it is one: the first bytes of one that is free are the pool's */
	bool waiting[2]; /* a question is on its way, or waits for its time */
	bool settled[2]; /* nothing better will be known */
};

struct waiting {
	int64_t due;
	struct socket_question question;
};

/* All wait as long, so that the first is due first. */
struct queue {
	struct waiting *at; /* QUEUE of them */
	uint32_t first, n;
};

struct processes {
	struct asker *asker;
	const struct addresses *addresses;
	uint64_t seed;
	uint32_t max;
	struct table table;
	struct pool pool;
	uint32_t hand; /* entry that is forgotten next */
	int64_t now;   /* of the last call that said */
	struct queue queues[TRIES];
	struct processes_counts counts;
};

static uint32_t hash_of(const struct processes *p, uint64_t connection)
{
	return (uint32_t)XXH3_64bits_withSeed(&connection, sizeof connection, p->seed);
}

static struct entry *entry_at(const struct processes *p, uint32_t index)
{
	return pool_at_sized(&p->pool, index, sizeof(struct entry));
}

/* Its index, or 0. */
static uint32_t find(const struct processes *p, uint64_t connection)
{
	uint32_t hash = hash_of(p, connection), at = hash, index;

	for (uint32_t from = table_home(&p->table, hash);
	     (index = table_find(&p->table, hash, from, &at)) != 0; from = at + 1)
		if (entry_at(p, index)->connection == connection)
			return index;
	return 0;
}

static void drop(struct processes *p, uint32_t index)
{
	struct entry *entry = entry_at(p, index);

	table_remove(&p->table, hash_of(p, entry->connection), index);
	entry->used = false;
	pool_give(&p->pool, index);
}

/* Makes room: whichever comes next. Connections whose records never came are found so too. */
static void forget_one(struct processes *p)
{
	do {
		if (++p->hand >= p->pool.used)
			p->hand = 1;
	} while (!entry_at(p, p->hand)->used);
	drop(p, p->hand);
	p->counts.forgotten++;
}

/* The connection's entry, a new one if need be. NULL = out of memory. */
static struct entry *entry_of(struct processes *p, uint64_t connection)
{
	uint32_t index = find(p, connection);
	struct entry *entry;

	if (index != 0)
		return entry_at(p, index);
	if (p->pool.count >= p->max)
		forget_one(p);
	index = pool_take(&p->pool);
	if (index == 0)
		return NULL;
	if (table_add(&p->table, hash_of(p, connection), index) == -1) {
		pool_give(&p->pool, index);
		return NULL;
	}
	entry = entry_at(p, index);
	entry->connection = connection;
	entry->used = true;
	return entry;
}

static bool pass_on(struct processes *p, const struct socket_question *question)
{
	if (!p->asker->ask(p->asker, question))
		return false;
	p->counts.asked++;
	return true;
}

/* False when there is no room. */
static bool put_off(struct queue *queue, const struct socket_question *question, int64_t due)
{
	if (queue->n == QUEUE)
		return false;
	queue->at[(queue->first + queue->n++) % QUEUE] = (struct waiting){ due, *question };
	return true;
}

static enum side side_of(const struct socket_question *question)
{
	return question->wanted[SERVER] ? SERVER : CLIENT;
}

/* One question is about one end: the other has its own time. */
static struct socket_question question_about(const struct change *change, uint32_t interface)
{
	struct socket_question question;

	memset(&question, 0, sizeof question); /* the holes too: it goes to another process */
	question.connection = change->connection;
	question.wanted[change->side] = 1;
	question.interface[change->side] = interface;
	for (int i = CLIENT; i <= SERVER; i++) {
		question.host[i] = change->host[i];
		question.port[i] = change->port[i];
	}
	return question;
}

/* An application may have such an end. */
static bool may_be_owned(enum state state)
{
	return state == STATE_SYN_SENT || state == STATE_SYN_RECEIVED || state == STATE_ESTABLISHED ||
	       state == STATE_FIN_WAIT_1 || state == STATE_FIN_WAIT_2 || state == STATE_CLOSE_WAIT;
}

void processes_change(struct processes *p, const struct change *change)
{
	struct socket_question question;
	struct entry *entry;
	uint32_t interface;

	if (change->retracted || !may_be_owned(change->to) ||
	    !addresses_has(p->addresses, &change->host[change->side], &interface))
		return;
	entry = entry_of(p, change->connection);
	if (!entry || entry->waiting[change->side] || entry->settled[change->side])
		return;
	question = question_about(change, interface);
	/* Those that wait come first. */
	entry->waiting[change->side] = (p->queues[0].n == 0 && pass_on(p, &question)) ||
				       put_off(&p->queues[0], &question, INT64_MIN);
	if (!entry->waiting[change->side])
		p->counts.passed_over++;
}

/* Asks for it once more when that is due. */
static void ask_again(struct processes *p, struct entry *entry, struct socket_question question, int64_t now)
{
	enum side side = side_of(&question);

	if (question.tries + 1 >= TRIES)
		return;
	question.tries++;
	entry->waiting[side] = put_off(&p->queues[question.tries], &question, now + delays[question.tries]);
	if (!entry->waiting[side])
		p->counts.passed_over++;
}

static void take_in(struct processes *p, const struct socket_answer *answer, int64_t now)
{
	enum side side = side_of(&answer->question);
	uint32_t index = find(p, answer->question.connection);
	struct entry *entry;

	if (index == 0)
		return;
	entry = entry_at(p, index);
	entry->waiting[side] = false;
	if (answer->found[side] == SOCKET_LISTENER || answer->found[side] == SOCKET_OWNER)
		entry->process[side] = answer->process[side];
	entry->process[side].name[PROCESS_NAME_MAX] = '\0';
	entry->settled[side] = answer->found[side] == SOCKET_OWNER;
	if (answer->found[side] == SOCKET_LATER || answer->found[side] == SOCKET_LISTENER)
		ask_again(p, entry, answer->question, now);
}

static void take_answers(struct processes *p)
{
	struct socket_answer answer;

	for (int i = 0; i < WORK_MAX && p->asker->answer(p->asker, &answer); i++)
		take_in(p, &answer, p->now);
}

/* Passes on what is due. False: no more for now. */
static bool pass_on_due(struct processes *p, struct queue *queue, int64_t now)
{
	for (int i = 0; i < WORK_MAX && queue->n > 0; i++) {
		const struct waiting *waiting = &queue->at[queue->first];

		if (waiting->due > now)
			return true;
		/* Of a connection that is over, nothing is asked any more. */
		if (find(p, waiting->question.connection) != 0 && !pass_on(p, &waiting->question))
			return false;
		queue->first = (queue->first + 1) % QUEUE;
		queue->n--;
	}
	return true;
}

void processes_work(struct processes *p, int64_t now)
{
	p->now = now;
	take_answers(p);
	for (int i = 0; i < TRIES && pass_on_due(p, &p->queues[i], now); i++)
		;
}

const struct process *processes_find(struct processes *p, uint64_t connection)
{
	uint32_t index = find(p, connection);
	const struct entry *entry;

	if (index == 0)
		return NULL;
	entry = entry_at(p, index);
	/* Of a short connection the answer may just have come. */
	if (entry->waiting[CLIENT] || entry->waiting[SERVER])
		take_answers(p);
	return entry->process[CLIENT].pid || entry->process[SERVER].pid ? entry->process : NULL;
}

void processes_forget(struct processes *p, uint64_t connection)
{
	uint32_t index = find(p, connection);

	if (index != 0)
		drop(p, index);
}

struct processes_counts processes_counts(const struct processes *p)
{
	return p->counts;
}

static bool make_queues(struct processes *p)
{
	for (int i = 0; i < TRIES; i++) {
		p->queues[i].at = calloc(QUEUE, sizeof *p->queues[i].at);
		if (!p->queues[i].at)
			return false;
	}
	return true;
}

struct processes *processes_new(const struct processes_options *options)
{
	struct processes *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->asker = options->asker;
	p->addresses = options->addresses;
	p->seed = options->seed;
	p->max = options->max > 0 && options->max < PROCESSES_MAX ? (uint32_t)options->max : PROCESSES_MAX;
	pool_init(&p->pool, sizeof(struct entry));
	if (make_queues(p) && table_init(&p->table) == 0)
		return p;
	processes_free(p);
	return NULL;
}

void processes_free(struct processes *p)
{
	if (!p)
		return;
	for (int i = 0; i < TRIES; i++)
		free(p->queues[i].at);
	table_end(&p->table);
	pool_end(&p->pool);
	free(p);
}
