/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hot-plug through the guest's QEMU. Guests learn of new and leaving devices
 * from QEMU's ACPI tables, so each device of ours has a dummy in QEMU, of which
 * the guest sees nothing but the hot-plug events: our ioreq server has its slot.
 *
 * One conversation is one connection, of one command after the other. It is short:
 * QEMU speaks to one client at a time, and libxl is another. Nothing here blocks.
 */
#ifndef DM_HVM_QMP_H
#define DM_HVM_QMP_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct json_object;
struct qmp;

/*
 * A command is done. err is 0 or -errno: -ETIMEDOUT; -EPROTO or an errno of
 * connecting; -EREMOTEIO if QEMU refused. why says it in words ("" without an
 * error). answer is that of a query, and belongs to the caller.
 */
typedef void (*qmp_done_fn)(void *data, int err, const char *why,
			    struct json_object *answer);

#define QMP_PATH_SIZE 64
/* QEMU's socket */
void qmp_path(char path[QMP_PATH_SIZE], unsigned int domid);

/* The time is that of the whole conversation. 0 or -errno; QEMU may come later. */
int qmp_open(struct qmp **qmp, sd_event *event, const char *path,
	     uint64_t timeout_usec);
/* At any time, also from done(). What was asked for is not awaited. */
void qmp_close(struct qmp *qmp);

/*
 * 0, and done is called later; or -errno, and it is not. The next command can be
 * given from then on.
 */
int qmp_query_pci(struct qmp *qmp, qmp_done_fn done, void *data);
/* Plug the dummy of a slot. Take the slot first: the guest looks at once. */
int qmp_plug(struct qmp *qmp, unsigned int slot, qmp_done_fn done, void *data);
/* Ask the guest to let go, and wait until it has. */
int qmp_unplug(struct qmp *qmp, unsigned int slot, qmp_done_fn done,
	       void *data);

/* Of an answer to query-pci: a bit for each slot of bus 0 that is in use. */
uint32_t qmp_used_slots(struct json_object *answer);

#endif
