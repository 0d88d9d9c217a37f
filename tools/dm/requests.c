// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of requests for one guest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "requests.h"

struct waiting {
	struct requests *requests;
	struct control_client *client;
	struct control_request request;
	uint64_t deadline_usec;
	sd_event_source *timer;
	struct waiting *next;
};

struct requests {
	sd_event *event;
	struct requests_ops ops;
	void *data;
	struct waiting *first;
	bool starting; /* the loop that starts them is running */
};

int requests_new(struct requests **requests, sd_event *event,
		 const struct requests_ops *ops, void *data)
{
	struct requests *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->event = event;
	new->ops = *ops;
	new->data = data;
	*requests = new;
	return 0;
}

/* ---- the end of one ---- */

static void unlink_waiting(struct waiting *waiting)
{
	struct waiting **place = &waiting->requests->first;

	while (*place != waiting)
		place = &(*place)->next;
	*place = waiting->next;
}

static void free_waiting(struct waiting *waiting)
{
	unlink_waiting(waiting);
	sd_event_source_disable_unref(waiting->timer);
	free(waiting);
}

static void fail(struct waiting *waiting, int err, const char *text,
		 const char *hint)
{
	const struct control_request *request = &waiting->request;
	struct control_client *client = waiting->client;
	struct problem problem = { 0 };
	char step[64];

	snprintf(step, sizeof(step), "%s %s",
		 request->command == CONTROL_ATTACH ? "attach" : "detach",
		 request->address);
	problem_note(&problem, err, step, text, hint);
	free_waiting(waiting);
	control_fail(client, &problem);
}

static int timed_out(sd_event_source *source, uint64_t now, void *data)
{
	struct waiting *waiting = data;
	const struct requests *requests = waiting->requests;
	const char *awaited = requests->ops.awaited(requests->data);
	char text[128];

	(void)source, (void)now;
	snprintf(text, sizeof(text), "timed out after %u s waiting for %s",
		 waiting->request.timeout_s, awaited ? awaited : "the guest");
	fail(waiting, -ETIMEDOUT, text, "try again with a longer timeout");
	return 0;
}

void requests_free(struct requests *requests)
{
	if (!requests)
		return;
	while (requests->first)
		free_waiting(requests->first);
	free(requests);
}

void requests_fail_all(struct requests *requests, int err, const char *text)
{
	while (requests->first)
		fail(requests->first, err, text, NULL);
}

bool requests_cancel(struct requests *requests,
		     const struct control_client *client)
{
	for (struct waiting *waiting = requests->first; waiting;
	     waiting = waiting->next) {
		if (waiting->client != client)
			continue;
		fail(waiting, -ECANCELED, "it was interrupted", NULL);
		return true;
	}
	return false;
}

/* ---- turns ---- */

static struct waiting *find_ready(const struct requests *requests)
{
	struct waiting *waiting = requests->first;

	while (waiting &&
	       !requests->ops.may_start(requests->data, &waiting->request))
		waiting = waiting->next;
	return waiting;
}

static void start(struct requests *requests, struct waiting *waiting)
{
	struct control_request request = waiting->request;
	struct control_client *client = waiting->client;
	uint64_t now = clock_usec();
	uint64_t left =
		waiting->deadline_usec > now ? waiting->deadline_usec - now : 0;

	request.timeout_s = (unsigned int)(left / USEC_PER_S + 1);
	if (request.timeout_s > waiting->request.timeout_s)
		request.timeout_s = waiting->request.timeout_s;
	free_waiting(waiting);
	requests->ops.start(requests->data, client, &request);
}

/* A started request may end at once, and call this function again. */
void requests_go_on(struct requests *requests)
{
	struct waiting *waiting;

	if (requests->starting)
		return;
	requests->starting = true;
	while ((waiting = find_ready(requests)))
		start(requests, waiting);
	requests->starting = false;
}

static void append(struct requests *requests, struct waiting *waiting)
{
	struct waiting **place = &requests->first;

	while (*place)
		place = &(*place)->next;
	*place = waiting;
}

void requests_add(struct requests *requests, struct control_client *client,
		  const struct control_request *request)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	uint64_t timeout_usec = request->timeout_s * USEC_PER_S;
	struct problem problem = { 0 };

	if (!waiting) {
		problem_note(&problem, -ENOMEM, "queue the request", NULL,
			     NULL);
		control_fail(client, &problem);
		return;
	}
	waiting->requests = requests;
	waiting->client = client;
	waiting->request = *request;
	waiting->deadline_usec = clock_usec() + timeout_usec;
	append(requests, waiting);
	if (sd_event_add_time_relative(requests->event, &waiting->timer,
				       CLOCK_MONOTONIC, timeout_usec, 0,
				       timed_out, waiting) < 0) {
		fail(waiting, -ENOMEM, NULL, NULL);
		return;
	}
	requests_go_on(requests);
}

unsigned int requests_count(const struct requests *requests)
{
	unsigned int nr = 0;

	for (const struct waiting *waiting = requests->first; waiting;
	     waiting = waiting->next)
		nr++;
	return nr;
}

bool requests_has(const struct requests *requests, enum control_command command,
		  uint32_t sbdf)
{
	for (const struct waiting *waiting = requests->first; waiting;
	     waiting = waiting->next) {
		if (waiting->request.command == command &&
		    waiting->request.sbdf == sbdf)
			return true;
	}
	return false;
}
