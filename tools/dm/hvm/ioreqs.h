/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answer the requests that Xen sends to an ioreq server: a page with one request for each
 * vCPU, and an event channel for each.
 *
 * A worker creates this from the server's id. A predecessor may have died with requests
 * half done: every pending request is answered, so that no vCPU waits for ever.
 */
#ifndef DM_HVM_IOREQS_H
#define DM_HVM_IOREQS_H

#include <stdint.h>

#include "guest_memory.h"
#include "request.h"

struct ioreqs;

/*
 * Opens handles of Xen's libraries: call it before xentoolcore_restrict_all() and before
 * dropping privileges. Answers nothing yet. Returns 0 or -errno.
 */
int ioreqs_new(struct ioreqs **ioreqs, uint16_t domid, uint16_t id);
void ioreqs_free(struct ioreqs *ioreqs);

/* Readable when a request may be pending. */
int ioreqs_get_fd(const struct ioreqs *ioreqs);
/* The guest's memory, for the life of the ioreqs */
const struct guest_memory *ioreqs_get_memory(const struct ioreqs *ioreqs);

/*
 * The accesses, with @data passed to both functions. Repetitions and data in the guest's
 * memory are already resolved.
 */
struct ioreqs_handler {
	uint64_t (*read)(void *data, const struct access *access);
	void (*write)(void *data, const struct access *access, uint64_t value);
	void *data;
};

/*
 * Answers the requests that a predecessor left. Call it once, with all devices present,
 * before the first ioreqs_serve(). Call that whenever the descriptor is readable; it
 * returns 0, or -errno if event channels are broken.
 */
void ioreqs_adopt(struct ioreqs *ioreqs, const struct ioreqs_handler *handler);
int ioreqs_serve(struct ioreqs *ioreqs, const struct ioreqs_handler *handler);

/* Answers pending requests as an empty bus would. */
void ioreqs_refuse_all(struct ioreqs *ioreqs);

#endif
