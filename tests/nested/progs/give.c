// SPDX-License-Identifier: GPL-2.0
/* See give.h. */
#include "give.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommufd.h"

static int allocate(struct given *g, const struct target *t, uint32_t dev)
{
	struct vfio_xen_hwpt_guest want = { .domid = t->domid };
	uint32_t ioas;
	int ret = ioas_alloc(g->iommufd, &ioas);

	memcpy(want.handle, t->uuid, sizeof(want.handle));
	return ret ? ret : hwpt_alloc(g->iommufd, dev, ioas, 0, VFIO_XEN_HWPT_DATA_GUEST, &want,
				      sizeof(want), &g->page_table);
}

static int give_by_cdev(struct given *g, const struct target *t, const char *sbdf)
{
	uint32_t dev;
	int ret;

	g->iommufd = iommufd_open();
	if (g->iommufd < 0)
		return g->iommufd;
	ret = cdev_open(&g->o.device, sbdf);
	if (!ret)
		ret = cdev_bind(&g->o.device, g->iommufd, &dev);
	if (!ret)
		ret = allocate(g, t, dev);
	if (!ret)
		ret = given_return(g);
	return ret ? ret : device_memory_decode(&g->o.device, true);
}

int give(struct given *g, const struct target *t, const char *sbdf)
{
	const char *interface = getenv("RIG_VFIO");

	*g = (struct given){
		.by_cdev = interface && !strcmp(interface, "cdev"),
		.iommufd = -1,
	};
	g->o.container.fd = -1;
	g->o.group.fd = -1;
	g->o.device.fd = -1;
	return g->by_cdev ? give_by_cdev(g, t, sbdf) : target_give(&g->o, t, sbdf);
}

void given_close(struct given *g)
{
	if (!g->by_cdev) {
		opened_close(&g->o);
		return;
	}
	device_close(&g->o.device);
	if (g->iommufd >= 0)
		close(g->iommufd);
	g->iommufd = -1;
}

int given_leave(struct given *g)
{
	return cdev_detach(&g->o.device);
}

int given_return(struct given *g)
{
	return cdev_attach(&g->o.device, g->page_table);
}
