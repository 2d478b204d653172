/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prediction.c - see prediction.h. */
#include "analyzer/prediction.h"

static bool is_settled(const struct endpoint *end)
{
	return (end->bits & (END_SEEN | END_UNA | END_FIN)) == (END_SEEN | END_UNA) && end->tries == 0;
}

bool prediction_possible(const struct flow *f)
{
	enum { MASK = FLOW_ESTABLISHED | FLOW_FAST_OPEN | FLOW_CLOSED };
	bool handshake_over = (f->bits & FLOW_HANDSHAKE) || f->handshake == 0;

	return (f->bits & MASK) == FLOW_ESTABLISHED && handshake_over && is_settled(&f->end[CLIENT]) &&
	       is_settled(&f->end[SERVER]);
}
