/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - one or several captures as one stream of frames, merged by time.
 *
 * Formats: pcap and pcapng, both also compressed by gzip or zstd; "-" is standard input.
 * pcapng is read by pcapng.c, because libpcap refuses files whose interfaces differ in
 * link type; usual pcap (both byte orders, micro- and nanoseconds) by pcap_file.c, where
 * packets stay where they were read, because that is what a run costs most; what is rare
 * (modified pcap, old versions, links that are not decoded) through libpcap.
 *
 * Opening and reading are apart on purpose: captures_open() only opens descriptors, no
 * byte of a file is looked at before the first captures_next(), so that privileges can be
 * dropped in between (design/house.md).
 */
#ifndef LASTACK_DISSECT_CAPTURE_H
#define LASTACK_DISSECT_CAPTURE_H

#include <signal.h>
#include <stddef.h>

#include "dissect/frame.h"

struct captures;
struct dissector;

struct capture_options {
	/*
	 * A libpcap filter, or NULL. It is matched against the outer packet of each frame,
	 * per link type. Frames that do not match are passed over, except what may be an
	 * IP fragment or an ICMP error: those come with frame.matched = false.
	 */
	const char *filter;
	/*
	 * NULL, or what a signal handler sets to end the reading early and well: captures_next() returns 0
	 * from then on, also where it waits for a pipe (if the handler was installed without SA_RESTART).
	 */
	const volatile sig_atomic_t *stop;
	/*
	 * Bytes that frames of inputs that cannot be read twice may take, for captures_rewind(); beyond it
	 * the oldest are forgotten. Taken at once, used as they come; not used at all where every input can
	 * be read twice. 0 = none, and nothing is spent on it.
	 */
	size_t keep_packets;
};

enum { CAPTURE_ERROR_MAX = 512 };

/* What went wrong with one input: a sentence for people that names it and, where it fits, the packet. */
struct capture_error {
	char text[CAPTURE_ERROR_MAX];
};

/*
 * Called once for every input that cannot be opened, or ends before its end (a header or packet cut
 * short, garbage, a length that lies, a link type that cannot be decoded); reading goes on with the others,
 * and what such an input gave until then stands.
 */
typedef void capture_complain(void *context, const struct capture_error *error);

/*
 * Opens n files by name ("-" = standard input, at most once). Never fails for a single input: what is
 * wrong with one is told to complain. NULL with errno when out of memory.
 */
struct captures *captures_open(const char *const *names, size_t n, const struct capture_options *options,
			       capture_complain *complain, void *context);

enum { WATCH_SNAPLEN_LEAST = 128, WATCH_SNAPLEN_MOST = 262144 };

/* How to watch interfaces. */
struct watch_options {
	const char *filter; /* as in struct capture_options; done in the kernel, in 'snaplen's way */
	const volatile sig_atomic_t *stop; /* not NULL: ends the watching; what passed before still comes */
	size_t keep_packets;		   /* as in struct capture_options */
	/* Bytes of a frame to capture, WATCH_SNAPLEN_LEAST or more; fragments, RSTs and ICMP errors come
	 * whole. */
	uint32_t snaplen;
	size_t buffer; /* bytes of the kernel's ring, of each interface */
	bool no_promiscuous;
	bool closes_only; /* only SYN, FIN, RST, fragments, ICMP errors, and segments without payload */
	uint64_t count;	  /* end after so many packets; 0 = never */
	int64_t duration; /* end after so many ns; 0 = never */
};

/*
 * Opens n interfaces by name ("any" = all) for watching. Unlike captures_open() it fails if one of them
 * cannot be opened: NULL after a complaint. Needs CAP_NET_RAW, now and not later. captures_next() then gives
 * frames as they come, and CAPTURES_IDLE whenever none has come for a while (about 100 ms). An interface that
 * goes down is complained of and waited for; one that is deleted ends the reading, after a complaint that
 * makes it failed.
 */
struct captures *captures_watch(const char *const *interfaces, size_t n, const struct watch_options *options,
				capture_complain *complain, void *context);

