/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/stream.h"

#include "dissect/decompress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct stream {
	int fd;
	bool sniffed; /* the first bytes were looked at, decompressor is settled */
	bool ended;   /* there is nothing behind the buffer; error may say why */
	const volatile sig_atomic_t *stop;
	struct decompressor *decompressor; /* NULL: the bytes are plain */
	struct compressed waiting;	   /* part of raw that is not decompressed yet */
	uint8_t *raw;			   /* chunk bytes, only with a decompressor */
	uint8_t *buffer;		   /* plain bytes from at to end */
	size_t at, end, size;
	char *file_buffer; /* stream_file()'s, chunk bytes */
	size_t chunk;
	char error[160];
};

struct stream *stream_new(int fd, size_t buffer, const volatile sig_atomic_t *stop)
{
	struct stream *s = calloc(1, sizeof *s);

	if (!s) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	s->fd = fd;
	s->chunk = buffer;
	s->stop = stop;
	return s;
}

__attribute__((format(printf, 2, 3))) static void stream_fail(struct stream *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(s->error, sizeof s->error, format, arguments);
	va_end(arguments);
	s->ended = true;
}

/* Reads from the descriptor; 0 at its end and on errors. */
static size_t read_some(struct stream *s, uint8_t *to, size_t room)
{
	while (!(s->stop && *s->stop)) {
		ssize_t n = read(s->fd, to, room);

		if (n >= 0)
			return (size_t)n;
		if (errno != EINTR) {
			stream_fail(s, "it cannot be read on: %s", strerror(errno));
			return 0;
		}
	}
	s->ended = true;
	return 0;
}

static size_t decompress_some(struct stream *s, uint8_t *to, size_t room)
{
	struct decompressor *d = s->decompressor;

	while (!s->ended) {
		size_t before = s->waiting.left;
		ssize_t n = decompress(d, &s->waiting, to, room);

		if (n > 0)
			return (size_t)n;
		if (n < 0) {
			stream_fail(s, "the %s data is damaged (%s)", decompressor_name(d),
				    decompressor_error(d));
			break;
		}
		if (s->waiting.left == 0) {
			s->waiting =
				(struct compressed){ .at = s->raw, .left = read_some(s, s->raw, s->chunk) };
			if (s->waiting.left == 0 && !s->ended && !decompressor_complete(d))
				stream_fail(s, "the %s data ends before its end (cut short?)",
					    decompressor_name(d));
			s->ended |= s->waiting.left == 0;
		} else if (s->waiting.left == before) {
			stream_fail(s, "the %s data is damaged (no progress)", decompressor_name(d));
		}
	}
	return 0;
}

/* Plain bytes from the descriptor or the decompressor; 0 = no more. */
static size_t produce(struct stream *s, uint8_t *to, size_t room)
{
	if (s->ended)
		return 0;
	size_t n = s->decompressor ? decompress_some(s, to, room) : read_some(s, to, room);

	s->ended |= n == 0;
	return n;
}

/* Makes the buffer hold n bytes in a row if there are as many. */
static bool fill(struct stream *s, size_t n)
{
	if (s->at > 0) {
		memmove(s->buffer, s->buffer + s->at, s->end - s->at);
		s->end -= s->at;
		s->at = 0;
	}
	while (s->end < n && !s->ended) {
		if (s->end == s->size) {
			size_t size = s->size ? 2 * s->size : s->chunk;
			uint8_t *bigger = realloc(s->buffer, size);

			if (!bigger) {
				stream_fail(s, "out of memory");
				return false;
			}
			s->buffer = bigger;
			s->size = size;
		}
		s->end += produce(s, s->buffer + s->end, s->size - s->end);
	}
	return s->end >= n;
}

/* The first bytes tell whether they are compressed; if so the buffer becomes the decompressor's input. */
static void sniff(struct stream *s)
{
	s->sniffed = true;
	fill(s, DECOMPRESS_MAGIC);
	if (!decompress_knows(s->buffer, s->end))
		return;
	s->decompressor = decompressor_new(s->buffer, s->end);
	if (!s->decompressor) {
		stream_fail(s, "out of memory");
		return;
	}
	s->raw = s->buffer;
	s->waiting = (struct compressed){ .at = s->raw, .left = s->end };
	s->buffer = NULL;
	s->end = 0;
	s->size = 0;
	s->ended = s->error[0] != 0;
}

size_t stream_look(struct stream *s, size_t n, const uint8_t **bytes)
{
	if (!s->sniffed)
		sniff(s);
	if (s->end - s->at < n)
		fill(s, n);
	*bytes = s->buffer ? s->buffer + s->at : NULL;
	return s->end - s->at;
}

void stream_skip(struct stream *s, size_t n)
{
	s->at += n;
}

const char *stream_error(const struct stream *s)
{
	return s->error[0] ? s->error : NULL;
}

static ssize_t file_read(void *cookie, char *to, size_t room)
{
	struct stream *s = cookie;
	size_t n = s->end - s->at;

	if (!s->sniffed) {
		const uint8_t *bytes;

		n = stream_look(s, 1, &bytes);
	}
	if (n == 0) {
		n = produce(s, (uint8_t *)to, room);
		if (n == 0 && s->error[0]) {
			errno = EIO;
			return -1;
		}
		return (ssize_t)n;
	}
	if (n > room)
		n = room;
	memcpy(to, s->buffer + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

FILE *stream_file(struct stream *s)
{
	if (!s->file_buffer)
		s->file_buffer = malloc(s->chunk);
	if (!s->file_buffer)
		return NULL;
	FILE *file = fopencookie(s, "r", (cookie_io_functions_t){ .read = file_read });

	if (file)
		setvbuf(file, s->file_buffer, _IOFBF, s->chunk);
	return file;
}

void stream_rest(struct stream *s)
{
	decompressor_free(s->decompressor);
	free(s->raw);
	free(s->buffer);
	free(s->file_buffer);
	s->decompressor = NULL;
	s->raw = s->buffer = NULL;
	s->file_buffer = NULL;
	s->waiting = (struct compressed){ 0 };
	s->at = s->end = s->size = 0;
	s->ended = true;
}

bool stream_progress(const struct stream *s, uint64_t *done, uint64_t *all)
{
	off_t at = lseek(s->fd, 0, SEEK_CUR);
	struct stat file;

	if (at == -1 || fstat(s->fd, &file) == -1 || !S_ISREG(file.st_mode))
		return false;
	*done = (uint64_t)at;
	*all = (uint64_t)file.st_size;
	return true;
}

int stream_rewind(struct stream *s, off_t offset, const volatile sig_atomic_t *stop)
{
	if (lseek(s->fd, offset, SEEK_SET) == -1)
		return -1;
	stream_rest(s);
	s->sniffed = s->ended = false;
	s->error[0] = 0;
	s->stop = stop;
	return 0;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	close(s->fd);
	stream_rest(s);
	free(s);
}
