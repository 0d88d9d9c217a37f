// SPDX-License-Identifier: GPL-2.0
/*
 * Kills a process that opens a device, enables MSI-X, raises, maps, resets and
 * disables, at random moments; the next one has all vectors at once.
 *
 * usage: msix-kill e1000e|igb|igbvf SBDF [NR [SEED]]
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "irq.h"
#include "nic.h"
#include "open.h"
#include "tap.h"
#include "util.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define LIFE_MAX_MS 600

static const char *kind, *sbdf;
static struct opened o;
static struct nic n;
static int fds[NIC_VECTORS_MAX];

/* Where a child was when it died, for the reader: it shows that the moments differ. */
enum stage { OPENING, ENABLING, FIRING, MAPPING, RESETTING, DISABLING, STAGES };
static const char *const stage_names[STAGES] = { "opening", "enabling", "firing",
						 "mapping", "resetting", "disabling" };
static volatile int *stage;

static int open_device(void)
{
	int ret = opened_open(&o, sbdf);

	if (!ret)
		ret = nic_init(&n, &o.device, kind);
	if (!ret)
		nic_arm(&n);
	return ret;
}

static void live(void)
{
	void *va = pages_alloc(PAGE);

	*stage = OPENING;
	if (open_device())
		_exit(1);
	for (;;) {
		*stage = ENABLING;
		if (irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds))
			_exit(2);
		*stage = FIRING;
		for (unsigned int i = 0; i < 10 * n.nr_vectors; i++)
			nic_raise(&n, i % n.nr_vectors);
		*stage = MAPPING;
		if (container_map(&o.container, va, GIB(1), PAGE, RW))
			_exit(3);
		*stage = RESETTING;
		device_reset(&o.device);
		nic_arm(&n);
		if (container_unmap(&o.container, GIB(1), PAGE, 0, NULL))
			_exit(4);
		*stage = DISABLING;
		if (irq_disable(&o.device, MSIX))
			_exit(5);
		irq_close(fds, n.nr_vectors);
	}
}

/* True if the child lived until it was killed. */
static bool kill_one(struct rng *r, unsigned int *died_at)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("no process");
	if (!pid)
		live();
	sleep_ms((unsigned int)rng_below(r, LIFE_MAX_MS));
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("the child is lost");
	died_at[*stage]++;
	if (!WIFSIGNALED(status))
		comment("a child gave up while %s (%d)", stage_names[*stage], WEXITSTATUS(status));
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* What was raised for a process that is dead may still be there: a reset forgets it. */
static bool fresh(void)
{
	bool fine = !open_device() && !device_reset(&o.device);

	nic_arm(&n);
	fine = fine && !irq_enable(&o.device, MSIX, 0, n.nr_vectors, fds);
	fine = fine && nic_all_fire(&n, fds);
	nic_fini(&n);
	opened_close(&o);
	irq_close(fds, n.nr_vectors);
	return fine;
}

int main(int argc, char **argv)
{
	unsigned int nr = argc > 3 ? (unsigned int)atoi(argv[3]) : 10, died_at[STAGES] = { 0 };
	struct rng r = { argc > 4 ? strtoull(argv[4], NULL, 0) : 1 };
	unsigned int lived = 0, works = 0;

	if (argc < 3)
		die("usage: msix-kill e1000e|igb|igbvf SBDF [NR [SEED]]");
	kind = argv[1];
	sbdf = argv[2];
	stage = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < nr; i++) {
		lived += kill_one(&r, died_at);
		works += fresh();
	}
	ok(lived == nr, "%u of %u children were killed while at work", lived, nr);
	ok(works == nr, "after %u of them all vectors work at once", works);
	for (int i = 0; i < STAGES; i++)
		comment("killed_while_%s=%u", stage_names[i], died_at[i]);
	return tap_status();
}
