// SPDX-License-Identifier: GPL-2.0
/*
 * A network card's memory decoding goes off and on, its BAR is touched, it is reset and
 * its MSI-X vectors come and go, all by threads of their own. Then everything works.
 * No vector is raised meanwhile: Xen would find that it cannot reach the MSI-X table.
 *
 * usage: decode-race igb|e1000e SBDF [SECONDS]
 */
#include <linux/pci_regs.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

static struct opened o;
static struct nic n;
static atomic_bool stop;
static __thread sigjmp_buf away;

struct worker {
	const char *what;
	/* Once more; 0 or -errno. */
	int (*once)(void);
	pthread_t thread;
	unsigned long times;
	int error;
};

/* A BAR that is not decoded can't be mapped in. */
static void no_bar(int sig)
{
	(void)sig;
	siglongjmp(away, 1);
}

static int touch(void)
{
	if (!sigsetjmp(away, 1))
		(void)n.regs[0];
	return 0;
}

/* What is read back may be what a reset has restored. */
static int decode(void)
{
	const uint16_t off = PCI_COMMAND_MASTER, on = off | PCI_COMMAND_MEMORY;
	int ret = device_config_write(&o.device, PCI_COMMAND, &off, sizeof(off));

	return ret ? ret : device_config_write(&o.device, PCI_COMMAND, &on, sizeof(on));
}

static int reset(void)
{
	sleep_ms(50);
	return device_reset(&o.device);
}

/* All, then one after the other freed and taken again. */
static int vectors(void)
{
	int fds[NIC_VECTORS_MAX], ret;

	ret = irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < n.nr_vectors && !ret; i++) {
		ret = irq_set_fd(&o.device, MSIX, i, -1);
		if (!ret)
			ret = irq_set_fd(&o.device, MSIX, i, fds[i]);
	}
	if (!ret)
		ret = irq_disable(&o.device, MSIX);
	irq_close(fds, n.nr_vectors);
	return ret;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!stop && !w->error) {
		w->error = w->once();
		w->times++;
	}
	return NULL;
}

static void for_a_while(unsigned int seconds)
{
	struct worker w[] = {
		{ .what = "touch the BAR", .once = touch },
		{ .what = "take decoding away and give it back", .once = decode },
		{ .what = "reset the device", .once = reset },
		{ .what = "take and free its vectors", .once = vectors },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(w); i++)
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			die("no thread");
	sleep_ms(seconds * 1000);
	stop = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(w); i++) {
		pthread_join(w[i].thread, NULL);
		ok0(w[i].error, "%s", w[i].what);
		ok(w[i].times > 1, "%s: %lu times", w[i].what, w[i].times);
	}
}

static void works_after_all(void)
{
	int fds[NIC_VECTORS_MAX];

	irq_disable(&o.device, MSIX);
	ok0(device_reset(&o.device), "reset it once more");
	ok0(device_memory_decode(&o.device, true), "let it decode");
	ok0(device_bus_master(&o.device, true), "and be bus master");
	nic_arm(&n);
	if (!ok0(irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds), "take all vectors"))
		return;
	ok(nic_all_fire(&n, fds), "all of them arrive");
	ok0(irq_disable(&o.device, MSIX), "disable");
	irq_close(fds, n.nr_vectors);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = no_bar };

	if (argc < 3)
		die("usage: decode-race igb|e1000e SBDF [SECONDS]");
	sigaction(SIGBUS, &sa, NULL);
	opened_must_open(&o, argv[2]);
	if (nic_init(&n, &o.device, argv[1]))
		die("%s has no registers", argv[2]);
	for_a_while(argc > 3 ? (unsigned int)atoi(argv[3]) : 5);
	works_after_all();
	nic_fini(&n);
	opened_close(&o);
	return tap_status();
}
