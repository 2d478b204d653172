/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario_words.c - the words of the notation of scenario.h. */
#include "scenario_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool words_fail(struct words *in, const char *why)
{
	if (!in->error)
		in->error = why;
	return false;
}

bool words_end(struct words *in)
{
	while (*in->at == ' ' || *in->at == '\t')
		in->at++;
	if (*in->at == '#')
		in->at += strcspn(in->at, "\n");
	return *in->at == '\0' || *in->at == '\n' || *in->at == ';';
}

bool words_take(struct words *in, const char *word)
{
	size_t n = strlen(word);

	if (words_end(in) || strncmp(in->at, word, n) != 0 || isalnum((unsigned char)in->at[n]) ||
	    in->at[n] == '-')
		return false;
	in->at += n;
	return true;
}

bool words_take_char(struct words *in, char c)
{
	if (words_end(in) || *in->at != c)
		return false;
	in->at++;
	return true;
}

bool words_take_number(struct words *in, int64_t *value)
{
	char *end;

	if (words_end(in) || !(isdigit((unsigned char)*in->at) || *in->at == '-'))
		return false;
	*value = strtoll(in->at, &end, 10);
	if (end == in->at)
		return false;
	in->at = end;
	return true;
}

bool words_need_number(struct words *in, int64_t *value, int64_t max)
{
	if (!words_take_number(in, value) || *value < 0 || *value > max)
		return words_fail(in, "a number is missing or out of range");
	return true;
}

/* Seconds with a fraction, as nanoseconds. */
bool words_need_seconds(struct words *in, int64_t *ns)
{
	char *end;
	double seconds;

	if (words_end(in))
		return words_fail(in, "seconds are missing");
	seconds = strtod(in->at, &end);
	if (end == in->at || seconds < 0)
		return words_fail(in, "seconds are missing");
	*ns = (int64_t)(seconds * 1e6 + 0.5) * 1000;
	in->at = *end == 's' ? end + 1 : end;
	return true;
}
