// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-xen-pci: vfio-pci for devices of a Xen host.
 *
 * vfio-pci-core does everything that vfio-pci does. This driver adds Xen's
 * kinds of interrupt notification, and support for devices of guests
 * (linux/vfio_xen.h).
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include <linux/vfio_xen.h>
#include <xen/vxi.h>
#include <xen/interface/xen.h>

#include "compat/export.h"
#include "bars.h"
#include "compat/vfio.h"
#include "decode.h"
#include "dmabuf.h"
#include "evtchn.h"
#include "guest_irqs.h"
#include "intx.h"
#include "lines.h"
#include "pciback.h"
#include "ports.h"
#include "quirks.h"
#include "recovery.h"
#include "table.h"

static bool enable_sriov;
module_param(enable_sriov, bool, 0644);
MODULE_PARM_DESC(enable_sriov, "Let virtual functions be made of devices in VFIO's hands (default N); as vfio-pci's");

/**
 * struct vfio_xen_pci_device - a device of this driver
 * @core:	vfio-pci-core's part
 * @set_irqs:	makes each VFIO_DEVICE_SET_IRQS one critical section. igate can't
 *		be held while vfio-pci-core does its part, for it takes that
 *		itself; so this comes before it.
 * @evtchns:	vectors that notify event channels
 * @guest_irqs:	vectors that go to a guest
 * @guest_ports: BARs in I/O space that a guest reaches
 * @decode:	what has it decode its BARs, which guests may reach
 * @after_reset: restores the interrupts that a reset has cleared; enabled while
 *		the device is open
 * @recovery:	from errors that PCI Express reports
 */
struct vfio_xen_pci_device {
	struct vfio_pci_core_device core;
	struct mutex set_irqs; /* see above */
	struct evtchns evtchns;
	struct guest_irqs guest_irqs;
	struct guest_ports guest_ports;
	struct decode decode;
	struct work_struct after_reset;
	struct recovery recovery;
};

static struct vfio_xen_pci_device *to_xen(struct vfio_device *vdev)
{
	return container_of(vdev, struct vfio_xen_pci_device, core.vdev);
}

static bool index_has_evtchns(u32 index)
{
	return index == VFIO_PCI_MSI_IRQ_INDEX ||
	       index == VFIO_PCI_MSIX_IRQ_INDEX;
}

static bool index_can_go_to_guest(u32 index)
{
	return index == VFIO_PCI_INTX_IRQ_INDEX || index_has_evtchns(index);
}

/* vfio-pci-core's answer, with this driver's flags */
static long get_irq_info(struct vfio_xen_pci_device *xen, unsigned long arg)
{
	struct vfio_irq_info __user *user = (void __user *)arg;
	struct vfio_irq_info info;
	struct vxi_guest guest;
	long ret;

	ret = vfio_pci_core_ioctl(&xen->core.vdev, VFIO_DEVICE_GET_IRQ_INFO,
				  arg);
	if (ret)
		return ret;
	if (copy_from_user(&info, user, sizeof(info)))
		return -EFAULT;
	if (index_has_evtchns(info.index) && info.count)
		info.flags |= VFIO_IRQ_INFO_XEN_EVTCHN;
	if (index_can_go_to_guest(info.index) && info.count &&
	    (info.index != VFIO_PCI_INTX_IRQ_INDEX ||
	     vxp_guest_irqs_can_have_intx(&xen->core)) &&
	    !vxi_guest_of(xen->core.pdev, &guest))
		info.flags |= VFIO_IRQ_INFO_XEN_GUEST;
	return put_user(info.flags, &user->flags);
}

static u32 vectors_of(struct vfio_xen_pci_device *xen, u32 index)
{
	struct pci_dev *pdev = xen->core.pdev;
	int nr;

	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return pdev->pin && pdev->irq &&
		       pdev->irq != IRQ_NOTCONNECTED && !xen->core.nointx;
	case VFIO_PCI_MSI_IRQ_INDEX:
		nr = pci_msi_vec_count(pdev);
		break;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		nr = pci_msix_vec_count(pdev);
		break;
	default:
		return 0;
	}
	return max(nr, 0);
}

