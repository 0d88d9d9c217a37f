// SPDX-License-Identifier: GPL-2.0
/* See session.h. */
#include "session.h"

#include <errno.h>
#include <string.h>

#include "tap.h"
#include "util.h"

int member_open(struct member *m, struct container *c, const char *sbdf, unsigned int type)
{
	int ret = group_open(&m->group, sbdf);

	m->device.fd = -1;
	m->edu.regs = NULL;
	if (ret)
		return ret;
	ret = group_join(&m->group, c);
	if (!ret && type)
		ret = container_set_type(c, type);
	if (!ret)
		ret = device_open(&m->device, &m->group, sbdf);
	if (!ret)
		ret = edu_init(&m->edu, &m->device);
	if (!ret)
		ret = device_bus_master(&m->device, true);
	if (ret)
		member_close(m);
	return ret;
}

void member_close(struct member *m)
{
	edu_fini(&m->edu);
	device_close(&m->device);
	group_close(&m->group);
}

int session_open(struct session *s, const char *sbdf, unsigned int type)
{
	int ret = container_open(&s->container);

	if (ret)
		return ret;
	ret = member_open(&s->m, &s->container, sbdf, type);
	if (ret)
		container_close(&s->container);
	return ret;
}

void session_close(struct session *s)
{
	member_close(&s->m);
	container_close(&s->container);
}

void member_must_open(struct member *m, struct container *c, const char *sbdf, unsigned int type)
{
	int ret = member_open(m, c, sbdf, type);

	if (ret)
		die("%s can't be opened: %s", sbdf, strerror(-ret));
}

void session_must_open(struct session *s, const char *sbdf)
{
	int ret = session_open(s, sbdf, VFIO_TYPE1v2_IOMMU);

	if (ret)
		die("%s can't be opened: %s", sbdf, strerror(-ret));
}

static int copy_checked(struct session *s, void *va, uint64_t iova)
{
	uint8_t *from = va, *to = from + PAGE;
	uint64_t seed = now_ns();
	int ret;

	pattern_fill(from, PAGE, seed);
	memset(to, 0, PAGE);
	ret = edu_copy(&s->m.edu, iova, iova + PAGE, EDU_MEM);
	if (ret)
		return ret;
	return pattern_check(to, PAGE, seed) == PAGE ? 0 : -EBADMSG;
}

int session_check(struct session *s, uint64_t iova)
{
	void *va = pages_alloc(2 * PAGE);
	int ret = container_map(&s->container, va, iova, 2 * PAGE, RW);

	if (!ret) {
		ret = copy_checked(s, va, iova);
		if (container_unmap(&s->container, iova, 2 * PAGE, 0, NULL) && !ret)
			ret = -EIO;
	}
	pages_free(va, 2 * PAGE);
	return ret;
}

int session_once(const char *sbdf)
{
	struct session s;
	int ret = session_open(&s, sbdf, VFIO_TYPE1v2_IOMMU);

	if (ret)
		return ret;
	ret = session_check(&s, GIB(1));
	session_close(&s);
	return ret;
}

void expect_fault(struct edu *e, uint64_t iova, bool store)
{
	comment("fault %s %s 0x%llx", e->sbdf, store ? "write" : "read",
		(unsigned long long)(iova & ~(PAGE - 1)));
}
