/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket: one JSON object per line, in both directions.
 */
#ifndef DM_CONTROL_H
#define DM_CONTROL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "problem.h"
#include "vfio-xen.h"

enum control_command {
	CONTROL_ATTACH,
	CONTROL_DETACH,
	CONTROL_STATUS,
};

struct control_request {
	enum control_command command;
	uint32_t sbdf;
	char address[16]; /* normalised: 0000:05:00.0 */
	int slot; /* -1: any */
	bool permissive;
	bool rdm_strict; /* see struct device_request */
	enum vfio_xen_iommu iommu;
	bool force;
	bool at_boot; /* reply when only the guest's start is missing */
	unsigned int timeout_s;
};

/* Parses one line. Returns 0, or -EINVAL with the reason. */
int control_parse(const char *line, struct control_request *request,
		  struct problem *problem);

struct control;
struct control_client;

/*
 * Called for each request, which ends with control_reply() or control_fail(), at once or
 * later. A client has one request at a time.
 */
typedef void (*control_fn)(void *data, struct control_client *client,
			   const struct control_request *request);

/*
 * A client has closed its sending end before the reply, which cancels its request. It
 * still gets the reply.
 */
typedef void (*control_gone_fn)(void *data, struct control_client *client);

/* Listens at @path, which only root may use. */
int control_open(struct control **control, sd_event *event, const char *path,
		 control_fn fn, void *data);
void control_set_gone_fn(struct control *control, control_gone_fn fn);
/* Also removes @path. */
void control_close(struct control *control);

/* Takes ownership of @reply. It is no error if the client has left meanwhile. */
void control_reply(struct control_client *client, struct json_object *reply);
void control_fail(struct control_client *client, const struct problem *problem);

#endif
