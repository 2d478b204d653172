/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selector.c - see selector.h. */
#include "ui/selector.h"

#include <arpa/inet.h>

#include "ui/number.h"

enum { END_BYTES_MAX = 64 }; /* an IPv6 address in brackets with its port is shorter */

/* An address without port or brackets. */
static bool read_host(const char *string, struct host *host)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	memcpy(host->addr, mapped, sizeof mapped);
	return inet_pton(AF_INET, string, host->addr + sizeof mapped) == 1 ||
	       inet_pton(AF_INET6, string, host->addr) == 1;
}

static bool read_port(const char *string, uint16_t *port)
{
	const char *end;
	uint64_t n;

	if (!number_digits(string, &end, &n) || *end || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* Cuts the port off: what stands behind "]:", or behind the only colon. NULL = there is none. */
static char *cut_port(char *string)
{
	char *colon = strrchr(string, ':');

	if (!colon || (string[0] == '[' ? colon[-1] != ']' : strchr(string, ':') != colon))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool read_end(const char *string, size_t length, struct selector_end *end)
{
	char copy[END_BYTES_MAX];
	char *host = copy, *port;

	while (length > 0 && string[length - 1] == ' ')
		length--;
	while (length > 0 && *string == ' ') {
		string++;
		length--;
	}
	if (length == 0 || length >= sizeof copy)
		return false;
	memcpy(copy, string, length);
	copy[length] = '\0';
	port = cut_port(copy);
	end->any_port = !port;
	if (port && !read_port(port, &end->port))
		return false;
	if (*host == '[') {
		length = strlen(++host);
		if (length == 0 || host[length - 1] != ']')
			return false;
		host[length - 1] = '\0';
	}
	return read_host(host, &end->host);
}

/* Where the first end ends; *next is where the second begins, NULL = there is only one. */
static size_t split(const char *given, const char **next)
{
	static const char arrow[] = "\u2192";
	const char *found = strstr(given, arrow);
	size_t length = strcspn(given, "-,>");

	if (found) {
		*next = found + strlen(arrow);
		return (size_t)(found - given);
	}
	*next = given[length] ? given + length + 1 : NULL;
	return length;
}

bool selector_parse(struct selector *selector, const char *given, struct text *why)
{
	const char *number = given + (*given == '#');
	const char *end, *second;
	size_t length = split(given, &second);

	*selector = (struct selector){ .given = given };
	if (number_digits(number, &end, &selector->packet) && *end == '\0' && selector->packet > 0)
		return true;
	selector->packet = 0;
	selector->ends = second ? 2 : 1;
	if (read_end(given, length, &selector->end[0]) &&
	    (!second || read_end(second, strlen(second), &selector->end[1])))
		return true;
	text_string(why,
		    "a packet's number, an IP, IP:PORT or [IPv6]:PORT, or two of these with '-' between are "
		    "needed, not '");
	text_string(why, given);
	text_char(why, '\'');
	return false;
}

/* "fd09::2:80" is an address too, though not the one that was meant. */
static bool advise_brackets(const char *string, size_t length, struct text *advice)
{
	char copy[END_BYTES_MAX];
	struct host host;
	uint16_t number;
	char *colon;

	while (length > 0 && string[length - 1] == ' ')
		length--;
	while (length > 0 && *string == ' ') {
		string++;
		length--;
	}
	if (length >= sizeof copy)
		return false;
	memcpy(copy, string, length);
	copy[length] = '\0';
	colon = strrchr(copy, ':');
	if (!colon || !read_port(colon + 1, &number))
		return false;
	*colon = '\0';
	if (!strchr(copy, ':') || !read_host(copy, &host))
		return false;
	text_string(advice, " (an IPv6 port needs brackets: [");
	text_string(advice, copy);
	text_string(advice, "]:");
	text_number(advice, number);
	text_char(advice, ')');
	return true;
}

void selector_advice(const struct selector *selector, struct text *advice)
{
	const char *second;
	size_t length = split(selector->given, &second);

	if (!selector->packet && !advise_brackets(selector->given, length, advice) && second)
		advise_brackets(second, strlen(second), advice);
}

static bool is_end(const struct selector_end *end, const struct host *host, uint16_t port)
{
	return host_equal(&end->host, host) && (end->any_port || end->port == port);
}

bool selector_takes(const struct selector *s, const struct host host[static 2], const uint16_t port[static 2])
{
	if (s->packet)
		return false;
	for (int side = 0; side < 2; side++) {
		if (is_end(&s->end[0], &host[side], port[side]) &&
		    (s->ends == 1 || is_end(&s->end[1], &host[1 - side], port[1 - side])))
			return true;
	}
	return false;
}
