// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answering an ioreq server's requests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/hvm/ioreq.h>

#include "ioreq.h"

#define PAGE_BYTES 4096
#define MAX_VCPUS (PAGE_BYTES / sizeof(ioreq_t))

/* One port of ours for each vCPU, which Xen knows by another number. */
struct ioreq {
	struct guest_memory memory;
	xenevtchn_handle *evtchn;
	xenforeignmemory_resource_handle *resource;
	volatile ioreq_t *page;
	unsigned int nr_vcpus;
	evtchn_port_t ports[MAX_VCPUS];
	const struct ioreq_handler *handler; /* during a request */
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

static int map_page(struct ioreq *ioreq, uint16_t id)
{
	void *address = NULL;

	ioreq->resource = xenforeignmemory_map_resource(
		ioreq->memory.fmem, (domid_t)ioreq->memory.domid,
		XENMEM_resource_ioreq_server, id,
		XENMEM_resource_ioreq_server_frame_ioreq(0), 1, &address,
		PROT_READ | PROT_WRITE, 0);
	if (!ioreq->resource)
		return -errno;
	ioreq->page = address;
	return 0;
}

static int bind_ports(struct ioreq *ioreq)
{
	int port;

	for (unsigned int i = 0; i < ioreq->nr_vcpus; i++) {
		port = xenevtchn_bind_interdomain(ioreq->evtchn,
						  ioreq->memory.domid,
						  ioreq->page[i].vp_eport);
		if (port < 0)
			return -errno;
		ioreq->ports[i] = (evtchn_port_t)port;
	}
	return 0;
}

static int ioreq_open(struct ioreq *ioreq, uint16_t id)
{
	int err;

	err = get_nr_vcpus((uint16_t)ioreq->memory.domid, &ioreq->nr_vcpus);
	if (err)
		return err;
	ioreq->memory.fmem = xenforeignmemory_open(NULL, 0);
	if (!ioreq->memory.fmem)
		return -errno;
	ioreq->evtchn = xenevtchn_open(NULL, 0);
	if (!ioreq->evtchn)
		return -errno;
	if (fcntl(xenevtchn_fd(ioreq->evtchn), F_SETFL, O_NONBLOCK))
		return -errno;
	err = map_page(ioreq, id);
	return err ? err : bind_ports(ioreq);
}

int ioreq_new(struct ioreq **ret, uint16_t domid, uint16_t id)
{
	struct ioreq *ioreq = calloc(1, sizeof(*ioreq));
	int err;

	if (!ioreq)
		return -ENOMEM;
	ioreq->memory.domid = domid;
	err = ioreq_open(ioreq, id);
	if (err) {
		ioreq_free(ioreq);
		return err;
	}
	*ret = ioreq;
	return 0;
}

/* Closing the event channels' handle unbinds them. */
void ioreq_free(struct ioreq *ioreq)
{
	if (!ioreq)
		return;
	if (ioreq->resource)
		xenforeignmemory_unmap_resource(ioreq->memory.fmem,
						ioreq->resource);
	if (ioreq->evtchn)
		xenevtchn_close(ioreq->evtchn);
	if (ioreq->memory.fmem)
		xenforeignmemory_close(ioreq->memory.fmem);
	free(ioreq);
}

int ioreq_get_fd(const struct ioreq *ioreq)
{
	return xenevtchn_fd(ioreq->evtchn);
}

const struct guest_memory *ioreq_get_memory(const struct ioreq *ioreq)
{
	return &ioreq->memory;
}

/* Each field is read once: what has been checked stays as it was. */
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
		/* Segments are those of no device that we could have. */
		if (address >> 48)
			request->count = 0;
		request->bdf = (uint16_t)(address >> 32);
		request->address = (uint32_t)address;
		break;
	default:
		/* Such as news about the guest's memory, which no one awaits */
		request->count = 0;
	}
}

static uint64_t handle_read(void *data, const struct access *access)
{
	struct ioreq *ioreq = data;

	return ioreq->handler->read(ioreq->handler->data, access);
}

static void handle_write(void *data, const struct access *access,
			 uint64_t value)
{
	struct ioreq *ioreq = data;

	ioreq->handler->write(ioreq->handler->data, access, value);
}

static int handle_load(void *data, uint64_t address, void *buffer, size_t size)
{
	struct ioreq *ioreq = data;

	return guest_memory_load(&ioreq->memory, address, buffer, size);
}

static int handle_store(void *data, uint64_t address, const void *buffer,
			size_t size)
{
	struct ioreq *ioreq = data;

	return guest_memory_store(&ioreq->memory, address, buffer, size);
}

static const struct request_ops ops = {
	.read = handle_read,
	.write = handle_write,
	.load = handle_load,
	.store = handle_store,
};

/* The state goes to Xen last, and comes from Xen first. */
static void answer(struct ioreq *ioreq, unsigned int vcpu)
{
	volatile ioreq_t *shared = &ioreq->page[vcpu];
	struct request request;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	copy_request(&request, shared);
	shared->state = STATE_IOREQ_INPROCESS;
	shared->data = request_run(&request, &ops, ioreq);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	shared->state = STATE_IORESP_READY;
}

void ioreq_adopt(struct ioreq *ioreq, const struct ioreq_handler *handler)
{
	ioreq->handler = handler;
	for (unsigned int i = 0; i < ioreq->nr_vcpus; i++) {
		unsigned int state = ioreq->page[i].state;

		if (state == STATE_IOREQ_READY ||
		    state == STATE_IOREQ_INPROCESS)
			answer(ioreq, i);
		/* The last one may have died between an answer and this. */
		xenevtchn_notify(ioreq->evtchn, ioreq->ports[i]);
	}
}

static int vcpu_of_port(const struct ioreq *ioreq, evtchn_port_t port)
{
	for (unsigned int i = 0; i < ioreq->nr_vcpus; i++)
		if (ioreq->ports[i] == port)
			return (int)i;
	return -ENOENT;
}

int ioreq_serve(struct ioreq *ioreq, const struct ioreq_handler *handler)
{
	xenevtchn_port_or_error_t port = xenevtchn_pending(ioreq->evtchn);
	int vcpu;

	if (port < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (xenevtchn_unmask(ioreq->evtchn, (evtchn_port_t)port))
		return -errno;
	vcpu = vcpu_of_port(ioreq, (evtchn_port_t)port);
	if (vcpu < 0 || ioreq->page[vcpu].state != STATE_IOREQ_READY)
		return 0;
	ioreq->handler = handler;
	answer(ioreq, (unsigned int)vcpu);
	if (xenevtchn_notify(ioreq->evtchn, (evtchn_port_t)port))
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

void ioreq_refuse_all(struct ioreq *ioreq)
{
	static const struct ioreq_handler nobody = { read_nothing,
						     write_nothing, NULL };

	ioreq_adopt(ioreq, &nobody);
}
