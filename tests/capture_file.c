/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

void put(struct file *f, const void *bytes, size_t n)
{
	if (f->size - f->n < n) {
		f->size = 2 * (f->n + n);
		f->bytes = realloc(f->bytes, f->size);
		assert_non_null(f->bytes);
	}
	if (n > 0)
		memcpy(f->bytes + f->n, bytes, n);
	f->n += n;
}

static void put_number(struct file *f, uint64_t n, size_t bytes)
{
	uint8_t at[8];

	for (size_t i = 0; i < bytes; i++)
		at[f->big ? bytes - 1 - i : i] = (uint8_t)(n >> (8 * i));
	put(f, at, bytes);
}

void put16(struct file *f, uint16_t n)
{
	put_number(f, n, 2);
}

void put32(struct file *f, uint32_t n)
{
	put_number(f, n, 4);
}

void put64(struct file *f, uint64_t n)
{
	put_number(f, n, 8);
}

void file_free(struct file *f)
{
	free(f->bytes);
	*f = (struct file){ .big = f->big };
}

void frame_marked(uint8_t frame[FRAME_SIZE], uint8_t mark)
{
	memset(frame, mark, FRAME_SIZE);
}

void frame_ipv4(uint8_t frame[FRAME_SIZE], const struct ipv4 *p)
{
	struct file f = { .big = true };

	put(&f, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	for (int i = 0; i < p->tags; i++)
		put(&f, "\x81\x00\x00\x07", 4);
	put16(&f, 0x0800);
	put(&f, "\x45\0\0\x28\0\1", 6);
	put16(&f, p->fragment);
	put(&f, "\x40", 1);
	put(&f, &p->protocol, 1);
	put(&f, "\0\0\x0a\0\0\1\x0a\0\0\2", 10);
	put16(&f, p->sport);
	put16(&f, p->dport);
	memset(frame, 0, FRAME_SIZE);
	memcpy(frame, f.bytes, f.n);
	file_free(&f);
}

void put_pcap(struct file *f, uint32_t magic, uint32_t linktype)
{
	put32(f, magic);
	put16(f, 2);
	put16(f, 4);
	put64(f, 0);
	put32(f, 65535);
	put32(f, linktype);
}

void put_pcap_frame(struct file *f, uint32_t seconds, uint32_t fraction, const uint8_t *frame, uint32_t n)
{
	put32(f, seconds);
	put32(f, fraction);
	put32(f, n);
	put32(f, n);
	put(f, frame, n);
}

void put_block(struct file *f, uint32_t type, const struct file *body)
{
	uint32_t padding = (uint32_t)(-body->n & 3), length = (uint32_t)body->n + padding + 12;

	put32(f, type);
	put32(f, length);
	put(f, body->bytes, body->n);
	put(f, "\0\0\0", padding);
	put32(f, length);
}

void put_section(struct file *f)
{
	struct file body = { .big = f->big };

	put32(&body, 0x1a2b3c4d);
	put16(&body, 1);
	put16(&body, 0);
	put64(&body, UINT64_MAX);
	put_block(f, 0x0a0d0d0a, &body);
	file_free(&body);
}

void put_interface(struct file *f, uint16_t linktype, uint32_t snaplen, const struct file *options)
{
	struct file body = { .big = f->big };

	put16(&body, linktype);
	put16(&body, 0);
	put32(&body, snaplen);
	if (options)
		put(&body, options->bytes, options->n);
	put_block(f, 1, &body);
	file_free(&body);
}

void put_option(struct file *options, uint16_t code, const void *value, uint16_t n)
{
	put16(options, code);
	put16(options, n);
	put(options, value, n);
	put(options, "\0\0\0", -n & 3);
}

void put_enhanced(struct file *f, uint32_t interface, uint64_t ticks, const uint8_t *frame, uint32_t n)
{
	struct file body = { .big = f->big };

	put32(&body, interface);
	put32(&body, (uint32_t)(ticks >> 32));
	put32(&body, (uint32_t)ticks);
	put32(&body, n);
	put32(&body, n);
	put(&body, frame, n);
	put_block(f, 6, &body);
	file_free(&body);
}

void put_simple(struct file *f, uint32_t sent, const uint8_t *frame, uint32_t n)
{
	struct file body = { .big = f->big };

	put32(&body, sent);
	put(&body, frame, n);
	put_block(f, 3, &body);
	file_free(&body);
}

void put_obsolete(struct file *f, uint16_t interface, uint64_t ticks, const uint8_t *frame, uint32_t n)
{
	struct file body = { .big = f->big };

	put16(&body, interface);
	put16(&body, 3); /* drops */
	put32(&body, (uint32_t)(ticks >> 32));
	put32(&body, (uint32_t)ticks);
	put32(&body, n);
	put32(&body, n);
	put(&body, frame, n);
	put_block(f, 2, &body);
	file_free(&body);
}

struct file gzipped(const struct file *f)
{
	uint8_t *room = malloc(f->n + 1024);
	z_stream z = { .next_in = f->bytes, .avail_in = (uInt)f->n };

	assert_non_null(room);
	z.next_out = room;
	z.avail_out = (uInt)f->n + 1024;
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	struct file out = { .bytes = room, .n = z.total_out, .size = f->n + 1024 };

	deflateEnd(&z);
	return out;
}

struct file zstded(const struct file *f)
{
	size_t size = ZSTD_compressBound(f->n);
	uint8_t *room = malloc(size);

	assert_non_null(room);
	size_t n = ZSTD_compress(room, size, f->bytes, f->n, 3);

	assert_false(ZSTD_isError(n));
	return (struct file){ .bytes = room, .n = n, .size = size };
}

/* Of the running test program: where its files are, and how many. Tests run one after another. */
static char folder[128];
static char paths[64][256];
static size_t path_count;

const char *file_path(const char *name)
{
	if (!folder[0]) {
		const char *under = getenv("TMPDIR");

		snprintf(folder, sizeof folder, "%s/lastack-test-XXXXXX", under ? under : "/tmp");
		assert_non_null(mkdtemp(folder));
	}
	assert_true(path_count < sizeof paths / sizeof *paths);
	char *path = paths[path_count++];

	assert_true(snprintf(path, sizeof paths[0], "%s/%s", folder, name) < (int)sizeof paths[0]);
	return path;
}

const char *file_write(const char *name, const struct file *f)
{
	const char *path = file_path(name);
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(f->bytes, 1, f->n, out), f->n);
	assert_int_equal(fclose(out), 0);
	return path;
}

