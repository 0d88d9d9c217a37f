// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print messages, tables, JSON and sizes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

bool has_option(const struct ctl *ctl, enum option_bit bit)
{
	return ctl->args.options & bit;
}

/* Takes ownership of @root. */
static void print_error(struct ctl *ctl, struct json_object *root,
			const char *message)
{
	if (has_option(ctl, OPT_JSON)) {
		json_add_string(root, "error", message);
		json_print(ctl, root);
		return;
	}
	json_object_put(root);
	if (!has_option(ctl, OPT_QUIET))
		fprintf(ctl->err, PROGRAM ": %s\n", message);
}

static void print_verror(struct ctl *ctl, struct json_object *root,
			 const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static void print_verror(struct ctl *ctl, struct json_object *root,
			 const char *fmt, va_list args)
{
	char *message;

	if (vasprintf(&message, fmt, args) < 0) {
		json_object_put(root);
		return;
	}
	print_error(ctl, root, message);
	free(message);
}

int ctl_fail(struct ctl *ctl, enum exit_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_verror(ctl, json_object_new_object(), fmt, args);
	va_end(args);
	return (int)code;
}

int ctl_fail_with(struct ctl *ctl, enum exit_code code,
		  struct json_object *more, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_verror(ctl, more ? more : json_object_new_object(), fmt, args);
	va_end(args);
	return (int)code;
}

void ctl_warn(struct ctl *ctl, const char *fmt, ...)
{
	va_list args;

	if (has_option(ctl, OPT_QUIET))
		return;
	fprintf(ctl->err, PROGRAM ": ");
	va_start(args, fmt);
	vfprintf(ctl->err, fmt, args);
	va_end(args);
	fprintf(ctl->err, "\n");
}

void ctl_hint(struct ctl *ctl, const char *fmt, ...)
{
	va_list args;

	if (!has_option(ctl, OPT_VERBOSE))
		return;
	va_start(args, fmt);
	vfprintf(ctl->err, fmt, args);
	va_end(args);
	fprintf(ctl->err, "\n");
}

void json_print(struct ctl *ctl, struct json_object *root)
{
	/* One object per line, for programs that read while --follow writes */
	int layout = has_option(ctl, OPT_FOLLOW) ? JSON_C_TO_STRING_PLAIN :
						   JSON_C_TO_STRING_PRETTY;

	fprintf(ctl->out, "%s\n",
		json_object_to_json_string_ext(
			root, layout | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

void json_add_string(struct json_object *object, const char *key,
		     const char *value)
{
	json_object_object_add(object, key,
			       value ? json_object_new_string(value) : NULL);
}

struct libscols_table *table_new(struct ctl *ctl, const char *const *headers,
				 size_t nr_headers)
{
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_stream(table, ctl->out);
	for (size_t i = 0; i < nr_headers; i++) {
		/* On a narrow terminal the last column is cut. */
		int flags = i == nr_headers - 1 ? SCOLS_FL_TRUNC : 0;

		if (!scols_table_new_column(table, headers[i], 0, flags)) {
			scols_unref_table(table);
			return NULL;
		}
	}
	return table;
}

void table_add(struct libscols_table *table, const char *const *cells,
	       size_t nr_cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return;
	for (size_t i = 0; i < nr_cells; i++)
		scols_line_set_data(line, i, cells[i] ? cells[i] : "-");
}

void table_print(struct libscols_table *table)
{
	scols_print_table(table);
	scols_unref_table(table);
}

void field_print(struct ctl *ctl, const char *name, const char *fmt, ...)
{
	va_list args;

	fprintf(ctl->out, "  %-20s ", name);
	va_start(args, fmt);
	vfprintf(ctl->out, fmt, args);
	va_end(args);
	fprintf(ctl->out, "\n");
}

void size_format(uint64_t bytes, char text[SIZE_TEXT_SIZE])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	while (value >= 1024 && unit < ARRAY_SIZE(units) - 1) {
		value /= 1024;
		unit++;
	}
	snprintf(text, SIZE_TEXT_SIZE, "%.4g %s", value, units[unit]);
}
