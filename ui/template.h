/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template.h - sentences with gaps: "{name}" is filled in from a story, with a capital letter where the name
 * has one; "[...]" is left out when something in it is not known.
 */
#ifndef LASTACK_UI_TEMPLATE_H
#define LASTACK_UI_TEMPLATE_H

#include "ui/sentences.h"

/* Appends the sentence. False when something outside of brackets is not known, and "?" stands for it. */
bool template_fill(struct text *text, const char *sentence, const struct story *story);

/* The side that sent what decided, or that closed first where no RST did. */
enum side template_sender(const struct story *story);

/* Whose FIN the end still found unacknowledged; false = nobody's. */
bool template_unacked(const struct record *record, enum side *side);

#endif
