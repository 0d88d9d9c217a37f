// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X vectors of a network card, each connected to an event channel of its
 * own by vfio-xen-pci.
 *
 * usage: evtchn-msix igb|e1000e SBDF [ROUNDS]
 *        evtchn-msix igb|e1000e SBDF hold	connect all, raise them over and over
 *						until killed
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evtchn.h"
#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

static struct opened o;
static struct nic n;
static uint32_t ports[NIC_VECTORS_MAX];

static int connect_some(unsigned int start, unsigned int count, const uint32_t *to)
{
	return evtchn_connect(&o.device, MSIX, start, count, to);
}

static void new_ports(void)
{
	for (unsigned int i = 0; i < n.nr_vectors; i++)
		ports[i] = evtchn_new_port();
}

static bool fires(unsigned int vector)
{
	uint32_t got;

	nic_raise(&n, vector);
	got = evtchn_wait(NIC_WAIT_MS);
	if (got != ports[vector])
		comment("vector %u notifies port %u, not %u", vector, got, ports[vector]);
	return got == ports[vector];
}

/* What was raised while it could not arrive would be pending. */
static void forget(void)
{
	ok0(device_reset(&o.device), "reset the device");
	nic_arm(&n);
}

static bool silent(unsigned int vector)
{
	nic_raise(&n, vector);
	return !evtchn_wait(50);
}

/* One event for each, at the port of its vector, and none at any other. */
static void all_fire(const char *when, unsigned int rounds)
{
	unsigned int got = 0;

	for (unsigned int i = 0; i < rounds * n.nr_vectors; i++)
		got += fires(i % n.nr_vectors);
	ok(got == rounds * n.nr_vectors, "%s: %u of %u raises notify their own port", when, got,
	   rounds * n.nr_vectors);
	ok(!evtchn_wait(50), "%s: there is no other event", when);
}

static bool connect_all(const char *when)
{
	return ok0(connect_some(0, n.nr_vectors, ports), "%s: connect %u vectors", when,
		   n.nr_vectors);
}

/* The others are on their way while one is connected to another port. */
static void change_one(void)
{
	const unsigned int v = n.nr_vectors / 2;
	unsigned int failed = 0, lost = 0;

	for (unsigned int i = 0; i < 20; i++) {
		nic_raise(&n, 0);
		ports[v] = evtchn_new_port();
		failed += connect_some(v, 1, &ports[v]) != 0;
		lost += evtchn_wait(NIC_WAIT_MS) != ports[0];
		lost += !fires(v);
	}
	ok(!failed, "20 times another port for vector %u", v);
	ok(!lost, "it notifies the new one, and vector 0 loses nothing meanwhile");
	all_fire("after the changes", 2);
}

static void drop_one(void)
{
	const unsigned int v = n.nr_vectors - 1;
	const uint32_t none = 0;

	ok0(connect_some(v, 1, &none), "disconnect vector %u", v);
	ok(silent(v), "it notifies nobody");
	ok(fires(0), "vector 0 does");
	ports[v] = evtchn_new_port();
	ok0(connect_some(v, 1, &ports[v]), "connect it again");
	/* The one that was raised in between has been pending. */
	evtchn_wait(50);
	all_fire("after that", 2);
}

/* A port that is taken, in the middle of an array: what came before it is undone. */
static void half_way(void)
{
	uint32_t bad[NIC_VECTORS_MAX];
	int ret;

	new_ports();
	memcpy(bad, ports, sizeof(bad));
	bad[n.nr_vectors / 2] += 500;
	ret = connect_some(0, n.nr_vectors, bad);
	ok(ret == -EINVAL, "an array with a port that does not wait: %s", strerror(-ret));
	ok(silent(0), "leaves nothing connected");
	forget();
	new_ports();
}

static void beyond(void)
{
	int ret = connect_some(n.nr_vectors, 1, ports);

	ok(ret == -EINVAL, "there is no vector %u: %s", n.nr_vectors, strerror(-ret));
}

/* Under Xen the device moves to another domain with the first map. */
static void across_maps(void)
{
	void *va = pages_alloc(PAGE);

	ok0(container_map(&o.container, va, GIB(1), PAGE, RW), "map a page while connected");
	all_fire("after the map", 2);
	ok0(container_unmap(&o.container, GIB(1), PAGE, 0, NULL), "unmap it");
	all_fire("after the unmap", 2);
	forget();
	all_fire("after the reset", 2);
	pages_free(va, PAGE);
}

static void to_eventfds_and_back(void)
{
	int fds[NIC_VECTORS_MAX];

	ok0(irq_disable(&o.device, MSIX), "disable");
	ok(silent(0), "nothing is notified after that");
	forget();
	if (ok0(irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds), "now eventfds")) {
		ok(nic_all_fire(&n, fds), "all arrive there");
		ok0(irq_disable(&o.device, MSIX), "disable");
		irq_close(fds, n.nr_vectors);
	}
	new_ports();
	if (connect_all("again"))
		all_fire("again", 2);
}

static void hold(void)
{
	new_ports();
	if (connect_some(0, n.nr_vectors, ports))
		die("no connection");
	comment("holding");
	for (unsigned int i = 0;; i++)
		if (!fires(i % n.nr_vectors))
			die("vector %u is lost", i % n.nr_vectors);
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 3 ? (unsigned int)atoi(argv[3]) : 20;

	if (argc < 3)
		die("usage: evtchn-msix igb|e1000e SBDF [ROUNDS | hold]");
	opened_must_open(&o, argv[2]);
	if (nic_init(&n, &o.device, argv[1]))
		die("%s has no registers", argv[2]);
	nic_arm(&n);
	if (argc > 3 && !strcmp(argv[3], "hold"))
		hold();

	half_way();
	beyond();
	if (!connect_all("first"))
		return tap_status();
	all_fire("first", rounds);
	change_one();
	drop_one();
	across_maps();
	to_eventfds_and_back();
	nic_fini(&n);
	opened_close(&o);
	return tap_status();
}
