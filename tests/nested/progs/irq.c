// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of a VFIO device, as eventfds.
 */
#include "irq.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

int irq_count(struct device *d, unsigned int index, uint32_t *flags)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(d->fd, VFIO_DEVICE_GET_IRQ_INFO, &info))
		return -errno;
	if (flags)
		*flags = info.flags;
	return (int)info.count;
}

static int set_irqs(struct device *d, uint32_t flags, unsigned int index, unsigned int start,
		    unsigned int count, const void *data, size_t size)
{
	struct vfio_irq_set *set = calloc(1, sizeof(*set) + size);
	int ret;

	if (!set)
		return -ENOMEM;
	set->argsz = (uint32_t)(sizeof(*set) + size);
	set->flags = flags;
	set->index = index;
	set->start = start;
	set->count = count;
	if (size)
		memcpy(set->data, data, size);
	ret = ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set);
	/* A positive number is how many vectors could be had. */
	ret = ret < 0 ? -errno : ret > 0 ? -ENOSPC : 0;
	free(set);
	return ret;
}

int irq_enable(struct device *d, unsigned int index, unsigned int start, unsigned int count,
	       int *fds)
{
	int ret;

	for (unsigned int i = 0; i < count; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = set_irqs(d, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, index, start,
		       count, fds, count * sizeof(*fds));
	if (ret)
		irq_close(fds, count);
	return ret;
}

int irq_set_fd(struct device *d, unsigned int index, unsigned int vector, int fd)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, index, vector,
			1, &fd, sizeof(fd));
}

int irq_loopback(struct device *d, unsigned int index, unsigned int vector)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, index, vector, 1,
			NULL, 0);
}

int irq_loopback_some(struct device *d, unsigned int index, unsigned int count,
		      const uint8_t *which)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER, index, 0, count,
			which, count);
}

int irq_mask(struct device *d, unsigned int index, unsigned int vector)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, index, vector, 1,
			NULL, 0);
}

int irq_unmask(struct device *d, unsigned int index, unsigned int vector)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, index, vector, 1,
			NULL, 0);
}

int irq_unmask_fd(struct device *d, unsigned int index, int fd)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK, index, 0, 1, &fd,
			sizeof(fd));
}

int irq_disable(struct device *d, unsigned int index)
{
	return set_irqs(d, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, index, 0, 0, NULL,
			0);
}

void irq_close(int *fds, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		close(fds[i]);
}

uint64_t irq_wait(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t n = 0;

	if (poll(&p, 1, ms) != 1 || read(fd, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}
