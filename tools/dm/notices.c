// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices of the host about a device, by eventfds of VFIO.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "notices.h"

static int heard(sd_event_source *source, int fd, uint32_t events, void *data)
{
	const struct notice *notice = data;
	eventfd_t times;

	(void)source, (void)events;
	if (eventfd_read(fd, &times) == 0)
		notice->fn(notice->notices->data);
	return 0;
}

static int listen_to(struct notice *notice, sd_event *event,
		     const struct vfio_device *vfio, unsigned int index)
{
	int err;

	if (!vfio->nr_irqs[index])
		return 0;
	notice->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (notice->fd < 0)
		return -errno;
	err = sd_event_add_io(event, &notice->source, notice->fd, EPOLLIN,
			      heard, notice);
	return err < 0 ? err : vfio_notify(vfio, index, notice->fd);
}

static void close_one(struct notice *notice)
{
	notice->source = sd_event_source_disable_unref(notice->source);
	if (notice->fd >= 0)
		close(notice->fd);
	notice->fd = -1;
}

int notices_open(struct notices *notices, sd_event *event,
		 const struct vfio_device *vfio, const struct notices_ops *ops,
		 void *data)
{
	int err;

	*notices = (struct notices){
		.wanted_back = { notices, ops->wanted_back, -1, NULL },
		.failed = { notices, ops->failed, -1, NULL },
		.data = data,
	};
	err = listen_to(&notices->wanted_back, event, vfio,
			VFIO_PCI_REQ_IRQ_INDEX);
	if (!err)
		err = listen_to(&notices->failed, event, vfio,
				VFIO_PCI_ERR_IRQ_INDEX);
	if (err)
		notices_close(notices);
	return err;
}

/* VFIO drops its references when the device's descriptors are closed. */
void notices_close(struct notices *notices)
{
	close_one(&notices->wanted_back);
	close_one(&notices->failed);
}
