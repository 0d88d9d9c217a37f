// SPDX-License-Identifier: GPL-2.0
/*
 * The domctl ABI: encoders for the layout of each release.
 */
#include "domctl_abi.h"

/* The local APIC alone: the least that Xen accepts for an HVM domain. */
#define EMULATE_LAPIC	BIT(0)

const struct domctl_abi vxi_domctl_abis[] = {
	{ .version = 0x18, .releases = "4.22", .altp2m_opts = true },
	{ .version = 0x17, .releases = "4.19 to 4.21", .altp2m_opts = true },
	{ .version = 0x16, .releases = "4.18", .altp2m_opts = false },
	{ .version = 0x15, .releases = "4.17", .altp2m_opts = false },
	{}
};

static void encode_head(struct domctl *op, const struct domctl_abi *abi,
			u32 cmd, u16 domid)
{
	static_assert(sizeof(*op) == 144, "struct xen_domctl has 144 bytes");

	memset(op, 0, sizeof(*op));
	op->cmd = cmd;
	op->interface_version = abi->version;
	op->domid = domid;
}

void vxi_domctl_encode_getdomaininfo(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid)
{
	encode_head(op, abi, DOMCTL_GETDOMAININFO, domid);
}

/* The smallest possible domain: no vCPU will ever run in it. */
void vxi_domctl_encode_createdomain(struct domctl *op,
				    const struct domctl_abi *abi, u32 flags,
				    const u8 *handle)
{
	struct domctl_createdomain *create = &op->u.createdomain;

	encode_head(op, abi, DOMCTL_CREATEDOMAIN, DOMCTL_DOMID_ANY);
	memcpy(create->handle, handle, sizeof(create->handle));
	create->flags = flags;
	create->max_vcpus = 1;
	create->max_grant_frames = 1;
	create->grant_opts = 1;	/* grant tables of version 1 at most */
	if (abi->altp2m_opts)
		create->v4_19.emulation_flags = EMULATE_LAPIC;
	else
		create->v4_17.emulation_flags = EMULATE_LAPIC;
}

void vxi_domctl_encode_destroydomain(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid)
{
	encode_head(op, abi, DOMCTL_DESTROYDOMAIN, domid);
}

void vxi_domctl_encode_pausedomain(struct domctl *op,
				   const struct domctl_abi *abi, u16 domid,
				   bool pause)
{
	encode_head(op, abi, pause ? DOMCTL_PAUSEDOMAIN : DOMCTL_UNPAUSEDOMAIN,
		    domid);
}

void vxi_domctl_encode_assign_device(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid,
				     u32 sbdf, bool relaxed)
{
	encode_head(op, abi, DOMCTL_ASSIGN_DEVICE, domid);
	op->u.assign_device.flags = relaxed ? DOMCTL_DEV_RDM_RELAXED : 0;
	op->u.assign_device.sbdf = sbdf;
}

void vxi_domctl_encode_deassign_device(struct domctl *op,
				       const struct domctl_abi *abi, u16 domid,
				       u32 sbdf)
{
	encode_head(op, abi, DOMCTL_DEASSIGN_DEVICE, domid);
	op->u.assign_device.sbdf = sbdf;
}

void vxi_domctl_encode_memory_mapping(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u64 dfn, u64 mfn, u64 nr, bool add)
{
	encode_head(op, abi, DOMCTL_MEMORY_MAPPING, domid);
	op->u.memory_mapping.gfn = dfn;
	op->u.memory_mapping.mfn = mfn;
	op->u.memory_mapping.nr_mfns = nr;
	op->u.memory_mapping.add = add;
}

void vxi_domctl_encode_iomem_permission(struct domctl *op,
					const struct domctl_abi *abi, u16 domid,
					u64 mfn, u64 nr, bool allow)
{
	encode_head(op, abi, DOMCTL_IOMEM_PERMISSION, domid);
	op->u.iomem_permission.mfn = mfn;
	op->u.iomem_permission.nr_mfns = nr;
	op->u.iomem_permission.allow = allow;
}

void vxi_domctl_encode_paging_mempool(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u64 size)
{
	encode_head(op, abi, DOMCTL_SET_PAGING_MEMPOOL_SIZE, domid);
	op->u.paging_mempool.size = size;
}

void vxi_domctl_encode_ioport_permission(struct domctl *op,
					 const struct domctl_abi *abi,
					 u16 domid, u32 port, u32 nr,
					 bool allow)
{
	encode_head(op, abi, DOMCTL_IOPORT_PERMISSION, domid);
	op->u.ioport_permission.port = port;
	op->u.ioport_permission.nr_ports = nr;
	op->u.ioport_permission.allow = allow;
}

void vxi_domctl_encode_ioport_mapping(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u32 gport, u32 mport, u32 nr, bool add)
{
	encode_head(op, abi, DOMCTL_IOPORT_MAPPING, domid);
	op->u.ioport_mapping.gport = gport;
	op->u.ioport_mapping.mport = mport;
	op->u.ioport_mapping.nr_ports = nr;
	op->u.ioport_mapping.add = add;
}

static void encode_pt_irq(struct domctl *op, const struct domctl_abi *abi,
			  u32 cmd, u16 domid, u32 pirq, u32 type)
{
	encode_head(op, abi, cmd, domid);
	op->u.bind_pt_irq.pirq = pirq;
	op->u.bind_pt_irq.type = type;
}

void vxi_domctl_encode_bind_pt_msi(struct domctl *op,
				   const struct domctl_abi *abi, u16 domid,
				   u32 pirq, u8 gvec, u32 gflags, u64 gtable)
{
	encode_pt_irq(op, abi, DOMCTL_BIND_PT_IRQ, domid, pirq,
		      DOMCTL_PT_IRQ_MSI);
	op->u.bind_pt_irq.msi.gvec = gvec;
	op->u.bind_pt_irq.msi.gflags = gflags;
	op->u.bind_pt_irq.msi.gtable = gtable;
}

void vxi_domctl_encode_bind_pt_intx(struct domctl *op,
				    const struct domctl_abi *abi, u16 domid,
				    u32 pirq, u8 slot, u8 pin)
{
	encode_pt_irq(op, abi, DOMCTL_BIND_PT_IRQ, domid, pirq,
		      DOMCTL_PT_IRQ_PCI);
	op->u.bind_pt_irq.pci.slot = slot;
	op->u.bind_pt_irq.pci.pin = pin;
}

void vxi_domctl_encode_unbind_pt_msi(struct domctl *op,
				     const struct domctl_abi *abi, u16 domid,
				     u32 pirq)
{
	encode_pt_irq(op, abi, DOMCTL_UNBIND_PT_IRQ, domid, pirq,
		      DOMCTL_PT_IRQ_MSI);
}

void vxi_domctl_encode_unbind_pt_intx(struct domctl *op,
				      const struct domctl_abi *abi, u16 domid,
				      u32 pirq, u8 slot, u8 pin)
{
	encode_pt_irq(op, abi, DOMCTL_UNBIND_PT_IRQ, domid, pirq,
		      DOMCTL_PT_IRQ_PCI);
	op->u.bind_pt_irq.pci.slot = slot;
	op->u.bind_pt_irq.pci.pin = pin;
}

u32 vxi_domctl_gflags(u64 address, u32 data)
{
	u32 dest_id = address >> 12 & 0xff;
	u32 rh = address >> 3 & 1;
	u32 dm = address >> 2 & 1;
	u32 delivery = data >> 8 & 7;
	u32 trigger = data >> 15 & 1;

	return dest_id | rh << 8 | dm << 9 | delivery << 12 | trigger << 15;
}
