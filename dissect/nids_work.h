/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nids_work.h - libnids inside a cage (reassemble.c): the work of the two kinds of it. Nothing here
 * runs in the program itself, and a process can do one kind only. Private to dissect/.
 *
 * libnids asks for the time, and throws fragments away by it. In a cage time stands still for it:
 * reassemble.c defines gettimeofday(), which libnids finds before libc's. There is no way to give it to one
 * library alone (the linker's --wrap does not reach into a shared one), so the whole program finds it; but
 * outside a cage, where nids_fragments_prepare() or nids_streams_start() has not run, it is clock_gettime()'s
 * answer, as libc's own is.
 */
#ifndef LASTACK_DISSECT_NIDS_WORK_H
#define LASTACK_DISSECT_NIDS_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- fragments: struct cage_work's functions ---- */

/* context: uint32_t, how many datagrams can wait. False: libnids does not do what it should. */
bool nids_fragments_prepare(void *context);

/*
 * A request is a row of packets (nids_packet.h), each after its length (uint16_t): first the cancelling of
 * given-up datagrams, then at most one fragment. The reply is the datagram which that completed, or nothing.
 */
size_t nids_fragments_serve(void *context, const uint8_t *request, size_t length, uint8_t *reply);

/* ---- streams: what a cage's work is made of ---- */

enum {
	NIDS_PIECE_MAX = 4096,	/* bytes that nids_stream_put() takes at once */
	NIDS_STREAM_FIRST = 16, /* streams are numbered from here, so that none has the server's address */
};

/* Bytes in order, never any twice; or, with bytes = NULL, the place of one that a filler stands for. */
typedef void nids_stream_sink(void *context, uint32_t stream, unsigned side, const uint8_t *bytes,
			      size_t length);

/* Once a process. At most 'streams' can be open at a time. False: libnids does not do what it should. */
bool nids_streams_start(uint32_t streams, nids_stream_sink *sink, void *context);

/* Begins a stream with both directions at number 0. False when libnids would not have it. */
bool nids_stream_open(uint32_t stream);

/* Bytes that side sent from that number on (modulo 2^32), in whatever order they were captured. */
void nids_stream_put(uint32_t stream, unsigned side, uint32_t number, const uint8_t *bytes, size_t length);

/*
 * The next 'length' (1 or more) bytes in order of that side are nowhere: the stream goes on behind them, with
 * what waits there. The sink is told of the last of them only.
 */
void nids_stream_skip(uint32_t stream, unsigned side, uint32_t length);

void nids_stream_close(uint32_t stream);

#endif
