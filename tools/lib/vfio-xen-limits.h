/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits and timeouts of requests to vfio-xen-dm: the same for those who ask and for
 * the process that answers.
 */
#ifndef VFIO_XEN_LIMITS_H
#define VFIO_XEN_LIMITS_H

/* How long a guest may take to get or to release a device, in seconds */
#define VFIO_XEN_TIMEOUT_DEFAULT_S 10 /* libxl's own */
#define VFIO_XEN_TIMEOUT_MAX_S 600

/* Slots of a guest's bus, and so the devices that a guest can have */
#define VFIO_XEN_MAX_SLOTS 32

/* "01234567-89ab-cdef-0123-456789abcdef" and its NUL */
#define VFIO_XEN_UUID_SIZE 37

/* What vfio-xen-dm needs besides waiting for the guest, and to undo a request */
#define VFIO_XEN_REPLY_SPARE_MS 15000
/* A question that it answers at once */
#define VFIO_XEN_STATUS_TIMEOUT_MS 2000

/* The longest request and the longest reply, with the newline */
#define VFIO_XEN_MAX_REQUEST 4096
#define VFIO_XEN_MAX_REPLY 16384

#endif
