/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker.c - the two processes, and how one talks with them.
 *
 * A SOCK_SEQPACKET pair for each: messages stay whole, and the end of either side shows at the other. The
 * first message is the process's own: the errno that kept it from beginning, or 0.
 */
#include "ui/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dissect/child.h"
#include "ui/broker_files.h"
#include "ui/broker_hold.h"

enum {
	START_SECONDS = 5,
	ANSWER_SECONDS = 2,
	INSIDE = 3, /* the descriptor of the socket, inside; 0, 1 and 2 are /dev/null */
#ifdef LASTACK_SANITIZED
	STANDARD_MAX = 1, /* sanitizers report to standard error */
#else
	STANDARD_MAX = 2,
#endif
};

enum what { OPEN, REMOVE };

/* Serials tell the answer to this request from a late one to an earlier. */
struct request {
	uint32_t serial, what;
	char name[PATH_MAX]; /* terminated, and no longer than that */
};

struct answer {
	uint32_t serial;
	int32_t error; /* errno, 0 = done */
};

/* Room for one descriptor beside a message. */
union passage {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* A process, seen from outside. */
struct server {
	pid_t pid; /* 0 = there is none */
	int socket;
};

struct broker {
	struct opener opener; /* first: see opener.h */
	struct server files, lookups;
	uint32_t serial;
};

/* ---- inside: files ---- */

/* fd -1: none. */
static bool send_answer(const struct answer *answer, int fd)
{
	union passage passage = { .bytes = { 0 } };
	struct iovec part = { (void *)answer, sizeof *answer };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd != -1) {
		struct cmsghdr *header = &passage.align;

		message.msg_control = &passage;
		message.msg_controllen = sizeof passage;
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(header), &fd, sizeof fd);
	}
	return sendmsg(INSIDE, &message, MSG_NOSIGNAL) == sizeof *answer;
}

static bool answer_request(const struct broker_files *files, const struct request *request)
{
	struct answer answer = { .serial = request->serial };
	bool done;
	int fd = -1;

	if (request->what == OPEN)
		done = (fd = broker_files_create(files, request->name)) != -1;
	else
		done = broker_files_remove(files, request->name);
	answer.error = done ? 0 : errno;
	done = send_answer(&answer, fd);
	if (fd != -1)
		close(fd);
	return done;
}

static void serve_files(const struct broker_files *files)
{
	const size_t head = offsetof(struct request, name);
	struct request request;

	for (;;) {
		ssize_t n = recv(INSIDE, &request, sizeof request, 0);

		if (n < 0 && errno == EINTR)
			continue;
		/* Who asks is trusted with nothing. */
		if (n <= (ssize_t)head || request.name[(size_t)n - head - 1] != '\0' ||
		    !answer_request(files, &request))
			return;
	}
}

/* ---- inside: lookups ---- */

static void serve_lookups(const struct broker_options *options)
{
	char request[BROKER_MESSAGE_MAX], reply[BROKER_MESSAGE_MAX];

	for (;;) {
		ssize_t n = recv(INSIDE, request, sizeof request, 0);
		size_t length;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		length = options->lookup(options->context, request, (size_t)n, reply);
		if (length > 0 && send(INSIDE, reply, length, MSG_NOSIGNAL) < 0)
			return;
	}
}

/* ---- inside: both ---- */

/* Only the socket, as INSIDE, and what becomes of things that are printed. */
static bool keep_only(int socket)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high = fcntl(socket, F_DUPFD_CLOEXEC, INSIDE + 1);

	if (null == -1 || high == -1 || dup3(high, INSIDE, O_CLOEXEC) == -1)
		return false;
	for (int fd = 0; fd <= STANDARD_MAX; fd++)
		if (fd != null && dup2(null, fd) == -1)
			return false;
	child_close(INSIDE + 1, ~0U);
	return true;
}

static void begin(bool fine)
{
	const struct answer answer = { .error = fine ? 0 : errno ? errno : EPERM };

	if (!send_answer(&answer, -1) || !fine)
		_exit(0);
}

static void be_opener(const struct broker_options *options)
{
	struct broker_files files;

	begin(broker_files_open(&files, options->outputs, options->output_count) &&
	      (options->not_held || broker_hold_opener(&files)));
	serve_files(&files);
}

static void be_lookups(const struct broker_options *options)
{
	begin((!options->lookup_prepare || options->lookup_prepare(options->context)) &&
	      (options->not_held || broker_hold_lookups()));
	serve_lookups(options);
}

static _Noreturn void serve(void (*be)(const struct broker_options *), const struct broker_options *options,
			    int socket, pid_t parent)
{
	errno = 0;
	/* The death signal is asked for before capabilities go: fewer of them do not forget it. */
	if (keep_only(socket) && child_dies_with(parent))
		be(options);
	_exit(0);
}

/* ---- outside ---- */

