// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of the hypervisor and of dom0's type.
 */
#include <string.h>

#include "health.h"

#define OLDEST_MINOR 17
#define NEWEST_MINOR 22

void health_check_xen(struct vfio_xen_health *health)
{
	unsigned int major = 0, minor = 0;
	autofree char *version = host_read_xen_version(health->ctx);

	if (!version) {
		health_say(health, "xen", VFIO_XEN_FAIL,
			   "boot the host with Xen", "this is not Xen");
		return;
	}
	if (sscanf(version, "%u.%u", &major, &minor) == 2 && major == 4 &&
	    minor >= OLDEST_MINOR && minor <= NEWEST_MINOR)
		health_say(health, "xen", VFIO_XEN_OK, NULL, "Xen %s", version);
	else
		health_say(health, "xen", VFIO_XEN_WARN,
			   "use one of Xen 4.17 to 4.22, or a newer vfio-xen",
			   "Xen %s is not one that vfio-xen knows", version);
}

void health_check_dom0(struct vfio_xen_health *health)
{
	char type[16];

	if (!host_is_xen(health->ctx))
		return;
	if (!host_is_dom0(health->ctx)) {
		health_say(health, "dom0", VFIO_XEN_FAIL,
			   "run this in dom0, with xenfs mounted on /proc/xen",
			   "this is not dom0");
		return;
	}
	if (file_read_line(health->ctx, type, sizeof(type),
			   "/sys/hypervisor/guest_type"))
		strcpy(type, "?");
	if (!strcmp(type, "PV"))
		health_say(health, "dom0", VFIO_XEN_OK, NULL, "dom0 is PV");
	else
		health_say(health, "dom0", VFIO_XEN_FAIL,
			   "take dom0=pvh from Xen's command line",
			   "dom0 is %s, and only a PV dom0 can have VFIO",
			   type);
}

void health_check_xen_iommu(struct vfio_xen_health *health)
{
	int has_iommu = xen_has_iommu(health->ctx);

	if (!host_is_xen(health->ctx))
		return;
	if (has_iommu > 0)
		health_say(health, "iommu", VFIO_XEN_OK, NULL,
			   "Xen uses the IOMMU");
	else if (!has_iommu)
		health_say(health, "iommu", VFIO_XEN_FAIL,
			   "enable VT-d or AMD-Vi in the firmware, and take "
			   "iommu=off from Xen's command line",
			   "Xen does not use an IOMMU");
	else
		health_say(health, "iommu", VFIO_XEN_WARN, "run this as root",
			   "Xen does not tell whether it uses an IOMMU");
}

/* ---- what Xen's log tells ---- */

const char *health_find_message(const struct vfio_xen_health *health,
				const char *text)
{
	const char *line = health->xen_log;

	while (line && strncasecmp(line, text, strlen(text))) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return line;
}

