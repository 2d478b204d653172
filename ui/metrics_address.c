/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_address.c - see metrics_address.h. */
#include "ui/metrics_address.h"

#include <arpa/inet.h>

#include "ui/number.h"

/* The address of n characters; "" is loopback. Brackets around IPv6 and nothing else. */
static bool parse_host(struct metrics_address *address, const char *host, size_t n)
{
	bool brackets = n >= 2 && host[0] == '[' && host[n - 1] == ']';
	char name[INET6_ADDRSTRLEN];

	if (brackets) {
		host++;
		n -= 2;
	}
	if (n >= sizeof name)
		return false;
	memcpy(name, host, n);
	name[n] = '\0';
	*address = (struct metrics_address){ 0 };
	if (brackets) {
		address->at.ipv6.sin6_family = AF_INET6;
		return inet_pton(AF_INET6, name, &address->at.ipv6.sin6_addr) == 1;
	}
	address->at.ipv4.sin_family = AF_INET;
	address->at.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return n == 0 || inet_pton(AF_INET, name, &address->at.ipv4.sin_addr) == 1;
}

bool metrics_address_parse(struct metrics_address *address, const char *argument, struct text *why)
{
	const char *colon = strrchr(argument, ':');
	const char *port = colon ? colon + 1 : argument, *end;
	size_t length = colon ? (size_t)(colon - argument) : 0;
	uint64_t n;

	if ((length > 0 || !colon) && parse_host(address, argument, length) &&
	    number_digits(port, &end, &n) && !*end && n <= UINT16_MAX) {
		address->at.ipv4.sin_port = htons((uint16_t)n); /* at the same place in IPv6's */
		return true;
	}
	text_string(why, "[ADDR:]PORT is needed (such as 9100, 192.0.2.1:9100 or [::1]:9100), not '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

_Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
	       "the port is at the same place in both");

socklen_t metrics_address_size(const struct metrics_address *address)
{
	return address->at.any.sa_family == AF_INET6 ? sizeof address->at.ipv6 : sizeof address->at.ipv4;
}

void metrics_address_text(struct text *text, const struct metrics_address *address)
{
	struct host host = { .addr = { [10] = 0xff, 0xff } };

	if (address->at.any.sa_family == AF_INET6)
		memcpy(host.addr, &address->at.ipv6.sin6_addr, sizeof host.addr);
	else
		memcpy(host.addr + 12, &address->at.ipv4.sin_addr, 4);
	text_endpoint(text, &host, ntohs(address->at.ipv4.sin_port));
}
