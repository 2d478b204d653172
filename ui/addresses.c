/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addresses.c - see addresses.h. A sorted array: hosts have few, and they hardly change. */
#include "ui/addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGES_MAX = 256 /* taken in at a time */ };

struct address {
	struct host host;
	uint32_t interface;
};

struct addresses {
	struct address *list; /* sorted by compare() */
	size_t n, room;
	bool any;   /* not known any more which: all may be */
	bool asked; /* for all of them */
	int fd;	    /* -1 = nothing tells of changes */
};

static int compare(const struct address *a, const struct address *b)
{
	int order = memcmp(&a->host, &b->host, sizeof a->host);

	return order ? order : (a->interface > b->interface) - (a->interface < b->interface);
}

/* Where it stands, or would stand. */
static size_t position(const struct addresses *addresses, const struct address *address)
{
	size_t low = 0, high = addresses->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&addresses->list[middle], address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct addresses *addresses, size_t at, const struct address *address)
{
	return at < addresses->n && compare(&addresses->list[at], address) == 0;
}

static bool make_room(struct addresses *addresses)
{
	size_t room = addresses->room ? 2 * addresses->room : 16;
	struct address *list;

	if (addresses->n < addresses->room)
		return true;
	list = room <= ADDRESSES_MAX ? realloc(addresses->list, room * sizeof *list) : NULL;
	if (!list)
		return false;
	addresses->list = list;
	addresses->room = room;
	return true;
}

void addresses_put(struct addresses *addresses, const struct host *host, uint32_t interface)
{
	const struct address address = { *host, interface };
	size_t at = position(addresses, &address);

	if (is_at(addresses, at, &address))
		return;
	if (!make_room(addresses)) {
		addresses->any = true;
		addresses->asked = false; /* telling them all does not help */
		return;
	}
	memmove(addresses->list + at + 1, addresses->list + at, (addresses->n - at) * sizeof address);
	addresses->list[at] = address;
	addresses->n++;
}

void addresses_drop(struct addresses *addresses, const struct host *host, uint32_t interface)
{
	const struct address address = { *host, interface };
	size_t at = position(addresses, &address);

	if (!is_at(addresses, at, &address))
		return;
	addresses->n--;
	memmove(addresses->list + at, addresses->list + at + 1, (addresses->n - at) * sizeof address);
}

bool addresses_has(const struct addresses *addresses, const struct host *host, uint32_t *interface)
{
	const struct address first = { *host, 0 };
	size_t at = position(addresses, &first);
	bool has = at < addresses->n && host_equal(&addresses->list[at].host, host);

	if (interface)
		*interface = has ? addresses->list[at].interface : 0;
	return has || addresses->any || (host_is_ipv4(host) && host->addr[12] == 127);
}

static struct host host_of(int family, const void *bytes)
{
	struct host host = { { [10] = 0xff, 0xff } };

	if (family == AF_INET)
		memcpy(host.addr + 12, bytes, 4);
	else
		memcpy(host.addr, bytes, sizeof host.addr);
	return host;
}

/*
 * The address in an RTM_NEWADDR or RTM_DELADDR: IFA_LOCAL where there is one, since IFA_ADDRESS is the other
 * end's on point-to-point links.
 */
static bool read_address(const struct ifaddrmsg *about, const uint8_t *at, size_t left, struct host *host)
{
	size_t length = about->ifa_family == AF_INET ? 4 : 16;
	bool found = false;

	while (left >= sizeof(struct rtattr)) {
		struct rtattr attribute;
		size_t whole;

		memcpy(&attribute, at, sizeof attribute);
		if (attribute.rta_len < sizeof attribute || attribute.rta_len > left)
			break;
		if (attribute.rta_len == sizeof attribute + length &&
		    (attribute.rta_type == IFA_LOCAL || (attribute.rta_type == IFA_ADDRESS && !found))) {
			*host = host_of(about->ifa_family, at + sizeof attribute);
			found = true;
		}
		whole = RTA_ALIGN((size_t)attribute.rta_len);
		if (whole > left)
			break;
		at += whole;
		left -= whole;
	}
	return found;
}

