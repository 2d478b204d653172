/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our reader of pcap files against libpcap's: the same frames, the same complaints, whatever the file. */
#include "capture_file.h"
#include "compare_readers.h"

#include "dissect/pcap_file.h"
#include "dissect/stream.h"

#include <fcntl.h>
#include <glob.h>
#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { VERSION_2_4 = 0x0204, MODIFIED = 0xa1b2cd34, KNOWN_MAGICS = 3 };

static const volatile sig_atomic_t never;

/* Several sizes of buffer, so that packets begin and end everywhere in it. */
static void compare_file(const struct file *f)
{
	static const size_t buffers[] = { 5, 300, 65536 };
	static char path[256];

	if (!path[0])
		snprintf(path, sizeof path, "%s", file_path("compared"));
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(f->bytes, 1, f->n, out), f->n);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		readers_compare(path, buffers[i]);
}

/* What a file's header says. */
struct header {
	uint32_t magic, snaplen, network;
	uint16_t version;
	bool big;
};

static void put_header(struct file *f, const struct header *h)
{
	f->big = h->big;
	put32(f, h->magic);
	put16(f, h->version >> 8);
	put16(f, h->version & 0xff);
	put64(f, 0);
	put32(f, h->snaplen);
	put32(f, h->network);
}

static void put_record(struct file *f, const struct header *h, uint32_t captured, uint32_t len)
{
	static const uint8_t bytes[262144 + 2] = { 0, 0, 0, 2, 0x45, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	assert_true(captured <= sizeof bytes);
	put32(f, 1700000000);
	put32(f, 999999);
	put32(f, captured);
	put32(f, len);
	if (h->magic == MODIFIED)
		put64(f, 0x0001000000000002);
	put(f, bytes, captured);
}

static struct file file_of(const struct header *h)
{
	/* whole, cut, empty; a length that is too small; the limits of the snap length and of libpcap */
	static const uint32_t lengths[][2] = {
		{ 60, 60 }, { 60, 1500 }, { 0, 0 },	{ 0, 60 },
		{ 60, 40 }, { 10, 0 },	  { 100, 100 }, { 101, 90 },
	};
	struct file f = { 0 };

	put_header(&f, h);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		put_record(&f, h, lengths[i][0], lengths[i][1]);
	return f;
}

static const uint32_t magics[] = { PCAP_MICRO, PCAP_NANO, MODIFIED, 0xa1b234cd, 0xa12b3c4d };
static const uint32_t networks[] = {
	LINKTYPE_ETHERNET,
	LINKTYPE_RAW,
	LINKTYPE_SLL,
	276,
	LINKTYPE_NFLOG,
	LINKTYPE_MTP2,
	12,
	0,
	0x14000001,
	0xfc000001,
	0x10001,
	0x03ff0001,
	220,
	189,
	249,
};
static const uint32_t snaplens[] = { 0,	     1,	     59,	 60,	     100,	65535,
				     262144, 262145, 0x7fffffff, 0x80000000, 0xffffffff };
static const uint16_t versions[] = { VERSION_2_4, 0x0203, 0x0202, 0x0200, 0x0205, 0x0104, 0x0304, 0x0004 };

static void headers_are_read_as_by_libpcap(void **state)
{
	(void)state;
	for (size_t m = 0; m < sizeof magics / sizeof *magics; m++) {
		for (size_t i = 0; i < (m < KNOWN_MAGICS ? sizeof networks / sizeof *networks : 1); i++)
			for (size_t k = 0; k < 2 * sizeof snaplens / sizeof *snaplens; k++) {
				struct header h = { magics[m], snaplens[k / 2], networks[i], VERSION_2_4,
						    k % 2 };
				struct file f = file_of(&h);

				compare_file(&f);
				file_free(&f);
			}
		for (size_t i = 0; i < 2 * sizeof versions / sizeof *versions; i++) {
			struct header h = { magics[m], 65535, LINKTYPE_ETHERNET, versions[i / 2], i % 2 };
			struct file f = file_of(&h);

			compare_file(&f);
			file_free(&f);
		}
	}
}

static void the_largest_packets_are_read_as_by_libpcap(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof snaplens / sizeof *snaplens; k++)
		for (uint32_t captured = 262143; captured <= 262145; captured++) {
			struct header h = { PCAP_MICRO, snaplens[k], LINKTYPE_ETHERNET, VERSION_2_4, false };
			struct file f = { 0 };

			put_header(&f, &h);
			put_record(&f, &h, 60, 60);
			put_record(&f, &h, captured, captured);
			put_record(&f, &h, 60, 60);
			compare_file(&f);
			f.n -= 100;
			compare_file(&f);
			file_free(&f);
		}
}

