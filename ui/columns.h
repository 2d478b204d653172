/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.h - the columns of a row: one table that CSV, NDJSON, --columns, the help and the manual read.
 * New columns go at its end; none is renamed.
 */
#ifndef LASTACK_UI_COLUMNS_H
#define LASTACK_UI_COLUMNS_H

#include "analyzer/record.h"
#include "ui/format.h"
#include "ui/process.h"

enum column_type {
	COLUMN_NUMBER, /* written bare in JSON */
	COLUMN_TRUTH,  /* yes or no; true or false in JSON */
	COLUMN_WORD,   /* text of ours that nowhere needs quoting */
	COLUMN_STRING, /* text that may hold anything but is valid UTF-8 */
};

/* What a row is made from. */
struct row {
	const struct record *record;
	const struct process *process; /* by enum side; NULL = neither is known, as of files */
	const char *source;	       /* the input of its first packet; any bytes */
	bool nanoseconds;	       /* some input has them: moments get nine digits */
	bool several_inputs;	       /* packet numbers are then not what Wireshark shows */
};

enum {
	COLUMNS_MAX = 64,	 /* room in a column_list; at least column_count */
	COLUMN_NAME_ROOM = 24,	 /* of a name, its terminating zero included */
	COLUMN_BYTES_MAX = 8192, /* of one value that is a COLUMN_STRING */
	COLUMN_ROOM = 512,	 /* and of any other */
};

struct column {
	char name[COLUMN_NAME_ROOM];
	unsigned char name_length;
	enum column_type type;
	/*
	 * Puts the value to where there is room for it (COLUMN_BYTES_MAX or COLUMN_ROOM, see put.h) and
	 * returns its end; 'to' when it is not known or does not apply.
	 */
	char *(*put)(char *to, const struct row *row, const struct column *column);
	size_t field;		  /* offset in struct record of what put() reads, where it reads one field */
	const struct word *words; /* for an enum: its words */
	const char *meaning;	  /* for people, one line */
};

extern const struct column columns[];
extern const size_t column_count;

/* Appends the value, as put() has it; whole characters where there is no room for all. */
void column_text(struct text *text, const struct row *row, const struct column *column);

/* Some of the columns, in the order in which they are written; each at most once. */
struct column_list {
	const struct column *at[COLUMNS_MAX];
	size_t n;
};

/* All of them, in their own order. */
void columns_all(struct column_list *list);

/*
 * Reads names of columns, separated by commas, in any case. False when one is none or there twice: why then
 * says which, and lists those that are.
 */
bool columns_parse(struct column_list *list, const char *names, struct text *why);

#endif
