// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X table is Xen's: neither the program, by a mapping or through VFIO,
 * nor another device can change it. Whatever they try, the vectors arrive as
 * before. Not for a native kernel, whose table a program may break.
 *
 * usage: msix-table e1000e|igb SBDF EDU-SBDF
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "session.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define TABLE_IOVA GIB(3)
#define RAM_IOVA GIB(1)
#define STUCK_NS 2000000000ull

struct entry {
	uint32_t address, address_high, data, control;
};

static struct opened o;
static struct nic n;
static int fds[NIC_VECTORS_MAX];
static volatile struct entry *table;
static struct entry before[NIC_VECTORS_MAX];
static uint64_t table_offset;		/* in the device's descriptor */
static uint8_t msix;
static char driver[256];
static sigjmp_buf refused;

static void find_driver(const char *sbdf)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", sbdf);
	if (readlink(path, driver, sizeof(driver) - 1) < 0)
		die("%s has no driver", sbdf);
}

static void on_signal(int sig)
{
	siglongjmp(refused, sig);
}

static void find_table(struct device *d)
{
	struct vfio_region_info info = { .argsz = sizeof(info) };
	uint8_t pos = 0, id;
	uint64_t size = 0;
	uint32_t where;
	uint8_t *bar;

	device_config_read(d, PCI_CAPABILITY_LIST, &pos, 1);
	for (id = 0; pos; device_config_read(d, pos + 1, &pos, 1)) {
		device_config_read(d, pos, &id, 1);
		if (id == PCI_CAP_ID_MSIX)
			break;
	}
	if (!pos || device_config_read(d, pos + PCI_MSIX_TABLE, &where, sizeof(where)))
		die("no MSI-X capability");
	msix = pos;
	info.index = where & PCI_MSIX_TABLE_BIR;
	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("no region for the table");
	table_offset = info.offset + (where & PCI_MSIX_TABLE_OFFSET);
	bar = device_map_bar(d, info.index, &size);
	if (bar && (where & PCI_MSIX_TABLE_OFFSET) < size)
		table = (void *)(bar + (where & PCI_MSIX_TABLE_OFFSET));
}

/* Accesses that end in a signal are a way to be refused. */
static int read_table(struct entry *to)
{
	int sig = sigsetjmp(refused, 1);

	if (sig)
		return sig;
	for (unsigned int i = 0; i < n.nr_vectors; i++)
		to[i] = (struct entry){ table[i].address, table[i].address_high, table[i].data,
					table[i].control };
	return 0;
}

static void unharmed(const char *by)
{
	struct entry now[NIC_VECTORS_MAX];
	size_t size = n.nr_vectors * sizeof(*now);

	if (table && !read_table(now))
		ok(!memcmp(now, before, size), "%s: the table is as it was", by);
	ok(nic_all_fire(&n, fds), "%s: %u vectors arrive, each once and alone", by, n.nr_vectors);
}

static void write_table(void)
{
	for (unsigned int i = 0; i < n.nr_vectors; i++) {
		table[i].control = 1;
		table[i].data = 0x31;
		table[i].address = 0xfee00000;
	}
}

/* Ends with the child's status, or -1 if it had to be killed. */
static int wait_or_kill(pid_t pid, uint64_t limit_ns)
{
	uint64_t deadline = now_ns() + limit_ns;
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ns() > deadline) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		sleep_ms(10);
	}
	return status;
}

/*
 * Xen takes the right to write out of the mapping, Linux thinks that it is
 * there, and the program takes the same fault for ever: it has to be killed.
 */
static void end_writer(pid_t pid)
{
	int status = wait_or_kill(pid, STUCK_NS);

	comment("writing to the mapping: %s", status < 0 ? "stuck in the write until killed" :
		status ? "ended by a signal" : "went through");
}

static void by_mapping(void)
{
	pid_t pid;

	if (!table) {
		skip("VFIO does not let it be mapped", "writes by a mapping");
		return;
	}
	pid = fork();
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		write_table();
		_exit(0);
	}
	end_writer(pid);
	unharmed("writes by a mapping");
}

static void by_region(void)
{
	const struct entry bad = { .address = 0xfee00000, .data = 0x31, .control = 1 };
	ssize_t ret = 0;

	for (unsigned int i = 0; i < n.nr_vectors; i++)
		ret = pwrite(o.device.fd, &bad, sizeof(bad),
			     (off_t)(table_offset + i * sizeof(bad)));
	comment("VFIO says %zd of %zu bytes", ret, sizeof(bad));
	unharmed("writes through VFIO");
}

/* edu copies 4 bytes of its memory to the mask bit and the data of each entry. */
static void by_peer(struct member *m, uint32_t *ram)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t at = TABLE_IOVA + ((uintptr_t)&table[i] & (PAGE - 1));

		*ram = 1;
		edu_load(&m->edu, RAM_IOVA, 0, 4);
		edu_store(&m->edu, at + offsetof(struct entry, control), 0, 4);
		*ram = 0x31;
		edu_load(&m->edu, RAM_IOVA, 0, 4);
		edu_store(&m->edu, at + offsetof(struct entry, data), 0, 4);
	}
	expect_fault(&m->edu, TABLE_IOVA, true);
	unharmed("writes by a peer");
	ok(edu_alive(&m->edu), "the peer is well");
}

