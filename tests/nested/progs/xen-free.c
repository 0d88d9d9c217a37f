// SPDX-License-Identifier: GPL-2.0
/*
 * Prints how many pages Xen has free: xl tells it in MiB only.
 *
 * usage: xen-free
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define HYPERVISOR_SYSCTL 35
#define SYSCTL_PHYSINFO 3
#define SYSCTL_VERSION_MIN 0x14
#define SYSCTL_VERSION_MAX 0x20

struct privcmd_hypercall {
	uint64_t op, arg[5];
};
#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

/* Xen's struct xen_sysctl for PHYSINFO; the same in all releases since 4.13. */
struct sysctl {
	uint32_t cmd, version;
	uint32_t unused[10];
	uint64_t total_pages, free_pages;
	uint8_t rest[128 - 40 - 16];
};

int main(void)
{
	static struct sysctl s __attribute__((aligned(4096)));
	struct privcmd_hypercall call = { HYPERVISOR_SYSCTL, { (uintptr_t)&s } };
	int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC), ret = -1;
	uint32_t version;

	if (fd < 0) {
		perror("/dev/xen/privcmd");
		return 1;
	}
	/* Xen takes its own interface version and nothing else. */
	for (version = SYSCTL_VERSION_MIN; ret && version <= SYSCTL_VERSION_MAX; version++) {
		memset(&s, 0, sizeof(s));
		mlock(&s, sizeof(s));
		s.cmd = SYSCTL_PHYSINFO;
		s.version = version;
		ret = ioctl(fd, PRIVCMD_HYPERCALL, &call);
		if (ret && errno != EACCES)
			break;
	}
	if (ret) {
		perror("physinfo");
		return 1;
	}
	printf("%llu\n", (unsigned long long)s.free_pages);
	return 0;
}
