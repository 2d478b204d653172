/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/merge.h"

#include <stdlib.h>

bool merge_init(struct merge *m, size_t n)
{
	*m = (struct merge){
		.heads = calloc(n ? n : 1, sizeof *m->heads),
		.heap = calloc(n ? n : 1, sizeof(struct head *)),
	};
	return m->heads && m->heap;
}

void merge_add(struct merge *m, struct input *input)
{
	struct head *head = &m->heads[m->heads_count];

	head->order = m->heads_count++;
	head->input = input;
	m->heap[m->count++] = head;
}

static bool head_next(struct merge *m, struct head *head)
{
	if (m->again && head->left == 0)
		return false;
	if (head->used < head->taken) {
		head->frame = head->ahead[head->used++];
		return true;
	}
	enum input_result result = input_next(head->input, &head->frame);

	head->drop = result == INPUT_DROPPED;
	if (m->again && result == INPUT_END) {
		input_lost(head->input);
		m->lost = true;
	}
	head->left--;
	return result != INPUT_END;
}

static bool before(const struct head *a, const struct head *b)
{
	return a->frame.at.ns != b->frame.at.ns ? a->frame.at.ns < b->frame.at.ns : a->order < b->order;
}

static void sift_down(struct merge *m, size_t i)
{
	struct head **heap = m->heap;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= m->count)
			return;
		if (child + 1 < m->count && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], heap[i]))
			return;
		struct head *up = heap[child];

		heap[child] = heap[i];
		heap[i] = up;
		i = child;
	}
}

/* The first look at any input: those that have a frame stay, and become a heap. */
static void begin(struct merge *m)
{
	size_t kept = 0;

	m->begun = true;
	for (size_t i = 0; i < m->count; i++) {
		if (head_next(m, m->heap[i]))
			m->heap[kept++] = m->heap[i];
		else
			input_rest(m->heap[i]->input);
	}
	m->count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		sift_down(m, i);
}

/* Replaces the frame that was given out last by its input's next. */
static void advance(struct merge *m)
{
	if (!head_next(m, m->heap[0])) {
		input_rest(m->heap[0]->input);
		m->heap[0] = m->heap[--m->count];
	}
	sift_down(m, 0);
}

const struct head *merge_next(struct merge *m)
{
	if (!m->begun)
		begin(m);
	else if (m->count > 0)
		advance(m);
	return m->count > 0 && !m->lost ? m->heap[0] : NULL;
}

/* Whether the input's next frame is there without a look at the file; none of them is ever one to drop. */
static bool is_at_hand(struct head *head)
{
	if (head->used == head->taken) {
		head->used = 0;
		head->taken = input_take(head->input, head->ahead, MERGE_AHEAD);
	}
	return head->used < head->taken;
}

size_t merge_take(struct merge *m, struct frame *frames, size_t room)
{
	size_t n = 0;

	while (n < room && m->begun && m->count > 0 && is_at_hand(m->heap[0])) {
		advance(m);
		frames[n++] = m->heap[0]->frame;
	}
	return n;
}

struct input *merge_only(const struct merge *m)
{
	const struct head *head = m->heap[0];

	return m->count == 1 && head->used == head->taken ? head->input : NULL;
}

bool merge_progress(const struct merge *m, uint64_t *done, uint64_t *all)
{
	*done = *all = 0;
	for (size_t i = 0; i < m->heads_count; i++) {
		uint64_t its_done, its_all;

		if (!input_progress(m->heads[i].input, &its_done, &its_all))
			return false;
		*done += its_done;
		*all += its_all;
	}
	return true;
}

int merge_rewind(struct merge *m)
{
	for (size_t i = 0; i < m->heads_count && !m->again; i++)
		m->heads[i].first = input_packets(m->heads[i].input);
	m->again = true;
	m->begun = m->lost = false;
	m->count = 0;
	for (size_t i = 0; i < m->heads_count; i++) {
		struct head *head = &m->heads[i];

		input_rest(head->input);
		if (!input_again(head->input))
			continue;
		if (input_rewind(head->input) == -1)
			return -1;
		head->left = head->first;
		head->used = head->taken = 0;
		m->heap[m->count++] = head;
	}
	return 0;
}

void merge_destroy(struct merge *m)
{
	for (size_t i = 0; i < m->heads_count; i++)
		input_close(m->heads[i].input);
	free(m->heads);
	free(m->heap);
}