/* VT-d's own message may say that the hardware lacks what Xen's options enable. */
bool health_is_remapping(const struct vfio_xen_health *health)
{
	static const char *const denials[] = {
		"interrupt remapping disabled",
		"interrupt remapping not ",
		"Intel VT-d interrupt remapping not ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(denials); i++)
		if (health_find_message(health, denials[i]))
			return false;
	return health_find_message(health, "interrupt remapping enabled");
}

/*
 * A fact that only Xen's log tells, while the log is unreadable or has lost the
 * line.
 */
static void say_not_told(struct vfio_xen_health *health, const char *check,
			 const char *what)
{
	if (!health->xen_log)
		health_say(health, check, VFIO_XEN_WARN, "run this as root",
			   "Xen's log cannot be read, so %s is not known",
			   what);
	else
		health_say(
			health, check, VFIO_XEN_WARN,
			"see the log from boot on, or set conring_size=1M on "
			"Xen's command line",
			"Xen's log has lost its beginning, which tells %s",
			what);
}

bool health_gets_isolated_msi(const struct vfio_xen_health *health)
{
	return module_option_is_set(health->ctx, "vfio_xen_iommu",
				    "isolated_msi");
}

static void check_remapped(struct vfio_xen_health *health, bool isolated)
{
	if (isolated)
		health_say(health, "remapping", VFIO_XEN_OK, NULL,
			   "Xen remaps interrupts, and VFIO knows it");
	else if (health_gets_isolated_msi(health))
		health_say(health, "remapping", VFIO_XEN_WARN,
			   "reboot; if that changes nothing, rebuild the "
			   "initramfs",
			   "Xen remaps interrupts, and VFIO will know it from "
			   "the next boot on: /etc/modprobe.d has "
			   "isolated_msi=1");
	else
		health_say(health, "remapping", VFIO_XEN_WARN,
			   "vfio-xen-ctl check --fix, then reboot",
			   "Xen remaps interrupts, and VFIO does not know it: "
			   "vfio-xen-iommu has no isolated_msi=1");
}

static void check_not_remapped(struct vfio_xen_health *health, bool isolated)
{
	if (isolated)
		health_say(health, "remapping", VFIO_XEN_FAIL,
			   "remove isolated_msi=1 from /etc/modprobe.d",
			   "Xen does not remap interrupts, but vfio-xen-iommu "
			   "has isolated_msi=1: a device can forge interrupts "
			   "of others");
	else
		health_say(
			health, "remapping", VFIO_XEN_WARN,
			"enable it in the firmware (VT-d, AMD-Vi) and in Xen "
			"(iommu=intremap)",
			"Xen does not remap interrupts: a device can forge "
			"interrupts of others, and VFIO needs "
			"allow_unsafe_interrupts=1");
}

void health_check_remapping(struct vfio_xen_health *health)
{
	bool isolated = module_parameter_is_set(health->ctx, "vfio_xen_iommu",
						"isolated_msi");

	if (!host_is_xen(health->ctx))
		return;
	if (health_is_remapping(health))
		check_remapped(health, isolated);
	else if (health->xen_log_is_whole)
		check_not_remapped(health, isolated);
	else
		say_not_told(health, "remapping",
			     "whether interrupts are remapped");
}

/* ---- interrupts ---- */

#define FEW_INTERRUPTS 64 /* the need of one device with many vectors */

static unsigned int count_vectors(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_device *dev;
	unsigned int nr = 0;

	vfio_xen_device_foreach(ctx, dev) {
		int mapped = vfio_xen_device_get_vectors_mapped(dev);

		nr += mapped > 0 ? (unsigned int)mapped : 0;
	}
	return nr;
}

void health_check_interrupts(struct vfio_xen_health *health)
{
	unsigned int most = 0, used;
	const char *at = health_find_message(health, "d0 has maximum ");

	if (!host_is_dom0(health->ctx))
		return;
	if (!at || sscanf(at, "d0 has maximum %u", &most) != 1) {
		if (!health->xen_log_is_whole)
			say_not_told(health, "interrupts",
				     "how many interrupts dom0 may have");
		return;
	}
	/* Interrupt lines of dom0 are event channels of pirqs. */
	used = (unsigned int)file_count_lines(health->ctx, "xen-pirq",
					      "/proc/interrupts") +
	       count_vectors(health->ctx);
	if (used + FEW_INTERRUPTS <= most)
		health_say(health, "interrupts", VFIO_XEN_OK, NULL,
			   "dom0 uses %u of its %u interrupts", used, most);
	else
		health_say(
			health, "interrupts", VFIO_XEN_WARN,
			"give dom0 more (extra_guest_irqs=,N on Xen's command "
			"line), or less to each device (msi_vectors of "
			"vfio-xen-iommu)",
			"dom0 uses %u of its %u interrupts: a device more may "
			"get none",
			used, most);
}

void health_check_log_level(struct vfio_xen_health *health)
{
	autofree char *line = NULL;

	if (!host_is_dom0(health->ctx))
		return;
	if (xen_read_command_line(health->ctx, &line)) {
		health_say(health, "log-level", VFIO_XEN_WARN,
			   "run this as root",
			   "Xen's command line cannot be read, so whether it "
			   "logs each mapping is not known");
		return;
	}
	if (strstr(line, "guest_loglvl=all") ||
	    strstr(line, "guest_loglvl=debug"))
		health_say(
			health, "log-level", VFIO_XEN_WARN,
			"take it from Xen's command line",
			"Xen runs with guest_loglvl=all, so that it writes a "
			"line to its log for each mapping");
	else
		health_say(health, "log-level", VFIO_XEN_OK, NULL,
			   "Xen does not log each mapping");
}
