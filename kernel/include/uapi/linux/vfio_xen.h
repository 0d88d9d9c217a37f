/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO for Xen: kinds of interrupt notification beside eventfds.
 *
 * These extend VFIO_DEVICE_GET_IRQ_INFO and VFIO_DEVICE_SET_IRQS of
 * linux/vfio.h for devices that the driver vfio-xen-pci has. Stock drivers
 * answer -EINVAL to all of this.
 */
#ifndef _UAPI_LINUX_VFIO_XEN_H
#define _UAPI_LINUX_VFIO_XEN_H

#include <linux/types.h>
#include <linux/vfio.h>

/*
 * Flag of struct vfio_irq_info: the vectors of this index can be connected to
 * event channels. MSI and MSI-X have it.
 *
 * Bits from 24 on are used, far from those that linux/vfio.h hands out. Bit 25
 * of both structures is kept for messages to a guest.
 */
#define VFIO_IRQ_INFO_XEN_EVTCHN	0x01000000

/*
 * Data type of struct vfio_irq_set, in place of VFIO_IRQ_SET_DATA_*: data[] is
 * an array of @count struct vfio_irq_xen_evtchn, one for each vector from
 * @start on. The only action is VFIO_IRQ_SET_ACTION_TRIGGER.
 *
 * The first call for an index allocates @start + @count vectors; later calls
 * connect or disconnect these. An index has eventfds or event channels: to
 * change, or to have more vectors, disable it first, as with eventfds
 * (VFIO_IRQ_SET_DATA_NONE, count 0). Closing the device disables it.
 *
 * Needs CAP_SYS_ADMIN, as an event channel that waits for dom0 may belong to
 * anybody.
 *
 * Errors:
 *	EPERM		without CAP_SYS_ADMIN
 *	EINVAL		@argsz is too short for @count entries; no such index or
 *			vector; another data type or action is set too; the
 *			index, or another one, is enabled with eventfds
 *	EOPNOTSUPP	the index has no event channels; unknown flags in an
 *			entry; a reserved field that is not 0
 *	ENOSPC		the device has fewer vectors
 *	others		of Xen, when it refuses to connect to the event channel:
 *			ESRCH no such domain, EINVAL a port that does not wait
 *			for dom0
 * On an error the vectors of the call that were connected before are as before,
 * or disconnected if their turn had come.
 */
#define VFIO_IRQ_SET_DATA_XEN_EVTCHN	0x01000000

/**
 * struct vfio_irq_xen_evtchn - the event channel that a vector notifies
 * @flags:	0
 * @domid:	the domain that has the other end; 0 is dom0, a process there too
 * @port:	its port, which must be unbound and wait for dom0
 *		(EVTCHNOP_alloc_unbound, or IOCTL_EVTCHN_BIND_UNBOUND_PORT of
 *		/dev/xen/evtchn, with remote domain 0); 0 disconnects the vector
 * @reserved:	0
 *
 * Xen's source for the call behind it: public/event_channel.h,
 * EVTCHNOP_bind_interdomain.
 */
struct vfio_irq_xen_evtchn {
	__u32 flags;
	__u32 domid;
	__u32 port;
	__u32 reserved;
};

#endif
