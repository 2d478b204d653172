/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pipe gives again, alone and beside a file: the ring, and whose turn it was. */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024 };

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

/* Standard input is a pipe with f in it, until input_restore(). */
struct piped {
	int saved;
	pid_t writer;
};

static struct piped input_pipe(const struct file *f)
{
	struct piped piped;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	piped.writer = fork();
	if (piped.writer == 0) {
		close(ends[0]);
		for (size_t at = 0; at < f->n;) {
			ssize_t n = write(ends[1], f->bytes + at, f->n - at);

			if (n < 0)
				_exit(1);
			at += (size_t)n;
		}
		_exit(0);
	}
	close(ends[1]);
	piped.saved = dup(STDIN_FILENO);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	return piped;
}

static void input_restore(struct piped piped)
{
	dup2(piped.saved, STDIN_FILENO);
	close(piped.saved);
	waitpid(piped.writer, NULL, 0);
}

/* Reads twice, f through standard input. The second reading is the caller's to look at, and to free both. */
static uint64_t read_twice(const struct file *f, const char *file, const struct capture_options *options,
			   struct reading *first, struct reading *again)
{
	const char *names[] = { "-", file };
	struct complaints complaints = { 0 };
	struct piped piped = input_pipe(f);
	struct captures *c = captures_open(names, file ? 2 : 1, options, note, &complaints);

	assert_non_null(c);
	*first = read_frames(c, SIZE_MAX);
	input_restore(piped);
	assert_int_equal(captures_rewind(c), 0);
	*again = read_frames(c, SIZE_MAX);
	uint64_t forgotten = captures_forgotten(c);

	/* and once more */
	assert_int_equal(captures_rewind(c), 0);
	struct reading third = read_frames(c, SIZE_MAX);

	assert_same(again, &third, "the third reading");
	reading_free(&third);
	assert_int_equal(complaints.count, 0);
	captures_close(c);
	return forgotten;
}

static void a_pipe_that_fits_the_ring_gives_all_again(void **state)
{
	(void)state;
	struct file f = frames_from(1000, 5000);
	const struct capture_options options = { .keep_packets = MIB };
	struct reading first, again;

	assert_int_equal(read_twice(&f, NULL, &options, &first, &again), 0);
	assert_int_equal(first.count, 5000);
	assert_same(&first, &again, "a pipe");
	reading_free(&first);
	reading_free(&again);
	file_free(&f);
}

static void a_pipe_gives_the_last_that_the_ring_kept(void **state)
{
	(void)state;
	struct file f = frames_from(1000, 5000);
	struct reading first, again;

	for (size_t bytes = 1; bytes < 700000; bytes = bytes * 3 + 1) {
		const struct capture_options options = { .keep_packets = bytes };
		uint64_t forgotten = read_twice(&f, NULL, &options, &first, &again);

		assert_int_equal(again.count + forgotten, 5000);
		/* never more than the limit, and not much less than it has room for */
		assert_true(again.count * FRAME_SIZE <= bytes);
		if (again.count < 5000)
			assert_true((again.count + 2) * (FRAME_SIZE + 2 * sizeof(struct frame)) > bytes);
		assert_part_of(&first, &again);
		if (again.count > 0)
			assert_int_equal(again.frames[again.count - 1].packet, 5000);
		reading_free(&first);
		reading_free(&again);
	}
	file_free(&f);
}

static void nothing_is_kept_of_a_pipe_without_a_ring(void **state)
{
	(void)state;
	struct file f = frames_from(1000, 100);
	const struct capture_options options = { 0 };
	struct reading first, again;

	read_twice(&f, NULL, &options, &first, &again);
	assert_int_equal(first.count, 100);
	assert_int_equal(again.count, 0);
	reading_free(&first);
	file_free(&f);
}

static size_t count_source(const struct reading *r, uint16_t source)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += r->frames[i].source == source;
	return n;
}

