/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watched.c - see watched.h.
 *
 * Frames are copied out of the ring, a batch at a time: libpcap gives a block back to the kernel together
 * with its last frame, and a frame has to stay while others are waited for. With the snap length that is a
 * cache line or four.
 */
#include "dissect/watched.h"

#include "dissect/dissect.h"
#include "dissect/drops.h"
#include "dissect/kernel_filter.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum {
	BATCH = 64,	/* frames to take at once */
	SLACK = 64,	/* a link header and a tag may come on top of a frame */
	ROOM = 1 << 20, /* for frames that wait */
	FRAME_MOST = KERNEL_FILTER_WHOLE + SLACK,
	LOOK_EVERY_MS = 250,
};

/* A frame that waits; its bytes stand behind it. */
struct waiting {
	struct frame frame;
	int64_t read;
};

struct watched {
	const char *name;
	struct inputs *shared;
	pcap_t *pcap;
	int fd;
	const struct filter *filter; /* NULL: all that comes matches */
	struct frame like;	     /* link and source of its frames */
	struct drops *drops;
	bool any;  /* all interfaces: there is none that could go down */
	bool down; /* said */
	bool gone;
	int64_t fraction; /* ns of its timestamps' fractions */
	int64_t looked;	  /* when its state was asked for last */
	int64_t now;	  /* of the reading going on */
	int64_t clock;	  /* CLOCK_REALTIME as last asked, which is not often */

	uint8_t *memory; /* ROOM and one frame more; of the waiting those from first to end */
	size_t first, end;
	uint64_t waiting; /* frames there */
	struct moment last;
	uint64_t kernel_lost;
};

/* One line, with the interface's name before it; it need not be a failure. */
__attribute__((format(printf, 3, 4))) static void say(struct watched *w, bool failed, const char *format, ...)
{
	struct capture_error error;
	va_list arguments;
	int head = snprintf(error.text, sizeof error.text, "%.64s: ", w->name);

	va_start(arguments, format);
	vsnprintf(error.text + head, sizeof error.text - (size_t)head, format, arguments);
	va_end(arguments);
	w->shared->failed += failed;
	w->shared->complain(w->shared->context, &error);
}

static size_t taken_by(size_t caplen)
{
	size_t align = _Alignof(struct waiting);

	return (sizeof(struct waiting) + caplen + align - 1) & ~(align - 1);
}

static int64_t moment_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/*
 * The time of a frame. One from before the clock was set back passed a moment ago: with its own time, all
 * that comes later would be too late for the analysis until the clock is there again.
 */
static struct moment time_of(struct watched *w, const struct pcap_pkthdr *header)
{
	int64_t ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec * w->fraction;

	if (ns - w->clock > WATCHED_SET_BACK)
		w->clock = moment_now();
	return (struct moment){ ns - w->clock > WATCHED_SET_BACK ? w->clock : ns };
}

/* pcap_handler: keeps a copy of a frame. There is room for one; without any for the next it ends the batch.
 */
static void take(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct watched *w = (struct watched *)context;
	struct waiting *waiting = (struct waiting *)(w->memory + w->end);
	uint32_t caplen = header->caplen < FRAME_MOST ? header->caplen : FRAME_MOST;

	waiting->frame = w->like;
	waiting->frame.at = time_of(w, header);
	waiting->frame.bytes = (uint8_t *)(waiting + 1);
	waiting->frame.caplen = caplen;
	waiting->frame.len = header->len < caplen ? caplen : header->len;
	if (w->filter)
		waiting->frame.matched =
			filter_ask(w->filter, bytes, caplen, waiting->frame.len) != FILTER_OTHER;
	waiting->read = w->now;
	memcpy(waiting + 1, bytes, caplen);
	w->end += taken_by(caplen);
	w->waiting++;
	w->last = waiting->frame.at;
	if (w->end >= ROOM)
		pcap_breakloop(w->pcap);
}

static enum watched_result is_gone(struct watched *w, const char *why)
{
	if (!w->gone)
		say(w, true, "%s", why);
	w->gone = true;
	return WATCHED_GONE;
}

bool watched_full(const struct watched *w)
{
	return w->end >= ROOM && w->first < ROOM / 2;
}

