/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decompress.h - gzip and zstd data in pieces: compressed bytes in, plain bytes out. */
#ifndef LASTACK_DISSECT_DECOMPRESS_H
#define LASTACK_DISSECT_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct decompressor;

enum { DECOMPRESS_MAGIC = 4 };

/* Compressed bytes that wait to be taken. */
struct compressed {
	const uint8_t *at;
	size_t left;
};

/* Whether n bytes at the beginning of a file say that it is compressed, and so that decompressor_new() would
 * know how. */
bool decompress_knows(const uint8_t *magic, size_t n);

/* For data that begins with n bytes at magic, which decompress_knows(). NULL with errno = ENOMEM. */
struct decompressor *decompressor_new(const uint8_t *magic, size_t n);

/*
 * Takes what it likes from *in and writes at most room bytes (room > 0) to out; may be called with an empty
 * *in. Returns how many it wrote (0 = it wants more input), or -1 for damaged data, see decompressor_error().
 * Several members or frames after one another are one piece of data, as for zcat and zstdcat.
 */
ssize_t decompress(struct decompressor *d, struct compressed *in, uint8_t *out, size_t room);

/* Whether the data may end here: all members so far are complete. */
bool decompressor_complete(const struct decompressor *d);

/* "gzip" or "zstd". */
const char *decompressor_name(const struct decompressor *d);

/* What is wrong with the data, after -1. Valid until decompressor_free(). */
const char *decompressor_error(const struct decompressor *d);

void decompressor_free(struct decompressor *d); /* NULL is fine */

#endif