void files_remove(void)
{
	while (path_count > 0)
		remove(paths[--path_count]);
	if (folder[0])
		rmdir(folder);
	folder[0] = 0;
}

static void note_complaint(void *context, const struct capture_error *error)
{
	struct seen *seen = context;

	if (seen->complained < COMPLAINTS_MAX)
		seen->complaints[seen->complained] = *error;
	seen->complained++;
}

static void note_frame(struct seen *seen, const struct frame *frame)
{
	assert_in_range(seen->count, 0, SEEN_MAX - 1);
	assert_true(frame->caplen <= frame->len);
	if (frame->caplen > 0)
		seen->marks[seen->count] = frame->bytes[frame->caplen - 1];
	seen->frames[seen->count++] = *frame;
}

/* Frames come one at a time, or several. */
static void see_all(struct captures *c, struct seen *seen)
{
	enum { FRAMES_MOST = 3 };
	struct frame frames[FRAMES_MOST];
	size_t n;

	while (captures_next_several(c, frames, 1 + seen->count % FRAMES_MOST, &n) == 1)
		for (size_t i = 0; i < n; i++)
			note_frame(seen, &frames[i]);
	assert_int_equal(n, 0);
	assert_int_equal(captures_next(c, frames), 0);
}

const struct seen *see(const char *const *names, size_t n, const char *filter)
{
	static struct seen seen;
	const struct capture_options options = { .filter = filter };

	memset(&seen, 0, sizeof seen);
	struct captures *c = captures_open(names, n, &options, note_complaint, &seen);

	assert_non_null(c);
	see_all(c, &seen);
	for (uint16_t i = 0; i < 16; i++)
		snprintf(seen.sources[i], sizeof seen.sources[i], "%s", captures_source(c, i));
	seen.failed = captures_failed(c);
	seen.nanoseconds = captures_nanoseconds(c);
	captures_close(c);
	return &seen;
}

const struct seen *see_file(const struct file *f)
{
	const char *path = file_write("one", f);
	const struct seen *seen = see(&path, 1, NULL);

	remove(path);
	path_count--;
	return seen;
}

const struct seen *see_pipe(const struct file *f)
{
	static const char *const name = "-";
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t writer = fork();

	if (writer == 0) {
		/* in small pieces, so that reads come up short */
		for (size_t at = 0; at < f->n; at += 7)
			if (write(ends[1], f->bytes + at, f->n - at < 7 ? f->n - at : 7) < 0)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	int saved = dup(STDIN_FILENO);

	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	const struct seen *seen = see(&name, 1, NULL);

	dup2(saved, STDIN_FILENO);
	close(saved);
	waitpid(writer, NULL, 0);
	return seen;
}

void assert_clean(const struct seen *seen, size_t frames)
{
	if (seen->complained > 0)
		fail_msg("unexpected: %s", seen->complaints[0].text);
	assert_int_equal(seen->count, frames);
	assert_int_equal(seen->failed, 0);
}

void assert_says(const struct seen *seen, size_t complaint, const char *text)
{
	assert_true(seen->complained > complaint);
	if (!strstr(seen->complaints[complaint].text, text))
		fail_msg("\"%s\" does not say \"%s\"", seen->complaints[complaint].text, text);
}

void assert_one_complaint(const struct seen *seen, size_t frames, const char *text)
{
	assert_says(seen, 0, text);
	assert_int_equal(seen->complained, 1);
	assert_int_equal(seen->failed, 1);
	assert_int_equal(seen->count, frames);
}

const char *file_at(const char *name, uint8_t mark, const uint32_t *seconds)
{
	struct file f = { 0 };
	uint8_t frame[FRAME_SIZE];

	frame_marked(frame, mark);
	put_pcap(&f, PCAP_MICRO, LINKTYPE_ETHERNET);
	for (; *seconds; seconds++)
		put_pcap_frame(&f, *seconds, 0, frame, 60);
	const char *path = file_write(name, &f);

	file_free(&f);
	return path;
}

struct file two_packets(int format)
{
	uint8_t frame_a[FRAME_SIZE], frame_b[FRAME_SIZE];
	struct file f = { .big = format % 2 == 1 };

	frame_marked(frame_a, 'a');
	frame_marked(frame_b, 'b');
	if (format == FORMAT_PCAPNG) {
		put_section(&f);
		put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
		put_enhanced(&f, 0, 1700000000000001, frame_a, 60);
		put_enhanced(&f, 0, 1700000000500000, frame_b, 60);
		return f;
	}
	uint32_t scale = format / 2 == 1 ? 1000 : 1;

	put_pcap(&f, scale == 1000 ? PCAP_NANO : PCAP_MICRO, LINKTYPE_ETHERNET);
	put_pcap_frame(&f, 1700000000, scale, frame_a, 60);
	put_pcap_frame(&f, 1700000000, 500000 * scale, frame_b, 60);
	return f;
}
