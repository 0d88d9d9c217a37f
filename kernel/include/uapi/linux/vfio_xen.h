/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO for Xen: kinds of interrupt notification beside eventfds, and BARs for a
 * guest.
 *
 * These extend VFIO_DEVICE_GET_IRQ_INFO, VFIO_DEVICE_SET_IRQS and
 * VFIO_DEVICE_FEATURE of linux/vfio.h for devices that the driver vfio-xen-pci has.
 * Stock drivers answer -EINVAL or -ENOTTY to all of this.
 */
#ifndef _UAPI_LINUX_VFIO_XEN_H
#define _UAPI_LINUX_VFIO_XEN_H

#include <linux/types.h>
#include <linux/vfio.h>

/*
 * Flag of struct vfio_irq_info: the vectors of this index can be connected to
 * event channels. MSI and MSI-X have it.
 *
 * Bits from 24 on are used, far from those that linux/vfio.h hands out.
 */
#define VFIO_IRQ_INFO_XEN_EVTCHN	0x01000000

/*
 * Flag of struct vfio_irq_info: the vectors of this index can be connected to
 * the guest that has the device (linux/vfio_xen_iommu.h). INTx, MSI and MSI-X have it
 * while a guest has the device.
 */
#define VFIO_IRQ_INFO_XEN_GUEST		0x02000000

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

/*
 * Data type of struct vfio_irq_set: data[] is an array of @count struct
 * vfio_irq_xen_guest, one for each vector from @start on. The only action is
 * VFIO_IRQ_SET_ACTION_TRIGGER. Xen delivers these interrupts to the guest by
 * itself; neither this process nor dom0 runs for them.
 *
 * Vectors are independent of each other: each can be connected, connected again
 * (which changes where it goes) and disconnected at any time. One index at a
 * time: disable it first to use another (VFIO_IRQ_SET_DATA_NONE, count 0).
 * Closing the device disconnects everything, and so does attaching it to another
 * address space, or to none. Attaching another device of its group elsewhere takes
 * it along, and does not: disconnect before.
 *
 * The indices that are no interrupts of the device's, VFIO_PCI_ERR_IRQ_INDEX and
 * VFIO_PCI_REQ_IRQ_INDEX, take eventfds as ever.
 *
 * A device asserts INTx only while INTx is connected, to the guest or to an eventfd,
 * whatever its user writes to the configuration space.
 *
 * There is no action to mask a vector. MSIs that can be masked are masked in the
 * configuration space, and a vector of MSI-X by its guest, in the table that Xen
 * watches at @table.
 *
 * Errors:
 *	EINVAL		@argsz is too short for @count entries; no such index or
 *			vector; another data type or action is set too; another
 *			index is enabled; a message that no guest can receive; a
 *			slot or pin out of range
 *	EOPNOTSUPP	unknown flags in an entry; a reserved field that is not 0
 *	EPERM		VFIO_IRQ_XEN_GUEST_SHARED without the right to it
 *	ENODEV		no guest has the device; INTx: it has no line
 *	EBUSY		INTx: another device uses the same line, and
 *			VFIO_IRQ_XEN_GUEST_SHARED is not set, or a driver of dom0 does
 *			not share it
 *	EIO		MSI and MSI-X: the device is in D1 to D3, where only the whole
 *			index can be disabled; the vector is as before
 *	EEXIST		the pirq wanted is in use
 *	ESRCH		the guest is gone
 *	others		of Xen, when it refuses
 * On an error the vectors whose turn had come are connected as asked, and that
 * which failed is disconnected; a call that was to enable the index leaves it
 * disabled. The entries are written back in any case.
 */
#define VFIO_IRQ_SET_DATA_XEN_GUEST	0x02000000

/**
 * struct vfio_irq_xen_guest - where a vector goes in the guest
 * @flags:	VFIO_IRQ_XEN_GUEST_*
 * @pirq:	in: the guest's number for it, if VFIO_IRQ_XEN_GUEST_PIRQ is set;
 *		out: the number. A PV guest binds it to an event channel itself
 *		(EVTCHNOP_bind_pirq); there is nothing else to say for one, and
 *		the other fields are ignored.
 * @address:	the message as the guest has written it, in the format of the
 * @data:	local APIC. A vector of 0 in @data is for guests that receive it
 *		by event channel: @address then has the pirq.
 * @slot:	INTx: the device's number on the guest's bus 0, 0 to 31
 * @pin:	INTx: 0 to 3 for INTA to INTD
 * @table:	guest-physical address of the guest's MSI-X table, for Xen to
 *		handle what the guest writes to mask bits there; 0 if there is
 *		none. The same for all vectors.
 *
 * Xen's source for the calls behind it: public/physdev.h, PHYSDEVOP_map_pirq;
 * public/domctl.h, struct xen_domctl_bind_pt_irq.
 */