static int check_header(struct vfio_xen_pci_device *xen,
			const struct vfio_irq_set *hdr, u32 data_type,
			bool (*index_has_type)(u32 index), size_t entry_size)
{
	if (hdr->flags != (data_type | VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;
	if (hdr->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	if (!index_has_type(hdr->index))
		return -EOPNOTSUPP;
	if (!hdr->count || hdr->start >= vectors_of(xen, hdr->index) ||
	    hdr->count > vectors_of(xen, hdr->index) - hdr->start)
		return -EINVAL;
	if (hdr->argsz - offsetofend(struct vfio_irq_set, count) <
	    hdr->count * entry_size)
		return -EINVAL;
	return 0;
}

static int check_evtchn_entries(const struct vfio_irq_xen_evtchn *entries,
				u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (entries[i].flags || entries[i].reserved)
			return -EOPNOTSUPP;
		if (entries[i].domid >= DOMID_FIRST_RESERVED)
			return -EINVAL;
	}
	return 0;
}

static long set_evtchns(struct vfio_xen_pci_device *xen,
			const struct vfio_irq_set *hdr,
			const struct vfio_irq_set __user *user)
{
	struct vfio_irq_xen_evtchn *entries;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = check_header(xen, hdr, VFIO_IRQ_SET_DATA_XEN_EVTCHN,
			   index_has_evtchns, sizeof(*entries));
	if (ret)
		return ret;
	entries = memdup_array_user(&user->data, hdr->count, sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	ret = check_evtchn_entries(entries, hdr->count);
	if (!ret) {
		mutex_lock(&xen->core.igate);
		ret = vxp_evtchns_set(&xen->core, &xen->evtchns, hdr, entries);
		mutex_unlock(&xen->core.igate);
	}
	kfree(entries);
	return ret;
}

static int check_guest_entries(const struct vfio_irq_xen_guest *entries,
			       u32 index, u32 count)
{
	u32 known = VFIO_IRQ_XEN_GUEST_CONNECT | VFIO_IRQ_XEN_GUEST_PIRQ |
		    VFIO_IRQ_XEN_GUEST_UNMASKED | VFIO_IRQ_XEN_GUEST_SHARED;
	u32 i;

	for (i = 0; i < count; i++) {
		if (entries[i].flags & ~known)
			return -EOPNOTSUPP;
		if (index == VFIO_PCI_INTX_IRQ_INDEX &&
		    (entries[i].slot > 31 || entries[i].pin > 3))
			return -EINVAL;
		if ((entries[i].flags & VFIO_IRQ_XEN_GUEST_PIRQ) &&
		    entries[i].pirq < 0)
			return -EINVAL;
	}
	return 0;
}

/*
 * On a shared line each device can delay the other's interrupts. A process that
 * may accept this for dom0 can let an unprivileged process connect INTx later.
 */
static int check_sharing(struct vfio_xen_pci_device *xen, u32 index,
			 const struct vfio_irq_xen_guest *entry)
{
	if (index != VFIO_PCI_INTX_IRQ_INDEX ||
	    !(entry->flags & VFIO_IRQ_XEN_GUEST_SHARED) ||
	    xen->guest_irqs.may_share)
		return 0;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	xen->guest_irqs.may_share = true;
	return 0;
}

static long set_guest_irqs(struct vfio_xen_pci_device *xen,
			   const struct vfio_irq_set *hdr,
			   struct vfio_irq_set __user *user)
{
	struct vfio_irq_xen_guest *entries;
	size_t size;
	int ret;

	ret = check_header(xen, hdr, VFIO_IRQ_SET_DATA_XEN_GUEST,
			   index_can_go_to_guest, sizeof(*entries));
	if (ret)
		return ret;
	size = array_size(hdr->count, sizeof(*entries));
	entries = memdup_user(&user->data, size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	ret = check_guest_entries(entries, hdr->index, hdr->count);
	if (!ret)
		ret = check_sharing(xen, hdr->index, entries);
	if (!ret) {
		mutex_lock(&xen->core.igate);
		ret = vxp_guest_irqs_set(&xen->core, &xen->guest_irqs, hdr,
					 entries, vectors_of(xen, hdr->index));
		mutex_unlock(&xen->core.igate);
		if (copy_to_user(&user->data, entries, size))
			ret = -EFAULT;
	}
	kfree(entries);
	return ret;
}

static bool is_disable(const struct vfio_irq_set *hdr)
{
	return hdr->flags == (VFIO_IRQ_SET_DATA_NONE |
			      VFIO_IRQ_SET_ACTION_TRIGGER) && !hdr->count;
}

static bool has_evtchns(struct vfio_xen_pci_device *xen, u32 index)
{
	return xen->evtchns.nr && xen->core.irq_type == index;
}

static bool has_guest_irqs(struct vfio_xen_pci_device *xen, u32 index)
{
	return xen->guest_irqs.nr && xen->guest_irqs.index == index;
}

static void disable_ours(struct vfio_xen_pci_device *xen)
{
	lockdep_assert_held(&xen->core.igate);

	vxp_evtchns_disable(&xen->core, &xen->evtchns);
	vxp_guest_irqs_disable(&xen->core, &xen->guest_irqs);
}

/*
 * Indices of the device as a whole: errors, and the host's request to release
 * it
 */
static bool index_is_of_device(u32 index)
{
	return index == VFIO_PCI_ERR_IRQ_INDEX ||
	       index == VFIO_PCI_REQ_IRQ_INDEX;
}

/* The notification is vfio-pci-core's, unless this driver has vectors. */
static long set_other_irqs(struct vfio_xen_pci_device *xen,
			   const struct vfio_irq_set *hdr, unsigned long arg)
{
	bool ours, disable;
	long ret;

	lockdep_assert_held(&xen->set_irqs);

	if (index_is_of_device(hdr->index))
		return vfio_pci_core_ioctl(&xen->core.vdev,
					   VFIO_DEVICE_SET_IRQS, arg);
	mutex_lock(&xen->core.igate);
	/*
	 * Neither may vfio-pci-core use another index while a guest has INTx.
	 */
	ours = has_evtchns(xen, hdr->index) || xen->guest_irqs.nr;
	disable = is_disable(hdr) && (has_evtchns(xen, hdr->index) ||
				      has_guest_irqs(xen, hdr->index));
	if (disable)
		disable_ours(xen);
	if (!ours)
		vxp_intx_leave_to_core(&xen->core);
	mutex_unlock(&xen->core.igate);
	if (ours)
		return disable ? 0 : -EINVAL;
	ret = vfio_pci_core_ioctl(&xen->core.vdev, VFIO_DEVICE_SET_IRQS, arg);
	if (!ret && hdr->index == VFIO_PCI_INTX_IRQ_INDEX)
		vxp_line_used(xen->core.pdev->irq);
	return ret;
}

/* After a possible change, or loss, of the device's interrupt registers */
static void refresh_irqs(struct vfio_xen_pci_device *xen)
{
	mutex_lock(&xen->core.igate);
	vxp_guest_irqs_rearm(&xen->core, &xen->guest_irqs);
	vxp_intx_follow(&xen->core, vxp_guest_irqs_have_intx(&xen->guest_irqs));
	mutex_unlock(&xen->core.igate);
}

static void after_reset(struct work_struct *work)
{
	refresh_irqs(container_of(work, struct vfio_xen_pci_device,
				  after_reset));
}

static long set_irqs(struct vfio_xen_pci_device *xen, unsigned long arg)
{
	struct vfio_irq_set __user *user = (void __user *)arg;
	struct vfio_irq_set hdr;
	long ret;

	if (copy_from_user(&hdr, user, offsetofend(struct vfio_irq_set, count)))
		return -EFAULT;
	if (hdr.argsz < offsetofend(struct vfio_irq_set, count))
		return -EINVAL;

	/* The holder may be waiting for a page of its user, for any time. */
	ret = mutex_lock_killable(&xen->set_irqs);
	if (ret)
		return ret;
	if (hdr.flags & VFIO_IRQ_SET_DATA_XEN_EVTCHN)
		ret = set_evtchns(xen, &hdr, user);
	else if (hdr.flags & VFIO_IRQ_SET_DATA_XEN_GUEST)
		ret = set_guest_irqs(xen, &hdr, user);
	else
		ret = set_other_irqs(xen, &hdr, arg);
	refresh_irqs(xen);
	mutex_unlock(&xen->set_irqs);
	return ret;
}

static long reset(struct vfio_xen_pci_device *xen, unsigned long arg)
{
	long ret = vfio_pci_core_ioctl(&xen->core.vdev, VFIO_DEVICE_RESET, arg);

	flush_work(&xen->after_reset);
	return ret;
}

/* All devices of a slot or bus, which have one user, have been reset. */
static long hot_reset(struct vfio_device *vdev, unsigned long arg)
{
	long ret = vfio_pci_core_ioctl(vdev, VFIO_DEVICE_PCI_HOT_RESET, arg);
	struct vfio_device *other;

	mutex_lock(&vdev->dev_set->lock);
	list_for_each_entry(other, &vdev->dev_set->device_list, dev_set_list)
		if (other->ops == vdev->ops)
			flush_work(&to_xen(other)->after_reset);
	mutex_unlock(&vdev->dev_set->lock);
	return ret;
}

static long vxp_ioctl(struct vfio_device *vdev, unsigned int cmd,
		      unsigned long arg)
{
	switch (cmd) {
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(to_xen(vdev), arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(to_xen(vdev), arg);
	case VFIO_DEVICE_RESET:
		return reset(to_xen(vdev), arg);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return hot_reset(vdev, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vxp_table_region_info_ioctl(vdev, arg);
	default:
		return vfio_pci_core_ioctl(vdev, cmd, arg);
	}
}

/*
 * Return: 1 and the value to set in @want; otherwise as vfio_check_feature().
 */
static int get_feature(u32 flags, void __user *arg, size_t argsz, void *want,
		       size_t size)
{
	int ret = vfio_check_feature(flags, argsz, VFIO_DEVICE_FEATURE_SET,
				     size);

	return ret == 1 && copy_from_user(want, arg, size) ? -EFAULT : ret;
}

static int vxp_feature(struct vfio_device *vdev, u32 flags, void __user *arg,
		       size_t argsz)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);
	struct vfio_device_feature_xen_ports ports;
	struct vfio_device_feature_xen_bar bar;
	int ret;

	switch (flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_XEN_PORTS:
		ret = get_feature(flags, arg, argsz, &ports, sizeof(ports));
		return ret == 1 ? vxp_ports_set(&xen->core, &xen->guest_ports,
						&ports) :
				  ret;
	case VFIO_DEVICE_FEATURE_XEN_BAR:
		ret = get_feature(flags, arg, argsz, &bar, sizeof(bar));
		return ret == 1 ? vxp_bars_set(&xen->core, &bar) : ret;
	default:
		return vfio_pci_core_ioctl_feature(vdev, flags, arg, argsz);
	}
}

/*
 * The user can reset the device, change its power state, and let it assert
 * INTx.
 */
static ssize_t vxp_write(struct vfio_device *vdev, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	unsigned int index = VFIO_PCI_OFFSET_TO_INDEX(*ppos);
	ssize_t ret = vxp_decode_write(&to_xen(vdev)->decode, buf, count, ppos);

	if (ret > 0 && index == VFIO_PCI_CONFIG_REGION_INDEX)
		refresh_irqs(to_xen(vdev));
	return ret;
}

static int vxp_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	if (vxp_table_overlaps_vma(&to_xen(vdev)->core, vma))
		return -EINVAL;
	return vfio_pci_core_mmap(vdev, vma);
}

static int vxp_open_device(struct vfio_device *vdev)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);
	int ret;

	mutex_lock(&xen->decode.lock);
	ret = vfio_pci_core_enable(&xen->core);
	vxp_decode_update(&xen->decode);
	mutex_unlock(&xen->decode.lock);
	if (ret)
		return ret;
	refresh_irqs(xen);
	enable_work(&xen->after_reset);
	vfio_pci_core_finish_enable(&xen->core);
	return 0;
}

/* The last descriptor is closed, however its process ended. */
static void vxp_close_device(struct vfio_device *vdev)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);

	disable_work_sync(&xen->after_reset);
	mutex_lock(&xen->core.igate);
	disable_ours(xen);
	xen->guest_irqs.may_share = false;
	vxp_ports_unmap_all(&xen->core, &xen->guest_ports);
	mutex_unlock(&xen->core.igate);
	vxp_bars_unmap_all(&xen->core);
	/* vfio-pci-core resets the device without calling its driver. */
	mutex_lock(&xen->decode.lock);
	vxp_decode_begin_reset(&xen->decode);
	vfio_pci_core_close_device(vdev);
	vxp_decode_update(&xen->decode);
	vxp_decode_end_reset(&xen->decode);
	mutex_unlock(&xen->decode.lock);
}

