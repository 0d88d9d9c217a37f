/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domctl ABI of Xen 4.17 to 4.22, as far as this module uses it.
 *
 * Domctls belong to the toolstack, and Xen reserves the right to change them
 * with each release: a caller names the interface version that it was written
 * for, and Xen answers -EACCES to any other. The structures here are those of
 * Xen's public/domctl.h; the releases differ in createdomain alone.
 *
 *   Xen    version  createdomain
 *   4.17   0x15     64 bytes
 *   4.18   0x16     64 bytes
 *   4.19   0x17     68 bytes: altp2m_opts in front of vmtrace_size
 *   4.20   0x17     the same
 *   4.21   0x17     the same, altp2m_opts split in two (all 0 here)
 *   4.22   0x18     the same
 */
#ifndef VXI_DOMCTL_ABI_H
#define VXI_DOMCTL_ABI_H

#include "pure.h"

#define DOMCTL_CREATEDOMAIN		1
#define DOMCTL_DESTROYDOMAIN		2
#define DOMCTL_PAUSEDOMAIN		3
#define DOMCTL_UNPAUSEDOMAIN		4
#define DOMCTL_GETDOMAININFO		5
#define DOMCTL_IOMEM_PERMISSION		20
#define DOMCTL_IOPORT_PERMISSION	21
#define DOMCTL_ASSIGN_DEVICE		37
#define DOMCTL_BIND_PT_IRQ		38
#define DOMCTL_MEMORY_MAPPING		39
#define DOMCTL_IOPORT_MAPPING		40
#define DOMCTL_DEASSIGN_DEVICE		47
#define DOMCTL_UNBIND_PT_IRQ		48
#define DOMCTL_SET_PAGING_MEMPOOL_SIZE	86

/* createdomain flags: XEN_DOMCTL_CDF_* */
#define DOMCTL_CDF_HVM			BIT(0)
#define DOMCTL_CDF_HAP			BIT(1)
#define DOMCTL_CDF_IOMMU		BIT(5)

/*
 * "Any free domid" for createdomain. 4.22 gave this number its meaning (there
 * 0 asks for domid 0); to earlier releases it is a number that cannot be one.
 */
#define DOMCTL_DOMID_ANY		0x7ff5U

/*
 * assign_device flags: XEN_DOMCTL_DEV_RDM_RELAXED. Reserved memory that is shared with
 * other devices, or that the domain has something else at, does not matter.
 */
#define DOMCTL_DEV_RDM_RELAXED		BIT(0)

/* getdomaininfo flags: XEN_DOMINF_* */
#define DOMCTL_INFO_DYING		BIT(0)
#define DOMCTL_INFO_HVM			BIT(1)

/* What kind of interrupt bind_pt_irq and its reverse are about. */
#define DOMCTL_PT_IRQ_PCI		0
#define DOMCTL_PT_IRQ_MSI		2

/* bind_pt_irq's gflags: XEN_DOMCTL_VMSI_X86_* */
#define DOMCTL_GFLAGS_DEST_ID		0x0000ff
#define DOMCTL_GFLAGS_RH		0x000100
#define DOMCTL_GFLAGS_DM		0x000200
#define DOMCTL_GFLAGS_DELIVERY		0x007000
#define DOMCTL_GFLAGS_TRIGGER		0x008000
#define DOMCTL_GFLAGS_UNMASKED		0x010000

struct domctl_getdomaininfo {
	u16 domid;		/* up to 4.17 that of the next domain, if there is none */
	u16 pad;
	u32 flags;
	u64 counts[7];		/* pages, frames, time */
	u32 nr_online_vcpus;
	u32 max_vcpu_id;
	u32 ssidref;
	u8 handle[16];
};

struct domctl_createdomain {
	u32 ssidref;
	u8 handle[16];
	u32 flags;
	u32 iommu_opts;
	u32 max_vcpus;
	u32 max_evtchn_port;
	s32 max_grant_frames;
	s32 max_maptrack_frames;
	u32 grant_opts;
	union {
		struct {
			u32 vmtrace_size;
			u32 cpupool_id;
			u32 emulation_flags;
			u32 misc_flags;
		} v4_17;
		struct {
			u32 altp2m_opts;
			u32 vmtrace_size;
			u32 cpupool_id;
			u32 emulation_flags;
			u32 misc_flags;
		} v4_19;
	};
};

struct domctl_assign_device {
	u32 dev;		/* 0: PCI */
	u32 flags;
	u32 sbdf;
	u32 pad[3];		/* the union's other kind of device */
};