/* Moves what waits to the beginning; the bytes move along, so their addresses have to be set anew. */
static void make_room(struct watched *w)
{
	size_t n = w->end - w->first;

	if (w->first == 0)
		return;
	memmove(w->memory, w->memory + w->first, n);
	w->first = 0;
	w->end = n;
	for (size_t at = 0; at < n;) {
		struct waiting *waiting = (struct waiting *)(w->memory + at);

		waiting->frame.bytes = (uint8_t *)(waiting + 1);
		at += taken_by(waiting->frame.caplen);
	}
}

enum watched_result watched_read(struct watched *w, int64_t now)
{
	size_t before;
	int n;

	if (watched_full(w))
		return WATCHED_NONE;
	if (w->first == w->end || w->end >= ROOM)
		make_room(w);
	before = w->end;
	w->now = now;
	n = pcap_dispatch(w->pcap, BATCH, take, (u_char *)w);
	if (n < 0 && n != PCAP_ERROR_BREAK) {
		const char *why = pcap_geterr(w->pcap);

		/* libpcap's sentence, if the device is no more: it looks when it was told of an error. */
		return is_gone(w, strstr(why, "disappeared") ? "the interface is gone" : why);
	}
	return w->end > before ? WATCHED_SOME : WATCHED_NONE;
}

void watched_set_back(struct watched *w, struct moment moment)
{
	for (size_t at = w->first; at < w->end;) {
		struct frame *frame = &((struct waiting *)(w->memory + at))->frame;

		if (frame->at.ns > moment.ns)
			frame->at = moment;
		at += taken_by(frame->caplen);
	}
	if (w->last.ns > moment.ns)
		w->last = moment;
	w->clock = moment.ns;
}

/* A packet socket stays bound to what it was bound to; of one that is deleted it says -1. */
static bool exists(const struct watched *w)
{
	struct sockaddr_ll address;
	socklen_t length = sizeof address;

	return getsockname(w->fd, (struct sockaddr *)&address, &length) == -1 || address.sll_ifindex != -1;
}

enum watched_result watched_look(struct watched *w, int64_t now, bool hurry)
{
	struct ifreq request = { 0 };
	bool down;

	if (w->gone)
		return WATCHED_GONE;
	if (w->any || (!hurry && now - w->looked < LOOK_EVERY_MS * INT64_C(1000000)))
		return WATCHED_NONE;
	w->looked = now;
	if (!exists(w))
		return is_gone(w, "the interface is gone");
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", w->name);
	if (ioctl(w->fd, SIOCGIFFLAGS, &request) == -1)
		return WATCHED_NONE; /* it has another name now: frames come all the same */
	down = !(request.ifr_flags & IFF_UP);
	if (down != w->down)
		say(w, false, down ? "the interface is down; waiting for it" : "the interface is up again");
	w->down = down;
	return WATCHED_NONE;
}

const struct frame *watched_first(const struct watched *w, int64_t *read)
{
	const struct waiting *waiting = (const struct waiting *)(w->memory + w->first);

	if (w->first == w->end)
		return NULL;
	*read = waiting->read;
	return &waiting->frame;
}

void watched_next(struct watched *w)
{
	w->first += taken_by(((const struct waiting *)(w->memory + w->first))->frame.caplen);
	w->waiting--;
}

uint64_t watched_waiting(const struct watched *w)
{
	return w->waiting;
}

int watched_fd(const struct watched *w)
{
	return w->fd;
}

struct moment watched_last(const struct watched *w)
{
	return w->last;
}

/* As pcap_stats() does, which would open files; the kernel begins at 0 again each time it is asked. */
static void ask_kernel(struct watched *w)
{
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t length = sizeof stats;

	if (getsockopt(w->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length) == 0)
		w->kernel_lost += stats.tp_drops;
}

void watched_loss(struct watched *w, struct capture_loss *loss)
{
	ask_kernel(w);
	loss->kernel += w->kernel_lost;
	loss->interface += drops_count(w->drops);
}

static void say_not_opened(struct watched *w, int status)
{
	const char *more = pcap_geterr(w->pcap);

	if (status == PCAP_ERROR_PERM_DENIED)
		say(w, true,
		    "watching it is not permitted: that takes root, or the capability CAP_NET_RAW (setcap "
		    "cap_net_raw+ep)");
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		say(w, true, "there is no such interface (lastack -D lists them)");
	else if (status == PCAP_ERROR_IFACE_NOT_UP)
		say(w, true, "the interface is not up (ip link set %s up)", w->name);
	else
		say(w, true, "%s", more[0] ? more : pcap_statustostr(status));
}

