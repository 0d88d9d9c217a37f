// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker of an HVM guest: passes the guest's accesses to its devices.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include <xendevicemodel.h>

#include "../log.h"
#include "device.h"
#include "ioreqs.h"
#include "worker.h"

struct hvm_worker {
	struct xendevicemodel_handle *dmod;
	struct ioreqs *ioreqs;
	sd_event_source *source;
	struct ioreqs_handler handler;
	struct hvm_devices all;
	struct worker *worker;
};

/* ---- accesses ---- */

/* All devices are function 0 of a slot on bus 0. */
static struct hvm_device *device_at(const struct hvm_worker *hvm, uint16_t bdf)
{
	struct worker_device *dev;

	if (bdf >> 8 || bdf & 7)
		return NULL;
	dev = worker_find(hvm->worker, bdf >> 3);
	return dev ? dev->kind_data : NULL;
}

static struct hvm_device *device_with(const struct hvm_worker *hvm,
				      const struct access *access,
				      unsigned int *bar, uint64_t *offset)
{
	struct hvm_device *dev;
	int found;

	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		dev = hvm->all.devices[i];
		if (!dev)
			continue;
		found = bars_find(&dev->bars, access->address, access->size,
				  offset);
		if (found >= 0) {
			*bar = (unsigned int)found;
			return dev;
		}
	}
	return NULL;
}

static uint64_t read_access(void *data, const struct access *access)
{
	struct hvm_worker *hvm = data;
	struct hvm_device *dev = NULL;
	unsigned int bar;
	uint64_t offset;

	if (access->space == REQUEST_CONFIG) {
		dev = device_at(hvm, access->bdf);
		return dev ? hvm_device_config_read(dev,
						    (uint32_t)access->address,
						    access->size) :
			     ~0ULL;
	}
	if (access->space == REQUEST_MEMORY)
		dev = device_with(hvm, access, &bar, &offset);
	return dev ? hvm_device_bar_read(dev, bar, offset, access->size) :
		     ~0ULL;
}

static void write_access(void *data, const struct access *access,
			 uint64_t value)
{
	struct hvm_worker *hvm = data;
	struct hvm_device *dev = NULL;
	unsigned int bar;
	uint64_t offset;

	if (access->space == REQUEST_CONFIG) {
		dev = device_at(hvm, access->bdf);
		if (dev)
			hvm_device_config_write(dev, (uint32_t)access->address,
						access->size, (uint32_t)value);
		return;
	}
	if (access->space == REQUEST_MEMORY)
		dev = device_with(hvm, access, &bar, &offset);
	if (dev)
		hvm_device_bar_write(dev, bar, offset, access->size, value);
}

/* ---- the worker's life ---- */

static int hvm_prepare(struct worker *worker)
{
	struct hvm_worker *hvm = calloc(1, sizeof(*hvm));
	uint16_t domid = (uint16_t)worker->hello.domid;
	uint16_t id = (uint16_t)worker->hello.ioreq_id;
	int err;

	if (!hvm)
		return -ENOMEM;
	worker->kind_data = hvm;
	hvm->worker = worker;
	hvm->dmod = xendevicemodel_open(NULL, 0);
	if (!hvm->dmod)
		return -errno;
	err = ioreqs_new(&hvm->ioreqs, domid, id);
	if (err)
		return err;
	hvm->all.server = (struct ioreq_server){ hvm->dmod, domid, id };
	hvm->all.memory = ioreqs_get_memory(hvm->ioreqs);
	hvm->handler =
		(struct ioreqs_handler){ read_access, write_access, hvm };
	return 0;
}

static int on_request(sd_event_source *source, int fd, uint32_t revents,
		      void *data)
{
	struct hvm_worker *hvm = data;

	(void)source, (void)fd, (void)revents;
	return ioreqs_serve(hvm->ioreqs, &hvm->handler);
}

static int hvm_start(struct worker *worker)
{
	struct hvm_worker *hvm = worker->kind_data;
	int err;

	err = sd_event_add_io(worker->event, &hvm->source,
			      ioreqs_get_fd(hvm->ioreqs), EPOLLIN, on_request,
			      hvm);
	/* Replace a worker that cannot answer, because vCPUs wait for it. */
	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(hvm->source, true);
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++)
		if (hvm->all.devices[i])
			hvm_device_resume(hvm->all.devices[i]);
	ioreqs_adopt(hvm->ioreqs, &hvm->handler);
	return 0;
}

static int hvm_add(struct worker_device *dev)
{
	struct hvm_worker *hvm = dev->worker->kind_data;
	struct hvm_device *hvm_dev = malloc(sizeof(*hvm_dev));
	int err;

	if (!hvm_dev)
		return -ENOMEM;
	err = hvm_device_init(hvm_dev, &hvm->all, &dev->vfio, dev->state);
	if (err) {
		free(hvm_dev);
		return err;
	}
	hvm->all.devices[dev->index] = hvm_dev;
	dev->kind_data = hvm_dev;
	return 0;
}

static void hvm_remove(struct worker_device *dev)
{
	struct hvm_worker *hvm = dev->worker->kind_data;
	struct hvm_device *hvm_dev = dev->kind_data;

	hvm_device_clear(hvm_dev);
	hvm->all.devices[dev->index] = NULL;
	dev->kind_data = NULL;
	free(hvm_dev);
}

const struct worker_kind hvm_worker_kind = {
	.prepare = hvm_prepare,
	.start = hvm_start,
	.add = hvm_add,
	.remove = hvm_remove,
};
