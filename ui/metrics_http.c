/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_http.c - the HTTP server of the metrics, on libmicrohttpd driven from outside (epoll, no thread).
 *
 * libmicrohttpd's time-out begins anew with every byte, so a client that sends one now and then could stay
 * for ever. Therefore each connection also has an end of its own, and where there are many the oldest gives
 * way; either is done by shutting its socket down, which libmicrohttpd finds when it reads or writes next.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/metrics_accept.h"
#include "ui/metrics_parts.h"

enum {
	CLIENTS_MAX = 24,     /* connections that libmicrohttpd takes */
	CLIENTS_USUAL = 16,   /* with more, the oldest gives way */
	CLIENT_IDLE_S = 5,    /* without a byte either way */
	CLIENT_MS = 10000,    /* from first to last */
	REQUEST_BYTES = 8192, /* of request line and headers; and what libmicrohttpd needs of its own */
	SERVE_EVERY_MS = 10,
	SERVE_MS = 2, /* after which a call is not the one that goes on */
	SERVE_PASSES = 4,
	RENDER_EVERY_MS = 200,
	BACKLOG = 64,
};

struct client {
	bool used, shut;
	int fd;
	int64_t since; /* ms */
};

struct server {
	struct metrics *metrics;
	struct MHD_Daemon *daemon;
	int listener; /* -1 once it is the daemon's */
	int epoll;    /* the daemon's */
	int statm;    /* /proc/self/statm, -1 = there is none */
	int64_t now, served;
	struct client clients[CLIENTS_MAX];
	struct MHD_Response *pages[METRICS_FORMATS], *root, *not_found, *not_allowed;
	int64_t rendered[METRICS_FORMATS]; /* ms, when the page was made */
	size_t room;			   /* that the last page needed, and more */
};

static const char root_page[] = "<!DOCTYPE html><html lang=\"en\"><title>lastack</title>"
				"<p>lastack: <a href=\"/metrics\">metrics</a></html>\n";

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void shut(struct client *client)
{
	if (!client->shut)
		shutdown(client->fd, SHUT_RDWR);
	client->shut = true;
}

static size_t clients_open(const struct server *s)
{
	size_t n = 0;

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		n += s->clients[i].used && !s->clients[i].shut;
	return n;
}

static struct client *oldest_open(struct server *s)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &s->clients[i];

		if (client->used && !client->shut && (!oldest || client->since < oldest->since))
			oldest = client;
	}
	return oldest;
}

/* libmicrohttpd has taken a connection, or closed it. */
static void client_changed(void *context, struct MHD_Connection *connection, void **slot,
			   enum MHD_ConnectionNotificationCode what)
{
	struct server *s = context;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*slot)
			*(struct client *)*slot = (struct client){ 0 };
		*slot = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (clients_open(s) >= CLIENTS_USUAL)
		shut(oldest_open(s));
	for (size_t i = 0; info && i < CLIENTS_MAX; i++) {
		if (s->clients[i].used)
			continue;
		s->clients[i] = (struct client){ .used = true, .fd = info->connect_fd, .since = s->now };
		*slot = &s->clients[i];
		return;
	}
}

static void shut_overdue(struct server *s)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (s->clients[i].used && s->now - s->clients[i].since > CLIENT_MS)
			shut(&s->clients[i]);
	}
}

/* Bytes of this process in RAM, 0 = not known: the second number is pages. */
static uint64_t resident(const struct server *s)
{
	char bytes[128];
	ssize_t n = s->statm == -1 ? -1 : pread(s->statm, bytes, sizeof bytes - 1, 0);
	char *second;

	if (n <= 0)
		return 0;
	bytes[n] = '\0';
	second = strchr(bytes, ' ');
	return second ? (uint64_t)strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static bool add_headers(struct MHD_Response *response, const char *type)
{
	return MHD_add_response_header(response, "Content-Type", type) == MHD_YES &&
	       MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
	       MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
	       MHD_add_response_header(response, "Connection", "close") == MHD_YES;
}

/* Takes the bytes over. NULL when memory is out. */
static struct MHD_Response *page_of(char *bytes, size_t length, enum metrics_format format)
{
	static const char *const types[METRICS_FORMATS] = {
		"text/plain; version=0.0.4; charset=utf-8",
		"application/openmetrics-text; version=1.0.0; charset=utf-8",
	};
	struct MHD_Response *response = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);

	if (!response) {
		free(bytes);
		return NULL;
	}
	if (add_headers(response, types[format]) &&
	    MHD_add_response_header(response, "Vary", "Accept") == MHD_YES)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

static struct MHD_Response *render(struct server *s, enum metrics_format format)
{
	const struct metrics_options *options = &s->metrics->options;
	struct metrics_input input = { 0 };

	options->fill(options->context, &input);
	input.resident = resident(s);
	for (; s->room <= METRICS_BYTES_MAX; s->room *= 2) {
		struct text text = { .bytes = malloc(s->room), .size = s->room };

		if (!text.bytes)
			return NULL;
		metrics_write(s->metrics, format, &input, &text);
		if (!text.cut)
			return page_of(text.bytes, text.length, format);
		free(text.bytes);
	}
	return NULL;
}

/* The page as it is, or was not long ago. NULL when memory is out. */
static struct MHD_Response *metrics_page(struct server *s, enum metrics_format format)
{
	struct MHD_Response *page = s->pages[format];

	if (page && s->now - s->rendered[format] < RENDER_EVERY_MS)
		return page;
	if (page)
		MHD_destroy_response(page); /* those who are still being sent it have their own hold on it */
	s->pages[format] = render(s, format);
	s->rendered[format] = s->now;
	return s->pages[format];
}

static enum MHD_Result take_accept(void *context, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	(void)kind;
	if (value && strcasecmp(name, "Accept") == 0)
		metrics_accept_header(context, value);
	return MHD_YES;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *body, size_t *body_size,
			      void **request)
{
	struct server *s = context;
	struct metrics_accept accept = { 0 };
	struct MHD_Response *page;

	(void)version, (void)body, (void)body_size, (void)request;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, s->not_allowed);
	if (strcmp(path, "/") == 0)
		return MHD_queue_response(connection, MHD_HTTP_OK, s->root);
	if (strcmp(path, "/metrics") != 0)
		return MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, s->not_found);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, take_accept, &accept);
	page = metrics_page(s, metrics_accept_format(&accept));
	return page ? MHD_queue_response(connection, MHD_HTTP_OK, page) : MHD_NO; /* which closes it */
}

