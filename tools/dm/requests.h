/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests for one guest that wait for their turn: in order, each until its own
 * deadline or until its client hangs up.
 */
#ifndef DM_REQUESTS_H
#define DM_REQUESTS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "control.h"

struct requests;

struct requests_ops {
	/* Whether the request can start at once; asked for each that waits. */
	bool (*may_start)(void *data, const struct control_request *request);
	/* It has its turn; its timeout is what is left of it. */
	void (*start)(void *data, struct control_client *client,
		      const struct control_request *request);
	/* The address of the device that is waited for, or NULL. */
	const char *(*awaited)(void *data);
};

int requests_new(struct requests **requests, sd_event *event,
		 const struct requests_ops *ops, void *data);
/* Clients that wait are not answered. */
void requests_free(struct requests *requests);

/* Start it, or have it wait; it is answered in any case. */
void requests_add(struct requests *requests, struct control_client *client,
		  const struct control_request *request);
/* Something has ended: start what may start now. */
void requests_go_on(struct requests *requests);
/* The client has hung up. False if it does not wait here. */
bool requests_cancel(struct requests *requests,
		     const struct control_client *client);
/* Whether a request of this kind for the device waits. */
bool requests_has(const struct requests *requests, enum control_command command,
		  uint32_t sbdf);
/* None of them will have its turn. */
void requests_fail_all(struct requests *requests, int err, const char *text);

#endif
