/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sockets.c - see sockets.h. */
#include "ui/sockets.h"

#include <stdlib.h>

#include "analyzer/vocabulary.h"
#include "ui/descriptors.h"
#include "ui/diag.h"

struct sockets {
	struct diag diag;
	struct descriptors *descriptors;
};

static bool find_socket(struct sockets *sockets, struct diag_pair *pair, uint32_t interface,
			struct diag_socket *found)
{
	pair->interface = 0;
	if (diag_find(&sockets->diag, pair, found))
		return true;
	pair->interface = interface;
	return interface != 0 && diag_find(&sockets->diag, pair, found);
}

/* Is there, but has not been accepted: SYN-RECEIVED, or in the listener's queue. */
static bool is_unaccepted(const struct diag_socket *found)
{
	return found->inode == 0 && (found->state == DIAG_SYN_RECEIVED || found->state == DIAG_ESTABLISHED ||
				     found->state == DIAG_CLOSE_WAIT);
}

static enum socket_found find_process(struct sockets *sockets, struct diag_pair *pair, uint32_t interface,
				      enum side side, struct process *process)
{
	struct diag_socket found;

	if (!find_socket(sockets, pair, interface, &found))
		return SOCKET_NOT;
	/* Not accepted yet, or given up by its application, in TIME-WAIT for one. */
	if (found.inode == 0 && side == SERVER && !diag_listener(&sockets->diag, pair, &found))
		return is_unaccepted(&found) ? SOCKET_LATER : SOCKET_NOT;
	/* What listens on a client's port has nothing to do with what the client did. */
	if (found.inode == 0 || (found.state == DIAG_LISTEN && side == CLIENT))
		return SOCKET_NOT;
	if (!descriptors_owner(sockets->descriptors, found.inode, process))
		return SOCKET_LATER;
	return found.state == DIAG_LISTEN ? SOCKET_LISTENER : SOCKET_OWNER;
}

size_t sockets_lookup(void *context, const void *request, size_t n, void *reply)
{
	struct sockets *sockets = context;
	struct socket_answer answer;

	if (n != sizeof answer.question)
		return 0;
	memset(&answer, 0, sizeof answer); /* the holes too */
	memcpy(&answer.question, request, sizeof answer.question);
	for (int i = CLIENT; i <= SERVER; i++) {
		const struct socket_question *question = &answer.question;
		struct diag_pair pair = {
			.local = question->host[i],
			.peer = question->host[!i],
			.local_port = question->port[i],
			.peer_port = question->port[!i],
		};

		if (question->wanted[i])
			answer.found[i] = (uint8_t)find_process(sockets, &pair, question->interface[i],
								(enum side)i, &answer.process[i]);
	}
	memcpy(reply, &answer, sizeof answer);
	return sizeof answer;
}

struct sockets *sockets_new(void)
{
	struct sockets *sockets = calloc(1, sizeof *sockets);

	if (sockets) {
		sockets->diag.fd = -1;
		sockets->descriptors = descriptors_new();
	}
	if (sockets && sockets->descriptors)
		return sockets;
	sockets_free(sockets);
	return NULL;
}

bool sockets_prepare(void *context)
{
	struct sockets *sockets = context;

	/* What cannot be opened is answered with nothing found: no reason not to watch. */
	if (diag_open(&sockets->diag) && !descriptors_open(sockets->descriptors))
		diag_close(&sockets->diag);
	return true;
}

void sockets_free(struct sockets *sockets)
{
	if (!sockets)
		return;
	diag_close(&sockets->diag);
	descriptors_free(sockets->descriptors);
	free(sockets);
}
