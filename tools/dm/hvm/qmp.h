/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hot-plug through the guest's QEMU. Guests learn of new and leaving devices
 * from QEMU's ACPI tables, so each device of ours has a dummy in QEMU, of which
 * the guest sees nothing but the hot-plug events: our ioreq server has its slot.
 *
 * One conversation is one connection, as short as it can be: QEMU speaks to one
 * client at a time, and libxl is another. Nothing here blocks.
 */
#ifndef DM_HVM_QMP_H
#define DM_HVM_QMP_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct json_object;
struct qmp;

/*
 * The conversation is over, and its struct qmp gone when this returns. err is 0 or
 * -errno: -ETIMEDOUT; -EPROTO or an errno of connecting; -EREMOTEIO if QEMU
 * refused. why says it in words ("" without an error). answer is
 * that of a query, and belongs to the caller.
 */
typedef void (*qmp_done_fn)(void *data, int err, const char *why,
			    struct json_object *answer);

struct qmp_request {
	sd_event *event;
	const char *path; /* QEMU's socket; see qmp_path() */
	uint64_t timeout_usec;
	qmp_done_fn done;
	void *data;
};

#define QMP_PATH_SIZE 64
void qmp_path(char path[QMP_PATH_SIZE], unsigned int domid);

/*
 * 0, and done is called later; or -errno, and it is not. *qmp is for qmp_cancel(),
 * after which done is not called.
 */
int qmp_query_pci(struct qmp **qmp, const struct qmp_request *request);
/* Plug the dummy of a slot. Take the slot first: the guest looks at once. */
int qmp_plug(struct qmp **qmp, const struct qmp_request *request,
	     unsigned int slot);
/* Ask the guest to let go, and wait until it has. */
int qmp_unplug(struct qmp **qmp, const struct qmp_request *request,
	       unsigned int slot);
void qmp_cancel(struct qmp *qmp);

/* Of an answer to query-pci: a bit for each slot of bus 0 that is in use. */
uint32_t qmp_used_slots(struct json_object *answer);

#endif
