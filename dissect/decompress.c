/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/decompress.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct compression {
	const char *name;
	size_t magic_length;
	uint8_t magic[DECOMPRESS_MAGIC];
	uint8_t first_mask; /* of the first byte: zstd has 16 kinds of skippable frames */
	bool (*begin)(struct decompressor *d);
	ssize_t (*step)(struct decompressor *d, struct compressed *in, uint8_t *out, size_t room);
	void (*end)(struct decompressor *d);
};

struct decompressor {
	const struct compression *kind;
	bool complete;	   /* the last member has ended */
	const char *error; /* of the libraries' constant strings */
	z_stream gzip;
	ZSTD_DStream *zstd;
};

static bool gzip_begin(struct decompressor *d)
{
	/* 15 bits of window, + 16: a gzip header and trailer, whose sums are verified (zlib.h) */
	return inflateInit2(&d->gzip, 15 + 16) == Z_OK;
}

static uInt clipped(size_t n)
{
	return n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)n;
}

/* Between members: zeros are padding (RFC 1952 says nothing of them, tar and tapes add them), as for gzip(1).
 */
static bool gzip_next_member(struct decompressor *d, struct compressed *in)
{
	while (in->left > 0 && *in->at == 0) {
		in->at++;
		in->left--;
	}
	if (in->left == 0)
		return false;
	d->complete = false;
	inflateReset(&d->gzip);
	return true;
}

static ssize_t gzip_step(struct decompressor *d, struct compressed *in, uint8_t *out, size_t room)
{
	z_stream *z = &d->gzip;

	if (d->complete && !gzip_next_member(d, in))
		return 0;
	/* zlib declares its input without const, and does not write to it */
	z->next_in = (Bytef *)(uintptr_t)in->at;
	z->avail_in = clipped(in->left);
	z->next_out = out;
	z->avail_out = clipped(room);
	int result = inflate(z, Z_NO_FLUSH);
	size_t taken = (size_t)(z->next_in - in->at);
	ssize_t given = z->next_out - out;

	in->at += taken;
	in->left -= taken;
	if (result == Z_STREAM_END)
		d->complete = true;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		d->error = z->msg ? z->msg : zError(result);
	return d->error && given == 0 ? -1 : given;
}

static void gzip_end(struct decompressor *d)
{
	inflateEnd(&d->gzip);
}

static bool zstd_begin(struct decompressor *d)
{
	d->zstd = ZSTD_createDStream();
	return d->zstd != NULL;
}

static ssize_t zstd_step(struct decompressor *d, struct compressed *in, uint8_t *out, size_t room)
{
	/* asked again after a frame's end, zstd would begin the next one and no more call it complete */
	if (d->complete && in->left == 0)
		return 0;
	ZSTD_inBuffer source = { .src = in->at, .size = in->left };
	ZSTD_outBuffer sink = { .dst = out, .size = room };
	size_t result = ZSTD_decompressStream(d->zstd, &sink, &source);

	in->at += source.pos;
	in->left -= source.pos;
	if (ZSTD_isError(result))
		d->error = ZSTD_getErrorName(result);
	d->complete = result == 0;
	return d->error && sink.pos == 0 ? -1 : (ssize_t)sink.pos;
}

static void zstd_end(struct decompressor *d)
{
	ZSTD_freeDStream(d->zstd);
}

/* RFC 1952 2.3.1; RFC 8878 3.1.1 and 3.1.2 */
static const struct compression compressions[] = {
	{ .name = "gzip",
	  .magic = { 0x1f, 0x8b },
	  .magic_length = 2,
	  .first_mask = 0xff,
	  .begin = gzip_begin,
	  .step = gzip_step,
	  .end = gzip_end },
	{ .name = "zstd",
	  .magic = { 0x28, 0xb5, 0x2f, 0xfd },
	  .magic_length = 4,
	  .first_mask = 0xff,
	  .begin = zstd_begin,
	  .step = zstd_step,
	  .end = zstd_end },
	{ .name = "zstd", /* begins with a skippable frame, as pzstd's files do */
	  .magic = { 0x50, 0x2a, 0x4d, 0x18 },
	  .magic_length = 4,
	  .first_mask = 0xf0,
	  .begin = zstd_begin,
	  .step = zstd_step,
	  .end = zstd_end },
};

static const struct compression *compression_of(const uint8_t *magic, size_t n)
{
	for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
		const struct compression *c = &compressions[i];

		if (n < c->magic_length || (magic[0] & c->first_mask) != c->magic[0])
			continue;
		if (memcmp(magic + 1, c->magic + 1, c->magic_length - 1) == 0)
			return c;
	}
	return NULL;
}

bool decompress_knows(const uint8_t *magic, size_t n)
{
	return compression_of(magic, n) != NULL;
}

struct decompressor *decompressor_new(const uint8_t *magic, size_t n)
{
	struct decompressor *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->kind = compression_of(magic, n);
	if (!d->kind->begin(d)) {
		free(d);
		return NULL;
	}
	return d;
}

ssize_t decompress(struct decompressor *d, struct compressed *in, uint8_t *out, size_t room)
{
	return d->error ? -1 : d->kind->step(d, in, out, room);
}

bool decompressor_complete(const struct decompressor *d)
{
	return d->complete && !d->error;
}

const char *decompressor_name(const struct decompressor *d)
{
	return d->kind->name;
}

const char *decompressor_error(const struct decompressor *d)
{
	return d->error ? d->error : "no error";
}

void decompressor_free(struct decompressor *d)
{
	if (!d)
		return;
	d->kind->end(d);
	free(d);
}
