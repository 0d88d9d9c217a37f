// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answer the requests of an ioreq server.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/hvm/ioreq.h>

#include "ioreqs.h"

#define PAGE_BYTES 4096
#define MAX_VCPUS (PAGE_BYTES / sizeof(ioreq_t))

/* One local port for each vCPU; Xen's port has another number. */
struct ioreqs {
	struct guest_memory memory;
	xenevtchn_handle *evtchn;
	xenforeignmemory_resource_handle *resource;
	volatile ioreq_t *page;
	unsigned int nr_vcpus;
	evtchn_port_t ports[MAX_VCPUS];
	const struct ioreqs_handler *handler; /* during a request */
};

static int get_nr_vcpus(uint16_t domid, unsigned int *nr)
{
	xendevicemodel_handle *dmod = xendevicemodel_open(NULL, 0);
	int err = 0;

	if (!dmod)
		return -errno;
	if (xendevicemodel_nr_vcpus(dmod, domid, nr))
		err = -errno;
	else if (*nr == 0 || *nr > MAX_VCPUS)
		err = -E2BIG;
	xendevicemodel_close(dmod);
	return err;
}

static int map_page(struct ioreqs *ioreqs, uint16_t id)
{
	void *address = NULL;

	ioreqs->resource = xenforeignmemory_map_resource(
		ioreqs->memory.fmem, (domid_t)ioreqs->memory.domid,
		XENMEM_resource_ioreq_server, id,
		XENMEM_resource_ioreq_server_frame_ioreq(0), 1, &address,
		PROT_READ | PROT_WRITE, 0);
	if (!ioreqs->resource)
		return -errno;
	ioreqs->page = address;
	return 0;
}

static int bind_ports(struct ioreqs *ioreqs)
{
	int port;

	for (unsigned int i = 0; i < ioreqs->nr_vcpus; i++) {
		port = xenevtchn_bind_interdomain(ioreqs->evtchn,
						  ioreqs->memory.domid,
						  ioreqs->page[i].vp_eport);
		if (port < 0)
			return -errno;
		ioreqs->ports[i] = (evtchn_port_t)port;
	}
	return 0;
}

static int ioreqs_open(struct ioreqs *ioreqs, uint16_t id)
{
	int err;

	err = get_nr_vcpus((uint16_t)ioreqs->memory.domid, &ioreqs->nr_vcpus);
	if (err)
		return err;
	ioreqs->memory.fmem = xenforeignmemory_open(NULL, 0);
	if (!ioreqs->memory.fmem)
		return -errno;
	ioreqs->evtchn = xenevtchn_open(NULL, 0);
	if (!ioreqs->evtchn)
		return -errno;
	if (fcntl(xenevtchn_fd(ioreqs->evtchn), F_SETFL, O_NONBLOCK))
		return -errno;
	err = map_page(ioreqs, id);
	return err ? err : bind_ports(ioreqs);
}

int ioreqs_new(struct ioreqs **ret, uint16_t domid, uint16_t id)
{
	struct ioreqs *ioreqs = calloc(1, sizeof(*ioreqs));
	int err;

	if (!ioreqs)
		return -ENOMEM;
	ioreqs->memory.domid = domid;
	err = ioreqs_open(ioreqs, id);
	if (err) {
		ioreqs_free(ioreqs);
		return err;
	}
	*ret = ioreqs;
	return 0;
}

/* Closing the event channels' handle unbinds them. */
void ioreqs_free(struct ioreqs *ioreqs)
{
	if (!ioreqs)
		return;
	if (ioreqs->resource)
		xenforeignmemory_unmap_resource(ioreqs->memory.fmem,
						ioreqs->resource);
	if (ioreqs->evtchn)
		xenevtchn_close(ioreqs->evtchn);
	if (ioreqs->memory.fmem)
		xenforeignmemory_close(ioreqs->memory.fmem);
	free(ioreqs);
}

int ioreqs_get_fd(const struct ioreqs *ioreqs)
{
	return xenevtchn_fd(ioreqs->evtchn);
}

const struct guest_memory *ioreqs_get_memory(const struct ioreqs *ioreqs)
{
	return &ioreqs->memory;
}

