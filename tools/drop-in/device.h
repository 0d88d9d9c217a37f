/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that were taken from pciback, each with a file that names its guest.
 */
#ifndef DROP_IN_DEVICE_H
#define DROP_IN_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* For tests: where /sys and /run are. */
void device_set_root(const char *root);

/* Make the directory of the files; 0 or -errno. */
int device_init(void);
/*
 * Take a device from pciback for a guest, which is noted first: 0 or -errno. One that was
 * taken for that guest already is taken once more.
 */
int device_take(const char *address, uint32_t domid);
/* Back to pciback, and forgotten; 0 or -errno. */
int device_give_back(const char *address);
/* Each device that is taken. */
void device_foreach(void (*fn)(void *data, const char *address, uint32_t domid),
		    void *data);

/* Whether vfio-xen-pci is loaded as pciback. */
bool device_has_drop_in(void);
/* Whether PV guests are trusted not to keep mappings of a device. */
bool device_trusts_guests(void);

#endif
