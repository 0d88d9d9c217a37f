// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page that the PCI frontend of a PV guest shares with the worker.
 *
 * The frontend writes a request, sets XEN_PCIF_active and notifies; then it polls that
 * flag for two seconds. By convention the frontend owns the page while the flag is clear,
 * the backend while it is set; nothing enforces this.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#include "log.h"
#include "pv/function.h"
#include "pv/pciif.h"
#include "pv/ring.h"

struct ring {
	struct worker *worker;
	struct xen_pci_sharedinfo *shared;
	xenevtchn_handle *evtchn;
	evtchn_port_t port;
	sd_event_source *serve; /* enabled while a request may be pending */
	sd_event_source *notified;
};

/* ---- requests ---- */

static void execute(struct worker *worker, struct xen_pci_op *op)
{
	uint16_t pirqs[SH_INFO_MAX_VEC] = { 0 };
	struct worker_device *dev;
	struct pciif_request req;

	op->err = pciif_decode(op, &req);
	if (op->err)
		return;
	dev = worker_find(worker, req.slot);
	if (!dev) {
		op->err = XEN_PCI_ERR_dev_not_found;
		return;
	}
	op->err = pv_function_serve(dev, &req, &op->value, pirqs);
	for (unsigned int i = 0; i < req.nr_vectors && !op->err; i++)
		op->msix_entries[i].vector = pirqs[i];
}

static bool is_active(const struct ring *ring)
{
	return __atomic_load_n(&ring->shared->flags, __ATOMIC_ACQUIRE) &
	       XEN_PCIF_active;
}

static void answer(struct ring *ring, const struct xen_pci_op *op)
{
	struct xen_pci_op *shared = &ring->shared->op;

	shared->value = op->value;
	if (op->cmd == XEN_PCI_OP_enable_msix)
		memcpy(shared->msix_entries, op->msix_entries,
		       sizeof(shared->msix_entries));
	shared->err = op->err;
	__atomic_and_fetch(&ring->shared->flags, ~(uint32_t)XEN_PCIF_active,
			   __ATOMIC_SEQ_CST);
	xenevtchn_notify(ring->evtchn, ring->port);
}

/* Serve one request per event, so that a busy guest does not starve other sources. */
static int serve(sd_event_source *source, void *data)
{
	struct ring *ring = data;
	struct xen_pci_op op;

	if (!is_active(ring))
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	memcpy(&op, &ring->shared->op, sizeof(op));
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* op is a copy from here on */
	execute(ring->worker, &op);
	answer(ring, &op);
	return 0;
}

static int notified(sd_event_source *source, int fd, uint32_t events,
		    void *data)
{
	struct ring *ring = data;
	xenevtchn_port_or_error_t port = xenevtchn_pending(ring->evtchn);

	(void)source, (void)fd, (void)events;
	if (port < 0)
		return errno == EAGAIN ? 0 : -errno;
	xenevtchn_unmask(ring->evtchn, (evtchn_port_t)port);
	return sd_event_source_set_enabled(ring->serve, SD_EVENT_ON);
}

/* ---- the page and its event channel ---- */

/* The mapping outlives the handle. */
static int map_page(struct ring *ring, const struct link_hello *hello)
{
	xengnttab_handle *handle = xengnttab_open(NULL, 0);
	int err = 0;

	if (!handle)
		return -errno;
	ring->shared = xengnttab_map_grant_ref(
		handle, hello->domid, hello->ring_ref, PROT_READ | PROT_WRITE);
	if (!ring->shared)
		err = -errno;
	xengnttab_close(handle);
	return err;
}

static int bind_port(struct ring *ring, const struct link_hello *hello)
{
	xenevtchn_port_or_error_t port;

	ring->evtchn = xenevtchn_open(NULL, 0);
	if (!ring->evtchn)
		return -errno;
	port = xenevtchn_bind_interdomain(ring->evtchn, hello->domid,
					  hello->ring_port);
	if (port < 0)
		return -errno;
	ring->port = (evtchn_port_t)port;
	return 0;
}

/* Leftovers of a failure end with the process. */
static int ring_prepare(struct worker *worker)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return -ENOMEM;
	ring->worker = worker;
	worker->kind_data = ring;
	err = map_page(ring, &worker->hello);
	if (err) {
		log_message(LOG_ERR, "cannot map the guest's page %u: %s",
			    worker->hello.ring_ref, strerror(-err));
		return err;
	}
	err = bind_port(ring, &worker->hello);
	if (err)
		log_message(
			LOG_ERR,
			"cannot connect to the guest's event channel %u: %s",
			worker->hello.ring_port, strerror(-err));
	return err;
}

/* serve is enabled from the start: a former worker may have left a request. */
static int ring_start(struct worker *worker)
{
	struct ring *ring = worker->kind_data;
	int err = sd_event_add_defer(worker->event, &ring->serve, serve, ring);

	if (err >= 0)
		err = sd_event_source_set_enabled(ring->serve, SD_EVENT_ON);
	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(ring->serve, true);
	if (err >= 0)
		err = sd_event_add_io(worker->event, &ring->notified,
				      xenevtchn_fd(ring->evtchn), EPOLLIN,
				      notified, ring);
	/* Replace a worker that gets no events of the guest. */
	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(ring->notified, true);
	return err < 0 ? err : 0;
}

const struct worker_kind pv_ring_kind = {
	.prepare = ring_prepare,
	.start = ring_start,
	.add = pv_function_add,
	.remove = pv_function_remove,
};