struct domctl_memory_mapping {
	u64 gfn;
	u64 mfn;
	u64 nr_mfns;
	u32 add;
	u32 pad;
};

struct domctl_iomem_permission {
	u64 mfn;
	u64 nr_mfns;
	u8 allow;
};

struct domctl_ioport_permission {
	u32 port;
	u32 nr_ports;
	u8 allow;
};

struct domctl_ioport_mapping {
	u32 gport;
	u32 mport;
	u32 nr_ports;
	u32 add;
};

struct domctl_bind_pt_irq {
	u32 pirq;		/* "machine_irq" in Xen's header */
	u32 type;
	union {
		struct {
			u8 bus;
			u8 slot;
			u8 pin;
		} pci;
		struct {
			u8 gvec;
			u32 gflags;
			u64 gtable;
		} msi;
	};
};

struct domctl_paging_mempool {
	u64 size;		/* in bytes */
};

struct domctl {
	u32 cmd;
	u32 interface_version;
	u16 domid;		/* in; out for createdomain, getdomaininfo */
	u16 pad[3];
	union {
		struct domctl_getdomaininfo getdomaininfo;
		struct domctl_createdomain createdomain;
		struct domctl_assign_device assign_device;
		struct domctl_memory_mapping memory_mapping;
		struct domctl_iomem_permission iomem_permission;
		struct domctl_ioport_permission ioport_permission;
		struct domctl_ioport_mapping ioport_mapping;
		struct domctl_bind_pt_irq bind_pt_irq;
		struct domctl_paging_mempool paging_mempool;
		u8 bytes[128];
	} u;
};

/**
 * struct domctl_abi - one interface version
 * @version:		what Xen wants in interface_version
 * @releases:		the Xen releases that speak it, for messages
 * @altp2m_opts:	createdomain has that field
 */
struct domctl_abi {
	u32 version;
	const char *releases;
	bool altp2m_opts;
};

/* Every version that is known, the newest first; ends with a NULL @releases. */
extern const struct domctl_abi vxi_domctl_abis[];

/*
 * Encoders: each fills a whole struct domctl. Frames and sizes are as Xen
 * takes them: dfn, mfn and nr in 4 KiB frames, size in bytes, sbdf packed.
 */
void vxi_domctl_encode_getdomaininfo(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid);
/* @handle: its UUID, 16 bytes */
void vxi_domctl_encode_createdomain(struct domctl *op,
				    const struct domctl_abi *abi, u32 flags,
				    const u8 *handle);
void vxi_domctl_encode_destroydomain(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid);
void vxi_domctl_encode_pausedomain(struct domctl *op,
				   const struct domctl_abi *abi, u16 domid,
				   bool pause);
void vxi_domctl_encode_assign_device(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid,
				     u32 sbdf, bool relaxed);
void vxi_domctl_encode_deassign_device(struct domctl *op,
				       const struct domctl_abi *abi, u16 domid,
				       u32 sbdf);
void vxi_domctl_encode_memory_mapping(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u64 dfn, u64 mfn, u64 nr, bool add);
void vxi_domctl_encode_iomem_permission(struct domctl *op,
					const struct domctl_abi *abi, u16 domid,
					u64 mfn, u64 nr, bool allow);
void vxi_domctl_encode_ioport_permission(struct domctl *op,
					 const struct domctl_abi *abi,
					 u16 domid, u32 port, u32 nr,
					 bool allow);
void vxi_domctl_encode_ioport_mapping(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u32 gport, u32 mport, u32 nr, bool add);
void vxi_domctl_encode_bind_pt_msi(struct domctl *op,
				   const struct domctl_abi *abi, u16 domid,
				   u32 pirq, u8 gvec, u32 gflags, u64 gtable);
void vxi_domctl_encode_bind_pt_intx(struct domctl *op,
				    const struct domctl_abi *abi, u16 domid,
				    u32 pirq, u8 slot, u8 pin);
void vxi_domctl_encode_unbind_pt_msi(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid,
				     u32 pirq);
void vxi_domctl_encode_unbind_pt_intx(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u32 pirq, u8 slot, u8 pin);
void vxi_domctl_encode_paging_mempool(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u64 size);

/**
 * vxi_domctl_gflags() - a message for the local APIC as bind_pt_irq takes it
 * @address:	of the message
 * @data:	of the message, whose vector bind_pt_irq takes apart
 *
 * Return: gflags, without DOMCTL_GFLAGS_UNMASKED. (Intel SDM volume 3, "Message
 * Signalled Interrupts".)
 */
u32 vxi_domctl_gflags(u64 address, u32 data);

#endif
