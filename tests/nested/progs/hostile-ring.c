// SPDX-License-Identifier: GPL-2.0
/*
 * hostile-ring DOMID REF SECONDS: plays a hostile PCI frontend, from dom0. Maps the
 * page that the guest shares with vfio-xen-dm, and goes on writing requests that
 * make no sense to it, and changing them while they are read. Prints how many were
 * answered, and fails if none was.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* What the next header takes for granted */
typedef uint32_t grant_ref_t;
typedef uint16_t domid_t;
#include <xen/gntdev.h>

/* Of struct xen_pci_sharedinfo, in words; see xen/io/pciif.h */
#define FLAGS 0
#define OP 1
#define OP_WORDS 137 /* as far as the end of msix_entries */
#define CMD (OP + 0)
#define DOMAIN (OP + 2)
#define BUS (OP + 3)
#define DEVFN (OP + 4)
#define OFFSET (OP + 5)
#define SIZE (OP + 6)
#define VALUE (OP + 7)
#define INFO (OP + 8)
#define ACTIVE 1u

static volatile uint32_t *map(uint32_t domid, uint32_t ref)
{
	struct ioctl_gntdev_map_grant_ref grant = {
		.count = 1,
		.refs = { { .domid = (domid_t)domid, .ref = ref } },
	};
	int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	void *page;

	if (fd < 0 || ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, &grant))
		return NULL;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)grant.index);
	return page == MAP_FAILED ? NULL : page;
}

static uint32_t any(void)
{
	return (uint32_t)random() ^ (uint32_t)random() << 16;
}

static uint32_t one_of(uint32_t count)
{
	return any() % 4 ? any() % count : any();
}

/* Wild, but often nearly right: it has to get past the first check. */
static void write_request(volatile uint32_t *page)
{
	for (unsigned int i = 0; i < OP_WORDS; i++)
		page[OP + i] = any();
	page[CMD] = one_of(12);
	page[DOMAIN] = any() % 8 ? 0 : any();
	page[BUS] = any() % 8 ? 0 : any();
	page[DEVFN] = any() % 2 ? 9 << 3 : one_of(256);
	page[OFFSET] = one_of(4096);
	page[SIZE] = any() % 2 ? 1U << any() % 3 : any();
	page[INFO] = any() % 8 ? 9 << 3 : any();
	page[VALUE] = any() % 2 ? any() % 130 : any();
}

/* While it is read, or just after: what was checked is no more. */
static void change_request(volatile uint32_t *page)
{
	for (unsigned int i = 0; i < 200; i++) {
		page[SIZE] = any();
		page[OFFSET] = any();
		page[VALUE] = any();
		page[CMD] = one_of(12);
		page[FLAGS] = any() | ACTIVE;
	}
}

int main(int argc, char **argv)
{
	unsigned long written = 0, answered = 0;
	volatile uint32_t *page;
	time_t end;

	if (argc != 4)
		return 2;
	page = map((uint32_t)strtoul(argv[1], NULL, 0), (uint32_t)strtoul(argv[2], NULL, 0));
	if (!page) {
		perror("the guest's page");
		return 1;
	}
	for (end = time(NULL) + atoi(argv[3]); time(NULL) < end; written++) {
		write_request(page);
		__sync_synchronize();
		page[FLAGS] = ACTIVE;
		if (any() % 4 == 0)
			change_request(page);
		for (unsigned int i = 0; i < 50 && page[FLAGS] & ACTIVE; i++)
			usleep(200);
		answered += !(page[FLAGS] & ACTIVE);
	}
	page[FLAGS] = 0;
	printf("written=%lu answered=%lu\n", written, answered);
	return answered == 0;
}
