// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual functions of SR-IOV: create them and bind them to a VFIO driver
 * before a host driver can. The driver of the physical function creates them.
 * The kernel changes one number of functions to another only through zero.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define DEVICES "/sys/bus/pci/devices"

static int read_number(const struct vfio_xen_device *dev, const char *file,
		       unsigned int *number)
{
	char line[16];
	uint64_t value;
	int err;

	err = file_read_line(dev->ctx, line, sizeof(line), DEVICES "/%s/%s",
			     dev->address, file);
	if (!err)
		err = parse_u64(line, &value);
	if (!err)
		*number = (unsigned int)value;
	return err;
}

int vfio_xen_device_get_nr_vfs(const struct vfio_xen_device *dev,
			       unsigned int *nr, unsigned int *most)
{
	int err = read_number(dev, "sriov_totalvfs", most);

	return err ? err : read_number(dev, "sriov_numvfs", nr);
}

struct vfio_xen_device *
vfio_xen_device_get_vf(const struct vfio_xen_device *dev, unsigned int index)
{
	autofree char *address = NULL;
	uint32_t sbdf;

	address = file_link_name(dev->ctx, DEVICES "/%s/virtfn%u", dev->address,
				 index);
	if (!address || vfio_xen_sbdf_parse(address, &sbdf))
		return NULL;
	return vfio_xen_device_get_by_sbdf(dev->ctx, sbdf);
}

/* ---- checks ---- */

/*
 * Removing a function that is in use would hang, or remove it from a running
 * guest.
 */
static int check_vf(struct vfio_xen_device *vf)
{
	if (vf->owner == VFIO_XEN_OWNER_GUEST)
		return problem_set_id(vf->ctx, VFIO_XEN_PROBLEM_GUEST, -EBUSY,
				      vf->sbdf, vf->owner_domid, NULL);
	if (vf->bars_exposed_to >= 0)
		return problem_set_id(vf->ctx, VFIO_XEN_PROBLEM_REACHABLE,
				      -EBUSY, vf->sbdf, vf->bars_exposed_to,
				      NULL);
	return device_has_vfio_driver(vf) ? holder_check(vf) : inuse_check(vf);
}

static int check_vfs(const struct vfio_xen_device *dev, unsigned int nr)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < nr; i++) {
		struct vfio_xen_device *vf = vfio_xen_device_get_vf(dev, i);

		err = vf ? check_vf(vf) : 0;
	}
	return err;
}

static int check_device(struct vfio_xen_device *dev, unsigned int want,
			unsigned int *nr)
{
	unsigned int most;
	int err = vfio_xen_device_get_nr_vfs(dev, nr, &most);

	if (err)
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_NO_SRIOV, -ENODEV,
				   dev->sbdf, NULL);
	if (want > most)
		return problem_set_id(dev->ctx, VFIO_XEN_PROBLEM_TOO_MANY_VFS,
				      -ERANGE, dev->sbdf, (int)most, NULL);
	return want == *nr ? 0 : check_vfs(dev, *nr);
}

/* ---- changes ---- */

static int write_number(struct vfio_xen_ctx *ctx, uint32_t sbdf,
			const char *file, unsigned int number)
{
	char address[VFIO_XEN_SBDF_SIZE], text[16];

	vfio_xen_sbdf_format(sbdf, address);
	snprintf(text, sizeof(text), "%u", number);
	return file_write(ctx, text, DEVICES "/%s/%s", address, file);
}

/*
 * Without a driver, or with one that does not support SR-IOV, the kernel
 * returns ENOENT.
 */
static int write_nr_vfs(struct vfio_xen_device *dev, unsigned int nr)
{
	int err = write_number(dev->ctx, dev->sbdf, "sriov_numvfs", nr);

	if (err == -ENOENT || err == -EOPNOTSUPP)
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_VF_DRIVER, err,
				   dev->sbdf, dev->driver ? dev->driver : "");
	if (err)
		return problem_set(dev->ctx, VFIO_XEN_PROBLEM_IO, err,
				   dev->sbdf, "sriov_numvfs");
	return 0;
}

/*
 * Restores the former number, and keeps the problem that made this necessary.
 */
static void restore_nr_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf,
			   unsigned int nr, unsigned int old)
{
	if (nr)
		write_number(ctx, sbdf, "sriov_numvfs", 0);
	if (old)
		write_number(ctx, sbdf, "sriov_numvfs", old);
}

static int change_nr_vfs(struct vfio_xen_device *dev, unsigned int old,
			 unsigned int nr)
{
	int err = old ? write_nr_vfs(dev, 0) : 0;

	if (err || !nr)
		return err;
	err = write_nr_vfs(dev, nr);
	if (err)
		restore_nr_vfs(dev->ctx, dev->sbdf, 0, old);
	return err;
}