static bool activate(struct watched *w, const struct watch_options *options)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int status;

	w->pcap = pcap_create(w->name, why);
	if (!w->pcap) {
		say(w, true, "%s", why);
		return false;
	}
	pcap_set_snaplen(w->pcap, KERNEL_FILTER_WHOLE); /* it is the filter that cuts */
	pcap_set_promisc(w->pcap, !options->no_promiscuous && !w->any);
	pcap_set_timeout(w->pcap, WATCHED_BLOCK_MS);
	pcap_set_buffer_size(w->pcap, options->buffer < INT_MAX ? (int)options->buffer : INT_MAX);
	pcap_set_tstamp_precision(w->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(w->pcap);
	if (status < 0) {
		say_not_opened(w, status);
		return false;
	}
	if (status > 0)
		say(w, false, "%s", pcap_statustostr(status));
	if (w->any)
		pcap_set_datalink(w->pcap, DLT_LINUX_SLL2); /* each frame says its interface */
	if (pcap_setnonblock(w->pcap, 1, why) == -1) {
		say(w, true, "%s", why);
		return false;
	}
	w->fd = pcap_get_selectable_fd(w->pcap);
	return true;
}

static bool set_filter(struct watched *w, const struct watch_options *options)
{
	const char *unusable = NULL;
	char *why;
	struct bpf_program program;
	bool set;

	if (options->filter)
		w->filter = filters_for(w->shared->filters, w->like.link, &unusable);
	if (!kernel_filter_make(w->pcap,
				&(struct kernel_filter){ .filter = options->filter,
							 .lets_through = w->filter != NULL,
							 .closes_only = options->closes_only,
							 .snaplen = options->snaplen },
				&program, &why)) {
		say(w, true, "the filter cannot be used on this interface: %s", why ? why : strerror(ENOMEM));
		free(why);
		return false;
	}
	/* libpcap runs it once more on the first block, which may hold what came before it was set; there it
	 * sees what is already cut, and knows no directions. */
	set = pcap_setfilter(w->pcap, &program) == 0;
	pcap_freecode(&program);
	if (!set)
		say(w, true, "%s", pcap_geterr(w->pcap));
	return set;
}

/* What is told of the link, and of the filters for it. */
static bool settle(struct watched *w, const struct watch_options *options)
{
	const char *name = pcap_datalink_val_to_name(pcap_datalink(w->pcap));

	w->like = (struct frame){ .link = pcap_datalink(w->pcap), .matched = true };
	if (!dissect_knows_link(w->like.link)) {
		say(w, true, "link type %d%s%s%s is not decoded", w->like.link, name ? " (" : "",
		    name ? name : "", name ? ")" : "");
		return false;
	}
	if (options->closes_only && !kernel_filter_knows_closes(w->like.link))
		say(w, false, "on this kind of link everything is watched, not closes only");
	w->like.source = sources_add(w->shared->sources, w->name, NULL);
	w->fraction = pcap_get_tstamp_precision(w->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	w->shared->nanoseconds |= w->fraction == 1;
	return set_filter(w, options);
}

struct watched *watched_open(const char *name, const struct watch_options *options, struct inputs *shared)
{
	struct watched *w = calloc(1, sizeof *w);

	if (!w) {
		say(&(struct watched){ .name = name, .shared = shared }, true, "%s", strerror(ENOMEM));
		return NULL;
	}
	w->name = name;
	w->shared = shared;
	w->any = strcmp(name, "any") == 0;
	if (activate(w, options) && settle(w, options)) {
		w->drops = w->any ? NULL : drops_open(name);
		w->memory = malloc(ROOM + taken_by(FRAME_MOST));
		if (w->memory) {
			ask_kernel(w); /* what was lost until now, nobody waited for */
			w->kernel_lost = 0;
			return w;
		}
		say(w, true, "%s", strerror(ENOMEM));
	}
	watched_close(w);
	return NULL;
}

void watched_close(struct watched *w)
{
	if (!w)
		return;
	if (w->pcap)
		pcap_close(w->pcap);
	drops_close(w->drops);
	free(w->memory);
	free(w);
}
