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

static void record_path(const struct devices *all, const char *suffix,
			char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.json%s", all->run_dir,
		 all->guest.uuid_text, suffix);
}

static struct json_object *devices_of(const struct devices *all)
{
	struct json_object *devices = json_object_new_array();

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (all->devices[i])
			json_object_array_add(
				devices,
				json_object_new_string(
					all->devices[i]->request.address));
	}
	return devices;
}

static struct json_object *make_record(struct devices *all)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "domid",
			       json_object_new_int((int)all->guest.domid));
	json_object_object_add(record, "uuid",
			       json_object_new_string(all->guest.uuid_text));
	json_object_object_add(record, "pid", json_object_new_int(getpid()));
	json_object_object_add(record, "devices", devices_of(all));
	if (all->kind->record)
		all->kind->record(all, record);
	return record;
}

void record_write(struct devices *all)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	struct json_object *record;

	record_path(all, "", path);
	record_path(all, ".new", new_path);
	if (!all->kind_is_open) {
		unlink(path);
		return;
	}
	record = make_record(all);
	if (json_object_to_file_ext(new_path, record,
				    JSON_C_TO_STRING_PRETTY) ||
	    rename(new_path, path))
		log_message(LOG_WARNING, "cannot write %s: %s", path,
			    strerror(errno));
	json_object_put(record);
}

void record_recover(struct devices *all, const struct devices_kind *kind)
{
	struct json_object *record, *domid;
	char path[PATH_MAX];

	record_path(all, "", path);
	if (access(path, F_OK))
		return;
	record = json_object_from_file(path);
	/* What belonged to an earlier domain went with it. */
	if (record && json_object_object_get_ex(record, "domid", &domid) &&
	    json_object_get_int(domid) == (int)all->guest.domid) {
		log_message(
			LOG_NOTICE,
			"domain %u: cleaning up after a supervisor that has died",
			all->guest.domid);
		kind->recover(all, record);
	}
	json_object_put(record);
	unlink(path);
}