static int bind_vfs(struct vfio_xen_ctx *ctx, uint32_t pf, unsigned int nr,
		    const char *driver)
{
	autofree uint32_t *sbdfs = calloc(nr + 1, sizeof(*sbdfs));
	struct vfio_xen_device *dev;
	int err = vfio_xen_scan(ctx);

	if (err || !sbdfs)
		return err ? err : -ENOMEM;
	dev = vfio_xen_device_get_by_sbdf(ctx, pf);
	for (unsigned int i = 0; i < nr; i++) {
		struct vfio_xen_device *vf =
			dev ? vfio_xen_device_get_vf(dev, i) : NULL;

		if (!vf)
			return problem_set(ctx, VFIO_XEN_PROBLEM_VF_DRIVER,
					   -ENODEV, pf, "");
		sbdfs[i] = vf->sbdf;
	}
	return vfio_xen_bind(ctx, sbdfs, nr, driver, VFIO_XEN_NO_RECORD);
}

/* Binding scans again, which invalidates @dev. */
static int change_and_bind(struct vfio_xen_device *dev, unsigned int old,
			   unsigned int nr, const char *driver)
{
	struct vfio_xen_ctx *ctx = dev->ctx;
	bool dry_run = ctx->dry_run;
	uint32_t sbdf = dev->sbdf;
	int err = old == nr ? 0 : change_nr_vfs(dev, old, nr);

	if (err || dry_run)
		return err;
	err = bind_vfs(ctx, sbdf, nr, driver);
	/* Undo a bind that stopped half way. */
	if (err && old != nr)
		restore_nr_vfs(ctx, sbdf, nr, old);
	return err;
}

/* ---- probing ---- */

/* What vfio_xen_abandon() restores; a handler must not see half a path. */
static char probing_path[PATH_MAX];
static volatile sig_atomic_t probing_is_off;

void vfio_xen_abandon(void)
{
	int fd;

	if (!probing_is_off)
		return;
	fd = open(probing_path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) == 1)
		probing_is_off = 0;
	if (fd >= 0)
		close(fd);
}

static int stop_probing(struct vfio_xen_ctx *ctx, uint32_t sbdf)
{
	char address[VFIO_XEN_SBDF_SIZE];
	autofree char *path = NULL;
	int err;

	vfio_xen_sbdf_format(sbdf, address);
	path = file_path(ctx, DEVICES "/%s/sriov_drivers_autoprobe", address);
	if (!path)
		return -ENOMEM;
	snprintf(probing_path, sizeof(probing_path), "%s", path);
	probing_is_off = !ctx->dry_run;
	err = write_number(ctx, sbdf, "sriov_drivers_autoprobe", 0);
	if (!err)
		return 0;
	probing_is_off = 0;
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, sbdf,
			   "sriov_drivers_autoprobe");
}

static void start_probing(struct vfio_xen_ctx *ctx, uint32_t sbdf)
{
	write_number(ctx, sbdf, "sriov_drivers_autoprobe", 1);
	probing_is_off = 0;
}

/*
 * Host drivers must not bind to new functions, and udev loads such a driver at
 * once. So autoprobing is off until all functions are bound, and restored
 * afterwards.
 */
static int change_quietly(struct vfio_xen_device *dev, unsigned int old,
			  unsigned int nr, const char *driver)
{
	struct vfio_xen_ctx *ctx = dev->ctx;
	unsigned int probe = 1;
	uint32_t sbdf = dev->sbdf;
	int err;

	read_number(dev, "sriov_drivers_autoprobe", &probe);
	if (old == nr)
		probe = 0;
	err = probe ? stop_probing(ctx, sbdf) : 0;
	if (err)
		return err;
	err = change_and_bind(dev, old, nr, driver);
	if (probe)
		start_probing(ctx, sbdf);
	return err;
}

/* Ctrl-C waits until the functions are bound, or are gone again. */
static int change_undisturbed(struct vfio_xen_device *dev, unsigned int old,
			      unsigned int nr, const char *driver)
{
	sigset_t signals, before;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	err = change_quietly(dev, old, nr, driver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static int set_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf, unsigned int nr,
		   const char *driver)
{
	struct vfio_xen_device *dev = vfio_xen_device_get_by_sbdf(ctx, sbdf);
	unsigned int old = 0;
	int err;

	if (!dev)
		return problem_set(ctx, VFIO_XEN_PROBLEM_NO_DEVICE, -ENODEV,
				   sbdf, NULL);
	err = check_device(dev, nr, &old);
	if (!err)
		err = driver_require(ctx, driver);
	return err ? err : change_undisturbed(dev, old, nr, driver);
}

int vfio_xen_set_vfs(struct vfio_xen_ctx *ctx, uint32_t sbdf, unsigned int nr,
		     const char *driver, unsigned int flags)
{
	int err = vfio_xen_scan(ctx);

	if (err)
		return err;
	ctx->dry_run = flags & VFIO_XEN_DRY_RUN;
	err = set_vfs(ctx, sbdf, nr, driver);
	ctx->dry_run = false;
	return err;
}
