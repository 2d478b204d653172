/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_asker.h - processes are asked for through the broker: the asker of ui/processes.h whose questions
 * sockets_lookup() answers in the broker's second process.
 *
 *	struct sockets *sockets = sockets_new();
 *	struct broker_options options = { ..., sockets_lookup, sockets_prepare, sockets };
 *	struct broker *broker = broker_start(&options);
 *	sockets_free(sockets);			what the broker has is its own
 *	broker_asker_init(&asker, broker);
 *	this_host_ask(host, &asker.asker, seed, max);
 */
#ifndef LASTACK_UI_BROKER_ASKER_H
#define LASTACK_UI_BROKER_ASKER_H

#include "ui/broker.h"
#include "ui/processes.h"

struct broker_asker {
	struct asker asker; /* first */
	struct broker *broker;
};

/* The broker is not owned and must outlive its use. */
void broker_asker_init(struct broker_asker *asker, struct broker *broker);

#endif
