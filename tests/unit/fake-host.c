// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host for tests; see fake-host.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-host.h"

#define DEVICES "/sys/devices/pci0000:00"

static void make_path(struct fake_host *host, char path[FAKE_PATH_SIZE],
		      const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static void make_path(struct fake_host *host, char path[FAKE_PATH_SIZE],
		      const char *fmt, va_list args)
{
	int len = snprintf(path, FAKE_PATH_SIZE, "%s", host->root);

	assert_in_range(vsnprintf(path + len, FAKE_PATH_SIZE - (size_t)len, fmt,
				  args),
			1, FAKE_PATH_SIZE - len - 1);
}

static void make_parents(const char *path)
{
	char part[FAKE_PATH_SIZE];

	snprintf(part, sizeof(part), "%s", path);
	for (char *at = strchr(part + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(part, 0755))
			assert_int_equal(errno, EEXIST);
		*at = '/';
	}
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

void fake_file(struct fake_host *host, const char *text, const char *fmt, ...)
{
	char path[FAKE_PATH_SIZE];
	va_list args;

	va_start(args, fmt);
	make_path(host, path, fmt, args);
	va_end(args);
	make_parents(path);
	write_text(path, text);
}

void fake_bytes(struct fake_host *host, const void *bytes, size_t size,
		const char *fmt, ...)
{
	char path[FAKE_PATH_SIZE];
	va_list args;
	FILE *file;

	va_start(args, fmt);
	make_path(host, path, fmt, args);
	va_end(args);
	make_parents(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void fake_link(struct fake_host *host, const char *target, const char *fmt, ...)
{
	char path[FAKE_PATH_SIZE];
	va_list args;

	va_start(args, fmt);
	make_path(host, path, fmt, args);
	va_end(args);
	make_parents(path);
	assert_int_equal(symlink(target, path), 0);
}

void fake_dir(struct fake_host *host, const char *fmt, ...)
{
	char path[FAKE_PATH_SIZE];
	va_list args;

	va_start(args, fmt);
	make_path(host, path, fmt, args);
	va_end(args);
	make_parents(path);
	if (mkdir(path, 0755))
		assert_int_equal(errno, EEXIST);
}

bool fake_exists(struct fake_host *host, const char *fmt, ...)
{
	char path[FAKE_PATH_SIZE];
	struct stat st;
	va_list args;

	va_start(args, fmt);
	make_path(host, path, fmt, args);
	va_end(args);
	return lstat(path, &st) == 0;
}

void fake_xen(struct fake_host *host, unsigned int minor, const char *extra)
{
	char number[16], rest[32];

	snprintf(number, sizeof(number), "%u\n", minor);
	snprintf(rest, sizeof(rest), "%s\n", extra);
	fake_file(host, "xen\n", "/sys/hypervisor/type");
	fake_file(host, "4\n", "/sys/hypervisor/version/major");
	fake_file(host, number, "/sys/hypervisor/version/minor");
	fake_file(host, rest, "/sys/hypervisor/version/extra");
	fake_file(host, "PV\n", "/sys/hypervisor/guest_type");
	fake_file(host, "control_d\n", "/proc/xen/capabilities");
}

void fake_driver(struct fake_host *host, const char *driver)
{
	fake_dir(host, "/sys/bus/pci/drivers/%s", driver);
}

static void set_driver(struct fake_host *host, const char *sbdf,
		       const char *driver)
{
	char target[FAKE_PATH_SIZE];

	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	fake_link(host, target, DEVICES "/%s/driver", sbdf);
}

void fake_device(struct fake_host *host, const struct fake_device *dev)
{
	char text[FAKE_PATH_SIZE];

	snprintf(text, sizeof(text), "0x%04x00\n", dev->class);
	fake_file(host, text, DEVICES "/%s/class", dev->sbdf);
	fake_file(host, "0x8086\n", DEVICES "/%s/vendor", dev->sbdf);
	fake_file(host, "0x10d3\n", DEVICES "/%s/device", dev->sbdf);
	fake_file(host, "(null)\n", DEVICES "/%s/driver_override", dev->sbdf);
	fake_file(host, "flr bus\n", DEVICES "/%s/reset_method", dev->sbdf);
	fake_file(host, dev->native ? dev->native : "", "/native/%s",
		  dev->sbdf);
	snprintf(text, sizeof(text), "../../../devices/pci0000:00/%s",
		 dev->sbdf);
	fake_link(host, text, "/sys/bus/pci/devices/%s", dev->sbdf);
	if (dev->group >= 0) {
		fake_dir(host, "/sys/kernel/iommu_groups/%d", dev->group);
		snprintf(text, sizeof(text), "../../../kernel/iommu_groups/%d",
			 dev->group);
		fake_link(host, text, DEVICES "/%s/iommu_group", dev->sbdf);
	}
	if (dev->native)
		fake_driver(host, dev->native);
	if (dev->driver) {
		fake_driver(host, dev->driver);
		set_driver(host, dev->sbdf, dev->driver);
	}
}

static void read_text(struct fake_host *host, char text[FAKE_PATH_SIZE],
		      const char *fmt, const char *sbdf)
{
	char path[FAKE_PATH_SIZE];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s/%s", host->root, fmt, sbdf);
	file = fopen(path, "r");
	assert_non_null(file);
	if (!fgets(text, FAKE_PATH_SIZE, file))
		*text = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static void read_override(struct fake_host *host, char text[FAKE_PATH_SIZE],
			  const char *sbdf)
{
	char tail[FAKE_PATH_SIZE];

	snprintf(tail, sizeof(tail), "%s/driver_override", sbdf);
	read_text(host, text, DEVICES, tail);
	if (!strcmp(text, "(null)"))
		*text = '\0';
}

static bool read_driver(struct fake_host *host, char driver[FAKE_PATH_SIZE],
			const char *sbdf)
{
	char path[FAKE_PATH_SIZE], target[FAKE_PATH_SIZE];
	ssize_t len;

	snprintf(path, sizeof(path), "%s" DEVICES "/%s/driver", host->root,
		 sbdf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	snprintf(driver, FAKE_PATH_SIZE, "%s", basename(target));
	return true;
}

/* The driver the kernel would match: the override, or the native one. */
static void find_match(struct fake_host *host, char match[FAKE_PATH_SIZE],
		       const char *sbdf)
{
	read_override(host, match, sbdf);
	if (!*match)
		read_text(host, match, "/native", sbdf);
}

static int kernel_bind(struct fake_host *host, const char *driver,
		       const char *sbdf)
{
	char text[FAKE_PATH_SIZE];

	if (read_driver(host, text, sbdf))
		return -EBUSY;
	find_match(host, text, sbdf);
	if (strcmp(text, driver))
		return -ENODEV;
	if (host->refuses && !strcmp(host->refuses, driver))
		return -EINVAL;
	set_driver(host, sbdf, driver);
	return 0;
}

static int kernel_unbind(struct fake_host *host, const char *driver,
			 const char *sbdf)
{
	char text[FAKE_PATH_SIZE];

	if (!read_driver(host, text, sbdf) || strcmp(text, driver))
		return -ENODEV;
	snprintf(text, sizeof(text), "%s" DEVICES "/%s/driver", host->root,
		 sbdf);
	return unlink(text) ? -errno : 0;
}

static int kernel_probe(struct fake_host *host, const char *sbdf)
{
	char match[FAKE_PATH_SIZE];

	find_match(host, match, sbdf);
	if (*match)
		kernel_bind(host, match, sbdf);
	return 0;
}

static int kernel_override(struct fake_host *host, const char *path,
			   const char *value)
{
	assert_string_not_equal(value, "");
	assert_int_equal(strncmp(path, host->root, strlen(host->root)), 0);
	write_text(path, *value == '\n' ? "(null)\n" : value);
	return 0;
}

static int kernel_write(void *data, const char *path, const char *value)
{
	struct fake_host *host = data;
	char copy[FAKE_PATH_SIZE], dir[FAKE_PATH_SIZE];
	const char *file, *driver;

	if (++host->nr_writes == host->fail_at)
		return -EIO;
	snprintf(copy, sizeof(copy), "%s", path);
	file = basename(copy);
	snprintf(dir, sizeof(dir), "%s", path);
	driver = basename(dirname(dir));
	if (!strcmp(file, "driver_override"))
		return kernel_override(host, path, value);
	if (!strcmp(file, "bind"))
		return kernel_bind(host, driver, value);
	if (!strcmp(file, "unbind"))
		return kernel_unbind(host, driver, value);
	if (!strcmp(file, "drivers_probe"))
		return kernel_probe(host, value);
	if (!strncmp(file, "sriov_", strlen("sriov_")) && host->set_vfs)
		return host->set_vfs(host, driver, file, value);
	fail_msg("a write to %s", path);
	return -ENOENT;
}

static int kernel_load_module(void *data, const char *name)
{
	struct fake_host *host = data;

	if (!host->module || strcmp(host->module, name))
		return -ENOENT;
	fake_driver(host, host->brings ? host->brings : name);
	if (host->probes)
		kernel_probe(host, host->probes);
	return 0;
}

static int kernel_run(void *data, char *const argv[])
{
	struct fake_host *host = data;
	char line[FAKE_PATH_SIZE] = "";
	size_t len = 0;

	for (size_t i = 0; argv[i]; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
					i ? " " : "", argv[i]);
	return host->run ? host->run(host, line) : -ENOENT;
}

void fake_host_init(struct fake_host *host)
{
	static const struct vfio_xen_ops ops = {
		.write = kernel_write,
		.load_module = kernel_load_module,
		.run = kernel_run,
	};

	*host = (struct fake_host){ .root = "/tmp/vfio-xen-test-XXXXXX" };
	assert_non_null(mkdtemp(host->root));
	fake_dir(host, "/run");
	fake_dir(host, "/sys/bus/pci/devices");
	fake_driver(host, "vfio-pci");
	assert_int_equal(vfio_xen_new(&host->ctx), 0);
	assert_int_equal(vfio_xen_set_root(host->ctx, host->root), 0);
	vfio_xen_set_ops(host->ctx, &ops, host);
	fake_guests = NULL;
	fake_xen_iommu = -EPERM;
	fake_xen_log = NULL;
	fake_xen_command_line = NULL;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void fake_host_release(struct fake_host *host)
{
	vfio_xen_free(host->ctx);
	assert_int_equal(nftw(host->root, remove_one, 16, FTW_DEPTH | FTW_PHYS),
			 0);
}

void assert_driver(struct fake_host *host, const char *sbdf, const char *driver)
{
	char text[FAKE_PATH_SIZE];

	if (!read_driver(host, text, sbdf))
		assert_null(driver);
	else if (!driver)
		fail_msg("%s is bound to %s", sbdf, text);
	else
		assert_string_equal(text, driver);
}

void assert_override(struct fake_host *host, const char *sbdf,
		     const char *override)
{
	char text[FAKE_PATH_SIZE];

	read_override(host, text, sbdf);
	assert_string_equal(text, override);
}

uint32_t make_sbdf(const char *text)
{
	uint32_t sbdf;

	assert_int_equal(vfio_xen_sbdf_parse(text, &sbdf), 0);
	return sbdf;
}