/* The file's frames come with their numbers, although nobody remembers the times of those between them. */
static void a_file_beside_a_pipe_comes_again_whole(void **state)
{
	(void)state;
	struct file piped = frames_from(1000, 5000), file = frames_from(3333, 900);
	const char *name = file_write("file", &file);
	const struct capture_options roomy = { .keep_packets = MIB }, narrow = { .keep_packets = 20000 };
	struct reading first, again;

	assert_int_equal(read_twice(&piped, name, &roomy, &first, &again), 0);
	assert_int_equal(first.count, 5900);
	assert_same(&first, &again, "a pipe and a file");
	reading_free(&first);
	reading_free(&again);

	uint64_t forgotten = read_twice(&piped, name, &narrow, &first, &again);

	assert_int_equal(first.count, 5900);
	assert_part_of(&first, &again);
	assert_int_equal(again.count + forgotten, 5900);
	assert_true(again.count > 900 + 50);
	assert_int_equal(count_source(&again, 1), 900);
	reading_free(&first);
	reading_free(&again);
	file_free(&piped);
	file_free(&file);
}

/* More frames than the ring's notes of whose turn it was have room for: the rest has the right numbers. */
static void numbers_that_are_lost_are_not_made_up(void **state)
{
	(void)state;
	struct file piped = frames_from(1000, 5000), file = frames_from(500, 5000);
	const char *name = file_write("file", &file);
	const struct capture_options options = { .keep_packets = 2048 };
	struct reading first, again;
	uint64_t forgotten = read_twice(&piped, name, &options, &first, &again);

	assert_int_equal(first.count, 10000);
	assert_part_of(&first, &again);
	assert_int_equal(again.count + forgotten, 10000);
	assert_true(again.count < 1024);
	assert_true(count_source(&again, 1) > 100);
	reading_free(&first);
	reading_free(&again);
	file_free(&piped);
	file_free(&file);
}

/* Frames that a filter dropped have their numbers, too. */
static void dropped_frames_are_dropped_again(void **state)
{
	(void)state;
	struct file files[2] = { { 0 }, { 0 } };
	uint8_t frame[FRAME_SIZE];
	struct reading first, again;

	for (uint32_t i = 0; i < 2000; i++) {
		struct file *f = &files[i / 3 % 2];

		if (f->n == 0)
			put_pcap(f, PCAP_MICRO, LINKTYPE_ETHERNET);
		frame_ipv4(frame, &(struct ipv4){ .protocol = i % 7 == 0 ? 1 : 6,
						  .sport = (uint16_t)(i % 4),
						  .dport = 9 });
		put_pcap_frame(f, 1000 + i, 0, frame, sizeof frame);
	}
	const char *name = file_write("file", &files[1]);

	for (size_t bytes = 1 << 12; bytes <= MIB; bytes *= 2) {
		const struct capture_options options = { .filter = "tcp port 1", .keep_packets = bytes };
		uint64_t forgotten = read_twice(&files[0], name, &options, &first, &again);

		assert_true(first.count > 500 && first.count < 1500);
		assert_int_equal(count_source(&first, 1), count_source(&again, 1));
		assert_int_equal(again.count + forgotten, first.count);
		assert_part_of(&first, &again);
		assert_true(bytes < MIB || forgotten == 0);
		reading_free(&first);
		reading_free(&again);
	}
	file_free(&files[0]);
	file_free(&files[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_that_fits_the_ring_gives_all_again),
		cmocka_unit_test(a_pipe_gives_the_last_that_the_ring_kept),
		cmocka_unit_test(nothing_is_kept_of_a_pipe_without_a_ring),
		cmocka_unit_test_teardown(a_file_beside_a_pipe_comes_again_whole, remove_files),
		cmocka_unit_test_teardown(numbers_that_are_lost_are_not_made_up, remove_files),
		cmocka_unit_test_teardown(dropped_frames_are_dropped_again, remove_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
