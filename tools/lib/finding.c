// SPDX-License-Identifier: GPL-2.0-only
/*
 * The findings of the checks of the host.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "health.h"

void health_say(struct vfio_xen_health *health, const char *check,
		enum vfio_xen_health_level level, const char *advice,
		const char *fmt, ...)
{
	struct vfio_xen_finding *grown, finding = { check, level, NULL, NULL };
	va_list args;
	int len;

	if (health->err)
		return;
	va_start(args, fmt);
	len = vasprintf(&finding.text, fmt, args);
	va_end(args);
	if (len < 0)
		finding.text = NULL;
	if (advice)
		finding.advice = strdup(advice);
	grown = reallocarray(health->findings, health->nr + 1, sizeof(*grown));
	if (grown)
		health->findings = grown;
	if (!grown || !finding.text || (advice && !finding.advice)) {
		free(finding.text);
		free(finding.advice);
		health->err = -ENOMEM;
		return;
	}
	grown[health->nr++] = finding;
}

const char *vfio_xen_finding_get_check(const struct vfio_xen_finding *finding)
{
	return finding->check;
}

enum vfio_xen_health_level
vfio_xen_finding_get_level(const struct vfio_xen_finding *finding)
{
	return finding->level;
}

const char *vfio_xen_finding_get_text(const struct vfio_xen_finding *finding)
{
	return finding->text;
}

const char *vfio_xen_finding_get_advice(const struct vfio_xen_finding *finding)
{
	return finding->advice;
}
