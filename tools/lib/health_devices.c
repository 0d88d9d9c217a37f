// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of devices and groups. A success is one line for all; a failure is one
 * line for each.
 */
#include <string.h>

#include "health.h"

/*
 * The initramfs has copies of modules and files, so a change of these alone is no way
 * out. The caller frees the text, which may be NULL.
 */
static char *advise_rebuild(const struct vfio_xen_health *health,
			    const char *before, const char *after)
{
	char *advice;

	if (asprintf(&advice, "%s%s%s", before, initramfs_advice(health->ctx),
		     after) < 0)
		return NULL;
	return advice;
}

/* ---- late ---- */

static bool is_late(const struct vfio_xen_device *dev)
{
	char name[16];

	return dev->group && !vfio_xen_device_is_bridge(dev) &&
	       !file_read_line(dev->ctx, name, sizeof(name),
			       "/sys/kernel/iommu_groups/%d/name",
			       dev->group_number) &&
	       !strcmp(name, "prebound");
}

/*
 * A built-in driver always comes first, so nothing can be done. If it has
 * parameters, sysfs shows it as a module, but without initstate.
 */
static bool has_built_in_driver(const struct vfio_xen_device *dev)
{
	return dev->driver &&
	       !file_exists(dev->ctx,
			    "/sys/bus/pci/drivers/%s/module/initstate",
			    dev->driver);
}

void health_check_late(struct vfio_xen_health *health)
{
	autofree char *advice = advise_rebuild(
		health, "", ", so that vfio-xen-iommu is loaded first");
	size_t nr_late = 0, nr_built_in = 0;
	struct vfio_xen_device *dev;

	if (!file_exists(health->ctx, "/sys/module/vfio_xen_iommu"))
		return;
	vfio_xen_device_foreach(health->ctx, dev) {
		if (!is_late(dev))
			continue;
		if (has_built_in_driver(dev)) {
			nr_built_in++;
			continue;
		}
		nr_late++;
		health_say(health, "early", VFIO_XEN_WARN, advice,
			   "%s had its driver %s before vfio-xen-iommu was "
			   "loaded",
			   dev->address, dev->driver ? dev->driver : "?");
	}
	if (!nr_late)
		health_say(health, "early", VFIO_XEN_OK, NULL,
			   "vfio-xen-iommu was loaded before the drivers of "
			   "devices; %zu devices have drivers that are built "
			   "into the kernel",
			   nr_built_in);
}

/* ---- persistent ---- */

static void check_lost(struct vfio_xen_health *health,
		       const struct vfio_xen_entry *entry, const char *address)
{
	autofree char *advice =
		advise_rebuild(health, "put it back, or remove the file and ",
			       "; bind --persistent remembers another one");

	health_say(health, "persistent", VFIO_XEN_WARN, advice,
		   "%s: the device of %s %s", entry->file, address,
		   vfio_xen_entry_get_loss(entry));
}

/*
 * The same rule as udev's: without a driver there are no virtual functions, and
 * an existing number stays.
 */
static void check_vfs(struct vfio_xen_health *health,
		      const struct vfio_xen_entry *entry)
{
	unsigned int nr = 0, most;

	if (entry->nr_vfs <= 0)
		return;
	if (vfio_xen_device_get_nr_vfs(entry->dev, &nr, &most))
		nr = 0;
	if (nr == (unsigned int)entry->nr_vfs)
		return;
	health_say(health, "persistent", VFIO_XEN_WARN,
		   nr ? "vfio-xen-ctl vfs sets their number" :
			"load its host driver; vfio-xen-ctl check --fix makes "
			"them, or tells why not",
		   "%s: %s has %u virtual functions, not %d", entry->file,
		   entry->dev->address, nr, entry->nr_vfs);
}

static void check_use(struct vfio_xen_health *health,
		      const struct vfio_xen_entry *entry)
{
	autofree char *advice = advise_rebuild(
		health, "have the host stop using it, or remove the file and ",
		"");

	if (entry->state == VFIO_XEN_ENTRY_IN_USE)
		health_say(health, "persistent", VFIO_XEN_WARN, advice,
			   "%s: the host uses %s", entry->file,
			   entry->dev->address);
}

static void check_entry(struct vfio_xen_health *health,
			const struct vfio_xen_entry *entry)
{
	char address[VFIO_XEN_SBDF_SIZE];

	vfio_xen_sbdf_format(entry->sbdf, address);
	if (!entry->dev) {
		check_lost(health, entry, address);
		return;
	}
	if (entry->sbdf != entry->dev->sbdf)
		health_say(health, "persistent", VFIO_XEN_WARN,
			   "bind --persistent writes its new address down",
			   "%s: the device of %s has moved to %s", entry->file,
			   address, entry->dev->address);
	check_use(health, entry);
	if (entry->state == VFIO_XEN_ENTRY_UNBOUND)
		health_say(
			health, "persistent", VFIO_XEN_WARN,
			"vfio-xen-ctl check --fix binds it, or tells why not",
			"%s: %s is not bound to %s", entry->file,
			entry->dev->address, entry->driver);
	check_vfs(health, entry);
}

void health_check_persistent(struct vfio_xen_health *health)
{
	size_t nr = vfio_xen_config_get_nr_entries(health->config);
	autofree char *advice =
		advise_rebuild(health, "mend the file or remove it, and ", "");
	size_t before = health->nr;

	for (size_t i = 0; i < vfio_xen_config_get_nr_errors(health->config);
	     i++)
		health_say(health, "persistent", VFIO_XEN_FAIL, advice, "%s",
			   vfio_xen_config_get_error(health->config, i));
	for (size_t i = 0; i < nr; i++)
		check_entry(health,
			    vfio_xen_config_get_entry(health->config, i));
	if (health->nr == before && nr)
		health_say(health, "persistent", VFIO_XEN_OK, NULL,
			   "persistent devices are as they should be: %zu", nr);
}

/* ---- groups ---- */

void health_check_groups(struct vfio_xen_health *health)
{
	const struct vfio_xen_group *group;

	vfio_xen_group_foreach(health->ctx, group) {
		if (vfio_xen_group_get_state(group) != VFIO_XEN_GROUP_MIXED)
			continue;
		health_say(
			health, "groups", VFIO_XEN_WARN,
			"bind all of it (vfio-xen-ctl bind --group), or none",
			"group %d has host drivers beside VFIO's, so it "
			"cannot be used",
			vfio_xen_group_get_number(group));
	}
}

/* ---- devices ---- */

void health_check_resets(struct vfio_xen_health *health)
{
	const struct vfio_xen_device *dev;

	vfio_xen_device_foreach(health->ctx, dev) {
		if (!device_has_vfio_driver(dev) || dev->reset_method)
			continue;
		health_say(health, "reset", VFIO_XEN_WARN, NULL,
			   "%s has no reset: its user may see, and leave "
			   "behind, state of other users",
			   dev->address);
	}
}

void health_check_reserved(struct vfio_xen_health *health)
{
	const struct vfio_xen_group *group;

	vfio_xen_group_foreach(health->ctx, group) {
		/* "0x... 0x... direct". "direct-relaxable" does not matter. */
		if (!file_count_lines(
			    health->ctx, " direct\n",
			    "/sys/kernel/iommu_groups/%d/reserved_regions",
			    group->number))
			continue;
		health_say(health, "reserved", VFIO_XEN_WARN, NULL,
			   "the firmware wants devices of group %d to reach "
			   "reserved memory (RMRR): VFIO cannot have them",
			   group->number);
	}
}
