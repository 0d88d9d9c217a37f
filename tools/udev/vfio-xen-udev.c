// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-udev SBDF: what udev runs for each PCI device of a Xen dom0, before it loads
 * a driver for any. With "bind" after the address, what it runs once a driver that makes
 * virtual functions is there. boot.c says what both do. With --validate the initramfs's hooks run it, to warn of what
 * would go wrong at boot.
 *
 * Boot goes on whatever happens: the exit status is 0, what fails is one line in the
 * kernel's log, which is there before any other, and an alarm ends what hangs.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio-xen.h"

#define LIMIT_SECONDS 30
#define PREFIX "<4>vfio-xen: "

/* ---- at boot ---- */

static void log_line(void *data, const char *line)
{
	char text[512];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	int len;

	(void)data;
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), PREFIX "%s\n", line);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	if (write(fd, text, (size_t)len) < 0)
		fprintf(stderr, "%s", text);
	close(fd);
}

static void on_alarm(int number)
{
	static const char text[] = PREFIX
		"binding persistent devices took longer than 30 s, and was "
		"ended\n";
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	(void)number;
	vfio_xen_abandon();
	if (fd >= 0 && write(fd, text, sizeof(text) - 1) < 0)
		close(fd);
	_exit(EXIT_SUCCESS);
}

/* ---- where an initramfs is made ---- */

/* As initramfs-tools warns */
static void warn(const char *text)
{
	fprintf(stderr, "W: vfio-xen: %s\n", text);
}

/* What the running host uses it will not boot without. */
static bool warn_of_entry(struct vfio_xen_ctx *ctx,
			  const struct vfio_xen_entry *entry)
{
	const char *command = vfio_xen_initramfs_command(ctx);

	if (vfio_xen_entry_get_state(entry) != VFIO_XEN_ENTRY_IN_USE)
		return false;
	fprintf(stderr,
		"W: vfio-xen: %s:%u: the running host uses %s, and will not "
		"have it after a reboot; remove the file and run %s again, or "
		"boot with vfio_xen.devices=off\n",
		vfio_xen_entry_get_file(entry), vfio_xen_entry_get_line(entry),
		vfio_xen_device_get_address(vfio_xen_entry_get_device(entry)),
		command ? command : "the tool");
	return true;
}

static int warn_of_all(struct vfio_xen_ctx *ctx,
		       const struct vfio_xen_config *config)
{
	size_t nr = vfio_xen_config_get_nr_errors(config);
	bool good = nr == 0;

	for (size_t i = 0; i < nr; i++)
		warn(vfio_xen_config_get_error(config, i));
	nr = vfio_xen_config_get_nr_entries(config);
	for (size_t i = 0; i < nr; i++)
		if (warn_of_entry(ctx, vfio_xen_config_get_entry(config, i)))
			good = false;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* An image may be made where there is no PCI bus: then only the files are looked at. */
static int validate(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_config *config;
	int code, err;

	vfio_xen_scan(ctx);
	err = vfio_xen_config_new(ctx, &config);
	if (err) {
		warn(strerror(-err));
		return EXIT_FAILURE;
	}
	code = warn_of_all(ctx, config);
	vfio_xen_config_free(config);
	return code;
}

static int boot(struct vfio_xen_ctx *ctx, const char *address, bool has_driver)
{
	signal(SIGALRM, on_alarm);
	alarm(LIMIT_SECONDS);
	if (has_driver)
		vfio_xen_boot_vfs(ctx, address, log_line, NULL);
	else
		vfio_xen_boot(ctx, address, log_line, NULL);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	bool validates = argc == 2 && !strcmp(argv[1], "--validate");
	bool has_driver = argc == 3 && !strcmp(argv[2], "bind");
	struct vfio_xen_ctx *ctx;
	int code;

	if ((argc != 2 && !has_driver) || (*argv[1] == '-' && !validates)) {
		fprintf(stderr,
			"usage: vfio-xen-udev SBDF [bind] | --validate\n");
		return 2;
	}
	if (vfio_xen_new(&ctx))
		return EXIT_SUCCESS;
	code = validates ? validate(ctx) : boot(ctx, argv[1], has_driver);
	vfio_xen_free(ctx);
	return code;
}
