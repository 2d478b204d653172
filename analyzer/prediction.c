/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prediction.c - see prediction.h. */
#include "analyzer/prediction.h"

static bool is_settled(const struct endpoint *end)
{
	return (end->bits & (END_SEEN | END_UNA)) == (END_SEEN | END_UNA) && end->tries == 0;
}

bool prediction_possible(const struct flow *f)
{
	enum { MASK = FLOW_ESTABLISHED | FLOW_HANDSHAKE | FLOW_FAST_OPEN | FLOW_CLOSED };

	return (f->bits & MASK) == (FLOW_ESTABLISHED | FLOW_HANDSHAKE) && f->closing == 0 &&
	       is_settled(&f->end[CLIENT]) && is_settled(&f->end[SERVER]);
}
