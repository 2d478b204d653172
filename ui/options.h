/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the command line: one table of options that getopt_long and --help read, and that
 * the tests compare with the manual.
 */
#ifndef LASTACK_UI_OPTIONS_H
#define LASTACK_UI_OPTIONS_H

#include <stdio.h>

#include "ui/columns.h"
#include "ui/metrics_address.h"
#include "ui/rotation.h"
#include "ui/sandbox.h"
#include "ui/select.h"
#include "ui/selector.h"
#include "ui/settings.h"
#include "ui/timers.h"

enum {
	OPTIONS_MAX = 48,	    /* options there can be */
	OPTIONS_SELECTORS_MAX = 64, /* of --explain */
	OPTIONS_WIDTH_LEAST = 72,   /* of --width: a ladder needs so much */
	OPTIONS_WIDTH_MOST = 1000,
	OPTIONS_INTERFACES_MAX = 64,
};

struct options {
	const char *const *files; /* as given; "-" = standard input; not owned, like all strings here */
	size_t file_count;
	const char *interfaces[OPTIONS_INTERFACES_MAX]; /* to be watched; then there are no files */
	size_t interface_count;
	uint64_t snaplen; /* bytes of a frame */
	uint64_t buffer;  /* MiB of an interface's ring */
	uint64_t count;	  /* packets to watch; 0 = no end */
	int64_t duration; /* how long to watch, ns; 0 = no end */
	bool no_promiscuous, closes_only, list_interfaces;
	const char *csv, *json;	  /* where rows go, "-" = standard output, NULL = nowhere */
	const char *pcap;	  /* where packets go, the same */
	const char *events;	  /* where changes of states go, the same */
	struct rotation rotation; /* of csv, json and events */
	uint64_t keep;		  /* files of each, 0 = all */
	uint64_t keep_packets;	  /* MiB of what cannot be read twice */
	const char *filter;	  /* libpcap's language; NULL = none */
	struct column_list columns;
	struct only only;
	bool only_given, columns_given;
	bool list, outer, quiet, verbose;
	struct settings settings; /* of the dashboard, if there is one */
	bool ui, plain;		  /* the dashboard; a line for every close instead */
	int64_t speed;		  /* of --ui: thousand millionths of real time, 0 = all at once */
	int64_t time_wait;	  /* 2MSL, ns */
	bool time_wait_given;
	int64_t idle;		/* ns, 0 = never */
	int64_t syn_idle;	/* the same, of an unanswered SYN */
	uint64_t max_flows;	/* 0 = no limit */
	uint64_t ports;		/* ephemeral ports of a host */
	uint64_t shard, shards; /* which, from 0, of how many parts of the connections; 0, 1 = all */
	uint64_t threads;	/* 0 = by the processors */
	struct selector selectors[OPTIONS_SELECTORS_MAX];
	size_t selector_count; /* 0 = nothing is to be explained */
	bool explain_causes, summary;
	uint64_t width;			/* 0 = the terminal's */
	uint64_t payload;		/* bytes of each side to show, 0 = none */
	int64_t fin_timeout;		/* ns */
	struct metrics_address metrics; /* where to serve them, if metrics_given */
	bool metrics_given;
	struct timers *timers; /* of --timers, owned; NULL = none */
	struct sandbox_user user;
	bool no_sandbox;
};

/* One option. */
struct option_row {
	char letter;	      /* 0 = none */
	const char *name;     /* long, without dashes */
	const char *argument; /* what the help calls it, NULL = takes none */
	bool optional;	      /* the argument may be absent */
	const char *help;
	/* What it does with its argument; false = wrong, why says so. NULL for --help and --version. */
	bool (*take)(struct options *options, const struct option_row *row, const char *argument,
		     struct text *why);
	size_t field;	      /* offset in struct options of what take() sets */
	uint64_t least, most; /* of a number, or of a duration in ns */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_CAUSES,
	OPTIONS_INTERFACES,
	OPTIONS_WRONG,
};

/*
 * Reads the command line into *options (getopt_long's rules: options and files may be mixed, argv is
 * reordered). After OPTIONS_WRONG why says in one line what is wrong. options_free() after any result.
 */
enum options_result options_parse(struct options *options, int argc, char **argv, struct text *why);

/* Whether rows go to a file by its name. */
bool options_write_files(const struct options *options);

void options_free(struct options *options);

/* The texts of --help and --version (help.c). */
void options_help(FILE *out);
void options_version(FILE *out);

#endif