/*
 * A device with its own character device can be moved while it is open, and
 * must not leave interrupts or ports with a guest. vfio-xen-iommu moves its
 * BARs.
 */
static void leave_guest(struct vfio_xen_pci_device *xen)
{
	lockdep_assert_held(&xen->core.igate);

	vxp_guest_irqs_disable(&xen->core, &xen->guest_irqs);
	xen->guest_irqs.may_share = false;
	vxp_ports_unmap_all(&xen->core, &xen->guest_ports);
}

static int vxp_attach_ioas(struct vfio_device *vdev, u32 *pt_id)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);
	int ret;

	mutex_lock(&xen->decode.lock);
	mutex_lock(&xen->core.igate);
	leave_guest(xen);
	ret = vfio_iommufd_physical_attach_ioas(vdev, pt_id);
	mutex_unlock(&xen->core.igate);
	mutex_unlock(&xen->decode.lock);
	return ret;
}

static void vxp_detach_ioas(struct vfio_device *vdev)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);

	mutex_lock(&xen->core.igate);
	leave_guest(xen);
	vfio_iommufd_physical_detach_ioas(vdev);
	mutex_unlock(&xen->core.igate);
}

static int vxp_init_dev(struct vfio_device *vdev)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);

	mutex_init(&xen->set_irqs);
	mutex_init(&xen->guest_ports.lock);
	INIT_WORK(&xen->after_reset, after_reset);
	disable_work(&xen->after_reset);
	vxp_decode_init(&xen->decode, &xen->core, &xen->guest_ports);
	vxp_recovery_init(&xen->recovery, &xen->decode, &xen->after_reset);
	return vfio_pci_core_init_dev(vdev);
}