/* Its end, or anything else that is no message: false with errno = ESRCH. *fd is -1 where none came. */
static bool take_answer(int socket, struct answer *answer, int *fd)
{
	union passage passage;
	struct iovec part = { answer, sizeof *answer };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &passage,
		.msg_controllen = sizeof passage,
	};
	ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = n < 0 ? NULL : CMSG_FIRSTHDR(&message);

	*fd = -1;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(header), sizeof *fd);
	if (n == sizeof *answer)
		return true;
	if (*fd != -1)
		close(*fd);
	errno = ESRCH;
	return false;
}

static bool await_answer(int socket, uint32_t serial, int64_t left, struct answer *answer, int *fd)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };

	while (child_wait(&readable, 1, &left)) {
		if (!take_answer(socket, answer, fd))
			return false;
		if (answer->serial == serial)
			return true;
		if (*fd != -1)
			close(*fd);
	}
	errno = ETIMEDOUT;
	return false;
}

/* A descriptor, or -1 with errno; of what is done without one, 0. */
static int ask(struct broker *broker, enum what what, const char *name)
{
	struct request request = { .serial = ++broker->serial, .what = what };
	size_t length = strlen(name) + 1;
	struct answer answer;
	int fd;

	if (broker->files.pid == 0) {
		errno = EACCES;
		return -1;
	}
	if (length > sizeof request.name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(request.name, name, length);
	if (send(broker->files.socket, &request, offsetof(struct request, name) + length,
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		errno = errno == EAGAIN ? ETIMEDOUT : ESRCH;
		return -1;
	}
	if (!await_answer(broker->files.socket, request.serial, ANSWER_SECONDS * CHILD_SECOND_NS, &answer,
			  &fd))
		return -1;
	if (answer.error == 0 && (fd != -1) == (what == OPEN))
		return what == OPEN ? fd : 0;
	if (fd != -1)
		close(fd);
	errno = answer.error ? answer.error : ESRCH;
	return -1;
}

static int opener_open(struct opener *opener, const char *name)
{
	return ask((struct broker *)opener, OPEN, name);
}

static bool opener_remove(struct opener *opener, const char *name)
{
	return ask((struct broker *)opener, REMOVE, name) == 0;
}

struct opener *broker_opener(struct broker *broker)
{
	return &broker->opener;
}

bool broker_can_open(const struct broker *broker)
{
	struct pollfd end = { .fd = broker->files.socket };

	return broker->files.pid == 0 || poll(&end, 1, 0) <= 0 || !(end.revents & (POLLHUP | POLLERR));
}

bool broker_ask(struct broker *broker, const void *request, size_t n)
{
	return broker->lookups.pid != 0 && n > 0 && n <= BROKER_MESSAGE_MAX &&
	       send(broker->lookups.socket, request, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
}

ssize_t broker_answer(struct broker *broker, void *reply, size_t size)
{
	ssize_t n;

	if (broker->lookups.pid == 0)
		return -1;
	n = recv(broker->lookups.socket, reply, size, MSG_DONTWAIT);
	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

int broker_answer_fd(const struct broker *broker)
{
	return broker->lookups.pid == 0 ? -1 : broker->lookups.socket;
}

static void end(struct server *server)
{
	if (server->pid == 0)
		return;
	shutdown(server->socket, SHUT_WR);
	child_end(server->pid, server->socket);
	close(server->socket);
	server->pid = 0;
}

/* False with errno. */
static bool start(struct server *server, const char *name, void (*be)(const struct broker_options *),
		  const struct broker_options *options)
{
	pid_t parent = getpid();
	struct answer answer = { .error = 0 };
	int pair[2], fd, error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	server->pid = child_fork(name);
	if (server->pid == 0)
		serve(be, options, pair[1], parent);
	error = errno;
	close(pair[1]);
	server->socket = pair[0];
	if (server->pid < 0) {
		server->pid = 0;
		close(pair[0]);
		errno = error;
		return false;
	}
	if (await_answer(pair[0], 0, START_SECONDS * CHILD_SECOND_NS, &answer, &fd) && answer.error == 0)
		return true;
	error = answer.error ? answer.error : errno;
	end(server);
	errno = error;
	return false;
}

struct broker *broker_start(const struct broker_options *options)
{
	struct broker *broker = calloc(1, sizeof *broker);
	int error;

	if (!broker)
		return NULL;
	broker->opener = (struct opener){ .open = opener_open, .remove = opener_remove };
	if ((options->output_count == 0 || start(&broker->files, "lastack-opener", be_opener, options)) &&
	    (!options->lookup || start(&broker->lookups, "lastack-lookup", be_lookups, options)))
		return broker;
	error = errno;
	broker_end(broker);
	errno = error;
	return NULL;
}

void broker_end(struct broker *broker)
{
	if (!broker)
		return;
	end(&broker->files);
	end(&broker->lookups);
	free(broker);
}
