/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The captures of ../shared, where that folder is: as many packets as tshark counted (INDEX.tsv), and the
 * same packets as libpcap gives where it reads a file.
 */
#include "dissect/capture.h"

#include <glob.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void keep_complaint(void *context, const struct capture_error *error)
{
	*(struct capture_error *)context = *error;
}

static struct captures *open_one(const char *path, struct capture_error *error)
{
	const struct capture_options options = { 0 };
	struct captures *c = captures_open(&path, 1, &options, keep_complaint, error);

	assert_non_null(c);
	return c;
}

static size_t count_frames(const char *path, struct capture_error *error)
{
	struct captures *c = open_one(path, error);
	struct frame frame;
	size_t count = 0;

	while (captures_next(c, &frame) == 1)
		count++;
	captures_close(c);
	return count;
}

static void assert_same(const char *path, const struct frame *frame, const struct pcap_pkthdr *header,
			const u_char *bytes)
{
	int64_t ns = header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
	bool valid = header->ts.tv_usec >= 0 && header->ts.tv_usec < 1000000000;

	if (valid && frame->at.ns != ns)
		fail_msg("%s: packet %llu has another time", path, (unsigned long long)frame->packet);
	if (frame->caplen != header->caplen || memcmp(frame->bytes, bytes, frame->caplen) != 0)
		fail_msg("%s: packet %llu has other bytes", path, (unsigned long long)frame->packet);
	if (frame->len != header->len)
		fail_msg("%s: packet %llu has another length", path, (unsigned long long)frame->packet);
}

/* False if libpcap does not read it. */
static bool compare_with_libpcap(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	struct capture_error error = { "" };
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	struct captures *c = open_one(path, &error);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	struct frame frame;

	while (p && pcap_next_ex(p, &header, &bytes) == 1) {
		assert_int_equal(captures_next(c, &frame), 1);
		assert_int_equal(frame.link, pcap_datalink(p));
		assert_same(path, &frame, header, bytes);
	}
	captures_close(c);
	if (p)
		pcap_close(p);
	return p != NULL;
}

static glob_t files_of(const char *pattern)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc == 0) {
		printf("%s is not there\n", pattern);
		globfree(&found);
		skip();
	}
	return found;
}

static void packets_are_as_many_as_tshark_counted(void **state)
{
	(void)state;
	static const char unread[] = "pcapplusplus-solaris.snoop"; /* libpcap does not know the format */
	char name[256], path[1024], line[4096];
	size_t packets, files = 0;
	FILE *index = fopen(SHARED_DIR "/captures/INDEX.tsv", "r");

	if (!index) {
		printf("%s is not there\n", SHARED_DIR "/captures/INDEX.tsv");
		skip();
	}
	while (fgets(line, sizeof line, index)) {
		struct capture_error error = { "" };

		if (sscanf(line, "%255s %zu", name, &packets) != 2)
			continue;
		snprintf(path, sizeof path, "%s/captures/%s", SHARED_DIR, name);
		size_t count = count_frames(path, &error);

		files++;
		if (strcmp(name, unread) == 0)
			assert_non_null(strstr(error.text, "not a pcap or pcapng capture"));
		else if (count != packets)
			fail_msg("%s: %zu packets, not %zu: %s", name, count, packets, error.text);
	}
	fclose(index);
	assert_true(files > 100);
}

static void packets_are_those_that_libpcap_gives(void **state)
{
	(void)state;
	glob_t found = files_of(SHARED_DIR "/captures/*");
	size_t compared = 0;

	for (size_t i = 0; i < found.gl_pathc; i++)
		if (compare_with_libpcap(found.gl_pathv[i]))
			compared++;
	globfree(&found);
	assert_true(compared > 100);
}

static void recordings_are_read_to_their_end(void **state)
{
	(void)state;
	glob_t found = files_of(SHARED_DIR "/recordings/*.pcap");

	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct capture_error error = { "" };

		if (count_frames(found.gl_pathv[i], &error) == 0 || error.text[0])
			fail_msg("%s: %s", found.gl_pathv[i], error.text);
		assert_true(compare_with_libpcap(found.gl_pathv[i]));
	}
	globfree(&found);
}

/* All of them at once, as if they were one observation: no frame is lost in the merge. */
static void all_captures_merge_into_one(void **state)
{
	(void)state;
	glob_t found = files_of(SHARED_DIR "/captures/*");
	struct capture_error error = { "" };
	const struct capture_options options = { 0 };
	struct captures *c = captures_open((const char *const *)found.gl_pathv, found.gl_pathc, &options,
					   keep_complaint, &error);
	struct frame frame;
	uint64_t merged = 0, alone = 0;

	assert_non_null(c);
	while (captures_next(c, &frame) == 1)
		assert_int_equal(frame.packet, ++merged);
	captures_close(c);
	for (size_t i = 0; i < found.gl_pathc; i++)
		alone += count_frames(found.gl_pathv[i], &error);
	assert_int_equal(merged, alone);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_as_many_as_tshark_counted),
		cmocka_unit_test(packets_are_those_that_libpcap_gives),
		cmocka_unit_test(recordings_are_read_to_their_end),
		cmocka_unit_test(all_captures_merge_into_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
