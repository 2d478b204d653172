/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diag.h - asks the kernel for one TCP socket of this network namespace by its two ends, through
 * NETLINK_SOCK_DIAG (sock_diag(7)). No rights are needed. The kernel answers before sendto() returns, so that
 * nothing here waits.
 */
#ifndef LASTACK_UI_DIAG_H
#define LASTACK_UI_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/segment.h"

struct diag {
	int fd;		   /* -1 = not open */
	uint32_t sequence; /* of the last question */
};

/* A socket's ends, as it sees them. */
struct diag_pair {
	struct host local, peer;
	uint16_t local_port, peer_port; /* host order */
	uint32_t interface;		/* index; 0 = sockets that are bound to none */
};

/* Linux's states (net/tcp_states.h), as sock_diag gives them. */
enum diag_state {
	DIAG_ESTABLISHED = 1,
	DIAG_SYN_RECEIVED = 3,
	DIAG_CLOSE_WAIT = 8,
	DIAG_LISTEN = 10,
};

struct diag_socket {
	uint32_t inode; /* 0 = no file leads to it: not accepted yet, closed by its application, or TIME-WAIT
			 */
	uint8_t state;	/* enum diag_state, or another */
};

/* False with errno, also where the kernel has no sock_diag for TCP. */
bool diag_open(struct diag *diag);

/*
 * The socket of that pair, or, where there is none, the one that listens on the local end. False: neither, or
 * the kernel did not answer.
 */
bool diag_find(struct diag *diag, const struct diag_pair *pair, struct diag_socket *found);

/* The socket that listens on the local end of the pair, or false. */
bool diag_listener(struct diag *diag, const struct diag_pair *pair, struct diag_socket *found);

void diag_close(struct diag *diag);

#endif
