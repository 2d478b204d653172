/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slice.h - the packets of some connections as a capture of their own: --pcap.
 *
 * A sink while the captures are read for the first time: it notes which connections are meant. Then it reads
 * them again and writes, in their order and as they were, all frames that carried a segment of these, an ICMP
 * error that quotes one, or a fragment of such; and frames of these that were seen twice. Fragments of what
 * never became whole are not known to be of any connection.
 */
#ifndef LASTACK_UI_SLICE_H
#define LASTACK_UI_SLICE_H

#include "analyzer/record.h"
#include "dissect/capture.h"
#include "ui/options.h"
#include "ui/output.h"

struct slice;

/*
 * The connections that options mean (--only; all by default). options, output and captures are not owned
 * and must outlive it. Opens what is needed for reading: no file, socket or process later. NULL with errno.
 */
struct slice *slice_new(const struct options *options, struct output *output, const struct captures *captures,
			uint64_t seed);

/*
 * Forgets all that was noted and written, for another slice to another output. Returns slice_sink().
 */
struct sink *slice_begin(struct slice *slice, struct output *output);

/* The sink to give all records to; owned by the slice. */
struct sink *slice_sink(struct slice *slice);

/*
 * After the last record: reads the captures again and writes. fragments = segments were put together from
 * fragments, which takes another reading before. Ends early where captures_next() does. What cannot be
 * written is kept in output->error. False with errno = ENOMEM, or where a capture cannot be read again.
 */
bool slice_write(struct slice *slice, struct captures *captures, bool fragments);

/* How many frames are missing because more fragments would have had to be remembered than there is room for.
 */
uint64_t slice_missing(const struct slice *slice);

void slice_free(struct slice *slice); /* NULL is fine */

#endif
