// SPDX-License-Identifier: GPL-2.0-only
/*
 * An example of libvfio-xen: attach a device to a guest, as vfio-xen-ctl does.
 *
 *	cc -o attach attach.c $(pkg-config --cflags --libs libvfio-xen)
 *	./attach                        which devices a guest could get
 *	./attach web 0000:05:00.0       give the guest "web" that device
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vfio-xen.h>

#define DRIVER "vfio-xen-pci"

/* The library prints nothing, and says why its last call failed. */
static int complain(struct vfio_xen_ctx *ctx, int err)
{
	char *text = vfio_xen_explain(ctx, err, true);

	fprintf(stderr, "%s\n", text ? text : strerror(-err));
	free(text);
	return EXIT_FAILURE;
}

static void log_step(void *data, enum vfio_xen_log_kind kind,
		     const char *message)
{
	(void)data, (void)kind;
	fprintf(stderr, "  %s\n", message);
}

static int list(struct vfio_xen_ctx *ctx)
{
	struct vfio_xen_device *dev;
	int err = vfio_xen_scan(ctx);

	if (err)
		return complain(ctx, err);
	vfio_xen_device_foreach(ctx, dev) {
		const char *driver = vfio_xen_device_get_driver(dev);

		if (!vfio_xen_device_get_group(dev) ||
		    vfio_xen_device_is_bridge(dev) ||
		    vfio_xen_device_is_in_use(dev))
			continue;
		printf("%s %s\n", vfio_xen_device_get_address(dev),
		       driver ? driver : "-");
	}
	return EXIT_SUCCESS;
}

/* Binding fails, and changes nothing, if the host visibly uses the device. */
static int attach(struct vfio_xen_ctx *ctx, const char *uuid,
		  const char *device)
{
	struct vfio_xen_request request = VFIO_XEN_REQUEST_INIT;
	int slot, err = vfio_xen_scan(ctx);

	request.uuid = uuid;
	if (!err)
		err = vfio_xen_resolve(ctx, device, &request.sbdf);
	if (!err)
		err = vfio_xen_bind(ctx, &request.sbdf, 1, DRIVER, 0);
	if (!err)
		err = vfio_xen_attach(ctx, &request, &slot);
	if (err)
		return complain(ctx, err);
	printf("slot %d\n", slot);
	return EXIT_SUCCESS;
}

static int find_and_attach(struct vfio_xen_ctx *ctx, const char *name,
			   const char *device)
{
	struct vfio_xen_guest *guest;
	int status, err = vfio_xen_guest_find_for_device(ctx, name, &guest);

	if (err)
		return complain(ctx, err);
	status = attach(ctx, vfio_xen_guest_get_uuid(guest), device);
	vfio_xen_guest_free(guest);
	return status;
}

int main(int argc, char **argv)
{
	struct vfio_xen_ctx *ctx;
	int status, err = vfio_xen_new(&ctx);

	if (err) {
		fprintf(stderr, "%s\n", strerror(-err));
		return EXIT_FAILURE;
	}
	vfio_xen_set_log_fn(ctx, log_step, NULL);
	if (argc == 1) {
		status = list(ctx);
	} else if (argc == 3) {
		status = find_and_attach(ctx, argv[1], argv[2]);
	} else {
		fprintf(stderr, "usage: %s [GUEST DEVICE]\n", argv[0]);
		status = EXIT_FAILURE;
	}
	vfio_xen_free(ctx);
	return status;
}
