// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find and start vfio-xen-dm: one process per guest, which listens on
 * /run/vfio-xen/UUID.sock.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

#define RUN_DIR "/run/vfio-xen"
#define SUFFIX ".sock"
#define UUID_LEN 36

/* ---- connections ---- */

static int connect_to(struct vfio_xen_ctx *ctx, int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return 0;
	/* A killed process leaves its socket behind. */
	err = errno == ECONNREFUSED ? -ENOENT : -errno;
	return err == -ENOENT ?
		       err :
		       problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, 0, path);
}

static int connect_once(struct vfio_xen_ctx *ctx, const char *uuid)
{
	autofree char *path = file_path(ctx, RUN_DIR "/%s" SUFFIX, uuid);
	int err, fd;

	if (!path)
		return -ENOMEM;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = connect_to(ctx, fd, path);
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* ---- processes ---- */

/* Whether systemd runs the host, by the test of sd_booted(3). */
static bool has_systemd(struct vfio_xen_ctx *ctx)
{
	return file_exists(ctx, "/run/systemd/system");
}

static int run_start(struct vfio_xen_ctx *ctx, char *const argv[],
		     const char *what)
{
	int status = program_run(ctx, argv);

	if (!status)
		return 0;
	return problem_set_id(ctx, VFIO_XEN_PROBLEM_DM_START,
			      status < 0 ? status : -ECHILD, 0, status, what);
}

static int start_dm(struct vfio_xen_ctx *ctx, const char *uuid)
{
	static char systemctl[] = "systemctl", verb[] = "start";
	static char program[] = SBINDIR "/vfio-xen-dm", daemon[] = "--daemon";
	autofree char *service = NULL, *option = NULL;

	if (asprintf(&service, "vfio-xen-dm@%s.service", uuid) < 0 ||
	    asprintf(&option, "--uuid=%s", uuid) < 0)
		return -ENOMEM;
	if (has_systemd(ctx)) {
		char *const argv[] = { systemctl, verb, service, NULL };

		return run_start(ctx, argv, service);
	} else {
		char *const argv[] = { program, daemon, option, NULL };

		return run_start(ctx, argv, program);
	}
}

int dm_connect(struct vfio_xen_ctx *ctx, const char *uuid, bool start)
{
	int fd = connect_once(ctx, uuid);
	int start_err;

	if (fd != -ENOENT || !start)
		return fd;
	start_err = start_dm(ctx, uuid);
	/* A process that fails to start may have found another one running. */
	fd = connect_once(ctx, uuid);
	if (fd >= 0)
		problem_clear(ctx);
	if (fd == -ENOENT && !start_err)
		return problem_set_id(ctx, VFIO_XEN_PROBLEM_DM_START, -ECHILD,
				      0, 0, "vfio-xen-dm");
	return fd < 0 && start_err ? start_err : fd;
}

/* The name without its suffix: "UUID". */
static bool take_uuid(const char *name, char uuid[UUID_LEN + 1])
{
	if (strlen(name) != UUID_LEN + strlen(SUFFIX) ||
	    strcmp(name + UUID_LEN, SUFFIX))
		return false;
	memcpy(uuid, name, UUID_LEN);
	uuid[UUID_LEN] = '\0';
	return true;
}

int vfio_xen_dm_foreach(struct vfio_xen_ctx *ctx,
			void (*fn)(void *data, const char *uuid), void *data)
{
	autofree char *path = file_path(ctx, RUN_DIR);
	DIR *dir = path ? opendir(path) : NULL;
	char uuid[UUID_LEN + 1];
	struct dirent *entry;

	if (!dir)
		return path && errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)))
		if (take_uuid(entry->d_name, uuid))
			fn(data, uuid);
	closedir(dir);
	return 0;
}
