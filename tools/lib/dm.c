// SPDX-License-Identifier: GPL-2.0-only
/*
 * Speaking with vfio-xen-dm, and starting it: one process a guest, which
 * listens on /run/vfio-xen/UUID.sock and takes one JSON object a line.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json.h>

#include "internal.h"

#define RUN_DIR "/run/vfio-xen"
#define SUFFIX ".sock"
#define UUID_LEN 36
#define MAX_REPLY 16384

struct vfio_xen_dm {
	int fd;
	size_t size; /* of what has arrived */
	char line[MAX_REPLY];
};

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
	/* A socket without a process is what is left of one that was killed. */
	err = errno == ECONNREFUSED ? -ENOENT : -errno;
	return err == -ENOENT ?
		       err :
		       problem_set(ctx, VFIO_XEN_PROBLEM_IO, err, 0, path);
}

static int open_dm(struct vfio_xen_ctx *ctx, const char *uuid,
		   struct vfio_xen_dm **dm)
{
	autofree char *path = file_path(ctx, RUN_DIR "/%s" SUFFIX, uuid);
	struct vfio_xen_dm *new = calloc(1, sizeof(*new));
	int err = -ENOMEM;

	if (!path || !new)
		goto free_new;
	new->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = new->fd < 0 ? -errno : connect_to(ctx, new->fd, path);
	if (err)
		goto close_new;
	*dm = new;
	return 0;

close_new:
	if (new->fd >= 0)
		close(new->fd);
free_new:
	free(new);
	return err;
}

int vfio_xen_dm_open(struct vfio_xen_ctx *ctx, const char *uuid,
		     struct vfio_xen_dm **dm)
{
	problem_clear(ctx);
	return open_dm(ctx, uuid, dm);
}

void vfio_xen_dm_close(struct vfio_xen_dm *dm)
{
	if (!dm)
		return;
	close(dm->fd);
	free(dm);
}

int vfio_xen_dm_get_fd(const struct vfio_xen_dm *dm)
{
	return dm->fd;
}

int vfio_xen_dm_send(struct vfio_xen_dm *dm, struct json_object *request)
{
	autofree char *line = NULL;
	int len = asprintf(&line, "%s\n",
			   json_object_to_json_string_ext(
				   request, JSON_C_TO_STRING_PLAIN));

	if (len < 0) {
		line = NULL;
		return -ENOMEM;
	}
	/* It is short: the socket takes all or nothing. */
	return send(dm->fd, line, (size_t)len, MSG_NOSIGNAL) == len ?
		       0 :
		       -ECONNRESET;
}

static int parse_reply(const char *line, struct json_object **reply)
{
	*reply = json_tokener_parse(line);
	if (json_object_is_type(*reply, json_type_object))
		return 0;
	json_object_put(*reply);
	return -EBADMSG;
}

int vfio_xen_dm_receive(struct vfio_xen_dm *dm, struct json_object **reply)
{
	ssize_t size = recv(dm->fd, dm->line + dm->size,
			    sizeof(dm->line) - dm->size, MSG_DONTWAIT);
	char *end;

	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN :
							   -ECONNRESET;
	if (size == 0)
		return dm->size == sizeof(dm->line) ? -EBADMSG : -ECONNRESET;
	dm->size += (size_t)size;
	end = memchr(dm->line, '\n', dm->size);
	if (!end)
		return -EAGAIN;
	*end = '\0';
	dm->size = 0; /* there is one reply to a request, and one request */
	return parse_reply(dm->line, reply);
}

static long long monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int vfio_xen_dm_wait(struct vfio_xen_dm *dm, int timeout_ms,
		     struct json_object **reply)
{
	struct pollfd pollfd = { .fd = dm->fd, .events = POLLIN };
	long long end = monotonic_ms() + timeout_ms, left = timeout_ms;
	int err = -EAGAIN;

	while (err == -EAGAIN && left >= 0) {
		if (poll(&pollfd, 1, (int)left) > 0)
			err = vfio_xen_dm_receive(dm, reply);
		left = end - monotonic_ms();
	}
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

void vfio_xen_dm_cancel(struct vfio_xen_dm *dm)
{
	shutdown(dm->fd, SHUT_WR);
}

/* ---- processes ---- */

/* Whether systemd runs the host: sd_booted(3) looks for the same. */
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

static int start(struct vfio_xen_ctx *ctx, const char *uuid)
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

int vfio_xen_dm_require(struct vfio_xen_ctx *ctx, const char *uuid,
			struct vfio_xen_dm **dm)
{
	int err, start_err;

	err = vfio_xen_dm_open(ctx, uuid, dm);
	if (err != -ENOENT)
		return err;
	start_err = start(ctx, uuid);
	/* One that does not start may have found that another one has. */
	err = open_dm(ctx, uuid, dm);
	if (!err)
		problem_clear(ctx);
	if (err == -ENOENT && !start_err)
		return problem_set_id(ctx, VFIO_XEN_PROBLEM_DM_START, -ECHILD,
				      0, 0, "vfio-xen-dm");
	return err && start_err ? start_err : err;
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
