// SPDX-License-Identifier: GPL-2.0-only
/*
 * metrics: print figures about this host, for Prometheus's node exporter.
 *
 * A source that cannot be read leaves its figures out, and is an error that does not
 * suppress the others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

enum source {
	SOURCE_IOMMU,
	SOURCE_LOG,
	NR_SOURCES,
};

struct metrics {
	struct ctl *ctl;
	FILE *out;
	struct vfio_xen_host *host;
	struct guests *guests;
	bool has[NR_SOURCES];
};

static const char *explain(int err)
{
	switch (err) {
	case -EACCES:
		return "permission denied; run it as root";
	case -EPERM:
		return "operation not permitted; run it as root, unless the "
		       "kernel is locked down";
	case -ENODEV:
		return "this is not the dom0 of a Xen host";
	default:
		return strerror(-err);
	}
}

/* ---- the sources ---- */

static int fail_iommu(struct metrics *metrics, int err)
{
	const char *why = explain(err);

	if (!vfio_xen_host_has_xen_iommu(metrics->host))
		why = "it is not loaded; load it (modprobe vfio-xen-iommu)";
	else if (err == -ENOENT)
		why = "its files are not in debugfs; is debugfs mounted on "
		      "/sys/kernel/debug?";
	else if (err == -EBADMSG)
		return problem_report(metrics->ctl, err);
	return ctl_fail(metrics->ctl, EXIT_FAILED,
			"cannot read the state of vfio-xen-iommu: %s", why);
}

static int show_iommu(struct metrics *metrics)
{
	struct vfio_xen_debugfs *debugfs;
	int err = vfio_xen_debugfs_new(metrics->ctl->lib, &debugfs);

	if (err)
		return fail_iommu(metrics, err);
	metrics->has[SOURCE_IOMMU] = true;
	families_show_iommu(metrics->out, debugfs);
	families_show_devices(metrics->ctl, metrics->out, metrics->guests);
	vfio_xen_debugfs_free(debugfs);
	return EXIT_OK;
}

static int show_log(struct metrics *metrics)
{
	struct vfio_xen_faults *faults;
	int err = vfio_xen_faults_new(metrics->ctl->lib, &faults);

	if (err)
		return problem_report(metrics->ctl, err);
	err = vfio_xen_faults_read(faults, true);
	if (!err)
		families_show_faults(metrics->out, faults);
	metrics->has[SOURCE_LOG] = !err;
	vfio_xen_faults_free(faults);
	if (!err)
		return EXIT_OK;
	return ctl_fail(metrics->ctl, EXIT_FAILED, "cannot read Xen's log: %s",
			explain(err));
}

static void show_sources(struct metrics *metrics)
{
	static const char *const names[] = {
		[SOURCE_IOMMU] = "vfio-xen-iommu",
		[SOURCE_LOG] = "xen-log",
	};
	struct family family = { metrics->out, "vfio_xen_source_up",
				 METRIC_GAUGE,
				 "Whether this source of figures can be read.",
				 false };

	for (size_t i = 0; i < NR_SOURCES; i++) {
		const struct label labels[] = {
			{ "source", names[i] },
			{ NULL, NULL },
		};

		sample_print(&family, labels, metrics->has[i]);
	}
}

static int show(struct metrics *metrics)
{
	int code = EXIT_OK;

	families_show_program(metrics->out, metrics->host);
	code |= show_iommu(metrics);
	families_show_interrupts(metrics->ctl, metrics->out);
	families_show_guests(metrics->out, metrics->guests);
	code |= show_log(metrics);
	show_sources(metrics);
	return code ? EXIT_FAILED : EXIT_OK;
}

static int collect(struct ctl *ctl, FILE *out)
{
	struct metrics metrics = { .ctl = ctl, .out = out };
	int code, err = vfio_xen_scan(ctl->lib);

	if (!err)
		err = vfio_xen_host_new(ctl->lib, &metrics.host);
	if (err)
		return problem_report(ctl, err);
	metrics.guests = guests_query(ctl);
	code = show(&metrics);
	guests_free(metrics.guests);
	vfio_xen_host_free(metrics.host);
	return code;
}

/* ---- the file ---- */

static int fail_file(struct ctl *ctl, const char *name, int err)
{
	return ctl_fail(ctl, EXIT_FAILED, "cannot write %s: %s", name,
			strerror(err));
}

/*
 * The node exporter may read the file at any time, so a complete one takes its place. It
 * only reads files that end in .prom, which a temporary one does not.
 */
static int write_file(struct ctl *ctl, const char *name)
{
	char *temporary;
	FILE *file = NULL;
	int code, fd, err = 0;

	if (asprintf(&temporary, "%s.XXXXXX", name) < 0)
		return fail_file(ctl, name, ENOMEM);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0644) || !(file = fdopen(fd, "w")))
		err = errno;
	code = file ? collect(ctl, file) : EXIT_FAILED;
	if (file && (ferror(file) | fclose(file)))
		err = errno ? errno : EIO;
	else if (!file && fd >= 0)
		close(fd);
	if (!err && rename(temporary, name))
		err = errno;
	if (err && fd >= 0)
		unlink(temporary);
	free(temporary);
	return err ? fail_file(ctl, name, err) : code;
}

int run_metrics(struct ctl *ctl)
{
	if (ctl->args.nr_operands > 1)
		return ctl_fail(ctl, EXIT_USAGE,
				"too many files given; see " PROGRAM
				" help metrics");
	if (ctl->args.nr_operands)
		return write_file(ctl, ctl->args.operands[0]);
	return collect(ctl, ctl->out);
}
