/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hot-plug through the guest's QEMU. Guests learn of plugged and unplugged devices
 * through QEMU's ACPI tables. So each assigned device has a dummy in QEMU, of which the
 * guest sees only the hot-plug events: the ioreq server of vfio-xen-dm has its slot.
 *
 * A conversation is one connection with one command after the other. It is short, because
 * QEMU serves one client at a time, and libxl is another. Nothing here blocks.
 */
#ifndef DM_HVM_QMP_H
#define DM_HVM_QMP_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct json_object;
struct qmp;

/*
 * A command is done. @err is 0, -ETIMEDOUT, -EPROTO, an errno of connecting, or
 * -EREMOTEIO if QEMU refused. @why explains it, or is "". @answer is the reply to a
 * query, and belongs to the caller.
 */
typedef void (*qmp_done_fn)(void *data, int err, const char *why,
			    struct json_object *answer);

#define QMP_PATH_SIZE 64
/* QEMU's socket */
void qmp_path(char path[QMP_PATH_SIZE], unsigned int domid);

/*
 * The timeout is for the whole conversation. Returns 0 or -errno; QEMU may start later.
 */
int qmp_open(struct qmp **qmp, sd_event *event, const char *path,
	     uint64_t timeout_usec);
/* Closes at any time, also from done(), without waiting for a pending command. */
void qmp_close(struct qmp *qmp);

/*
 * All return 0, and @done is called later; or -errno, and it is not. The next command can
 * be started from then on.
 */
int qmp_query_pci(struct qmp *qmp, qmp_done_fn done, void *data);
/* Plugs the dummy of a slot. Claim the slot first, because the guest scans it at once. */
int qmp_plug(struct qmp *qmp, unsigned int slot, qmp_done_fn done, void *data);
/* Asks the guest to release the device, and waits until it has. */
int qmp_unplug(struct qmp *qmp, unsigned int slot, qmp_done_fn done,
	       void *data);

/* The slots of bus 0 in use, one bit each, from the reply to query-pci */
uint32_t qmp_used_slots(struct json_object *answer);

#endif