static void take_change(struct addresses *addresses, uint16_t type, const uint8_t *body, size_t n)
{
	struct ifaddrmsg about;
	struct host host;

	if ((type != RTM_NEWADDR && type != RTM_DELADDR) || n < NLMSG_ALIGN(sizeof about))
		return;
	memcpy(&about, body, sizeof about);
	if (about.ifa_family != AF_INET && about.ifa_family != AF_INET6)
		return;
	if (!read_address(&about, body + NLMSG_ALIGN(sizeof about), n - NLMSG_ALIGN(sizeof about), &host))
		return;
	if (type == RTM_NEWADDR)
		addresses_put(addresses, &host, about.ifa_index);
	else
		addresses_drop(addresses, &host, about.ifa_index);
}

void addresses_message(struct addresses *addresses, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	while (n >= NLMSG_HDRLEN) {
		struct nlmsghdr header;
		size_t whole;

		memcpy(&header, at, sizeof header);
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > n)
			return;
		if (header.nlmsg_type == NLMSG_DONE && addresses->asked)
			addresses->asked = addresses->any = false;
		take_change(addresses, header.nlmsg_type, at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
		whole = NLMSG_ALIGN((size_t)header.nlmsg_len);
		if (whole > n)
			return;
		at += whole;
		n -= whole;
	}
}

/* Changes were lost: all are asked for anew. Until they are told, too many are better than too few. */
static void ask_for_all(struct addresses *addresses)
{
	const struct {
		struct nlmsghdr header;
		struct ifaddrmsg body;
	} request = { .header = { .nlmsg_len = sizeof request,
				  .nlmsg_type = RTM_GETADDR,
				  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	addresses->n = 0;
	addresses->any = true;
	addresses->asked = sendto(addresses->fd, &request, sizeof request, MSG_DONTWAIT,
				  (const struct sockaddr *)&kernel, sizeof kernel) == sizeof request;
}

void addresses_refresh(struct addresses *addresses)
{
	char bytes[8192];

	for (int i = 0; addresses->fd >= 0 && i < MESSAGES_MAX; i++) {
		struct sockaddr_nl from = { 0 };
		socklen_t length = sizeof from;
		ssize_t n = recvfrom(addresses->fd, bytes, sizeof bytes, MSG_DONTWAIT,
				     (struct sockaddr *)&from, &length);

		if (n < 0 && errno == ENOBUFS)
			ask_for_all(addresses);
		else if (n < 0 && errno != EINTR)
			return;
		else if (n > 0 && from.nl_pid == 0)
			addresses_message(addresses, bytes, (size_t)n);
	}
}

static bool listen_for_changes(struct addresses *addresses)
{
	const struct sockaddr_nl groups = { .nl_family = AF_NETLINK,
					    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };

	addresses->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	return addresses->fd >= 0 &&
	       bind(addresses->fd, (const struct sockaddr *)&groups, sizeof groups) == 0;
}

static bool read_all(struct addresses *addresses)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) != 0)
		return false;
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		const struct sockaddr *address = at->ifa_addr;
		struct host host;

		if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
			continue;
		if (address->sa_family == AF_INET)
			host = host_of(AF_INET, &((const struct sockaddr_in *)at->ifa_addr)->sin_addr);
		else
			host = host_of(AF_INET6, &((const struct sockaddr_in6 *)at->ifa_addr)->sin6_addr);
		addresses_put(addresses, &host, if_nametoindex(at->ifa_name));
	}
	freeifaddrs(list);
	return true;
}

struct addresses *addresses_new(void)
{
	struct addresses *addresses = calloc(1, sizeof *addresses);

	if (addresses)
		addresses->fd = -1;
	return addresses;
}

struct addresses *addresses_open(void)
{
	struct addresses *addresses = addresses_new();
	int error;

	/* In this order, so that no change is missed. */
	if (addresses && listen_for_changes(addresses) && read_all(addresses))
		return addresses;
	error = errno;
	addresses_free(addresses);
	errno = error;
	return NULL;
}

void addresses_free(struct addresses *addresses)
{
	if (!addresses)
		return;
	if (addresses->fd >= 0)
		close(addresses->fd);
	free(addresses->list);
	free(addresses);
}