static void vxp_release_dev(struct vfio_device *vdev)
{
	struct vfio_xen_pci_device *xen = to_xen(vdev);

	vfio_pci_core_release_dev(vdev);
	vxp_decode_destroy(&xen->decode);
	mutex_destroy(&xen->guest_ports.lock);
	mutex_destroy(&xen->set_irqs);
}

static const struct vfio_device_ops vxp_ops = {
	.name = "vfio-xen-pci",
	.init = vxp_init_dev,
	.release = vxp_release_dev,
	.open_device = vxp_open_device,
	.close_device = vxp_close_device,
	.ioctl = vxp_ioctl,
	VFIO_OPS_REGION_INFO(vxp_table_region_info).device_feature =
		vxp_feature,
	.read = vfio_pci_core_read,
	.write = vxp_write,
	.mmap = vxp_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	VFIO_OPS_MATCH_TOKEN.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vxp_attach_ioas,
	.detach_ioas = vxp_detach_ioas,
};

static int vxp_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vfio_xen_pci_device *xen;
	int ret;

	if (vxp_quirks_deny(pdev))
		return -EINVAL;

	xen = vfio_alloc_device(vfio_xen_pci_device, core.vdev, &pdev->dev,
				&vxp_ops);
	if (IS_ERR(xen))
		return PTR_ERR(xen);

	/* vfio-pci-core's error handlers expect its struct as driver data. */
	dev_set_drvdata(&pdev->dev, &xen->core);
	vxp_dmabuf_allow(&xen->core);
	ret = vfio_pci_core_register_device(&xen->core);
	if (ret)
		vfio_put_device(&xen->core.vdev);
	return ret;
}

