/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/fan.h"

#include <assert.h>

static void fan_record(struct sink *sink, const struct record *record)
{
	struct fan *fan = (struct fan *)sink;

	for (size_t i = 0; i < fan->count; i++)
		fan->to[i]->record(fan->to[i], record);
}

static void fan_segment(struct sink *sink, const struct sighting *sighting)
{
	struct fan *fan = (struct fan *)sink;

	for (size_t i = 0; i < fan->count; i++)
		if (fan->to[i]->segment)
			fan->to[i]->segment(fan->to[i], sighting);
}

static void fan_change(struct sink *sink, const struct change *change)
{
	struct fan *fan = (struct fan *)sink;

	for (size_t i = 0; i < fan->count; i++)
		if (fan->to[i]->change)
			fan->to[i]->change(fan->to[i], change);
}

void fan_add(struct fan *fan, struct sink *to)
{
	assert(fan->count < FAN_SINKS_MAX);
	fan->to[fan->count++] = to;
	fan->sink.record = fan_record;
	if (to->segment)
		fan->sink.segment = fan_segment;
	if (to->change)
		fan->sink.change = fan_change;
}
