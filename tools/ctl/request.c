// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to the vfio-xen-dm of a guest.
 *
 * A signal does not end the program while it waits: vfio-xen-dm is told to cancel the
 * request, undoes its work, and replies.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl.h"

/* ---- making them ---- */

static int parse_number(struct ctl *ctl, const char *option, const char *text,
			long min, long max, long *number)
{
	char *end;

	if (!text)
		return EXIT_OK;
	errno = 0;
	*number = strtol(text, &end, 10);
	if (errno || end == text || *end || *number < min || *number > max)
		return ctl_fail(ctl, EXIT_USAGE,
				"--%s takes a number from %ld to %ld, not %s",
				option, min, max, text);
	return EXIT_OK;
}

static int parse_iommu(struct ctl *ctl, enum vfio_xen_iommu *iommu)
{
	if (!ctl->args.iommu || !vfio_xen_iommu_parse(ctl->args.iommu, iommu))
		return EXIT_OK;
	return ctl_fail(ctl, EXIT_USAGE,
			"--iommu takes auto, iommufd or type1, not %s",
			ctl->args.iommu);
}

int request_fill(struct ctl *ctl, uint32_t sbdf,
		 struct vfio_xen_request *request)
{
	long slot = VFIO_XEN_ANY_SLOT, timeout = 0;
	int code = parse_number(ctl, "slot", ctl->args.slot, 0,
				VFIO_XEN_MAX_SLOTS - 1, &slot);

	if (!code)
		code = parse_number(ctl, "timeout", ctl->args.timeout, 1,
				    VFIO_XEN_TIMEOUT_MAX_S, &timeout);
	if (!code)
		code = parse_iommu(ctl, &request->iommu);
	request->sbdf = sbdf;
	request->slot = (int)slot;
	request->timeout_s = (unsigned int)timeout;
	if (has_option(ctl, OPT_PERMISSIVE))
		request->flags |= VFIO_XEN_PERMISSIVE;
	if (has_option(ctl, OPT_FORCE))
		request->flags |= VFIO_XEN_FORCE_DETACH;
	return code;
}

/* ---- signals ---- */

int request_block_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

bool request_is_interrupted(int signals)
{
	struct pollfd pollfd = { .fd = signals, .events = POLLIN };

	return signals >= 0 && poll(&pollfd, 1, 0) > 0;
}
