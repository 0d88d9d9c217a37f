// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON against the schemas of docs/schemas; see schema.h.
 */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "schema.h"

/* One value and its schema; path is where they are, for the problem. */
struct check {
	struct json_object *schema;
	struct json_object *value;
	const char *path;
	char *problem;
};

static bool check_all(const struct check *check);

static bool complain(const struct check *check, const char *what,
		     const char *which)
{
	snprintf(check->problem, SCHEMA_PROBLEM_SIZE, "%s: %s %s in %s",
		 *check->path ? check->path : "the document", what, which,
		 json_object_to_json_string(check->value));
	return false;
}

static struct json_object *keyword(const struct check *check, const char *name)
{
	return json_object_object_get(check->schema, name);
}

/* ---- scalars ---- */

static bool type_is(const char *name, struct json_object *value)
{
	enum json_type type = json_object_get_type(value);

	return !strcmp(name, json_type_to_name(type)) ||
	       (type == json_type_int && !strcmp(name, "integer"));
}

static bool check_type(const struct check *check, struct json_object *types)
{
	if (json_object_is_type(types, json_type_string))
		return type_is(json_object_get_string(types), check->value) ||
		       complain(check, "type is not",
				json_object_get_string(types));
	for (size_t i = 0; i < json_object_array_length(types); i++)
		if (type_is(json_object_get_string(
				    json_object_array_get_idx(types, i)),
			    check->value))
			return true;
	return complain(check, "type is none of",
			json_object_to_json_string(types));
}

static bool check_enum(const struct check *check, struct json_object *values)
{
	for (size_t i = 0; i < json_object_array_length(values); i++)
		if (json_object_equal(json_object_array_get_idx(values, i),
				      check->value))
			return true;
	return complain(check, "value is none of",
			json_object_to_json_string(values));
}

static bool check_pattern(const struct check *check,
			  struct json_object *pattern)
{
	const char *text = json_object_get_string(pattern);
	regex_t regex;
	int err;

	if (!json_object_is_type(check->value, json_type_string))
		return true;
	if (regcomp(&regex, text, REG_EXTENDED | REG_NOSUB))
		return complain(check, "bad pattern", text);
	err = regexec(&regex, json_object_get_string(check->value), 0, NULL, 0);
	regfree(&regex);
	return !err || complain(check, "value does not match", text);
}

static bool check_minimum(const struct check *check, struct json_object *limit)
{
	return json_object_get_int64(check->value) >=
		       json_object_get_int64(limit) ||
	       complain(check, "value is below",
			json_object_to_json_string(limit));
}

static bool check_maximum(const struct check *check, struct json_object *limit)
{
	return json_object_get_int64(check->value) <=
		       json_object_get_int64(limit) ||
	       complain(check, "value is above",
			json_object_to_json_string(limit));
}

/* ---- objects and arrays ---- */

static bool check_below(const struct check *check, struct json_object *schema,
			struct json_object *value, const char *name)
{
	char path[256];
	const struct check below = { schema, value, path, check->problem };

	snprintf(path, sizeof(path), "%s/%s", check->path, name);
	return check_all(&below);
}

static bool check_properties(const struct check *check,
			     struct json_object *properties)
{
	if (!json_object_is_type(check->value, json_type_object))
		return true;
	json_object_object_foreach(check->value, key, value)
	{
		struct json_object *schema;

		if (!json_object_object_get_ex(properties, key, &schema))
			return complain(check, "schema has no member", key);
		if (!check_below(check, schema, value, key))
			return false;
	}
	return true;
}

static bool check_others(const struct check *check, struct json_object *schema)
{
	if (!json_object_is_type(check->value, json_type_object))
		return true;
	json_object_object_foreach(check->value, key, value)
	{
		if (!check_below(check, schema, value, key))
			return false;
	}
	return true;
}

static bool check_required(const struct check *check, struct json_object *names)
{
	if (!json_object_is_type(check->value, json_type_object))
		return true;
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(names, i));

		if (!json_object_object_get_ex(check->value, name, NULL))
			return complain(check, "there is no member", name);
	}
	return true;
}

static bool check_items(const struct check *check, struct json_object *schema)
{
	if (!json_object_is_type(check->value, json_type_array))
		return true;
	for (size_t i = 0; i < json_object_array_length(check->value); i++) {
		char name[24];

		snprintf(name, sizeof(name), "%zu", i);
		if (!check_below(check, schema,
				 json_object_array_get_idx(check->value, i),
				 name))
			return false;
	}
	return true;
}

/* ---- schemas ---- */

static struct json_object *read_schema(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), SCHEMA_DIR "/%s", name);
	return json_object_from_file(path);
}

/* To another file */
static bool check_ref(const struct check *check, struct json_object *ref)
{
	const char *name = json_object_get_string(ref);
	struct check other = *check;
	bool good;

	other.schema = read_schema(name);
	if (!other.schema)
		return complain(check, "no schema", name);
	good = check_all(&other);
	json_object_put(other.schema);
	return good;
}

static bool check_any(const struct check *check, struct json_object *schemas)
{
	for (size_t i = 0; i < json_object_array_length(schemas); i++) {
		char problem[SCHEMA_PROBLEM_SIZE];
		const struct check one = {
			json_object_array_get_idx(schemas, i),
			check->value,
			check->path,
			problem,
		};

		if (check_all(&one))
			return true;
	}
	return complain(check, "no schema fits of", "anyOf");
}

static bool check_nothing(const struct check *check, struct json_object *text)
{
	return json_object_is_type(text, json_type_string) ||
	       complain(check, "no text:", json_object_to_json_string(text));
}

static bool check_keyword(const struct check *check, const char *name,
			  struct json_object *argument)
{
	static const struct {
		const char *name;
		bool (*check)(const struct check *check,
			      struct json_object *argument);
	} keywords[] = {
		{ "$ref", check_ref },
		{ "$schema", check_nothing },
		{ "additionalProperties", check_others },
		{ "anyOf", check_any },
		{ "description", check_nothing },
		{ "enum", check_enum },
		{ "items", check_items },
		{ "maximum", check_maximum },
		{ "minimum", check_minimum },
		{ "pattern", check_pattern },
		{ "properties", check_properties },
		{ "required", check_required },
		{ "type", check_type },
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (!strcmp(keywords[i].name, name))
			return keywords[i].check(check, argument);
	return complain(check, "schema has an unknown keyword", name);
}

static bool check_all(const struct check *check)
{
	if (!json_object_is_type(check->schema, json_type_object))
		return complain(check, "schema is no object:",
				json_object_to_json_string(check->schema));
	/* The two do not go together here. */
	if (keyword(check, "properties") &&
	    keyword(check, "additionalProperties"))
		return complain(check, "schema has both", "kinds of members");
	json_object_object_foreach(check->schema, name, argument)
	{
		if (!check_keyword(check, name, argument))
			return false;
	}
	return true;
}

bool schema_check(struct json_object *schema, struct json_object *value,
		  char problem[SCHEMA_PROBLEM_SIZE])
{
	const struct check check = { schema, value, "", problem };

	return check_all(&check);
}

bool schema_file_check(const char *name, struct json_object *value,
		       char problem[SCHEMA_PROBLEM_SIZE])
{
	char file[64];
	struct json_object *schema;
	bool good;

	snprintf(file, sizeof(file), "%s.json", name);
	schema = read_schema(file);
	if (!schema) {
		snprintf(problem, SCHEMA_PROBLEM_SIZE, "no schema %s", file);
		return false;
	}
	good = schema_check(schema, value, problem);
	json_object_put(schema);
	return good;
}
