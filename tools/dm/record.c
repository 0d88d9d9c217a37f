// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a supervisor leaves behind.
 */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "record.h"

static void record_path(const struct supervisor *sup, const char *run_dir,
			const char *suffix, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.json%s", run_dir, sup->guest.uuid_text,
		 suffix);
}

static struct json_object *devices_of(const struct supervisor *sup)
{
	struct json_object *devices = json_object_new_array();

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (sup->devices[i])
			json_object_array_add(
				devices, json_object_new_string(
						 sup->devices[i]->address));
	}
	return devices;
}

static struct json_object *make_record(struct supervisor *sup)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "domid",
			       json_object_new_int((int)sup->guest.domid));
	json_object_object_add(record, "uuid",
			       json_object_new_string(sup->guest.uuid_text));
	json_object_object_add(record, "pid", json_object_new_int(getpid()));
	json_object_object_add(record, "devices", devices_of(sup));
	if (sup->kind->record)
		sup->kind->record(sup, record);
	return record;
}

void record_write(struct supervisor *sup, const char *run_dir)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	struct json_object *record;

	record_path(sup, run_dir, "", path);
	record_path(sup, run_dir, ".new", new_path);
	if (!sup->kind_is_open) {
		unlink(path);
		return;
	}
	record = make_record(sup);
	if (json_object_to_file_ext(new_path, record,
				    JSON_C_TO_STRING_PRETTY) ||
	    rename(new_path, path))
		log_message(LOG_WARNING, "cannot write %s: %s", path,
			    strerror(errno));
	json_object_put(record);
}

void record_recover(struct supervisor *sup, const struct supervisor_kind *kind,
		    const char *run_dir)
{
	struct json_object *record, *domid;
	char path[PATH_MAX];

	record_path(sup, run_dir, "", path);
	if (access(path, F_OK))
		return;
	record = json_object_from_file(path);
	/* What belonged to an earlier domain went with it. */
	if (record && json_object_object_get_ex(record, "domid", &domid) &&
	    json_object_get_int(domid) == (int)sup->guest.domid) {
		log_message(
			LOG_NOTICE,
			"domain %u: cleaning up after a supervisor that has died",
			sup->guest.domid);
		kind->recover(sup, record);
	}
	json_object_put(record);
	unlink(path);
}
