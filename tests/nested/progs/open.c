// SPDX-License-Identifier: GPL-2.0
/* See open.h. */
#include "open.h"

#include <string.h>

#include "util.h"

int opened_open(struct opened *o, const char *sbdf)
{
	return opened_open_token(o, sbdf, NULL);
}

int opened_open_token(struct opened *o, const char *sbdf, const char *token)
{
	int ret = container_open(&o->container);

	o->group.fd = -1;
	o->device.fd = -1;
	if (!ret)
		ret = group_open(&o->group, sbdf);
	if (!ret)
		ret = group_join(&o->group, &o->container);
	if (!ret)
		ret = container_set_type(&o->container, VFIO_TYPE1v2_IOMMU);
	if (!ret)
		ret = device_open_token(&o->device, &o->group, sbdf, token);
	if (!ret)
		ret = device_memory_decode(&o->device, true);
	if (!ret)
		ret = device_bus_master(&o->device, true);
	if (ret)
		opened_close(o);
	return ret;
}

void opened_close(struct opened *o)
{
	device_close(&o->device);
	group_close(&o->group);
	container_close(&o->container);
}

void opened_must_open(struct opened *o, const char *sbdf)
{
	int ret = opened_open(o, sbdf);

	if (ret)
		die("%s can't be opened: %s", sbdf, strerror(-ret));
}