/* Packets that passed and were not given out, of watched interfaces, since the watching began. */
struct capture_loss {
	uint64_t kernel;    /* there was no room in the ring */
	uint64_t interface; /* the interface, or its driver, dropped them itself; not known of "any" */
};

/* As known now; asks the kernel. Zeros for files. */
struct capture_loss captures_loss(struct captures *captures);

/* Watching: frames that were taken from the kernel, and not given out yet. 0 for files. */
uint64_t captures_waiting(const struct captures *captures);

/*
 * Watching: every packet that passed before this moment has been given out (or lost). Not later than the
 * capture's clock, and at most some 200 ms behind it after CAPTURES_IDLE. It goes back, by ten seconds or
 * more, when the system's clock was set back so far: then frames come with times from there on. If it was set
 * back less, this one stands still meanwhile.
 */
struct moment captures_clock(const struct captures *captures);

enum captures_result {
	CAPTURES_END = 0,
	CAPTURES_FRAME = 1,
	CAPTURES_IDLE = 2, /* watching only: nothing has come for a while */
};

/*
 * The next frame in time order over all inputs; within one input always in its own order, even where
 * its time runs backwards. An enum captures_result. frame->bytes is valid until the next call.
 */
int captures_next(struct captures *captures, struct frame *frame);

/*
 * The same, several in one go: as many as are at hand without waiting, at most 'room', in *n, which is 0
 * unless the result is CAPTURES_FRAME. Their bytes are all valid until the next call.
 */
int captures_next_several(struct captures *captures, struct frame *frames, size_t room, size_t *n);

/*
 * The same, decoded at once where they are frames as nearly all are: segments[i] is what dissect_frame()
 * makes of the i-th of them, and each of them matched. Returns how many, at most 'room'; 0 = the next frame
 * may well come, but not in this way. dissect_payload() knows nothing of them.
 */
size_t captures_segments(struct captures *captures, struct dissector *dissector, struct segment *segments,
			 size_t room);

/*
 * Starts again from the first frame: the same frames with the same packet numbers and sources, and no more
 * than captures_next() had given by then; complaints are not repeated (an input that failed ends again where
 * it had failed). Files are read again from their open descriptors. Standard input, and anything else that
 * cannot be read twice, gives only what was kept: see captures_forgotten(). May be called any number of
 * times. After a *stop that was set it is not looked at any more. A file that has become shorter since is
 * complained about, and ends the reading. 0, or -1 with errno: then no frame comes.
 */
int captures_rewind(struct captures *captures);

/*
 * Watching: after a captures_rewind(), back to what passes now; captures_next() goes on as if nothing had
 * been. What passed meanwhile has waited in the kernel.
 */
void captures_resume(struct captures *captures);

/*
 * How many of the frames given out a captures_rewind() does not bring back. Among them can be frames of a
 * file that was merged with a pipe, if so many came later (half a million for every MiB of keep_packets) that
 * it is not known any more what numbers they had.
 */
uint64_t captures_forgotten(const struct captures *captures);

/* Packets that the inputs held, as far as they were read the first time: also those that did not match the
 * filter, except of watched interfaces, where the kernel keeps those to itself. */
uint64_t captures_packets(const struct captures *captures);

/*
 * How many bytes of the files were read and how many there are, compressed where they are. False: that is not
 * known, for there is a pipe or an interface. Costs two system calls a file.
 */
bool captures_progress(const struct captures *captures, uint64_t *done, uint64_t *all);

/* Inputs that failed, so far; the program's exit status rests on it. */
size_t captures_failed(const struct captures *captures);

/* The name of input number 'source': the file name as given, with its interface's name for pcapng
 * ("file.pcapng:eth0") where it has several. Valid until captures_close(). Any thread may ask, once a frame
 * of that source was handed to it, while another reads. */
const char *captures_source(const struct captures *captures, uint16_t source);

/* True as soon as any input has timestamps finer than microseconds. */
bool captures_nanoseconds(const struct captures *captures);

/* Whether filter compiles for some common link type; if not, error says why. For the command line's early
 * answer. */
bool capture_filter_valid(const char *filter, struct capture_error *error);

void captures_close(struct captures *captures); /* NULL is fine */

#endif
