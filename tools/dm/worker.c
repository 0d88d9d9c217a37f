// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker: its devices, and how it drops its privileges.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <xentoolcore.h>

#include "guest.h"
#include "hvm/worker.h"
#include "log.h"
#include "pv/ring.h"
#include "sandbox.h"
#include "worker.h"

#define DEVICES_TIMEOUT_MS 10000

/* ---- to the supervisor ---- */

static void answer(struct worker *worker, enum link_type type,
		   unsigned int index, int err)
{
	struct link_message msg = {
		.type = type,
		.err = err,
		.index = index,
	};

	link_send(worker->link, &msg, NULL, 0);
}

/* A message that the supervisor does not read is lost: waiting would stop the guest. */
static void log_to_link(void *data, int level, const char *text)
{
	struct worker *worker = data;
	struct link_message msg = {
		.type = LINK_LOG,
		.value = (uint32_t)level,
	};

	snprintf(msg.text, sizeof(msg.text), "%s", text);
	link_send(worker->link, &msg, NULL, 0);
}

/* ---- devices ---- */

static int add_device(struct worker *worker, unsigned int index, int fd)
{
	struct worker_device *dev = calloc(1, sizeof(*dev));
	int err;

	if (!dev) {
		close(fd);
		return -ENOMEM;
	}
	dev->worker = worker;
	dev->index = index;
	dev->state = &worker->state->devices[index];
	err = vfio_device_init(&dev->vfio, fd);
	if (!err)
		err = worker->kind->add(dev);
	if (err) {
		vfio_device_close(&dev->vfio);
		free(dev);
		return err;
	}
	worker->devices[index] = dev;
	return 0;
}

static int remove_device(struct worker *worker, unsigned int index)
{
	struct worker_device *dev = worker->devices[index];

	if (!dev)
		return -ENOENT;
	worker->kind->remove(dev);
	worker->devices[index] = NULL;
	vfio_device_close(&dev->vfio);
	free(dev);
	return 0;
}

/* ---- from the supervisor ---- */

static int handle_message(struct worker *worker, const struct link_message *msg,
			  const int *fds, size_t nr_fds)
{
	if (msg->index >= STATE_MAX_DEVICES)
		return -EBADMSG;
	if (msg->type == LINK_ADD && nr_fds == 1 &&
	    !worker->devices[msg->index]) {
		answer(worker, LINK_ADDED, msg->index,
		       add_device(worker, msg->index, fds[0]));
		return 0;
	}
	if (msg->type == LINK_REMOVE && nr_fds == 0) {
		answer(worker, LINK_REMOVED, msg->index,
		       remove_device(worker, msg->index));
		return 0;
	}
	return -EBADMSG;
}

/* A worker without its supervisor exits. */
static int link_readable(sd_event_source *source, int fd, uint32_t events,
			 void *data)
{
	struct worker *worker = data;
	struct link_message msg;
	int fds[LINK_MAX_FDS];
	size_t nr_fds = LINK_MAX_FDS;
	int err = link_receive(worker->link, &msg, fds, &nr_fds);

	(void)source, (void)fd, (void)events;
	if (err == -EAGAIN)
		return 0;
	if (!err)
		err = handle_message(worker, &msg, fds, nr_fds);
	return err ? sd_event_exit(worker->event, err == -EPIPE ? 0 : 1) : 0;
}

/* ---- rights ---- */

static int set_limit(int which, rlim_t value)
{
	struct rlimit limit = { value, value };

	return setrlimit((__rlimit_resource_t)which, &limit) ? -errno : 0;
}

/* No files, no processes, and no core dump, which would contain the guest's data. */
static int limit_resources(void)
{
	int err = set_limit(RLIMIT_FSIZE, 0);

	if (!err)
		err = set_limit(RLIMIT_CORE, 0);
	if (!err)
		err = set_limit(RLIMIT_NPROC, 0);
	return err;
}

/* Changing from user 0 drops all capabilities. */
static int drop_user(uint32_t uid)
{
	if (!uid)
		return -EINVAL;
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

static int drop_rights(const struct link_hello *hello)
{
	int err;

	if (xentoolcore_restrict_all((domid_t)hello->domid))
		return -errno;
	err = sandbox_limit_memory();
	if (err)
		log_message(LOG_WARNING,
			    "the worker's memory is not limited: %s",
			    strerror(-err));
	err = drop_user(hello->uid);
	if (!err)
		err = limit_resources();
	if (!err && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		     prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)))
		err = -errno;
	return err ? err : sandbox_enter();
}

/* ---- start ---- */

static const struct worker_kind *const kinds[] = {
	[GUEST_PV] = &pv_ring_kind,
	[GUEST_HVM] = &hvm_worker_kind,
};

static int receive_hello(struct worker *worker)
{
	struct link_message msg;
	int fd, err;
	size_t nr_fds = 1;

	err = link_wait(worker->link, -1); /* a spare one: for long */
	if (!err)
		err = link_receive(worker->link, &msg, &fd, &nr_fds);
	if (err)
		return err;
	if (msg.type != LINK_HELLO || nr_fds != 1 ||
	    msg.hello.kind >= sizeof(kinds) / sizeof(kinds[0]) ||
	    !kinds[msg.hello.kind])
		return -EBADMSG;
	worker->hello = msg.hello;
	worker->kind = kinds[msg.hello.kind];
	worker->state = state_map(fd);
	close(fd);
	if (!worker->state)
		return -errno;
	return state_check(worker->state, msg.hello.domid, msg.hello.kind);
}

static int start(struct worker *worker)
{
	int err = receive_hello(worker);

	if (err)
		return err;
	err = worker->kind->prepare(worker);
	if (err)
		return err;
	err = drop_rights(&worker->hello);
	if (err) {
		log_message(LOG_ERR, "the worker cannot give up its rights: %s",
			    strerror(-err));
		return err;
	}
	err = sd_event_new(&worker->event);
	if (err >= 0)
		err = sd_event_add_io(worker->event, NULL, worker->link,
				      EPOLLIN, link_readable, worker);
	return err < 0 ? err : 0;
}

/*
 * The link delivers the devices of a former worker before the guest's first request is
 * read: READY is answered after them.
 */
static int receive_devices(struct worker *worker)
{
	struct link_message msg;
	int err, fds[LINK_MAX_FDS];
	size_t nr_fds;

	for (;;) {
		err = link_wait(worker->link, DEVICES_TIMEOUT_MS);
		nr_fds = LINK_MAX_FDS;
		if (!err)
			err = link_receive(worker->link, &msg, fds, &nr_fds);
		if (err || msg.type == LINK_READY)
			return err;
		err = handle_message(worker, &msg, fds, nr_fds);
		if (err)
			return err;
	}
}

static int run(struct worker *worker)
{
	int err = start(worker);

	if (!err)
		err = receive_devices(worker);
	if (!err)
		err = worker->kind->start(worker);
	if (err)
		return err;
	answer(worker, LINK_READY, 0, 0);
	return sd_event_loop(worker->event);
}

int worker_main(int link)
{
	struct worker worker = { .link = link };
	int err;

	prctl(PR_SET_NAME, "vfio-xen-dm");
	log_set_fn(log_to_link, &worker);
	err = run(&worker);
	if (err < 0)
		log_message(LOG_ERR, "the worker ends: %s", strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
