/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - the bytes of one file or pipe, decompressed where they are compressed.
 *
 * Nothing is read before the first call that asks for bytes. A pipe is as good as a file: what was looked at
 * is still there for whoever reads next.
 *
 * Files are read(), not mapped: a file that shrinks while it is mapped (log rotation does that) kills its
 * reader by SIGBUS, and a map is not even faster, as a page fault costs more than a copy that stays in the
 * cache. From the page cache, a walk over 5.8 million packets that touches their headers took, in ns each:
 *
 *	                             of 88 bytes   of 570 bytes
 *	read(), 128 or 256 KiB            9.5           41
 *	mapped                           13.4      125 to 145
 *	mapped with MAP_POPULATE         10.5
 *	MADV_POPULATE_READ, by windows   10.7
 *
 * Other sizes from 32 KiB to 1 MiB make no difference of more than a nanosecond.
 */
#ifndef LASTACK_DISSECT_STREAM_H
#define LASTACK_DISSECT_STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct stream;

/*
 * Takes over fd and closes it in the end. buffer = bytes read at once. When *stop (NULL = nobody does) is set
 * by a signal handler, a read that the signal interrupts is the end of the stream. NULL with errno = ENOMEM;
 * fd is closed then too.
 */
struct stream *stream_new(int fd, size_t buffer, const volatile sig_atomic_t *stop);

/*
 * Looks at the next bytes without taking them: returns how many there are in a row at *bytes, which is less
 * than n only at the end of the stream (or after an error, see stream_error()). They stay valid until the
 * next call. Memory for n bytes is taken only as they arrive.
 */
size_t stream_look(struct stream *s, size_t n, const uint8_t **bytes);

/* Takes n bytes, no more than the last stream_look() returned; they stay valid until the next call. */
void stream_skip(struct stream *s, size_t n);

/* A FILE that takes from the stream, for libraries that want one. Closing it leaves the stream alone, which
 * must outlive it. NULL with errno. */
FILE *stream_file(struct stream *s);

/* Why the stream ended before its end (a read error, damaged or cut compressed data); NULL if it did not. A
 * sentence for people without the file's name, valid until stream_free(). */
const char *stream_error(const struct stream *s);

/* How many bytes of the descriptor's file were read, and how many there are. False: it is none that has a
 * size. */
bool stream_progress(const struct stream *s, uint64_t *done, uint64_t *all);

/*
 * Begins again with the byte at that offset of the descriptor's file, as if it were new; a FILE made by
 * stream_file() must be closed. stop as in stream_new(). 0, or -1 with errno where it cannot be (a pipe).
 */
int stream_rewind(struct stream *s, off_t offset, const volatile sig_atomic_t *stop);

/* Gives back the memory of a stream that is read no more, or only after a stream_rewind(). Bytes that were
 * looked at are not valid any more. */
void stream_rest(struct stream *s);

void stream_free(struct stream *s); /* NULL is fine */

#endif
