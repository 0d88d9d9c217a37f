// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupts of devices in use by VFIO programs, for list and status.
 */
#include <string.h>

#include "ctl.h"

const char *irq_kind_name(const struct vfio_xen_device *dev)
{
	static const char *const names[] = {
		[VFIO_XEN_IRQ_NONE] = "none",  [VFIO_XEN_IRQ_INTX] = "intx",
		[VFIO_XEN_IRQ_MSI] = "msi",    [VFIO_XEN_IRQ_MSIX] = "msi-x",
		[VFIO_XEN_IRQ_UNKNOWN] = NULL,
	};

	return names[vfio_xen_device_get_irq_kind(dev)];
}

static const char *notification_name(const struct vfio_xen_device *dev)
{
	switch (vfio_xen_device_get_irq_notification(dev)) {
	case VFIO_XEN_IRQ_EVENTFD:
		return "eventfd";
	case VFIO_XEN_IRQ_EVTCHN:
		return "evtchn";
	case VFIO_XEN_IRQ_GUEST:
		return "guest";
	case VFIO_XEN_IRQ_NO_NOTIFICATION:
		break;
	}
	return NULL;
}

/* Returns -1 if unknown, or for INTx, which has no vectors. */
static int vectors_mapped(const struct vfio_xen_device *dev)
{
	if (vfio_xen_device_get_irq_kind(dev) == VFIO_XEN_IRQ_INTX)
		return -1;
	return vfio_xen_device_get_vectors_mapped(dev);
}

/* " 3/5", or " 3" if the number of mapped vectors is unknown */
static void vectors_format(const struct vfio_xen_device *dev,
			   char text[IRQ_TEXT_SIZE])
{
	int used = vfio_xen_device_get_vectors_used(dev);
	int mapped = vectors_mapped(dev);

	if (mapped >= 0)
		snprintf(text, IRQ_TEXT_SIZE, " %d/%d", used, mapped);
	else if (used > 1)
		snprintf(text, IRQ_TEXT_SIZE, " %d", used);
	else
		*text = '\0';
}

const char *irq_format(const struct vfio_xen_device *dev,
		       char text[IRQ_TEXT_SIZE])
{
	const char *kind = irq_kind_name(dev);
	char vectors[IRQ_TEXT_SIZE];
	bool evtchn;

	if (!vfio_xen_device_is_in_use(dev))
		return NULL;
	evtchn = vfio_xen_device_get_irq_notification(dev) ==
		 VFIO_XEN_IRQ_EVTCHN;
	vectors_format(dev, vectors);
	snprintf(text, IRQ_TEXT_SIZE, "%s%.20s%s", kind ? kind : "?", vectors,
		 evtchn ? " evtchn" : "");
	return text;
}

/* Whether dom0 can count them */
static bool is_counted(const struct vfio_xen_device *dev)
{
	return vfio_xen_device_is_in_use(dev) &&
	       vfio_xen_device_get_owner(dev) != VFIO_XEN_OWNER_GUEST;
}

const char *irq_count_format(const struct vfio_xen_device *dev,
			     char text[IRQ_TEXT_SIZE])
{
	if (!is_counted(dev))
		return NULL;
	snprintf(text, IRQ_TEXT_SIZE, "%llu",
		 (unsigned long long)vfio_xen_device_get_irq_count(dev));
	return text;
}

struct json_object *interrupts_to_json(const struct vfio_xen_device *dev)
{
	int mapped = vfio_xen_device_get_vectors_mapped(dev);
	struct json_object *object, *json_mapped = NULL, *count = NULL;

	if (!vfio_xen_device_is_in_use(dev))
		return NULL;
	if (mapped >= 0)
		json_mapped = json_object_new_int(mapped);
	if (is_counted(dev))
		count = json_object_new_uint64(
			vfio_xen_device_get_irq_count(dev));
	object = json_object_new_object();
	json_add_string(object, "kind", irq_kind_name(dev));
	json_add_string(object, "notification", notification_name(dev));
	json_object_object_add(
		object, "vectors_used",
		json_object_new_int(vfio_xen_device_get_vectors_used(dev)));
	json_object_object_add(object, "vectors_mapped", json_mapped);
	json_object_object_add(object, "count", count);
	json_object_object_add(
		object, "shared",
		json_object_new_boolean(vfio_xen_device_is_irq_shared(dev)));
	return object;
}

static void show_vectors(struct ctl *ctl, const struct vfio_xen_device *dev)
{
	int used = vfio_xen_device_get_vectors_used(dev);
	int mapped = vectors_mapped(dev);

	if (mapped >= 0)
		field_print(ctl, "vectors", "%d in use, %d mapped", used,
			    mapped);
	else
		field_print(ctl, "vectors", "%d in use", used);
}

void interrupts_show(struct ctl *ctl, const struct vfio_xen_device *dev)
{
	const char *kind = irq_kind_name(dev), *to = "";

	switch (vfio_xen_device_get_irq_notification(dev)) {
	case VFIO_XEN_IRQ_EVENTFD:
		to = ", to eventfds";
		break;
	case VFIO_XEN_IRQ_EVTCHN:
		to = ", to event channels";
		break;
	case VFIO_XEN_IRQ_GUEST:
		to = ", from Xen to the guest";
		break;
	case VFIO_XEN_IRQ_NO_NOTIFICATION:
		break;
	}
	field_print(ctl, "interrupts", "%s%s", kind ? kind : "unknown", to);
	if (!is_counted(dev))
		return;
	show_vectors(ctl, dev);
	field_print(ctl, "arrived", "%llu%s",
		    (unsigned long long)vfio_xen_device_get_irq_count(dev),
		    vfio_xen_device_is_irq_shared(dev) ?
			    ", with those of others on the same line" :
			    "");
}
