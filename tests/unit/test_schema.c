// SPDX-License-Identifier: GPL-2.0-only
/*
 * The schemas of what vfio-xen-ctl prints with --json: each command has one, and what
 * is not as a schema says is found. run-ctl.c compares all that tests have it print.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl.h"
#include "run-ctl.h"
#include "schema.h"

static char problem[SCHEMA_PROBLEM_SIZE];

static bool check(const char *schema_text, const char *value_text)
{
	struct json_object *schema = json_tokener_parse(schema_text);
	struct json_object *value = json_tokener_parse(value_text);
	bool good = schema_check(schema, value, problem);

	json_object_put(schema);
	json_object_put(value);
	return good;
}

static void good_values(void **state)
{
	static const char *const cases[][2] = {
		{ "{}", "7" },
		{ "{\"type\":\"integer\",\"minimum\":-1,\"maximum\":3}", "3" },
		{ "{\"type\":[\"string\",\"null\"]}", "null" },
		{ "{\"enum\":[\"a\",null]}", "null" },
		{ "{\"enum\":[\"a\",null]}", "\"a\"" },
		{ "{\"pattern\":\"^[0-9]{2}$\"}", "\"42\"" },
		{ "{\"items\":{\"type\":\"boolean\"}}", "[true,false]" },
		{ "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"a\"]}",
		  "{\"a\":1}" },
		{ "{\"additionalProperties\":{\"type\":\"integer\"}}",
		  "{\"x\":1}" },
		{ "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
		  "1" },
		{ "{\"$ref\":\"detach.json\"}",
		  "{\"device\":\"0000:05:00.0\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (!check(cases[i][0], cases[i][1]))
			fail_msg("%s: %s", cases[i][0], problem);
}

static void wrong_values(void **state)
{
	static const char *const cases[][3] = {
		{ "{\"type\":\"integer\"}", "\"3\"", "type is not" },
		{ "{\"type\":[\"string\",\"null\"]}", "3", "type is none of" },
		{ "{\"minimum\":-1}", "-2", "below" },
		{ "{\"maximum\":3}", "4", "above" },
		{ "{\"enum\":[\"a\",null]}", "\"b\"", "value is none of" },
		{ "{\"pattern\":\"^[0-9]{2}$\"}", "\"423\"", "not match" },
		{ "{\"items\":{\"type\":\"boolean\"}}", "[true,1]",
		  "/1: type is not" },
		{ "{\"properties\":{\"a\":{}}}", "{\"b\":1}", "no member b" },
		{ "{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"a\":1}",
		  "/a: type is not" },
		{ "{\"required\":[\"a\"]}", "{}", "no member a" },
		{ "{\"additionalProperties\":{\"type\":\"integer\"}}",
		  "{\"x\":true}", "/x: type is not" },
		{ "{\"$ref\":\"detach.json\"}", "{\"device\":\"5:0.0\"}",
		  "/device: value does not match" },
		{ "{\"$ref\":\"nothing.json\"}", "1", "no schema" },
		{ "{\"anyOf\":[{\"type\":\"string\"},{\"maximum\":0}]}", "1",
		  "no schema fits" },
		{ "{\"oneOf\":[]}", "1", "unknown keyword oneOf" },
		{ "7", "1", "schema is no object" },
		{ "{\"properties\":{},\"additionalProperties\":{}}", "{}",
		  "schema has both" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(check(cases[i][0], cases[i][1]));
		assert_says(problem, cases[i][2]);
	}
}

/* Three files are for no command: what failed, and parts of others. */
static void each_command_has_one(void **state)
{
	size_t nr = 3;
	glob_t files;

	(void)state;
	for (size_t i = 0; i < nr_commands; i++) {
		char path[512];

		snprintf(path, sizeof(path), SCHEMA_DIR "/%s.json",
			 commands[i].name);
		if (!(commands[i].options & OPT_JSON))
			continue;
		if (access(path, R_OK))
			fail_msg("there is no %s", path);
		nr++;
	}
	assert_int_equal(glob(SCHEMA_DIR "/*.json", 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, nr);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_values),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(each_command_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