static struct MHD_Response *fixed(const char *text, const char *type)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);

	if (!response || add_headers(response, type))
		return response;
	MHD_destroy_response(response);
	return NULL;
}

static bool make_pages(struct server *s)
{
	s->root = fixed(root_page, "text/html; charset=utf-8");
	s->not_found = fixed("there is only /metrics\n", "text/plain; charset=utf-8");
	s->not_allowed = fixed("only GET and HEAD\n", "text/plain; charset=utf-8");
	return s->root && s->not_found && s->not_allowed &&
	       MHD_add_response_header(s->not_allowed, "Allow", "GET, HEAD") == MHD_YES;
}

/* Paths are compared as they come: "/%00" is not "/". */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *path)
{
	(void)context, (void)connection;
	return strlen(path);
}

static bool start(struct server *s)
{
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, s->listener, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, CLIENT_IDLE_S, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)client_changed, s },
		{ MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	const union MHD_DaemonInfo *info;

	tzset(); /* the Date header's gmtime_r() would open /etc/localtime behind closed doors */
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, s, MHD_OPTION_ARRAY, options,
				     MHD_OPTION_END);
	if (!s->daemon)
		return false;
	s->listener = -1;
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	s->epoll = info ? info->epoll_fd : -1;
	return s->epoll != -1;
}

static bool listen_at(struct server *s, const struct metrics_address *address)
{
	int family = address->at.any.sa_family, yes = 1;
	int ipv6_only = !IN6_IS_ADDR_UNSPECIFIED(&address->at.ipv6.sin6_addr); /* [::] is IPv4 too */
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	s->listener = fd;
	return fd != -1 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	       (family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof ipv6_only) == 0) &&
	       bind(fd, &address->at.any, metrics_address_size(address)) == 0 && listen(fd, BACKLOG) == 0;
}

static void say_port(int listener, struct metrics_address address)
{
	char bytes[64];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	socklen_t size = sizeof address.at;

	if (getsockname(listener, &address.at.any, &size) == -1)
		return;
	metrics_address_text(&text, &address);
	complain(NULL, "metrics at http://%s/metrics", text_end(&text));
}

static bool say_why(const struct metrics_address *address)
{
	char bytes[64], *why = strerror(errno);
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	metrics_address_text(&text, address);
	complain("--metrics", "cannot listen at %s: %s", text_end(&text), why);
	return false;
}

bool metrics_listen(struct metrics *m, const struct metrics_address *address)
{
	struct server *s = calloc(1, sizeof *s);
	int listener;

	if (!s)
		return say_why(address);
	m->server = s;
	s->metrics = m;
	s->room = 64 * 1024;
	s->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (!listen_at(s, address))
		return say_why(address);
	listener = s->listener;
	errno = ENOMEM; /* the usual reason; libmicrohttpd does not tell */
	if (!make_pages(s) || !start(s))
		return say_why(address);
	if (ntohs(address->at.ipv4.sin_port) == 0)
		say_port(listener, *address);
	return true;
}

static bool any_client(const struct server *s)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (s->clients[i].used)
			return true;
	}
	return false;
}

/* Whether something has come, or libmicrohttpd has something to do at once. */
static bool is_due(const struct server *s)
{
	struct pollfd ready = { .fd = s->epoll, .events = POLLIN };
	MHD_UNSIGNED_LONG_LONG timeout;

	return poll(&ready, 1, 0) > 0 || (MHD_get_timeout(s->daemon, &timeout) == MHD_YES && timeout == 0);
}

void metrics_serve(struct metrics *m)
{
	struct server *s = m->server;
	int64_t began;
	int passes = 0;

	if (!s)
		return;
	s->now = clock_ms(CLOCK_MONOTONIC_COARSE);
	if (s->now - s->served < SERVE_EVERY_MS)
		return;
	s->served = s->now;
	shut_overdue(s);
	if (!any_client(s) && !is_due(s))
		return;
	began = clock_ms(CLOCK_MONOTONIC);
	do {
		MHD_run(s->daemon);
		passes++;
	} while (passes < SERVE_PASSES && is_due(s) && clock_ms(CLOCK_MONOTONIC) - began < SERVE_MS);
}

static void drop_page(struct MHD_Response *page)
{
	if (page)
		MHD_destroy_response(page);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->listener != -1)
		close(s->listener);
	if (s->statm != -1)
		close(s->statm);
	for (int i = 0; i < METRICS_FORMATS; i++)
		drop_page(s->pages[i]);
	drop_page(s->root);
	drop_page(s->not_found);
	drop_page(s->not_allowed);
	free(s);
}