static struct vfio_xen_pci_device *xen_of(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	return to_xen(&core->vdev);
}

static void vxp_remove(struct pci_dev *pdev)
{
	struct vfio_xen_pci_device *xen = xen_of(pdev);

	vfio_pci_core_unregister_device(&xen->core);
	vxp_recovery_stop(&xen->recovery);
	vfio_put_device(&xen->core.vdev);
}

/* Called for every reset: by a VFIO user, whatever the method, or by dom0. */
static void vxp_reset_prepare(struct pci_dev *pdev)
{
	vxp_decode_begin_reset(&xen_of(pdev)->decode);
}

/*
 * A user's reset holds memory_lock here, and igate comes before that. So do it
 * later.
 */
static void vxp_reset_done(struct pci_dev *pdev)
{
	struct vfio_xen_pci_device *xen = xen_of(pdev);

	vxp_decode_end_reset(&xen->decode);
	schedule_work(&xen->after_reset);
}

/* Linux resets the link of a frozen device next, whatever this returns. */
static pci_ers_result_t vxp_error_detected(struct pci_dev *pdev,
					   pci_channel_state_t state)
{
	struct vfio_xen_pci_device *xen = xen_of(pdev);
	pci_ers_result_t result;

	if (state == pci_channel_io_frozen)
		vxp_recovery_begin(&xen->recovery);
	result = vfio_pci_core_aer_err_detected(pdev, state);
	if (state == pci_channel_io_perm_failure)
		vxp_recovery_end(&xen->recovery);
	return state == pci_channel_io_frozen ? PCI_ERS_RESULT_NEED_RESET :
						result;
}

