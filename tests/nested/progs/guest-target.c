// SPDX-License-Identifier: GPL-2.0
/*
 * A guest as the address space of a group, through /dev/xen/iommu and VFIO: what
 * is refused, what a device can do there, and that a close undoes it.
 *
 * usage: guest-target SBDF OTHER DOMID UUID pv|hvm	SBDF has MSI-X, OTHER is
 *							a device of another group
 *        guest-target hold SBDF DOMID UUID pv|hvm	give it, wait for a line on
 *							stdin: the guest is gone
 *        guest-target request SBDF DOMID UUID pv|hvm	give it, until the host wants it
 *        guest-target exhaust SBDF DOMID UUID pv|hvm	connect vectors until the guest
 *							has no pirq left
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "irq.h"
#include "owner.h"
#include "physical.h"
#include "tap.h"
#include "target.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define NOBODY 65534
/* Nothing of a small guest is there. */
#define FREE_GFN GIB(3)

static struct target guest;
static const char *sbdf, *other;

static void fails(int ret, int want, const char *what)
{
	ok(ret == -want, "%s: %s", what, strerror(-ret));
}

/* Runs in a child, whose exit status is the errno. */
static int in_child(int (*fn)(int fd), int fd)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(-fn(fd));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("no child");
	return -WEXITSTATUS(status);
}

static int set_as_nobody(int fd)
{
	return setuid(NOBODY) ? -EDOM : target_set(fd, &guest, sbdf);
}

static void ask_wrongly(void)
{
	struct vfio_xen_set_guest request, right = target_request(&guest, sbdf);
	int fd = target_open(), second = target_open();

	request = right;
	request.argsz--;
	fails(target_issue(fd, &request), EINVAL, "a short request");
	request = right;
	request.flags = 0x80000000;
	fails(target_issue(fd, &request), EINVAL, "unknown flags");
	request = right;
	request.domid = 0;
	fails(target_issue(fd, &request), EINVAL, "dom0 as the guest");
	request.domid = 0x7ff1;
	fails(target_issue(fd, &request), EINVAL, "quarantine as the guest");
	request.domid = 0x10001;
	fails(target_issue(fd, &request), EINVAL, "a domid out of range");
	request.domid = 0x7000;
	fails(target_issue(fd, &request), ESRCH, "a domid that nobody has");
	request = right;
	request.handle[15] ^= 1;
	fails(target_issue(fd, &request), ESRCH, "the domid of another guest");
	fails(target_issue(fd, NULL), EFAULT, "no request");
	fails(in_child(set_as_nobody, fd), EPERM, "a user without privileges");

	ok0(target_issue(fd, &right), "ask for the guest");
	fails(target_issue(second, &right), EBUSY, "somebody else asks for the same group");
	ok0(target_issue(fd, &right), "the same descriptor can ask again");
	close(fd);
	ok0(target_issue(second, &right), "a closed descriptor asks for nothing");
	close(second);
}

/* Open without asking, and map memory: 0 if that is an ordinary address space. */
static int use_ordinarily(int fd)
{
	struct opened o;
	void *page = pages_alloc(PAGE);
	int ret = opened_open(&o, sbdf);

	(void)fd;
	if (ret)
		return ret;
	ret = container_map(&o.container, page, GIB(1), PAGE, RW);
	if (!ret && !owner_is(sbdf, "shell"))
		ret = -EXDEV;
	opened_close(&o);
	return ret;
}

static void ask_for_oneself(void)
{
	int fd = target_open();

	ok0(target_set(fd, &guest, sbdf), "ask for the guest");
	ok0(in_child(use_ordinarily, fd), "another process that opens the group is not meant");
	close(fd);
	ok0(in_child(use_ordinarily, fd), "nor is anybody when the asker has gone");
}