static void peer(const char *sbdf)
{
	struct member m;
	uint8_t *ram = pages_alloc(PAGE), *page = (uint8_t *)((uintptr_t)table & ~(PAGE - 1));
	int ret;

	if (!table) {
		skip("VFIO does not let it be mapped", "writes by a peer");
		return;
	}
	member_must_open(&m, &o.container, sbdf, 0);
	ok0(container_map(&o.container, ram, RAM_IOVA, PAGE, RW), "map a page for the peer");
	ret = container_map(&o.container, page, TABLE_IOVA, PAGE, RW);
	comment("mapping the table for a peer: %s", ret ? strerror(-ret) : "done");
	by_peer(&m, (uint32_t *)ram);
	member_close(&m);
}

/* A process that writes to the table when it is told to, by the mapping that it has already */
static struct {
	pid_t pid;
	int tell;
} early;

static void start_early(void)
{
	int ends[2];
	char c;

	if (pipe(ends))
		die("no pipe");
	early.pid = fork();
	if (!early.pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		close(ends[1]);
		if (read(ends[0], &c, 1) == 1)
			write_table();
		_exit(0);
	}
	close(ends[0]);
	early.tell = ends[1];
}

static void by_early_mapping(void)
{
	if (!table) {
		skip("VFIO does not let it be mapped", "writes by a mapping made during MSI");
		return;
	}
	if (write(early.tell, "", 1) != 1)
		die("nobody listens");
	end_writer(early.pid);
	close(early.tell);
	unharmed("writes by a mapping made during MSI");
}

/* It would stay writable, were it so while there are no MSI-X vectors. */
static void map_table_during_msi(void)
{
	int fd, ret = irq_enable(&o.device, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd);

	if (!ok0(ret, "enable MSI"))
		exit(tap_status());
	find_table(&o.device);
	if (table && ok0(read_table(before), "the table can be mapped and read meanwhile"))
		start_early();
	ok0(irq_disable(&o.device, VFIO_PCI_MSI_IRQ_INDEX), "disable MSI");
	irq_close(&fd, 1);
}

/* ---- what of a BAR VFIO says can be mapped ---- */

#define MAX_INFO 256

static const struct vfio_region_info_cap_sparse_mmap *sparse_of(struct device *d, unsigned int bar,
								struct vfio_region_info *info)
{
	const struct vfio_info_cap_header *cap;
	uint32_t at;

	memset(info, 0, MAX_INFO);
	info->argsz = MAX_INFO;
	info->index = bar;
	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, info))
		die("no BAR %u", bar);
	at = info->flags & VFIO_REGION_INFO_FLAG_CAPS ? info->cap_offset : 0;
	for (; at; at = cap->next) {
		cap = (const void *)((uint8_t *)info + at);
		if (cap->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP)
			return (const void *)cap;
	}
	return NULL;
}

static bool in_areas(const struct vfio_region_info_cap_sparse_mmap *sparse, uint64_t offset)
{
	for (unsigned int i = 0; i < sparse->nr_areas; i++)
		if (offset >= sparse->areas[i].offset &&
		    offset < sparse->areas[i].offset + sparse->areas[i].size)
			return true;
	return false;
}

static bool can_map(struct device *d, const struct vfio_region_info *info, uint64_t offset)
{
	void *va = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
			(off_t)(info->offset + offset));

	if (va == MAP_FAILED)
		return false;
	munmap(va, PAGE);
	return true;
}

/* The page of what a register of the capability tells the place of */
static void is_kept(struct device *d, uint16_t reg, const char *what)
{
	union {
		struct vfio_region_info info;
		uint8_t room[MAX_INFO];
	} u;
	const struct vfio_region_info_cap_sparse_mmap *sparse;
	uint64_t page, wrong = 0;
	uint32_t where;

	device_config_read(d, reg, &where, sizeof(where));
	page = where & PCI_MSIX_PBA_OFFSET & ~(PAGE - 1);
	sparse = sparse_of(d, where & PCI_MSIX_PBA_BIR, &u.info);
	if (!ok(sparse, "%s: VFIO says what of its BAR can be mapped", what))
		return;
	ok(!in_areas(sparse, page) && !can_map(d, &u.info, page), "%s: not its page, 0x%llx", what,
	   (unsigned long long)page);
	for (uint64_t at = 0; at < u.info.size; at += PAGE)
		wrong += in_areas(sparse, at) != can_map(d, &u.info, at);
	ok(!wrong, "%s: all that it says, and nothing else (%u areas)", what, sparse->nr_areas);
	u.info.argsz = sizeof(u.info);
	ok(!ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &u.info) && u.info.argsz > sizeof(u.info) &&
		   !u.info.cap_offset,
	   "%s: without room for that, it says how much it takes", what);
}

/* VFIO's own driver lets all of it be mapped. */
static void areas(struct device *d)
{
	if (!strstr(driver, "xen")) {
		skip("it is vfio-pci's", "what can be mapped");
		return;
	}
	is_kept(d, msix + PCI_MSIX_TABLE, "table");
	is_kept(d, msix + PCI_MSIX_PBA, "pending bits");
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };

	if (argc != 4)
		die("usage: msix-table e1000e|igb SBDF EDU-SBDF");
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	opened_must_open(&o, argv[2]);
	if (nic_init(&n, &o.device, argv[1]))
		die("%s has no registers", argv[2]);
	find_driver(argv[2]);
	map_table_during_msi();
	areas(&o.device);
	nic_arm(&n);
	if (!ok0(irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds), "enable %u vectors", n.nr_vectors))
		return 1;
	if (table && ok0(read_table(before), "the table can be read"))
		ok(before[0].address >> 20 == 0xfee, "it is in use (0x%x 0x%x)", before[0].address,
		   before[0].data);
	unharmed("at first");
	by_early_mapping();
	by_mapping();
	by_region();
	peer(argv[3]);
	ok0(irq_disable(&o.device, MSIX), "disable");
	nic_fini(&n);
	opened_close(&o);
	return tap_status();
}