static pci_ers_result_t vxp_slot_reset(struct pci_dev *pdev)
{
	vxp_recovery_end(&xen_of(pdev)->recovery);
	return PCI_ERS_RESULT_RECOVERED;
}

static void vxp_error_resume(struct pci_dev *pdev)
{
	vxp_recovery_end(&xen_of(pdev)->recovery);
}

static const struct pci_error_handlers vxp_err_handlers = {
	.error_detected = vxp_error_detected,
	.slot_reset = vxp_slot_reset,
	.resume = vxp_error_resume,
	.reset_prepare = vxp_reset_prepare,
	.reset_done = vxp_reset_done,
};

static int vxp_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	if (!enable_sriov)
		return -ENOENT;
	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev),
					     nr_virtfn);
}

/*
 * Any device, by driver_override only. There is no MODULE_DEVICE_TABLE: with
 * one, tools that look for the driver of a device would find two of equal right.
 */
static const struct pci_device_id vxp_table[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{}
};

static struct pci_driver vxp_driver = {
	.name = "vfio-xen-pci",
	.id_table = vxp_table,
	.probe = vxp_probe,
	.remove = vxp_remove,
	.sriov_configure = vxp_sriov_configure,
	.err_handler = &vxp_err_handlers,
	.driver_managed_dma = true,
};

static int __init vxp_init(void)
{
	int ret = vxp_lines_init();

	if (ret)
		return ret;
	ret = pci_register_driver(&vxp_driver);
	if (ret)
		goto exit_lines;
	ret = vxp_pciback_init();
	if (ret)
		goto unregister;
	return 0;

unregister:
	pci_unregister_driver(&vxp_driver);
exit_lines:
	vxp_lines_exit();
	return ret;
}
module_init(vxp_init);

static void __exit vxp_exit(void)
{
	vxp_pciback_exit();
	pci_unregister_driver(&vxp_driver);
	vxp_lines_exit();
}
module_exit(vxp_exit);

MODULE_DESCRIPTION("VFIO PCI driver with Xen's interrupt notifications");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(VXI_NS);
