/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answering the requests that Xen sends to an ioreq server: one page with a
 * request for each vCPU, and an event channel for each.
 *
 * A worker makes one of these from the server's id; there may have been another
 * worker before, which died with requests half done. Whatever is found is
 * answered, so that no vCPU waits for an answer that nobody will give.
 */
#ifndef DM_HVM_IOREQS_H
#define DM_HVM_IOREQS_H

#include <stdint.h>

#include "guest_memory.h"
#include "request.h"

struct ioreqs;

/*
 * Opens handles of Xen's libraries: call it before xentoolcore_restrict_all() and
 * before dropping privileges. Answers nothing yet. 0 or -errno.
 */
int ioreqs_new(struct ioreqs **ioreqs, uint16_t domid, uint16_t id);
void ioreqs_free(struct ioreqs *ioreqs);

/* Readable when there is something to answer. */
int ioreqs_get_fd(const struct ioreqs *ioreqs);
/* The guest's memory, as long as the ioreq lives. */
const struct guest_memory *ioreqs_get_memory(const struct ioreqs *ioreqs);

/*
 * How accesses are made, with data passed to both. Repetitions and data in the
 * guest's memory have been dealt with.
 */
struct ioreqs_handler {
	uint64_t (*read)(void *data, const struct access *access);
	void (*write)(void *data, const struct access *access, uint64_t value);
	void *data;
};

/*
 * Answer what a predecessor has left, once, before the first ioreqs_serve(), with
 * all devices there. Then ioreqs_serve() whenever the descriptor is readable: 0,
 * or -errno if event channels are broken.
 */
void ioreqs_adopt(struct ioreqs *ioreqs, const struct ioreqs_handler *handler);
int ioreqs_serve(struct ioreqs *ioreqs, const struct ioreqs_handler *handler);

/* Answer what is there as an empty bus would. */
void ioreqs_refuse_all(struct ioreqs *ioreqs);

#endif