static void every_prefix_is_read_as_by_libpcap(void **state)
{
	(void)state;
	for (size_t m = 0; m < KNOWN_MAGICS; m++)
		for (uint32_t snaplen = 50; snaplen <= 100; snaplen += 50)
			for (int big = 0; big <= 1; big++) {
				struct header h = { magics[m], snaplen, LINKTYPE_ETHERNET, VERSION_2_4, big };
				struct file f = file_of(&h);

				for (size_t whole = f.n; f.n < whole + 1; f.n--) {
					compare_file(&f);
					if (f.n == 0)
						break;
				}
				file_free(&f);
			}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Changes a few bytes, most of them in the file's or a packet's header, and may cut the file. */
static void mutate(struct file *f, uint32_t *seed)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 59, 60, 61, 100, 0x7f, 0x80, 0xff };
	uint32_t changes = 1 + random_next(seed) % 4;

	while (changes-- > 0) {
		size_t at = random_next(seed) % (random_next(seed) % 2 ? f->n : 24 + 16);
		uint32_t value = random_next(seed);

		f->bytes[at] = value & 0x100 ? values[value % sizeof values] : (uint8_t)value;
	}
	if (random_next(seed) % 4 == 0)
		f->n -= random_next(seed) % f->n;
}

static void damaged_files_are_read_as_by_libpcap(void **state)
{
	(void)state;
	enum { ROUNDS = 4000 };
	uint32_t seed = 20261120;

	for (int round = 0; round < ROUNDS; round++) {
		struct header h = {
			.magic = magics[random_next(&seed) % KNOWN_MAGICS],
			.snaplen = snaplens[random_next(&seed) % (sizeof snaplens / sizeof *snaplens)],
			.network = networks[random_next(&seed) % 4],
			.version = VERSION_2_4,
			.big = random_next(&seed) % 2,
		};
		struct file f = file_of(&h);

		mutate(&f, &seed);
		compare_file(&f);
		file_free(&f);
	}
}

static void cut_and_damaged_compressed_files_are_read_as_by_libpcap(void **state)
{
	(void)state;
	struct header h = { PCAP_MICRO, 65535, LINKTYPE_ETHERNET, VERSION_2_4, false };
	struct file plain = file_of(&h);
	struct file all[] = { gzipped(&plain), zstded(&plain) };

	for (size_t i = 0; i < 2; i++) {
		size_t whole = all[i].n;

		for (size_t at = 0; at < whole; at++) {
			all[i].n = at;
			compare_file(&all[i]);
			all[i].n = whole;
			all[i].bytes[at] ^= 0x55;
			compare_file(&all[i]);
			all[i].bytes[at] ^= 0x55;
		}
		file_free(&all[i]);
	}
	file_free(&plain);
}

/* Whether our own reader takes a file with this header. */
static bool taken(const struct header *h)
{
	struct file f = file_of(h);
	struct stream *s = stream_new(open(file_write("taken", &f), O_RDONLY), 4096, &never);
	struct pcap_file p;
	const uint8_t *bytes;

	assert_non_null(s);
	bool takes = pcap_file_begin(&p, s);

	if (!takes)
		assert_int_equal(stream_look(s, f.n, &bytes), f.n);
	stream_free(s);
	file_free(&f);
	return takes;
}

