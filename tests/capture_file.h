/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture_file.h - captures made byte by byte for tests, and what reading them gives. */
#ifndef LASTACK_TESTS_CAPTURE_FILE_H
#define LASTACK_TESTS_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/capture.h"

/* A file in the making. Zeroed, it is empty and little endian. */
struct file {
	uint8_t *bytes;
	size_t n, size;
	bool big; /* byte order of what is put next */
};

void put(struct file *f, const void *bytes, size_t n);
void put16(struct file *f, uint16_t n);
void put32(struct file *f, uint32_t n);
void put64(struct file *f, uint64_t n);
void file_free(struct file *f);

/* A small frame whose bytes all are 'mark', or an Ethernet frame with an IPv4 packet in it. */
enum { FRAME_SIZE = 60 };
void frame_marked(uint8_t frame[FRAME_SIZE], uint8_t mark);
struct ipv4 {
	uint8_t protocol;
	uint16_t fragment; /* flags and offset as in the header */
	uint16_t sport, dport;
	int tags; /* 802.1Q tags before it */
};
void frame_ipv4(uint8_t frame[FRAME_SIZE], const struct ipv4 *p);

/* pcap: 24 bytes of header, 16 before each frame. */
void put_pcap(struct file *f, uint32_t magic, uint32_t linktype);
void put_pcap_frame(struct file *f, uint32_t seconds, uint32_t fraction, const uint8_t *frame, uint32_t n);

/* pcapng. Options are given as ready bytes in the file's byte order, a multiple of 4. */
void put_block(struct file *f, uint32_t type, const struct file *body);
void put_section(struct file *f);
void put_interface(struct file *f, uint16_t linktype, uint32_t snaplen, const struct file *options);
void put_option(struct file *options, uint16_t code, const void *value, uint16_t n);
void put_enhanced(struct file *f, uint32_t interface, uint64_t ticks, const uint8_t *frame, uint32_t n);
void put_simple(struct file *f, uint32_t sent, const uint8_t *frame, uint32_t n);
void put_obsolete(struct file *f, uint16_t interface, uint64_t ticks, const uint8_t *frame, uint32_t n);

struct file gzipped(const struct file *f);
struct file zstded(const struct file *f);

/* A file of that name in a fresh folder under /tmp (or $TMPDIR), removed by files_remove(). */
const char *file_write(const char *name, const struct file *f);
const char *file_path(const char *name);
void files_remove(void);

/* What reading gave. */
enum { SEEN_MAX = 4096, COMPLAINTS_MAX = 8 };
struct seen {
	struct frame frames[SEEN_MAX]; /* bytes are not valid any more */
	uint8_t marks[SEEN_MAX];       /* each frame's last byte */
	size_t count;
	struct capture_error complaints[COMPLAINTS_MAX];
	size_t complained;
	size_t failed;
	bool nanoseconds;
	char sources[16][128];
};

/* Reads all of n files. The result is overwritten by the next call. */
const struct seen *see(const char *const *names, size_t n, const char *filter);
/* One file made of these bytes, through its name or (pipe) through standard input. */
const struct seen *see_file(const struct file *f);
const struct seen *see_pipe(const struct file *f);

/* Fails the test unless these frames came without a complaint; or with this one, or exactly one, that holds a
 * text. */
void assert_clean(const struct seen *seen, size_t frames);
void assert_says(const struct seen *seen, size_t complaint, const char *text);
void assert_one_complaint(const struct seen *seen, size_t frames, const char *text);

/* A pcap file of FRAME_SIZE frames marked with 'mark' at these seconds (0 ends the list). */
const char *file_at(const char *name, uint8_t mark, const uint32_t *seconds);

/* Two packets at 1,700,000,000.000001 and .5 seconds, marked 'a' and 'b', in each of the formats: pcap little
 * and big endian in microseconds, the same in nanoseconds, pcapng. */
enum { FORMATS = 5, FORMAT_PCAPNG = 4 };
struct file two_packets(int format);

enum {
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_MTP2 = 140,
	LINKTYPE_RAW = 101,
	LINKTYPE_SLL = 113,
	LINKTYPE_NFLOG = 239
};
enum { PCAP_MICRO = 0xa1b2c3d4, PCAP_NANO = 0xa1b23c4d };

#endif
