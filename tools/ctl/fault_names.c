// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words for faults, in tables, JSON, figures and the journal.
 */
#include "ctl.h"

const char *fault_kind_name(const struct vfio_xen_fault *fault)
{
	switch (vfio_xen_fault_get_kind(fault)) {
	case VFIO_XEN_FAULT_DMA:
		return "dma";
	case VFIO_XEN_FAULT_INTERRUPT:
		return "interrupt";
	case VFIO_XEN_FAULT_OTHER:
		break;
	}
	return "other";
}

const char *fault_access_name(const struct vfio_xen_fault *fault)
{
	switch (vfio_xen_fault_get_access(fault)) {
	case VFIO_XEN_FAULT_READ:
		return "read";
	case VFIO_XEN_FAULT_WRITE:
		return "write";
	case VFIO_XEN_FAULT_UNKNOWN:
		break;
	}
	return NULL;
}