static void map_memory(struct opened *o)
{
	void *page = pages_alloc(PAGE);
	uint64_t size, size_of_other, unmapped;
	struct opened of_other;
	void *bar, *bar_of_other;

	fails(container_map(&o->container, page, FREE_GFN, PAGE, RW),
	      guest.hvm ? EPERM : EOPNOTSUPP, "a map of memory");
	bar = device_map_bar(&o->device, 0, &size);
	if (!ok(bar, "its BAR can be mapped here"))
		return;
	if (!guest.hvm) {
		fails(container_map(&o->container, bar, FREE_GFN, PAGE, RW), EOPNOTSUPP,
		      "a map of its BAR");
		munmap(bar, size);
		return;
	}
	ok0(container_map(&o->container, bar, FREE_GFN, size, RW), "its BAR for the guest");
	fails(container_map(&o->container, bar, FREE_GFN, PAGE, RW), EEXIST, "the same again");
	ok0(container_unmap(&o->container, FREE_GFN, size, 0, &unmapped), "take it back");
	ok(unmapped == size, "all of it");
	ok0(container_map(&o->container, bar, FREE_GFN, size, RW),
	    "once more, for the close to undo");

	opened_must_open(&of_other, other);
	bar_of_other = device_map_bar(&of_other.device, 0, &size_of_other);
	fails(container_map(&o->container, bar_of_other, FREE_GFN + MIB(64), size_of_other, RW),
	      EPERM, "a BAR of another device");
	/* These hold their devices open. */
	munmap(bar_of_other, size_of_other);
	munmap(bar, size);
	opened_close(&of_other);
}

