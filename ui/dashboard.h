/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dashboard.h - the closes as they happen, on a terminal: a sink, and a turn that whoever reads the packets
 * gives it between them.
 *
 * A turn never waits and paints at most ten times a second; the packets go on whatever the terminal does. Its
 * parts: model.h knows, view_*.c draw into a screen (screen.h), keys.h says what keys do, terminal_screen.h
 * alone knows the terminal.
 */
#ifndef LASTACK_UI_DASHBOARD_H
#define LASTACK_UI_DASHBOARD_H

#include "ui/explain.h"
#include "ui/model.h"
#include "ui/opener.h"
#include "ui/settings.h"

struct dashboard;

/* Where the dashboard asks for what it has not kept. Functions that are NULL are not there. */
struct dashboard_source {
	void *context;
	model_look *look; /* what is known now of a connection that lives */
	/*
	 * Reads the packets that are still there again and collects those of the connections that 'explain'
	 * has been given (explain_read() or the like), with what they sent if 'payload'. False with errno.
	 */
	bool (*read)(void *context, struct explain *explain, bool payload);
	uint64_t (*forgotten)(void *context); /* packets that read() does not bring back */
	/* Writes the packets of n connections to a descriptor, as pcapng. False with errno. */
	bool (*slice)(void *context, const struct record *const *records, size_t n, int fd);
	const struct captures *captures; /* for names of inputs, NULL = there are none */
	model_name *name; /* which processes have the ends of a connection; NULL = nobody knows */
};

struct dashboard_options {
	const char *title; /* what is looked at: a file, an interface; not owned */
	bool live;	   /* it is watched, or replayed; else it has been captured before */
	bool several_inputs;
	int64_t time_wait; /* 2MSL, ns */
	uint64_t ports;	   /* ephemeral ports of a host */
	uint64_t seed;
	size_t records; /* closed connections kept, 0 = MODEL_RECORDS */
	const struct timers *timers;
	struct dashboard_source source;
	const struct settings *settings; /* copied */
	struct opener *opener;		 /* opens what is saved; NULL = nothing can be */
};

/* What is told with every turn. */
struct dashboard_input {
	struct moment now; /* the observation's time */
	uint64_t packets;
	uint64_t dropped; /* by the kernel and the interface */
	uint64_t memory;  /* bytes of the tracker */
	uint64_t evicted;
	bool over;	  /* no more packets come */
	const char *note; /* something to say, such as "reading"; NULL = nothing */
};

/*
 * Takes over the terminal. NULL where that cannot be: why then says so. Opens all that it will ever need but
 * what is saved.
 */
struct dashboard *dashboard_open(const struct dashboard_options *options, struct text *why);

/* The same without a terminal, for tests: a screen of that size (dashboard_parts.h). */
struct dashboard *dashboard_new(const struct dashboard_options *options, int rows, int width, bool utf8);

/* Sources that are only there when the dashboard is. Before the first turn. */
void dashboard_set_source(struct dashboard *dashboard, const struct dashboard_source *source);

/* The sink to give records and changes to; owned. */
struct sink *dashboard_sink(struct dashboard *dashboard);

/*
 * Handles what was pressed and paints, when it is time. 'clock' only goes forward, and is not the
 * observation's. False when the user has had enough, or the terminal is gone.
 */
bool dashboard_turn(struct dashboard *dashboard, struct moment clock, const struct dashboard_input *input);

/* The descriptor that is readable when a key was pressed, for those who have nothing else to do. */
int dashboard_fd(const struct dashboard *dashboard);

/* What the user has changed, to be kept (settings_write()). */
const struct settings *dashboard_settings(const struct dashboard *dashboard);

/* Gives the terminal back. NULL is fine. */
void dashboard_close(struct dashboard *dashboard);

#endif
