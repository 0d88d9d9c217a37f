// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-ctl on a fake host; see run-ctl.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run-ctl.h"
#include "schema.h"

#define MAX_ARGS 12

char *out, *err;

void discard_output(void)
{
	free(out);
	free(err);
	out = NULL;
	err = NULL;
}

/* The command of a line whose output is JSON; NULL: it is not. */
static const char *json_command(int argc, char **argv)
{
	const char *command = NULL;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else if (!command && argv[i][0] != '-')
			command = argv[i];
	}
	return !json ? NULL : command ? command : "error";
}

/* A failure has no more than an error, or all that is known. */
static void check_schema(const char *command, int code)
{
	char problem[SCHEMA_PROBLEM_SIZE], other[SCHEMA_PROBLEM_SIZE];
	struct json_object *root;

	if (!command || !*out)
		return;
	root = parse_out();
	if (!schema_file_check(command, root, problem) &&
	    (code == EXIT_OK || !schema_file_check("error", root, other)))
		fail_msg("%s --json: %s", command, problem);
	json_object_put(root);
}

int run_ctl(struct fake_host *host, const char *line)
{
	char *copy = strdup(line), *save, *word;
	char *argv[MAX_ARGS + 2] = { (char[]){ "vfio-xen-ctl" } };
	FILE *out_file, *err_file;
	size_t out_size, err_size;
	int argc = 1, code;

	discard_output();
	assert_non_null(copy);
	for (word = strtok_r(copy, " ", &save); word && argc <= MAX_ARGS;
	     word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	out_file = open_memstream(&out, &out_size);
	err_file = open_memstream(&err, &err_size);
	assert_non_null(out_file);
	assert_non_null(err_file);
	code = ctl_main(host->ctx, out_file, err_file, argc, argv);
	fclose(out_file);
	fclose(err_file);
	check_schema(json_command(argc, argv), code);
	free(copy);
	return code;
}

void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

struct json_object *parse_out(void)
{
	enum json_tokener_error error;
	struct json_object *root = json_tokener_parse_verbose(out, &error);

	assert_int_equal(error, json_tokener_success);
	assert_true(json_object_is_type(root, json_type_object) ||
		    json_object_is_type(root, json_type_array));
	return root;
}

const char *string_of(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key));
}
