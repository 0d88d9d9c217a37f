/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MSI capability of the guest.
 *
 * Xen owns the real capability. The guest's registers are in the state. The guest gets
 * one vector, however many the device has.
 */
#ifndef DM_HVM_MSI_H
#define DM_HVM_MSI_H

#include <stdbool.h>
#include <stdint.h>

#include "../config.h"
#include "../state.h"

struct msi {
	const struct vfio_device *vfio;
	struct state_hvm *state;
	uint8_t cap; /* offset of the capability; 0: none */
	uint8_t data_offset;
	uint8_t mask_offset; /* 0: it cannot be masked */
	/* Called after a change that interrupts depend on. */
	void (*changed)(void *data);
	void *changed_data;
};

/* Finds the capability, and adds its registers to @config. */
int msi_init(struct msi *msi, struct config *config);
/* After the device has been reset */
void msi_reset(struct msi *msi);
bool msi_is_enabled(const struct msi *msi);
/*
 * Connect, or connect anew; 0 or -errno. -ENOSPC if Xen has no vector left: MSI then is
 * disabled again, which the guest can read.
 */
int msi_connect(struct msi *msi);

#endif
