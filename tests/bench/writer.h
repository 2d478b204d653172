/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writer.h - frames into a capture file: pcap with micro- or nanoseconds, or pcapng. */
#ifndef LASTACK_BENCH_WRITER_H
#define LASTACK_BENCH_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum format { FORMAT_PCAP, FORMAT_NANOSECOND, FORMAT_PCAPNG };

struct writer {
	FILE *file; /* not owned */
	enum format format;
};

/* Writes the file's header (Ethernet, this machine's byte order). Errors show in ferror(). */
void writer_begin(struct writer *w, FILE *file, enum format format);

/* One frame: n header bytes, of which all are captured, then 'payload' zero bytes, of which 'captured' are.
 */
void writer_frame(struct writer *w, int64_t at, const uint8_t *headers, size_t n, size_t payload,
		  size_t captured);

#endif
