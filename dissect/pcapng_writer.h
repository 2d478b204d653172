/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng_writer.h - frames as a pcapng capture (draft-ietf-opsawg-pcapng), for Wireshark.
 *
 * One section in the byte order of this machine; an interface is described before its first frame. Bytes,
 * lengths, times and order are those of the frames; of what else stood in the capture that they come from
 * (comments, names of hosts, drop counters) nothing is there. libpcap writes one link type a file, and no
 * pcapng.
 */
#ifndef LASTACK_DISSECT_PCAPNG_WRITER_H
#define LASTACK_DISSECT_PCAPNG_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "dissect/frame.h"

struct pcapng_writer;

/* Takes n bytes of the file, which follow those of the last call. Errors are its own to keep. */
typedef void pcapng_put(void *context, const void *bytes, size_t n);

/*
 * Begins a file: the first bytes go to put with the first frame, or at the end. nanoseconds = times are
 * written as such; else as microseconds, rounded down. NULL with errno = ENOMEM.
 */
struct pcapng_writer *pcapng_writer_new(bool nanoseconds, pcapng_put *put, void *context);

/*
 * Writes one frame as of the interface called name: one interface a pair of frame->source and frame->link.
 * False, with nothing written, when out of memory or interfaces (errno = ENOMEM).
 */
bool pcapng_writer_frame(struct pcapng_writer *w, const struct frame *frame, const char *name);

/* Hands all that is still held to put. A capture without a frame is one all the same. */
void pcapng_writer_finish(struct pcapng_writer *w);

void pcapng_writer_free(struct pcapng_writer *w); /* NULL is fine */

#endif