static void usual_files_need_no_libpcap_and_others_do(void **state)
{
	(void)state;
	static const struct {
		struct header header;
		bool takes;
	} cases[] = {
		{ { PCAP_MICRO, 65535, LINKTYPE_ETHERNET, VERSION_2_4, false }, true },
		{ { PCAP_MICRO, 0, LINKTYPE_ETHERNET, VERSION_2_4, true }, true },
		{ { PCAP_NANO, 262144, LINKTYPE_RAW, VERSION_2_4, false }, true },
		{ { PCAP_NANO, 96, LINKTYPE_RAW, VERSION_2_4, true }, true },
		{ { PCAP_MICRO, 65535, LINKTYPE_NFLOG, VERSION_2_4, false }, true },
		{ { PCAP_MICRO, 65535, LINKTYPE_NFLOG, VERSION_2_4, true }, false },
		{ { PCAP_MICRO, 65535, LINKTYPE_SLL, VERSION_2_4, true }, false },
		{ { PCAP_MICRO, 65535, LINKTYPE_MTP2, VERSION_2_4, false }, false },
		{ { PCAP_MICRO, 65535, LINKTYPE_ETHERNET, 0x0203, false }, false },
		{ { MODIFIED, 65535, LINKTYPE_ETHERNET, VERSION_2_4, false }, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(taken(&cases[i].header), cases[i].takes);
}

/* Rotation may cut a file while it is read: it ends early, and nothing else happens. */
static void a_file_that_shrinks_while_it_is_read_ends_there(void **state)
{
	(void)state;
	enum { FRAMES = 1000, BUFFER = 4096 };
	struct header h = { PCAP_MICRO, 65535, LINKTYPE_ETHERNET, VERSION_2_4, false };
	struct file f = { 0 };
	struct reader r;
	size_t count = 1;

	put_header(&f, &h);
	for (int i = 0; i < FRAMES; i++)
		put_record(&f, &h, 60, 60);
	const char *path = file_write("shrinks", &f);

	reader_open(&r, path, BUFFER, false);
	assert_int_equal(input_next(r.input, &r.frame), INPUT_FRAME);
	assert_int_equal(truncate(path, 24 + 100 * 76), 0);
	while (input_next(r.input, &r.frame) == INPUT_FRAME) {
		assert_int_equal(r.frame.bytes[3], 2);
		count++;
	}
	assert_int_equal(count, 100);
	assert_int_equal(r.complained, 0);
	reader_close(&r);
	file_free(&f);
}

static void compare_all(const char *pattern)
{
	glob_t found;
	uint64_t packets = 0;

	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("%s is not there\n", pattern);
		skip();
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		packets += readers_compare(found.gl_pathv[i], 65536);
	assert_true(packets > 100);
	globfree(&found);
}

static void public_captures_are_read_as_by_libpcap(void **state)
{
	(void)state;
	compare_all(SHARED_DIR "/captures/*");
}

static void recordings_are_read_as_by_libpcap(void **state)
{
	(void)state;
	compare_all(SHARED_DIR "/recordings/*.pcap");
}

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_files_need_no_libpcap_and_others_do),
		cmocka_unit_test(headers_are_read_as_by_libpcap),
		cmocka_unit_test(the_largest_packets_are_read_as_by_libpcap),
		cmocka_unit_test(every_prefix_is_read_as_by_libpcap),
		cmocka_unit_test(damaged_files_are_read_as_by_libpcap),
		cmocka_unit_test(cut_and_damaged_compressed_files_are_read_as_by_libpcap),
		cmocka_unit_test(a_file_that_shrinks_while_it_is_read_ends_there),
		cmocka_unit_test(public_captures_are_read_as_by_libpcap),
		cmocka_unit_test(recordings_are_read_as_by_libpcap),
	};

	return cmocka_run_group_tests(tests, NULL, remove_files);
}
