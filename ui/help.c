/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help.c - the texts of --help and --version, made from the tables of options, words and columns. */
#include "ui/options.h"

/* Column at which the explanations of the help begin. */
enum { HELP_INDENT = 26, HELP_WIDTH = 80 };

/* Words of string, wrapped, from the column at which the line stands. */
static void help_words(FILE *out, const char *string, int indent, int *at)
{
	while (*string) {
		int length = (int)strcspn(string, " ");

		if (*at + 1 + length > HELP_WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			*at = indent;
		}
		*at += fprintf(out, " %.*s", length, string);
		string += length;
		string += strspn(string, " ");
	}
}

static void help_option(FILE *out, const struct option_row *row)
{
	int at;

	if (row->letter)
		at = fprintf(out, "  -%c, --%s", row->letter, row->name);
	else
		at = fprintf(out, "      --%s", row->name);
	if (row->argument)
		at += fprintf(out, row->optional ? "[=%s]" : "=%s", row->argument);
	if (at < HELP_INDENT)
		at += fprintf(out, "%*s", HELP_INDENT - at, "");
	help_words(out, row->help, HELP_INDENT, &at);
	fputc('\n', out);
}

static void help_vocabulary(FILE *out, const char *title, const struct word *words, int n)
{
	int at = fprintf(out, "%s", title);

	for (int i = 0; i < n; i++)
		help_words(out, words[i].name, 1, &at);
	fputc('\n', out);
}

void options_help(FILE *out)
{
	int at;

	fputs("Usage: lastack [OPTION]... FILE...\n"
	      "       lastack [OPTION]... -i IFACE...\n"
	      "Read captures (pcap, pcapng, also compressed; '-' is standard input), or watch\n"
	      "network interfaces, and say of every TCP connection who closed it, how, why, and\n"
	      "what it cost.\n\n",
	      out);
	for (size_t i = 0; i < option_count; i++)
		help_option(out, &option_rows[i]);
	help_vocabulary(out, "\nCloses:", close_words, CLOSE_COUNT);
	help_vocabulary(out, "\nCauses:", cause_words, CAUSE_COUNT);
	at = fprintf(out, "\nColumns:");
	for (size_t i = 0; i < column_count; i++)
		help_words(out, columns[i].name, 1, &at);
	fputs("\n\nExit status: 0 fine; 1 an input was bad or cut, an output failed, or --explain\n"
	      "found nothing (what was read is reported); 2 wrong usage.\n"
	      "The manual, lastack(1), explains the verdicts.\n",
	      out);
}

void options_version(FILE *out)
{
	fputs("lastack " LASTACK_VERSION "\n", out);
#ifdef LASTACK_SANITIZED
	fputs("built with sanitizers: it may read files and debug itself when it has locked itself up\n",
	      out);
#endif
}
