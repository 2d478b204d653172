/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/losses_told.h"

#include <inttypes.h>

#include "ui/complain.h"

#define MESSAGE_EVERY (INT64_C(60) * 1000000000)

static bool is_news(const struct losses_told *told, const struct capture_loss *loss)
{
	return loss->kernel != told->loss.kernel || loss->interface != told->loss.interface;
}

static void say(struct losses_told *told, const struct capture_loss *loss)
{
	complain(NULL,
		 "packets were lost: %" PRIu64 " dropped by the kernel (see --buffer), %" PRIu64
		 " by interfaces; what rests on their absence is not certain",
		 loss->kernel, loss->interface);
	told->loss = *loss;
}

void losses_tell(struct losses_told *told, const struct capture_loss *loss, int64_t now)
{
	if (!is_news(told, loss) || now < told->next)
		return;
	say(told, loss);
	told->next = now + MESSAGE_EVERY;
}

void losses_tell_all(struct losses_told *told, const struct capture_loss *loss)
{
	if (is_news(told, loss))
		say(told, loss);
}
