/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether JSON is as a schema of docs/schemas says: the part of JSON Schema that these
 * use. A keyword that is not known here is an error in the schema, and so is a member
 * that a schema does not have an error in the JSON.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>

#include <json.h>

#define SCHEMA_PROBLEM_SIZE 512

/* schema_check() for the schema @name of docs/schemas; also false if there is none. */
bool schema_file_check(const char *name, struct json_object *value,
		       char problem[SCHEMA_PROBLEM_SIZE]);
/* False, and what is wrong with the value or with the schema. */
bool schema_check(struct json_object *schema, struct json_object *value,
		  char problem[SCHEMA_PROBLEM_SIZE]);

#endif
