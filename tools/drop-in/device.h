/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that were taken from pciback, each with a file that names its guest.
 */
#ifndef DROP_IN_DEVICE_H
#define DROP_IN_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* For tests: the directory that contains /sys and /run */
void device_set_root(const char *root);

/* Creates the directory of the files. Returns 0 or -errno. */
int device_init(void);
/*
 * Takes a device from pciback for a guest, and records the guest first.
 * Succeeds again for the same guest. Returns 0 or -errno.
 */
int device_take(const char *address, uint32_t domid);
/*
 * Gives a device back to pciback and removes its record. Returns 0 or -errno.
 */
int device_give_back(const char *address);
/* Calls @fn for each taken device. */
void device_foreach(void (*fn)(void *data, const char *address, uint32_t domid),
		    void *data);

/* Whether vfio-xen-pci is loaded as pciback. */
bool device_has_drop_in(void);
/* Whether PV guests are trusted not to keep mappings of a device */
bool device_trusts_guests(void);

#endif
