/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "same_record.h"

#include <string.h>

#define COMPARE(field)                                                                                       \
	do {                                                                                                 \
		if (a->field != b->field)                                                                    \
			return #field;                                                                       \
	} while (0)

#define COMPARE_BYTES(field, size)                                                                           \
	do {                                                                                                 \
		if (memcmp(a->field, b->field, size) != 0)                                                   \
			return #field;                                                                       \
	} while (0)

/* Whoever adds a field adds it here. */
_Static_assert(sizeof(struct record_side) == 72 && sizeof(struct record) == 568, "all fields are compared");

static const char *side_difference(const struct record_side *a, const struct record_side *b)
{
	COMPARE(state_count);
	COMPARE_BYTES(states, (size_t)a->state_count * sizeof *a->states);
	COMPARE(saw);
	COMPARE(close_wait);
	COMPARE(fin_wait_2);
	COMPARE(packets);
	COMPARE(bytes);
	COMPARE(after_fin);
	COMPARE(lost);
	COMPARE(lost_known);
	COMPARE(retransmits);
	return NULL;
}

static const char *verdict_difference(const struct record *a, const struct record *b)
{
	COMPARE(close);
	COMPARE(cause);
	COMPARE(confidence);
	COMPARE(closer);
	COMPARE(rst_sender);
	COMPARE(time_wait);
	COMPARE(time_wait_side);
	COMPARE(path);
	COMPARE(record_end);
	COMPARE(rst_family);
	COMPARE(rst_signs);
	COMPARE(rst_text.mptcp);
	COMPARE(rst_text.mptcp_reason);
	COMPARE_BYTES(rst_text.text, sizeof a->rst_text.text);
	COMPARE(timer);
	return NULL;
}

static const char *time_difference(const struct record *a, const struct record *b)
{
	COMPARE(start.ns);
	COMPARE(end.ns);
	COMPARE(ended.ns);
	COMPARE(time_wait_left);
	COMPARE(time_wait_held);
	COMPARE(handshake_time);
	COMPARE(teardown_time);
	COMPARE(duration);
	COMPARE(idle_before_close);
	return NULL;
}

static const char *count_difference(const struct record *a, const struct record *b)
{
	COMPARE(syn_retransmits);
	COMPARE(fin_retransmits);
	COMPARE(rst_count);
	COMPARE(rst_ignored);
	COMPARE(packets_after_close);
	COMPARE(duplicates);
	COMPARE(first_packet);
	COMPARE(last_packet);
	COMPARE(closing_packet);
	COMPARE(trigger_packet);
	COMPARE(evidence_count);
	COMPARE_BYTES(evidence, (size_t)a->evidence_count * sizeof *a->evidence);
	return NULL;
}

static const char *other_difference(const struct record *a, const struct record *b)
{
	COMPARE_BYTES(host, sizeof a->host);
	COMPARE_BYTES(port, sizeof a->port);
	COMPARE(midstream);
	COMPARE(closes_only);
	COMPARE_BYTES(history, sizeof a->history);
	COMPARE(conn_state);
	COMPARE(completeness);
	COMPARE(source);
	return NULL;
}

const char *record_difference(const struct record *a, const struct record *b)
{
	const char *differences[] = {
		other_difference(a, b),
		verdict_difference(a, b),
		time_difference(a, b),
		count_difference(a, b),
		side_difference(&a->side[CLIENT], &b->side[CLIENT]),
		side_difference(&a->side[SERVER], &b->side[SERVER]),
	};

	for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
		if (differences[i])
			return differences[i];
	return NULL;
}
