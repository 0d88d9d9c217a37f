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
#define MAX_TRIES 5

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

struct json_object *request_new(struct ctl *ctl, const char *command,
				const char *address)
{
	struct json_object *request = json_object_new_object();

	json_add_string(request, "command", command);
	json_add_string(request, "device", address);
	if (parse_number(ctl, "slot", ctl->args.slot, 0, 31, request) ||
	    parse_number(ctl, "timeout", ctl->args.timeout, 1, MAX_TIMEOUT_S,
			 request) ||
	    parse_iommu(ctl, request)) {
		json_object_put(request);
		return NULL;
	}
	if (has_option(ctl, OPT_PERMISSIVE))
		json_object_object_add(request, "permissive",
				       json_object_new_boolean(true));
	if (has_option(ctl, OPT_FORCE))
		json_object_object_add(request, "force",
				       json_object_new_boolean(true));
	return request;
}

int request_timeout_ms(struct json_object *request)
{
	struct json_object *timeout;
	int seconds = DEFAULT_TIMEOUT_S;

	if (json_object_object_get_ex(request, "timeout", &timeout))
		seconds = json_object_get_int(timeout);
	return seconds * 1000 + SPARE_MS;
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

/* ---- sending them ---- */

/*
 * Until the reply or a signal comes. After the signal the reply still does, with
 * what has become of the request.
 */
static int await_reply(struct vfio_xen_dm *dm, const struct request *request,
		       struct json_object **reply)
{
	struct pollfd pollfds[] = {
		{ .fd = vfio_xen_dm_get_fd(dm), .events = POLLIN },
		{ .fd = request->signals, .events = POLLIN },
	};
	int timeout_ms = request_timeout_ms(request->object);

	if (request->signals >= 0 && poll(pollfds, 2, timeout_ms) > 0 &&
	    pollfds[1].revents) {
		vfio_xen_dm_cancel(dm);
		timeout_ms = SPARE_MS;
	}
	return vfio_xen_dm_wait(dm, timeout_ms, reply);
}

static int run_once(struct ctl *ctl, const struct request *request,
		    struct json_object **reply)
{
	struct vfio_xen_dm *dm;
	int err = request->start ?
			  vfio_xen_dm_require(ctl->lib, request->uuid, &dm) :
			  vfio_xen_dm_open(ctl->lib, request->uuid, &dm);

	if (err)
		return err;
	err = vfio_xen_dm_send(dm, request->object);
	if (!err)
		err = await_reply(dm, request, reply);
	vfio_xen_dm_close(dm);
	return err;
}

int request_run(struct ctl *ctl, const struct request *request,
		struct json_object **reply)
{
	int err = -ECONNRESET;

	*reply = NULL;
	/* The process was about to end when it was asked: there is the next. */
	for (int i = 0; err == -ECONNRESET && i < MAX_TRIES; i++) {
		err = run_once(ctl, request, reply);
		if (request_is_interrupted(request->signals))
			break;
	}
	return err;
}

/* ---- replies ---- */

bool reply_is_ok(struct json_object *reply)
{
	return json_object_get_boolean(json_object_object_get(reply, "ok"));
}

static const char *text_of(struct json_object *reply, const char *key)
{
	return json_object_get_string(json_object_object_get(reply, key));
}

int reply_report(struct ctl *ctl, struct json_object *reply)
{
	const char *step = text_of(reply, "step");
	const char *cause = text_of(reply, "error");
	const char *hint = text_of(reply, "hint");
	struct json_object *more = json_object_new_object();

	json_add_string(more, "step", step);
	json_add_string(more, "cause", cause);
	json_add_string(more, "hint", hint);
	return ctl_fail_with(ctl, EXIT_FAILED, more, "cannot %s: %s%s%s",
			     step ? step : "do it", cause ? cause : "unknown",
			     hint ? "; " : "", hint ? hint : "");
}