struct vfio_irq_xen_guest {
	__u32 flags;
	__s32 pirq;
	__u64 address;
	__u32 data;
	__u16 slot;
	__u16 pin;
	__u64 table;
};

/* Connect the vector; without it, disconnect. */
#define VFIO_IRQ_XEN_GUEST_CONNECT	0x1
/* @pirq is the number wanted; without it, any will do. */
#define VFIO_IRQ_XEN_GUEST_PIRQ		0x2
/* Let it fire at once; without it, a masked vector stays masked. */
#define VFIO_IRQ_XEN_GUEST_UNMASKED	0x4
/*
 * INTx: share the line with dom0, or with other guests' devices. Each can hold up the
 * others' interrupts: so it needs CAP_SYS_ADMIN, until somebody who has that has set
 * it, connected or not. Then whoever has the descriptor may, until the device is
 * closed or attached elsewhere.
 */
#define VFIO_IRQ_XEN_GUEST_SHARED	0x8

/*
 * VFIO_DEVICE_FEATURE, set only: have an HVM guest reach a BAR in I/O space
 * without leaving the guest. (A PV guest may use the BARs of its devices where
 * they are.) As with VFIO_DEVICE_FEATURE_XEN_BAR the guest has them while the device
 * decodes I/O space. It is unmapped when interrupts are disconnected: see above.
 *
 * Errors: EINVAL for a BAR that is not in I/O space or ports out of range,
 * EOPNOTSUPP for a PV guest, ENODEV if no guest has the device, EEXIST if the BAR
 * is mapped.
 */
#define VFIO_DEVICE_FEATURE_XEN_PORTS	0x8000

/**
 * struct vfio_device_feature_xen_ports - ports of a guest for those of a BAR
 * @bar:	0 to 5
 * @map:	1 to map, 0 to unmap
 * @gport:	the guest's first port; as many follow as the BAR has
 */
struct vfio_device_feature_xen_ports {
	__u32 bar;
	__u16 map;
	__u16 gport;
};

/*
 * VFIO_DEVICE_FEATURE, set only: have an HVM guest reach pages of a memory BAR
 * without leaving the guest. It is for this device's BARs alone, and for the guest
 * that has the device, whether that got it by a group and a container or by
 * IOMMU_HWPT_ALLOC (linux/vfio_xen_iommu.h).
 *
 * A BAR can be mapped in parts, and more than once. What one call has mapped one
 * call unmaps, with the same values. Closing the device unmaps all, and so does
 * whatever takes it from the guest.
 *
 * The guest must have nothing at these addresses. What this group's devices have
 * mapped there is refused; of the rest Xen alone knows. It puts a BAR in the place
 * of RAM, which the guest loses, and ends a guest that has a BAR of another group's
 * device there.
 *
 * The guest loses what is mapped while the device does not decode memory: when that is
 * turned off in COMMAND, in D1 to D3, and for the time of a reset. What is unmapped or
 * closed meanwhile does not come back.
 *
 * It waits for other mappings of the same group's devices, and takes the longer the
 * more pages there are: Xen maps up to 64 a hypercall.
 *
 * Errors:
 *	EINVAL		@map is neither 0 nor 1; no BAR, or not one in memory that a
 *			process could map; @offset, @size or @gaddr are not multiples
 *			of the page size; @size is 0, or reaches beyond the BAR's
 *			end; a page of the MSI-X table, or of its
 *			pending bits, is among them
 *	EIO		the device does not decode memory
 *	ENODEV		no guest has the device
 *	EOPNOTSUPP	a PV guest
 *	ERANGE		@gaddr is beyond any guest's last address
 *	EEXIST		to map: something of this group's devices is there
 *	ENOENT		to unmap: this is not mapped
 *	EPERM		another device has a BAR in one of the pages
 *	ESRCH		the guest is gone
 *	others		of Xen, when it refuses
 * On an error nothing has changed.
 */
#define VFIO_DEVICE_FEATURE_XEN_BAR	0x8001

/**
 * struct vfio_device_feature_xen_bar - addresses of a guest for those of a BAR
 * @bar:	0 to 5; the even one of a 64-bit BAR's two
 * @map:	1 to map, 0 to unmap
 * @offset:	of the first byte in the BAR
 * @size:	in bytes
 * @gaddr:	the guest-physical address of the first byte
 *
 * Xen's source for the call behind it: public/domctl.h,
 * struct xen_domctl_memory_mapping.
 */
struct vfio_device_feature_xen_bar {
	__u32 bar;
	__u32 map;
	__u64 offset;
	__u64 size;
	__u64 gaddr;
};

#endif
