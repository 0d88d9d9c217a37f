// SPDX-License-Identifier: GPL-2.0-only
/*
 * Help, generated from the tables of commands and options.
 */
#include <string.h>

#include "ctl.h"

static void print_option(struct ctl *ctl, const struct option_info *info)
{
	char name[32];

	snprintf(name, sizeof(name), "--%s%s%s", info->name,
		 info->argument ? " " : "",
		 info->argument ? info->argument : "");
	if (info->letter)
		fprintf(ctl->out, "  -%c, %-16s %s\n", info->letter, name,
			info->summary);
	else
		fprintf(ctl->out, "      %-16s %s\n", name, info->summary);
}

static void print_options(struct ctl *ctl, unsigned int set)
{
	fprintf(ctl->out, "\nOptions:\n");
	for (size_t i = 0; i < nr_options; i++)
		if (options[i].bit & set)
			print_option(ctl, &options[i]);
}

void help_program(struct ctl *ctl)
{
	fprintf(ctl->out, "Usage: " PROGRAM " [OPTION...] COMMAND ...\n\n");
	fprintf(ctl->out, "Commands:\n");
	for (size_t i = 0; i < nr_commands; i++)
		fprintf(ctl->out, "  %-8s %s\n", commands[i].name,
			commands[i].summary);
	print_options(ctl, OPT_GLOBAL);
	fprintf(ctl->out, "\nA device's address, SBDF, is written as lspci "
			  "prints it: 0000:05:00.0 or 05:00.0.\n");
}

void help_command(struct ctl *ctl, const struct command *command)
{
	fprintf(ctl->out, "Usage: " PROGRAM " %s [OPTION...]%s%s\n\n",
		command->name, *command->operands ? " " : "",
		command->operands);
	fprintf(ctl->out, "%s: %s\n", command->name, command->summary);
	print_options(ctl, command->options | OPT_GLOBAL);
}

void help_list_commands(struct ctl *ctl)
{
	for (size_t i = 0; i < nr_commands; i++) {
		fprintf(ctl->out, "%s", commands[i].name);
		for (size_t j = 0; j < nr_options; j++)
			if (options[j].bit & commands[i].options)
				fprintf(ctl->out, " --%s", options[j].name);
		fprintf(ctl->out, "\n");
	}
}

#define LONGEST_NAME 15

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance: letters to insert, delete or replace. */
static size_t distance(const char *from, const char *to)
{
	size_t row[LONGEST_NAME + 1], len = strlen(to);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; from[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t same = diagonal + (from[i - 1] != to[j - 1]);

			diagonal = row[j];
			row[j] = min3(row[j] + 1, row[j - 1] + 1, same);
		}
	}
	return row[len];
}

const char *help_nearest_command(const char *name)
{
	size_t best = 3; /* a larger distance is no typing error */
	const char *nearest = NULL;

	if (strlen(name) > LONGEST_NAME)
		return NULL;
	for (size_t i = 0; i < nr_commands; i++) {
		size_t far = distance(name, commands[i].name);

		if (far < best && far < strlen(commands[i].name)) {
			best = far;
			nearest = commands[i].name;
		}
	}
	return nearest;
}
