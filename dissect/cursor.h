/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor.h - bounded reading of bytes from the wire.
 *
 * Every read yields a value and moves on, or sets short_read and yields zero for ever after: a header is a
 * list of reads and one check. No pointer beyond the last byte is ever formed. Header-only.
 */
#ifndef LASTACK_DISSECT_CURSOR_H
#define LASTACK_DISSECT_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at;
	size_t left;	 /* bytes at 'at' that may be read */
	bool short_read; /* some read wanted more than was left */
};

/* Numbers in bytes that are known to be there: network order, then little-endian. */
static inline uint16_t bytes_be16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t bytes_be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t bytes_be64(const uint8_t *b)
{
	return (uint64_t)bytes_be32(b) << 32 | bytes_be32(b + 4);
}

static inline uint16_t bytes_le16(const uint8_t *b)
{
	return (uint16_t)(b[1] << 8 | b[0]);
}

static inline uint32_t bytes_le32(const uint8_t *b)
{
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* The next n bytes, moving behind them; NULL (a short read) when there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *at = c->at;

	if (n > c->left) {
		c->left = 0;
		c->short_read = true;
		return NULL;
	}
	c->at += n;
	c->left -= n;
	return at;
}

/* The n bytes that begin 'offset' bytes ahead, without moving; NULL (and no short read) when not all there.
 */
static inline const uint8_t *cursor_peek(const struct cursor *c, size_t offset, size_t n)
{
	if (offset > c->left || n > c->left - offset)
		return NULL;
	return c->at + offset;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 1);

	return b ? *b : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 2);

	return b ? bytes_be16(b) : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 4);

	return b ? bytes_be32(b) : 0;
}

static inline uint16_t cursor_le16(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 2);

	return b ? bytes_le16(b) : 0;
}

static inline uint32_t cursor_le32(struct cursor *c)
{
	const uint8_t *b = cursor_take(c, 4);

	return b ? bytes_le32(b) : 0;
}

#endif
