// SPDX-License-Identifier: GPL-2.0
/* See evtchn.h. */
#include "evtchn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util.h"

/* Which the header takes for granted */
typedef uint16_t domid_t;
#include <xen/evtchn.h>

static int evtchn_fd = -1;

uint32_t evtchn_new_port(void)
{
	struct ioctl_evtchn_bind_unbound_port bind = { .remote_domain = 0 };
	int port;

	if (evtchn_fd < 0)
		evtchn_fd = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
	port = ioctl(evtchn_fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind);
	if (port < 0)
		die("no event channel: %s", strerror(errno));
	return (uint32_t)port;
}

/* Reading masks the port, writing unmasks it. */
uint32_t evtchn_wait(int ms)
{
	struct pollfd p = { .fd = evtchn_fd, .events = POLLIN };
	uint32_t port;

	if (poll(&p, 1, ms) != 1 || read(evtchn_fd, &port, sizeof(port)) != sizeof(port) ||
	    write(evtchn_fd, &port, sizeof(port)) != sizeof(port))
		return 0;
	return port;
}

struct evtchn_request evtchn_request(unsigned int index, unsigned int start, unsigned int count,
				     const uint32_t *ports)
{
	struct evtchn_request r = {
		.set = {
			.argsz = (uint32_t)(sizeof(r.set) + count * sizeof(r.entry[0])),
			.flags = VFIO_IRQ_SET_DATA_XEN_EVTCHN | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.start = start,
			.count = count,
		},
	};

	for (unsigned int i = 0; i < count; i++)
		r.entry[i].port = ports[i];
	return r;
}

int evtchn_issue(struct device *d, struct evtchn_request *r)
{
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, r) ? -errno : 0;
}

int evtchn_connect(struct device *d, unsigned int index, unsigned int start, unsigned int count,
		   const uint32_t *ports)
{
	struct evtchn_request r = evtchn_request(index, start, count, ports);

	return evtchn_issue(d, &r);
}
