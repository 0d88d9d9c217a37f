// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to the vfio-xen-dm of a guest.
 *
 * A signal does not end the program while it waits: vfio-xen-dm is told that the
 * request is off, undoes what it has done, and says so.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl.h"

#define DEFAULT_TIMEOUT_S 10
#define MAX_TIMEOUT_S 600
#define SPARE_MS 15000 /* for what vfio-xen-dm does besides waiting */

/* ---- making them ---- */

static int parse_number(struct ctl *ctl, const char *option, const char *text,
			long min, long max, struct json_object *request)
{
	char *end;
	long number;

	if (!text)
		return 0;
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < min || number > max) {
		ctl_fail(ctl, EXIT_USAGE,
			 "--%s takes a number from %ld to %ld, not %s", option,
			 min, max, text);
		return -EINVAL;
	}
	json_object_object_add(request, option, json_object_new_int64(number));
	return 0;
}

static int parse_iommu(struct ctl *ctl, struct json_object *request)
{
	enum vfio_xen_iommu iommu;

	if (!ctl->args.iommu)
		return 0;
	if (vfio_xen_iommu_parse(ctl->args.iommu, &iommu)) {
		ctl_fail(ctl, EXIT_USAGE,
			 "--iommu takes auto, iommufd or type1, not %s",
			 ctl->args.iommu);
		return -EINVAL;
	}
	json_add_string(request, "iommu", ctl->args.iommu);
	return 0;
}

/* How long vfio-xen-dm takes for it at most, with some to spare. */
static int timeout_of(struct json_object *object)
{
	struct json_object *timeout;
	int seconds = DEFAULT_TIMEOUT_S;

	if (json_object_object_get_ex(object, "timeout", &timeout))
		seconds = json_object_get_int(timeout);
	return seconds * 1000 + SPARE_MS;
}

int request_fill(struct ctl *ctl, const char *command, const char *address,
		 struct vfio_xen_request *request)
{
	struct json_object *object = json_object_new_object();

	request->object = object;
	json_add_string(object, "command", command);
	json_add_string(object, "device", address);
	if (parse_number(ctl, "slot", ctl->args.slot, 0, 31, object) ||
	    parse_number(ctl, "timeout", ctl->args.timeout, 1, MAX_TIMEOUT_S,
			 object) ||
	    parse_iommu(ctl, object))
		return EXIT_USAGE;
	if (has_option(ctl, OPT_PERMISSIVE))
		json_object_object_add(object, "permissive",
				       json_object_new_boolean(true));
	if (has_option(ctl, OPT_FORCE))
		json_object_object_add(object, "force",
				       json_object_new_boolean(true));
	request->timeout_ms = timeout_of(object);
	return EXIT_OK;
}

/* ---- signals ---- */

int request_block_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

bool request_is_interrupted(int signals)
{
	struct pollfd pollfd = { .fd = signals, .events = POLLIN };

	return signals >= 0 && poll(&pollfd, 1, 0) > 0;
}

/* ---- replies ---- */

static const char *text_of(struct json_object *reply, const char *key)
{
	return json_object_get_string(json_object_object_get(reply, key));
}

int reply_report(struct ctl *ctl, struct json_object *reply)
{
	struct json_object *more;
	char *text;
	int code;

	if (!vfio_xen_reply_get_error(reply))
		return EXIT_OK;
	more = json_object_new_object();
	json_add_string(more, "step", text_of(reply, "step"));
	json_add_string(more, "cause", text_of(reply, "error"));
	json_add_string(more, "hint", text_of(reply, "hint"));
	text = vfio_xen_reply_explain(reply);
	code = ctl_fail_with(ctl, EXIT_FAILED, more, "%s",
			     text ? text : "out of memory");
	free(text);
	return code;
}
