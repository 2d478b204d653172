/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diag.c - see diag.h. Messages as in linux/inet_diag.h; the kernel's side is net/ipv4/inet_diag.c:
 * inet_diag_find_one_icsk() looks up as for a packet that comes in, so that one question finds the sockets of
 * AF_INET and those of AF_INET6 whose addresses are IPv4-mapped.
 */
#include "ui/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLIES_SKIPPED_MAX = 16 }; /* late answers to earlier questions */

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

static void put_host(__be32 to[4], const struct host *host, bool ipv4)
{
	if (ipv4)
		memcpy(to, host->addr + 12, 4);
	else
		memcpy(to, host->addr, sizeof host->addr);
}

static bool ask(struct diag *diag, const struct diag_pair *pair)
{
	bool ipv4 = host_is_ipv4(&pair->local);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct question question = {
		.header = { .nlmsg_len = sizeof question,
			    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = ++diag->sequence },
		.body = { .sdiag_family = ipv4 ? AF_INET : AF_INET6,
			  .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = ~0u,
			  .id = { .idiag_sport = htons(pair->local_port),
				  .idiag_dport = htons(pair->peer_port),
				  .idiag_if = pair->interface,
				  .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } } },
	};

	put_host(question.body.id.idiag_src, &pair->local, ipv4);
	put_host(question.body.id.idiag_dst, &pair->peer, ipv4);
	return sendto(diag->fd, &question, sizeof question, MSG_DONTWAIT, (struct sockaddr *)&kernel,
		      sizeof kernel) == sizeof question;
}

/* The kernel's answer to the last question; its length, or 0 when there is none. */
static size_t answer(struct diag *diag, void *bytes, size_t size)
{
	for (int i = 0; i < REPLIES_SKIPPED_MAX; i++) {
		struct sockaddr_nl from = { 0 };
		socklen_t length = sizeof from;
		ssize_t n = recvfrom(diag->fd, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
		struct nlmsghdr header;

		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			return 0;
		if (n < (ssize_t)sizeof header || from.nl_pid != 0)
			continue;
		memcpy(&header, bytes, sizeof header);
		if (header.nlmsg_seq == diag->sequence)
			return (size_t)n;
	}
	return 0;
}

/* 0, or the error that the kernel answered, or EPROTO. */
static int look_up(struct diag *diag, const struct diag_pair *pair, struct inet_diag_msg *found)
{
	char bytes[2048];
	struct nlmsghdr header;
	struct nlmsgerr error;
	size_t n;

	if (!ask(diag, pair))
		return errno;
	n = answer(diag, bytes, sizeof bytes);
	if (n == 0)
		return EPROTO;
	memcpy(&header, bytes, sizeof header);
	if (header.nlmsg_type == NLMSG_ERROR && n >= NLMSG_HDRLEN + sizeof error) {
		memcpy(&error, bytes + NLMSG_HDRLEN, sizeof error);
		return error.error < 0 ? -error.error : EPROTO;
	}
	if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || n < NLMSG_HDRLEN + sizeof *found)
		return EPROTO;
	memcpy(found, bytes + NLMSG_HDRLEN, sizeof *found);
	return 0;
}

bool diag_find(struct diag *diag, const struct diag_pair *pair, struct diag_socket *found)
{
	struct inet_diag_msg message;

	if (look_up(diag, pair, &message) != 0)
		return false;
	*found = (struct diag_socket){ .inode = message.idiag_inode, .state = message.idiag_state };
	return true;
}

bool diag_listener(struct diag *diag, const struct diag_pair *pair, struct diag_socket *found)
{
	struct diag_pair any = *pair;

	/* Nobody has port 0, so that nothing is found before what listens. */
	any.peer_port = 0;
	return diag_find(diag, &any, found) && found->state == DIAG_LISTEN;
}

bool diag_open(struct diag *diag)
{
	const struct diag_pair nobody = { .local = { { 0 } } };
	struct inet_diag_msg message;
	int error;

	*diag = (struct diag){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
					    NETLINK_SOCK_DIAG) };
	if (diag->fd < 0)
		return false;
	/* The first question may make the kernel load a module: that must be now. No socket is the answer. */
	error = look_up(diag, &nobody, &message);
	if (error == 0 || error == ENOENT)
		return true;
	diag_close(diag);
	errno = error;
	return false;
}

void diag_close(struct diag *diag)
{
	if (diag->fd >= 0)
		close(diag->fd);
	diag->fd = -1;
}
