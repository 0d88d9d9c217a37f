// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/hugepages/hugepages-2048kB. The kernel creates it for its own
 * huge pages, which a PV dom0 lacks.
 */
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "block.h"
#include "sysfs.h"

static struct kobject *sizes_kobj;
static struct kobject *size_kobj;

static ssize_t nr_hugepages_show(struct kobject *kobj,
				 struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", xdm_blocks_limit());
}

static ssize_t nr_hugepages_store(struct kobject *kobj,
				  struct kobj_attribute *attr, const char *buf,
				  size_t len)
{
	unsigned long limit;
	int ret = kstrtoul(buf, 10, &limit);

	if (ret)
		return ret;
	xdm_blocks_set_limit(limit);
	return len;
}

static ssize_t free_hugepages_show(struct kobject *kobj,
				   struct kobj_attribute *attr, char *buf)
{
	unsigned long limit = xdm_blocks_limit(), used = xdm_blocks_used();

	return sysfs_emit(buf, "%lu\n", limit > used ? limit - used : 0);
}

/* No pages are reserved, and there is no surplus beyond the limit. */
static ssize_t zero_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "0\n");
}

static struct kobj_attribute nr_hugepages = __ATTR_RW(nr_hugepages);
static struct kobj_attribute free_hugepages = __ATTR_RO(free_hugepages);
static struct kobj_attribute resv_hugepages =
	__ATTR(resv_hugepages, 0444, zero_show, NULL);
static struct kobj_attribute surplus_hugepages =
	__ATTR(surplus_hugepages, 0444, zero_show, NULL);
static struct kobj_attribute nr_overcommit_hugepages =
	__ATTR(nr_overcommit_hugepages, 0444, zero_show, NULL);

static struct attribute *attrs[] = {
	&nr_hugepages.attr,
	&free_hugepages.attr,
	&resv_hugepages.attr,
	&surplus_hugepages.attr,
	&nr_overcommit_hugepages.attr,
	NULL
};

static const struct attribute_group attr_group = {
	.attrs = attrs,
};

/*
 * Found through its directory in sysfs, because the kernel does not export it.
 * It never goes away.
 */
static struct kobject *find_mm_kobj(void)
{
	struct kernfs_node *node = kernfs_find_and_get(kernel_kobj->sd, "mm");
	struct kobject *mm;

	if (!node)
		return NULL;
	mm = node->priv;
	kernfs_put(node);
	return mm;
}

int xdm_sysfs_init(void)
{
	struct kobject *mm = find_mm_kobj();
	int ret = -ENOMEM;

	if (!mm)
		return -ENOENT;
	sizes_kobj = kobject_create_and_add("hugepages", mm);
	if (!sizes_kobj)
		return ret;
	size_kobj = kobject_create_and_add("hugepages-2048kB", sizes_kobj);
	if (!size_kobj)
		goto put_sizes;
	ret = sysfs_create_group(size_kobj, &attr_group);
	if (ret)
		goto put_size;
	return 0;

put_size:
	kobject_put(size_kobj);
put_sizes:
	kobject_put(sizes_kobj);
	return ret;
}

void xdm_sysfs_exit(void)
{
	kobject_put(size_kobj);
	kobject_put(sizes_kobj);
}
