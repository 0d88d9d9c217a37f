// SPDX-License-Identifier: GPL-2.0
/*
 * Destroys a domain, and makes another one with its number: PV, empty, and with a UUID
 * of zeros.
 *
 * usage: retake DOMID
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "util.h"

#define HYPERVISOR_DOMCTL 36
#define DOMCTL_CREATEDOMAIN 1
#define DOMCTL_DESTROYDOMAIN 2
#define DOMCTL_VERSION_MIN 0x15
#define DOMCTL_VERSION_MAX 0x20

struct privcmd_hypercall {
	uint64_t op, arg[5];
};
#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

/* Xen's struct xen_domctl with what createdomain begins with in all releases */
struct domctl {
	uint32_t cmd, version;
	uint16_t domid, pad[3];
	uint32_t ssidref;
	uint8_t handle[16];
	uint32_t flags, iommu_opts, max_vcpus, max_evtchn_port, max_grant_frames,
		max_maptrack_frames, grant_opts;
	uint8_t rest[144 - 64];
};

static int fd;
static uint32_t version;

static int issue(const struct domctl *want)
{
	static struct domctl op __attribute__((aligned(4096)));
	struct privcmd_hypercall call = { HYPERVISOR_DOMCTL, { (uintptr_t)&op } };

	mlock(&op, sizeof(op));
	op = *want;
	op.version = version;
	return ret_errno(ioctl(fd, PRIVCMD_HYPERCALL, &call));
}

static int destroy(uint16_t domid)
{
	const struct domctl op = { .cmd = DOMCTL_DESTROYDOMAIN, .domid = domid };
	int ret;

	do
		ret = issue(&op);
	while (ret == -EAGAIN);
	return ret;
}

static int create(uint16_t domid)
{
	const struct domctl op = {
		.cmd = DOMCTL_CREATEDOMAIN,
		.domid = domid,
		.max_vcpus = 1,
		.max_grant_frames = 1,
		.grant_opts = 1,
	};

	return issue(&op);
}

int main(int argc, char **argv)
{
	uint16_t domid = (uint16_t)(argc == 2 ? atoi(argv[1]) : 0);
	int ret = -EACCES;

	if (!domid)
		die("usage: retake DOMID");
	fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("no /dev/xen/privcmd");
	/* Xen takes its own interface version and nothing else. */
	for (version = DOMCTL_VERSION_MIN - 1; ret == -EACCES && version < DOMCTL_VERSION_MAX;) {
		version++;
		ret = destroy(domid);
	}
	if (ret)
		die("cannot destroy d%u: %s", domid, strerror(-ret));
	ret = create(domid);
	if (ret)
		die("cannot create d%u: %s", domid, strerror(-ret));
	return 0;
}
