// SPDX-License-Identifier: GPL-2.0-only
/*
 * Create and destroy the guest's ioreq server.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>

#include "ioreqs.h"
#include "ioreq_server.h"

/* Xen allocates the page at the first mapping, and keeps it. */
static int allocate_page(uint16_t domid, uint16_t id)
{
	xenforeignmemory_handle *fmem = xenforeignmemory_open(NULL, 0);
	xenforeignmemory_resource_handle *page;
	void *address = NULL;
	int err = 0;

	if (!fmem)
		return -errno;
	page = xenforeignmemory_map_resource(
		fmem, domid, XENMEM_resource_ioreq_server, id,
		XENMEM_resource_ioreq_server_frame_ioreq(0), 1, &address,
		PROT_READ | PROT_WRITE, 0);
	if (page)
		xenforeignmemory_unmap_resource(fmem, page);
	else
		err = -errno;
	xenforeignmemory_close(fmem);
	return err;
}

int ioreq_server_create(struct ioreq_server *server,
			struct xendevicemodel_handle *dmod, uint16_t domid)
{
	ioservid_t id;
	int err;

	if (xendevicemodel_create_ioreq_server(dmod, domid,
					       HVM_IOREQSRV_BUFIOREQ_OFF, &id))
		return -errno;
	err = allocate_page(domid, id);
	if (!err && xendevicemodel_set_ioreq_server_state(dmod, domid, id, 1))
		err = -errno;
	if (err) {
		xendevicemodel_destroy_ioreq_server(dmod, domid, id);
		return err;
	}
	*server = (struct ioreq_server){ dmod, domid, id };
	return 0;
}

/*
 * A vCPU whose request is unanswered when the server is destroyed waits for ever. A
 * disabled server gets no new requests, so all pending ones can be answered first.
 */
void ioreq_server_destroy(struct ioreq_server *server)
{
	struct ioreqs *ioreqs;

	xendevicemodel_set_ioreq_server_state(server->dmod, server->domid,
					      server->id, 0);
	if (ioreqs_new(&ioreqs, server->domid, server->id) == 0) {
		ioreqs_refuse_all(ioreqs);
		ioreqs_free(ioreqs);
	}
	xendevicemodel_destroy_ioreq_server(server->dmod, server->domid,
					    server->id);
}

int ioreq_server_take_slot(const struct ioreq_server *server, unsigned int slot)
{
	return xendevicemodel_map_pcidev_to_ioreq_server(server->dmod,
							 server->domid,
							 server->id, 0, 0,
							 (uint8_t)slot, 0) ?
		       -errno :
		       0;
}

void ioreq_server_leave_slot(const struct ioreq_server *server,
			     unsigned int slot)
{
	xendevicemodel_unmap_pcidev_from_ioreq_server(server->dmod,
						      server->domid, server->id,
						      0, 0, (uint8_t)slot, 0);
}

int ioreq_server_take_memory(const struct ioreq_server *server, uint64_t first,
			     uint64_t last)
{
	return xendevicemodel_map_io_range_to_ioreq_server(server->dmod,
							   server->domid,
							   server->id, 1, first,
							   last) ?
		       -errno :
		       0;
}

void ioreq_server_leave_memory(const struct ioreq_server *server,
			       uint64_t first, uint64_t last)
{
	xendevicemodel_unmap_io_range_from_ioreq_server(
		server->dmod, server->domid, server->id, 1, first, last);
}
