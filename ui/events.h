/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - a sink that writes every change of an end's state as NDJSON, a line each: --events.
 *
 * What tcpstates(8) of bcc shows of local sockets, for both ends of any connection on the wire, TIME-WAIT
 * included.
 */
#ifndef LASTACK_UI_EVENTS_H
#define LASTACK_UI_EVENTS_H

#include "analyzer/record.h"
#include "ui/outlet.h"
#include "ui/output.h"

struct events;

/*
 * Events to output. *nanoseconds: times have nine digits; it may become true between two lines. It and output
 * are not owned and must outlive the events. NULL with errno = ENOMEM.
 */
struct events *events_new(struct output *output, const bool *nanoseconds);

/* The same to an outlet. */
struct events *events_new_live(struct outlet *outlet, const bool *nanoseconds);

/* The sink to give changes to; records it does not take. Owned by the events; what fails is kept in
 * output->error. */
struct sink *events_sink(struct events *events);

/* Hands all that is still held to the output; may be called at any time. */
void events_flush(struct events *events);

void events_free(struct events *events); /* NULL is fine */

#endif