/* Read each field once, so that it does not change after its check. */
static void copy_request(struct request *request, volatile ioreq_t *shared)
{
	uint64_t address = shared->addr;
	uint8_t type = shared->type;

	*request = (struct request){
		.space = REQUEST_MEMORY,
		.address = address,
		.data = shared->data,
		.count = shared->count,
		.size = shared->size,
		.is_read = shared->dir == IOREQ_READ,
		.backwards = shared->df,
		.data_is_address = shared->data_is_ptr,
	};
	switch (type) {
	case IOREQ_TYPE_COPY:
		break;
	case IOREQ_TYPE_PIO:
		request->space = REQUEST_PORT;
		break;
	case IOREQ_TYPE_PCI_CONFIG:
		request->space = REQUEST_CONFIG;
		/* No device of the guest is in another segment. */
		if (address >> 48)
			request->count = 0;
		request->bdf = (uint16_t)(address >> 32);
		request->address = (uint32_t)address;
		break;
	default:
		/* Such as a change of the guest's memory map, which needs no answer */
		request->count = 0;
	}
}

static uint64_t handle_read(void *data, const struct access *access)
{
	struct ioreqs *ioreqs = data;

	return ioreqs->handler->read(ioreqs->handler->data, access);
}

static void handle_write(void *data, const struct access *access,
			 uint64_t value)
{
	struct ioreqs *ioreqs = data;

	ioreqs->handler->write(ioreqs->handler->data, access, value);
}

static int handle_load(void *data, uint64_t address, void *buffer, size_t size)
{
	struct ioreqs *ioreqs = data;

	return guest_memory_load(&ioreqs->memory, address, buffer, size);
}

static int handle_store(void *data, uint64_t address, const void *buffer,
			size_t size)
{
	struct ioreqs *ioreqs = data;

	return guest_memory_store(&ioreqs->memory, address, buffer, size);
}

static const struct request_ops ops = {
	.read = handle_read,
	.write = handle_write,
	.load = handle_load,
	.store = handle_store,
};

/* Write the state last, and read it first. */
static void answer(struct ioreqs *ioreqs, unsigned int vcpu)
{
	volatile ioreq_t *shared = &ioreqs->page[vcpu];
	struct request request;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	copy_request(&request, shared);
	shared->state = STATE_IOREQ_INPROCESS;
	shared->data = request_run(&request, &ops, ioreqs);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	shared->state = STATE_IORESP_READY;
}

void ioreqs_adopt(struct ioreqs *ioreqs, const struct ioreqs_handler *handler)
{
	ioreqs->handler = handler;
	for (unsigned int i = 0; i < ioreqs->nr_vcpus; i++) {
		unsigned int state = ioreqs->page[i].state;

		if (state == STATE_IOREQ_READY ||
		    state == STATE_IOREQ_INPROCESS)
			answer(ioreqs, i);
		/*
		 * The predecessor may have died between the answer and this notification.
		 */
		xenevtchn_notify(ioreqs->evtchn, ioreqs->ports[i]);
	}
}

static int vcpu_of_port(const struct ioreqs *ioreqs, evtchn_port_t port)
{
	for (unsigned int i = 0; i < ioreqs->nr_vcpus; i++)
		if (ioreqs->ports[i] == port)
			return (int)i;
	return -ENOENT;
}

int ioreqs_serve(struct ioreqs *ioreqs, const struct ioreqs_handler *handler)
{
	xenevtchn_port_or_error_t port = xenevtchn_pending(ioreqs->evtchn);
	int vcpu;

	if (port < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (xenevtchn_unmask(ioreqs->evtchn, (evtchn_port_t)port))
		return -errno;
	vcpu = vcpu_of_port(ioreqs, (evtchn_port_t)port);
	if (vcpu < 0 || ioreqs->page[vcpu].state != STATE_IOREQ_READY)
		return 0;
	ioreqs->handler = handler;
	answer(ioreqs, (unsigned int)vcpu);
	if (xenevtchn_notify(ioreqs->evtchn, (evtchn_port_t)port))
		return -errno;
	return 0;
}

static uint64_t read_nothing(void *data, const struct access *access)
{
	(void)data, (void)access;
	return ~0ULL;
}

static void write_nothing(void *data, const struct access *access,
			  uint64_t value)
{
	(void)data, (void)access, (void)value;
}

void ioreqs_refuse_all(struct ioreqs *ioreqs)
{
	static const struct ioreqs_handler nobody = { read_nothing,
						      write_nothing, NULL };

	ioreqs_adopt(ioreqs, &nobody);
}