static bool intx_is_held(void)
{
	return physical_word(sbdf, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE;
}

static bool msix_is_enabled(void)
{
	return physical_word(sbdf, physical_capability(sbdf, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS) &
	       PCI_MSIX_FLAGS_ENABLE;
}

/* The guest's driver puts it to sleep and wakes it, and the device forgets all. */
static void sleeps(struct device *d)
{
	uint16_t at = physical_capability(sbdf, PCI_CAP_ID_PM) + PCI_PM_CTRL, control;

	device_config_read(d, at, &control, sizeof(control));
	control |= PCI_PM_CTRL_STATE_MASK;
	ok0(device_config_write(d, at, &control, sizeof(control)), "to D3hot");
	control &= (uint16_t)~PCI_PM_CTRL_STATE_MASK;
	ok0(device_config_write(d, at, &control, sizeof(control)), "and to D0 again");
	sleep_ms(100);
}

/* dom0 resets it, and the program that has it open is not asked. */
static void is_reset(void)
{
	char path[PATH_MAX];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", sbdf);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = write(fd, "1", 1);
	close(fd);
	ok(written == 1, "dom0 resets it");
	for (int ms = 0; ms < 5000 && !msix_is_enabled(); ms += 10)
		sleep_ms(10);
}

static void connect_wrongly(struct device *d)
{
	struct target_irqs r = target_irqs(MSIX, 0, 1);

	r.set.argsz--;
	fails(target_set_irqs(d, &r), EINVAL, "too short for an entry");
	r = target_irqs(MSIX, 4000, 1);
	fails(target_set_irqs(d, &r), EINVAL, "a vector that it does not have");
	r = target_irqs(MSIX, 0, 1);
	r.set.flags |= VFIO_IRQ_SET_DATA_NONE;
	fails(target_set_irqs(d, &r), EINVAL, "another data type too");
	r = target_irqs(VFIO_PCI_ERR_IRQ_INDEX, 0, 1);
	fails(target_set_irqs(d, &r), EOPNOTSUPP, "an index that no guest has");
	r = target_irqs(MSIX, 0, 1);
	r.entry[0].flags |= 0x100;
	fails(target_set_irqs(d, &r), EOPNOTSUPP, "unknown flags in an entry");
	if (!guest.hvm)
		return;
	r = target_irqs(MSIX, 0, 1);
	r.entry[0].address = 0x12345678;
	fails(target_set_irqs(d, &r), EINVAL, "a message that is none");
	r = target_irqs(VFIO_PCI_INTX_IRQ_INDEX, 0, 1);
	r.entry[0].slot = 32;
	fails(target_set_irqs(d, &r), EINVAL, "a slot that bus 0 does not have");
}

/* What a process without rights may do with the line: 0 or the errno */
static int share_as_nobody(struct device *d)
{
	struct target_irqs r = target_irqs(VFIO_PCI_INTX_IRQ_INDEX, 0, 1);
	pid_t pid = fork();
	int status;

	r.entry[0].slot = 5;
	r.entry[0].flags |= VFIO_IRQ_XEN_GUEST_SHARED;
	if (!pid)
		_exit(setuid(NOBODY) ? EDOM : -target_set_irqs(d, &r));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("no child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : EDOM;
}

static void share(struct device *d)
{
	struct target_irqs r = target_irqs(VFIO_PCI_INTX_IRQ_INDEX, 0, 1);

	ok(share_as_nobody(d) == EPERM, "nobody may not share its line");
	ok(intx_is_held(), "and did not connect it");
	r.entry[0].flags = VFIO_IRQ_XEN_GUEST_SHARED;
	ok0(target_set_irqs(d, &r), "root lets it");
	ok(intx_is_held(), "which connects nothing");
	ok(share_as_nobody(d) == 0, "nobody may share it then");
	ok(!intx_is_held(), "and has connected it");
	ok0(irq_disable(d, VFIO_PCI_INTX_IRQ_INDEX), "disconnect it");
}

/* The host's requests and errors, while the guest has the interrupts */
static void listen(struct device *d)
{
	static const unsigned int indices[] = { VFIO_PCI_ERR_IRQ_INDEX, VFIO_PCI_REQ_IRQ_INDEX };
	int fds[2];

	for (int i = 0; i < 2; i++) {
		ok0(irq_enable(d, indices[i], 0, 1, &fds[i]), "an eventfd for index %u", indices[i]);
		ok0(irq_loopback(d, indices[i], 0), "trigger it");
		ok(irq_wait(fds[i], 1000) == 1, "it arrives");
		ok0(irq_disable(d, indices[i]), "disable it");
	}
	irq_close(fds, 2);
	ok(msix_is_enabled(), "the guest's vectors are still connected");
}

static void connect(struct device *d)
{
	struct target_irqs r;
	uint32_t flags = 0;
	int eventfd;

	irq_count(d, MSIX, &flags);
	ok(flags & VFIO_IRQ_INFO_XEN_GUEST, "the index says that its vectors can go to the guest");
	connect_wrongly(d);

	r = target_irqs(MSIX, 0, 2);
	ok0(target_set_irqs(d, &r), "connect two vectors");
	ok(r.entry[0].pirq >= 0 && r.entry[1].pirq >= 0 && r.entry[0].pirq != r.entry[1].pirq,
	   "they have pirqs: %d and %d", r.entry[0].pirq, r.entry[1].pirq);
	fails(irq_enable(d, MSIX, 0, 1, &eventfd), EINVAL, "an eventfd for one of them");
	fails(irq_enable(d, MSI, 0, 1, &eventfd), EINVAL, "an eventfd for another index");

	r.entry[0].flags |= VFIO_IRQ_XEN_GUEST_PIRQ;
	r.set.count = 1;
	r.set.argsz -= sizeof(r.entry[0]);
	r.entry[0].data++;
	ok0(target_set_irqs(d, &r), "connect one elsewhere");
	r.entry[0].pirq = r.entry[1].pirq;
	fails(target_set_irqs(d, &r), EEXIST, "with the other's pirq");
	if (guest.hvm) {
		r = target_irqs(MSIX, 1, 1);
		r.entry[0].address = 0;
		fails(target_set_irqs(d, &r), EINVAL, "a message that is none, for the other");
		ok(r.entry[0].pirq == -1, "which is disconnected");
	}
	r = target_irqs(MSIX, 0, 2);
	ok0(target_set_irqs(d, &r), "both can be connected again");
	listen(d);
	ok0(device_reset(d), "a reset while they are connected");
	ok(msix_is_enabled(), "MSI-X is enabled after that");
	sleeps(d);
	ok(msix_is_enabled(), "and after that");
	is_reset();
	ok(msix_is_enabled(), "and after that, too");
	r = target_irqs(MSIX, 1, 1);
	r.entry[0].flags = 0;
	ok0(target_set_irqs(d, &r), "disconnect one");
	ok(r.entry[0].pirq == -1, "it has no pirq");
	ok0(irq_disable(d, MSIX), "disable the index");

	share(d);
	r = target_irqs(VFIO_PCI_INTX_IRQ_INDEX, 0, 1);
	r.entry[0].slot = 5;
	r.entry[0].flags |= VFIO_IRQ_XEN_GUEST_SHARED;
	ok(intx_is_held(), "its line cannot be asserted before it is connected");
	ok0(target_set_irqs(d, &r), "connect its line");
	ok(!intx_is_held(), "now it can");
	ok0(device_reset(d), "a reset while it is connected");
	ok(!intx_is_held(), "it still can");
	ok0(irq_disable(d, VFIO_PCI_INTX_IRQ_INDEX), "disconnect it");
	ok(intx_is_held(), "and no more");
	r = target_irqs(MSIX, 0, 2);
	ok0(target_set_irqs(d, &r), "two vectors again, for the close to undo");
}

/* As parked: nobody's but with a PV guest's mappings, which nobody can see */
static void is_given_back(const char *after)
{
	if (guest.hvm)
		ok(owner_is(sbdf, "dom0") && !owner_has(sbdf, "msi="), "it is dom0's after %s",
		   after);
	else
		ok(owner_is(sbdf, "quarantine") && owner_has(sbdf, "bars_exposed="),
		   "it is quarantined after %s, for the guest may reach it", after);
}

static void use(void)
{
	struct opened o;

	if (!ok0(target_give(&o, &guest, sbdf), "open it for the guest"))
		return;
	ok(owner_is(sbdf, "guest"), "it is the guest's");
	map_memory(&o);
	connect(&o.device);
	opened_close(&o);
	is_given_back("a close");
}

/* The guest has ended while the device was its. */
static void outlive(void)
{
	struct target_irqs r = target_irqs(MSIX, 0, 2), again = r;
	struct opened o;
	char line[16];
	uint16_t vendor;

	if (!ok0(target_give(&o, &guest, sbdf), "open it for the guest"))
		return;
	ok0(target_set_irqs(&o.device, &r), "connect two vectors");
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		die("no line");
	fails(target_set_irqs(&o.device, &again), ESRCH, "connect vectors of a guest that is gone");
	if (guest.hvm)
		fails(target_map_bar(&o.device, 0, 0, PAGE, FREE_GFN), ESRCH, "map a BAR for it");
	ok0(device_config_read(&o.device, 0, &vendor, sizeof(vendor)),
	    "the device can still be looked at");
	ok0(irq_disable(&o.device, MSIX), "disable the index");
	opened_close(&o);
	ok(owner_is(sbdf, "dom0"), "it is dom0's after a close");
	ok0(in_child(use_ordinarily, 0), "it can be used ordinarily");
}

/* The host asks for the device while the guest has its interrupts. */
static void give_on_request(void)
{
	struct target_irqs r = target_irqs(MSIX, 0, 2);
	struct opened o;
	int fd;

	if (!ok0(target_give(&o, &guest, sbdf), "open it for the guest"))
		return;
	ok0(target_set_irqs(&o.device, &r), "connect two vectors");
	ok0(irq_enable(&o.device, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &fd), "listen to requests");
	puts("ready");
	fflush(stdout);
	ok(irq_wait(fd, 20000) >= 1, "the host asks for the device");
	opened_close(&o);
	irq_close(&fd, 1);
}

static void run_out_of_pirqs(void)
{
	struct opened o;
	int count, ret = 0, n;

	if (!ok0(target_give(&o, &guest, sbdf), "open it for the guest"))
		return;
	count = irq_count(&o.device, MSIX, NULL);
	for (n = 0; n < count && !ret; n++) {
		struct target_irqs r = target_irqs(MSIX, (unsigned int)n, 1);

		ret = target_set_irqs(&o.device, &r);
	}
	fails(ret, ENOSPC, "one vector too many");
	ok(n > 1, "it is number %d of %d", n, count);
	ok(msix_is_enabled(), "the others are still connected");
	ok0(irq_disable(&o.device, MSIX), "disable the index");
	opened_close(&o);
}

int main(int argc, char **argv)
{
	if (argc != 6)
		die("usage: guest-target SBDF|hold|request|exhaust OTHER|SBDF DOMID UUID pv|hvm");
	guest = target_parse(argv[3], argv[4], argv[5]);
	if (!strcmp(argv[1], "hold")) {
		sbdf = argv[2];
		outlive();
		return tap_status();
	}
	if (!strcmp(argv[1], "exhaust")) {
		sbdf = argv[2];
		run_out_of_pirqs();
		return tap_status();
	}
	if (!strcmp(argv[1], "request")) {
		sbdf = argv[2];
		give_on_request();
		return tap_status();
	}
	sbdf = argv[1];
	other = argv[2];
	ask_wrongly();
	ask_for_oneself();
	use();
	return tap_status();
}
