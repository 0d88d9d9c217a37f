// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/iommu: a process names the guest that a group is for.
 */
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <linux/vfio_xen_iommu.h>

#include "chardev.h"
#include "guest.h"

/* Protects everything below. A leaf lock, apart from hypercalls. */
static DEFINE_MUTEX(lock);

/* Requests that no attach has used yet */
static LIST_HEAD(requests);

/**
 * struct request - what one descriptor has asked for
 * @node:	on the list of requests, or empty
 * @process:	who asked
 * @group:	the group's number
 * @guest:	the guest that it is for
 */
struct request {
	struct list_head node;
	pid_t process;
	unsigned int group;
	struct vxi_guest guest;
};

static struct request *find(unsigned int group)
{
	struct request *request;

	lockdep_assert_held(&lock);

	list_for_each_entry(request, &requests, node)
		if (request->group == group)
			return request;
	return NULL;
}

bool vxi_chardev_take_guest(unsigned int group, struct vxi_guest *guest)
{
	struct request *request;

	guard(mutex)(&lock);
	request = find(group);
	if (!request || request->process != task_tgid_nr(current))
		return false;
	*guest = request->guest;
	list_del_init(&request->node);
	return true;
}

static long set_guest(struct request *request,
		      const struct vfio_xen_set_guest __user *arg)
{
	struct vfio_xen_set_guest want;
	struct request *other;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&want, arg, sizeof(want)))
		return -EFAULT;
	if (want.argsz < sizeof(want))
		return -EINVAL;

	guard(mutex)(&lock);
	other = find(want.group);
	if (other && other != request)
		return -EBUSY;
	list_del_init(&request->node);
	request->process = task_tgid_nr(current);
	request->group = want.group;
	ret = vxi_guest_init(&request->guest, want.domid, want.handle,
			     want.flags);
	if (!ret)
		list_add(&request->node, &requests);
	return ret;
}

static long vxi_chardev_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	if (cmd != VFIO_XEN_SET_GUEST)
		return -ENOTTY;
	return set_guest(file->private_data, (const void __user *)arg);
}

static int vxi_chardev_open(struct inode *inode, struct file *file)
{
	struct request *request = kzalloc(sizeof(*request), GFP_KERNEL_ACCOUNT);

	if (!request)
		return -ENOMEM;
	INIT_LIST_HEAD(&request->node);
	file->private_data = request;
	return nonseekable_open(inode, file);
}

static int vxi_chardev_release(struct inode *inode, struct file *file)
{
	struct request *request = file->private_data;

	scoped_guard(mutex, &lock)
		list_del(&request->node);
	kfree(request);
	return 0;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = vxi_chardev_open,
	.release = vxi_chardev_release,
	.unlocked_ioctl = vxi_chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vfio-xen-iommu",
	.nodename = "xen/iommu",
	.mode = 0600,
	.fops = &chardev_fops,
};

int vxi_chardev_init(void)
{
	return misc_register(&chardev);
}

void vxi_chardev_exit(void)
{
	misc_deregister(&chardev);
}
