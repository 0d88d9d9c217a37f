// SPDX-License-Identifier: GPL-2.0-only
/*
 * Create, map and check the state that outlives a worker.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "guest.h"
#include "state.h"

/* Seal it: shrinking would kill every process that reads it. */
struct state *state_create(int *fd)
{
	struct state *state;

	*fd = memfd_create("vfio-xen-state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return NULL;
	if (ftruncate(*fd, sizeof(*state)) ||
	    fcntl(*fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
	    !(state = state_map(*fd))) {
		int err = errno;

		close(*fd);
		errno = err;
		return NULL;
	}
	state->magic = STATE_MAGIC;
	state->version = STATE_VERSION;
	return state;
}

struct state *state_map(int fd)
{
	struct state *state;
	struct stat st;

	if (fstat(fd, &st))
		return NULL;
	if (st.st_size != sizeof(*state)) {
		errno = EBADMSG;
		return NULL;
	}
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	return state == MAP_FAILED ? NULL : state;
}

void state_unmap(struct state *state)
{
	if (state)
		munmap(state, sizeof(*state));
}

unsigned int state_count_refused(const struct state *state, unsigned int index)
{
	const struct state_device *dev = &state->devices[index];

	return state->kind == GUEST_PV ? dev->pv.refused : dev->hvm.refused;
}

static bool device_is_sane(const struct state_device *dev, uint32_t kind)
{
	if (!dev->used)
		return true;
	if (dev->used != 1 || dev->slot >= STATE_MAX_DEVICES ||
	    dev->permissive > 1)
		return false;
	return kind != GUEST_PV || dev->pv.irq_index <= VFIO_PCI_NUM_IRQS;
}

int state_check(const struct state *state, uint32_t domid, uint32_t kind)
{
	uint32_t slots = 0;

	if (state->magic != STATE_MAGIC || state->version != STATE_VERSION ||
	    state->domid != domid || state->kind != kind)
		return -EBADMSG;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		const struct state_device *dev = &state->devices[i];

		if (!device_is_sane(dev, kind))
			return -EBADMSG;
		if (!dev->used)
			continue;
		if (slots & 1U << dev->slot)
			return -EBADMSG;
		slots |= 1U << dev->slot;
	}
	return 0;
}
