/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/interfaces.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The numeric text of an address, with its zone for a link-local one; NULL for other families. */
static char *address_text(const struct sockaddr *address)
{
	char text[NI_MAXHOST];
	socklen_t length;

	if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return NULL;
	length = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (getnameinfo(address, length, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
		return NULL;
	return strdup(text);
}

static bool take_addresses(struct capture_interface *to, const pcap_addr_t *from)
{
	size_t n = 0;

	for (const pcap_addr_t *each = from; each; each = each->next)
		n++;
	to->addresses = calloc(n ? n : 1, sizeof *to->addresses);
	if (!to->addresses)
		return false;
	for (const pcap_addr_t *each = from; each; each = each->next) {
		char *text = address_text(each->addr);

		if (text)
			to->addresses[to->address_count++] = text;
	}
	return true;
}

static bool take_interface(struct capture_interface *to, const pcap_if_t *from)
{
	to->name = strdup(from->name);
	to->description = from->description ? strdup(from->description) : NULL;
	to->up = from->flags & PCAP_IF_UP;
	to->running = from->flags & PCAP_IF_RUNNING;
	to->loopback = from->flags & PCAP_IF_LOOPBACK;
	return to->name && (to->description || !from->description) && take_addresses(to, from->addresses);
}

static bool is_network(const pcap_if_t *interface)
{
	return strcmp(interface->name, "any") == 0 || if_nametoindex(interface->name) != 0;
}

static struct capture_interfaces *take_all(const pcap_if_t *from)
{
	struct capture_interfaces *interfaces = calloc(1, sizeof *interfaces);
	size_t n = 0;

	if (!interfaces)
		return NULL;
	for (const pcap_if_t *each = from; each; each = each->next)
		n++;
	interfaces->list = calloc(n ? n : 1, sizeof *interfaces->list);
	for (const pcap_if_t *each = from; each && interfaces->list; each = each->next) {
		if (is_network(each) && !take_interface(&interfaces->list[interfaces->count++], each)) {
			captures_interfaces_free(interfaces);
			return NULL;
		}
	}
	if (interfaces->list)
		return interfaces;
	free(interfaces);
	return NULL;
}

struct capture_interfaces *captures_interfaces(struct capture_error *error)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct capture_interfaces *interfaces;
	pcap_if_t *all;

	if (pcap_findalldevs(&all, why) == -1) {
		snprintf(error->text, sizeof error->text, "%s", why);
		return NULL;
	}
	interfaces = take_all(all);
	if (!interfaces)
		snprintf(error->text, sizeof error->text, "%s", strerror(ENOMEM));
	pcap_freealldevs(all);
	return interfaces;
}

void captures_interfaces_free(struct capture_interfaces *interfaces)
{
	if (!interfaces)
		return;
	for (size_t i = 0; i < interfaces->count; i++) {
		struct capture_interface *each = &interfaces->list[i];

		for (size_t a = 0; a < each->address_count; a++)
			free(each->addresses[a]);
		free(each->addresses);
		free(each->name);
		free(each->description);
	}
	free(interfaces->list);
	free(interfaces);
}
