/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of requests for one guest: in order, each until its own deadline or until its
 * client hangs up.
 */
#ifndef DM_REQUESTS_H
#define DM_REQUESTS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "control.h"

struct requests;

struct requests_ops {
	/* Whether the request can start now; called for each that waits. */
	bool (*may_start)(void *data, const struct control_request *request);
	/* The request has its turn, with the rest of its timeout. */
	void (*start)(void *data, struct control_client *client,
		      const struct control_request *request);
	/* The address of the device in progress, or NULL. */
	const char *(*awaited)(void *data);
};

int requests_new(struct requests **requests, sd_event *event,
		 const struct requests_ops *ops, void *data);
/* Waiting clients get no reply. */
void requests_free(struct requests *requests);

/* Starts the request or queues it. It gets a reply in any case. */
void requests_add(struct requests *requests, struct control_client *client,
		  const struct control_request *request);
/* Starts what may start now. Call it when something has ended. */
void requests_go_on(struct requests *requests);
/* The client has hung up. Returns false if it has no request here. */
bool requests_cancel(struct requests *requests,
		     const struct control_client *client);
/* Whether a request of this kind for the device is waiting */
bool requests_has(const struct requests *requests, enum control_command command,
		  uint32_t sbdf);
unsigned int requests_count(const struct requests *requests);
/* Fails all of them. */
void requests_fail_all(struct requests *requests, int err, const char *text);

#endif
