// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of all checks of the host.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "fault_line.h"
#include "health.h"
#include "xen_log.h"

static void (*const checks[])(struct vfio_xen_health *health) = {
	health_check_xen,	 health_check_dom0,
	health_check_xen_iommu,	 health_check_iommu,
	health_check_module,	 health_check_kernels,
	health_check_late,	 health_check_remapping,
	health_check_interrupts, health_check_log_level,
	health_check_pciback,	 health_check_service,
	health_check_xl,	 health_check_persistent,
	health_check_groups,	 health_check_resets,
	health_check_reserved,
};

static int read_release(struct vfio_xen_health *health)
{
	char line[NAME_SIZE];
	struct utsname name;

	/* Below another root, the running kernel is not the one to check. */
	if (file_read_line(health->ctx, line, sizeof(line),
			   "/proc/sys/kernel/osrelease")) {
		if (uname(&name))
			return -errno;
		snprintf(line, sizeof(line), "%s", name.release);
	}
	health->release = strdup(line);
	return health->release ? 0 : -ENOMEM;
}

/* Guests write to the log, too, and could have any check pass or fail. */
static void keep_own_messages(char *log)
{
	char *end = log, *rest = log;

	for (char *line = strsep(&rest, "\n"); line;
	     line = strsep(&rest, "\n")) {
		const char *message = xen_line_message(line);

		if (!message)
			continue;
		memmove(end, message, strlen(message) + 1);
		end += strlen(end);
		*end++ = '\n';
	}
	*end = '\0';
}

static void read_xen_log(struct vfio_xen_health *health)
{
	if (xen_log_read_all(health->ctx, &health->xen_log)) {
		health->xen_log = NULL;
		return;
	}
	keep_own_messages(health->xen_log);
	/* The first message of Xen's log */
	health->xen_log_is_whole =
		health_find_message(health, "Xen version ") != NULL;
}

int vfio_xen_health_new(struct vfio_xen_ctx *ctx,
			const struct vfio_xen_config *config,
			struct vfio_xen_health **health)
{
	struct vfio_xen_health *new = calloc(1, sizeof(*new));

	problem_clear(ctx);
	if (!new)
		return -ENOMEM;
	new->ctx = ctx;
	new->config = config;
	new->err = read_release(new);
	read_xen_log(new);
	for (size_t i = 0; i < ARRAY_SIZE(checks) && !new->err; i++)
		checks[i](new);
	if (new->err) {
		int err = new->err;

		vfio_xen_health_free(new);
		return err;
	}
	*health = new;
	return 0;
}

void vfio_xen_health_free(struct vfio_xen_health *health)
{
	if (!health)
		return;
	for (size_t i = 0; i < health->nr; i++) {
		free(health->findings[i].text);
		free(health->findings[i].advice);
	}
	free(health->findings);
	free(health->release);
	free(health->xen_log);
	free(health);
}

size_t vfio_xen_health_get_nr_findings(const struct vfio_xen_health *health)
{
	return health->nr;
}

const struct vfio_xen_finding *
vfio_xen_health_get_finding(const struct vfio_xen_health *health, size_t index)
{
	return &health->findings[index];
}

bool vfio_xen_health_lacks_isolated_msi(const struct vfio_xen_health *health)
{
	return health_is_remapping(health) &&
	       !module_parameter_is_set(health->ctx, "vfio_xen_iommu",
					"isolated_msi") &&
	       !health_gets_isolated_msi(health);
}
