/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_readers.h - one input alone, and our reader of pcap files held against libpcap's. */
#ifndef LASTACK_TESTS_COMPARE_READERS_H
#define LASTACK_TESTS_COMPARE_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/input.h"

/* One way to read a file. */
struct reader {
	struct inputs shared;
	struct input *input;
	struct frame frame;
	enum input_result result;
	size_t complained;
	struct capture_error complaint; /* the last */
};

/* buffer = bytes read at once; libpcap = it reads every pcap file. r must stay where it is. */
void reader_open(struct reader *r, const char *path, size_t buffer, bool libpcap);
void reader_close(struct reader *r);

/* Fails the test unless both ways to read the file give the same frames and complaints; returns how many
 * frames. */
uint64_t readers_compare(const char *path, size_t buffer);

#endif
