/* SPDX-License-Identifier: GPL-2.0-or-later */
/* broker_asker.c - see broker_asker.h. */
#include "ui/broker_asker.h"

_Static_assert(sizeof(struct socket_question) <= BROKER_MESSAGE_MAX &&
		       sizeof(struct socket_answer) <= BROKER_MESSAGE_MAX,
	       "a message holds a question, and an answer");

static bool ask(struct asker *asker, const struct socket_question *question)
{
	return broker_ask(((struct broker_asker *)asker)->broker, question, sizeof *question);
}

static bool next_answer(struct asker *asker, struct socket_answer *answer)
{
	return broker_answer(((struct broker_asker *)asker)->broker, answer, sizeof *answer) ==
	       (ssize_t)sizeof *answer;
}

void broker_asker_init(struct broker_asker *asker, struct broker *broker)
{
	*asker = (struct broker_asker){ .asker = { .ask = ask, .answer = next_answer }, .broker = broker };
}
