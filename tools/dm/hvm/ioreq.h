/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answering the requests that Xen sends to an ioreq server: one page with a
 * request for each vCPU, and an event channel for each.
 *
 * A worker makes one of these from the server's id; there may have been another
 * worker before, which died with requests half done. Whatever is found is
 * answered, so that no vCPU waits for an answer that nobody will give.
 */
#ifndef DM_HVM_IOREQ_H
#define DM_HVM_IOREQ_H

#include <stdint.h>

#include "memory.h"
#include "request.h"

struct ioreq;

/*
 * Opens handles of Xen's libraries: call it before xentoolcore_restrict_all() and
 * before dropping privileges. Answers nothing yet. 0 or -errno.
 */
int ioreq_new(struct ioreq **ioreq, uint16_t domid, uint16_t id);
void ioreq_free(struct ioreq *ioreq);

/* Readable when there is something to answer. */
int ioreq_get_fd(const struct ioreq *ioreq);
/* The guest's memory, as long as the ioreq lives. */
const struct guest_memory *ioreq_get_memory(const struct ioreq *ioreq);

/*
 * How accesses are made, with data passed to both. Repetitions and data in the
 * guest's memory have been dealt with.
 */
struct ioreq_handler {
	uint64_t (*read)(void *data, const struct access *access);
	void (*write)(void *data, const struct access *access, uint64_t value);
	void *data;
};

/*
 * Answer what a predecessor has left, once, before the first ioreq_serve(), with
 * all devices there. Then ioreq_serve() whenever the descriptor is readable: 0,
 * or -errno if event channels are broken.
 */
void ioreq_adopt(struct ioreq *ioreq, const struct ioreq_handler *handler);
int ioreq_serve(struct ioreq *ioreq, const struct ioreq_handler *handler);

/* Answer what is there as an empty bus would. */
void ioreq_refuse_all(struct ioreq *ioreq);

#endif
