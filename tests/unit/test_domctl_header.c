// SPDX-License-Identifier: GPL-2.0
/*
 * The domctl structures against Xen's own header, of the release installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/domctl.h>

#include "domctl_abi.h"

static const struct domctl_abi *installed(void)
{
	const struct domctl_abi *abi = vxi_domctl_abis;

	while (abi->releases && abi->version != XEN_DOMCTL_INTERFACE_VERSION)
		abi++;
	if (!abi->releases)
		skip();
	return abi;
}

static void test_createdomain(void **state)
{
	struct xen_domctl want = {
		.cmd = XEN_DOMCTL_createdomain,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = DOMCTL_DOMID_ANY,
		.u.createdomain = {
			.handle = { 1, 2, 3, [15] = 16 },
			.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap |
				 XEN_DOMCTL_CDF_iommu,
			.max_vcpus = 1,
			.max_grant_frames = 1,
			.grant_opts = XEN_DOMCTL_GRANT_version(1),
			.arch.emulation_flags = XEN_X86_EMU_LAPIC,
		},
	};
	struct domctl op;

	(void)state;
	vxi_domctl_encode_createdomain(&op, installed(),
				       DOMCTL_CDF_HVM | DOMCTL_CDF_HAP |
					       DOMCTL_CDF_IOMMU,
				       want.u.createdomain.handle);
	assert_int_equal(sizeof(op), sizeof(want));
	assert_memory_equal(&op, &want, sizeof(want));
}

static void test_devices(void **state)
{
	struct xen_domctl want = {
		.cmd = XEN_DOMCTL_assign_device,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = DOMID_IO,
		.u.assign_device = {
			.dev = XEN_DOMCTL_DEV_PCI,
			.flags = XEN_DOMCTL_DEV_RDM_RELAXED,
			.u.pci.machine_sbdf = 0x10508,
		},
	};
	struct domctl op;

	(void)state;
	vxi_domctl_encode_assign_device(&op, installed(), DOMID_IO, 0x10508,
					true);
	assert_memory_equal(&op, &want, sizeof(want));
	want.cmd = XEN_DOMCTL_deassign_device;
	want.u.assign_device.flags = 0;
	vxi_domctl_encode_deassign_device(&op, installed(), DOMID_IO, 0x10508);
	assert_memory_equal(&op, &want, sizeof(want));
}

static void test_memory(void **state)
{
	struct xen_domctl mapping = {
		.cmd = XEN_DOMCTL_memory_mapping,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.memory_mapping = {
			.first_gfn = 0x100, .first_mfn = 0x200, .nr_mfns = 3,
			.add_mapping = DPCI_ADD_MAPPING,
		},
	};
	struct xen_domctl permission = {
		.cmd = XEN_DOMCTL_iomem_permission,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.iomem_permission = {
			.first_mfn = 0x200, .nr_mfns = 3, .allow_access = 1,
		},
	};
	struct xen_domctl pool = {
		.cmd = XEN_DOMCTL_set_paging_mempool_size,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.paging_mempool.size = 0x140000,
	};
	struct domctl op;

	(void)state;
	vxi_domctl_encode_memory_mapping(&op, installed(), 7, 0x100, 0x200, 3,
					 true);
	assert_memory_equal(&op, &mapping, sizeof(op));
	mapping.u.memory_mapping.add_mapping = DPCI_REMOVE_MAPPING;
	vxi_domctl_encode_memory_mapping(&op, installed(), 7, 0x100, 0x200, 3,
					 false);
	assert_memory_equal(&op, &mapping, sizeof(op));

	vxi_domctl_encode_iomem_permission(&op, installed(), 7, 0x200, 3, true);
	assert_memory_equal(&op, &permission, sizeof(op));
	vxi_domctl_encode_paging_mempool(&op, installed(), 7, 0x140000);
	assert_memory_equal(&op, &pool, sizeof(op));
}

static void test_ports(void **state)
{
	struct xen_domctl permission = {
		.cmd = XEN_DOMCTL_ioport_permission,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.ioport_permission = {
			.first_port = 0xc040, .nr_ports = 32, .allow_access = 1,
		},
	};
	struct xen_domctl mapping = {
		.cmd = XEN_DOMCTL_ioport_mapping,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.ioport_mapping = {
			.first_gport = 0xd000, .first_mport = 0xc040,
			.nr_ports = 32, .add_mapping = DPCI_ADD_MAPPING,
		},
	};
	struct domctl op;

	(void)state;
	vxi_domctl_encode_ioport_permission(&op, installed(), 7, 0xc040, 32,
					    true);
	assert_memory_equal(&op, &permission, sizeof(op));
	vxi_domctl_encode_ioport_mapping(&op, installed(), 7, 0xd000, 0xc040,
					 32, true);
	assert_memory_equal(&op, &mapping, sizeof(op));
}

static void test_guest_interrupts(void **state)
{
	struct xen_domctl msi = {
		.cmd = XEN_DOMCTL_bind_pt_irq,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.bind_pt_irq = {
			.machine_irq = 55,
			.irq_type = PT_IRQ_TYPE_MSI,
			.u.msi = {
				.gvec = 0x41,
				.gflags = XEN_DOMCTL_VMSI_X86_UNMASKED |
					  XEN_DOMCTL_VMSI_X86_DM_MASK,
				.gtable = 0xf2000000,
			},
		},
	};
	struct xen_domctl intx = {
		.cmd = XEN_DOMCTL_bind_pt_irq,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 7,
		.u.bind_pt_irq = {
			.machine_irq = 17,
			.irq_type = PT_IRQ_TYPE_PCI,
			.u.pci = { .device = 31, .intx = 3 },
		},
	};
	struct domctl op;

	(void)state;
	vxi_domctl_encode_bind_pt_msi(&op, installed(), 7, 55, 0x41,
				      DOMCTL_GFLAGS_UNMASKED | DOMCTL_GFLAGS_DM,
				      0xf2000000);
	assert_memory_equal(&op, &msi, sizeof(op));
	vxi_domctl_encode_bind_pt_intx(&op, installed(), 7, 17, 31, 3);
	assert_memory_equal(&op, &intx, sizeof(op));
	intx.cmd = XEN_DOMCTL_unbind_pt_irq;
	vxi_domctl_encode_unbind_pt_intx(&op, installed(), 7, 17, 31, 3);
	assert_memory_equal(&op, &intx, sizeof(op));
}

static void test_domaininfo(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct domctl, u.getdomaininfo.handle),
			 offsetof(struct xen_domctl, u.getdomaininfo.handle));
	assert_int_equal(offsetof(struct domctl, u.getdomaininfo.flags),
			 offsetof(struct xen_domctl, u.getdomaininfo.flags));
	assert_int_equal(DOMCTL_INFO_DYING, XEN_DOMINF_dying);
	assert_int_equal(DOMCTL_INFO_HVM, XEN_DOMINF_hvm_guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_createdomain),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_guest_interrupts),
		cmocka_unit_test(test_domaininfo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
