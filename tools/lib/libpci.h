/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libpci, with failures in place of its fatal errors.
 */
#ifndef VFIO_XEN_LIBPCI_H
#define VFIO_XEN_LIBPCI_H

#include <pci/pci.h>

#include "internal.h"

struct libpci;

int libpci_new(struct libpci **libpci);
void libpci_free(struct libpci *libpci);
struct pci_access *libpci_get(struct libpci *libpci);

/* What @fn returns, or -EIO after a fatal error, of which there is a text then. */
int libpci_call(struct libpci *libpci,
		int (*fn)(struct pci_access *pci, void *data), void *data);
/* NULL: there was none in the last call */
const char *libpci_get_error(const struct libpci *libpci);

#endif
