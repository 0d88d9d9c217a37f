// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-drop-in: the PCI backend of PV guests for a toolstack that knows
 * only xen-pciback, on a host where vfio-xen-pci takes its place (pciback=1).
 *
 * Such a toolstack attaches a device to a PV guest by nodes in xenstore. This
 * program takes each device from pciback, and vfio-xen-dm attaches it through
 * nodes of its own. The toolstack's nodes only get the answers that it waits
 * for.
 *
 * Attaching waits for the guest, so each guest, and each returning device, has
 * a process of its own. The main process watches xenstore. Changes during the
 * work of such a process are handled when it has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "toolstack.h"
#include "work.h"
#include "xenstore.h"

#define PROGRAM "vfio-xen-drop-in"

/* A process that works for a guest, or on a device */
struct job {
	struct drop_in *drop_in;
	char key[16]; /* a domid or an address */
	bool again; /* something has changed meanwhile */
	sd_event_source *source; /* its end */
	struct job *next;
};

struct drop_in {
	sd_event *event;
	struct xenstore *store;
	struct job *jobs;
};

/* ---- processes ---- */

static void look(struct drop_in *drop_in);

static int job_ended(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct job *job = data, **place = &job->drop_in->jobs;
	struct drop_in *drop_in = job->drop_in;
	bool again = job->again;

	(void)source, (void)info;
	while (*place != job)
		place = &(*place)->next;
	*place = job->next;
	sd_event_source_disable_unref(job->source);
	free(job);
	if (again)
		look(drop_in);
	return 0;
}

/*
 * Returns NULL if a process is already at work; another one follows when it has
 * ended.
 */
static struct job *new_job(struct drop_in *drop_in, const char *key)
{
	struct job *job;

	for (job = drop_in->jobs; job; job = job->next) {
		if (!strcmp(job->key, key)) {
			job->again = true;
			return NULL;
		}
	}
	job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	job->drop_in = drop_in;
	snprintf(job->key, sizeof(job->key), "%s", key);
	return job;
}

static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Starts the work of a guest with a domid, or else of a device */
static void start(struct drop_in *drop_in, const char *key,
		  const uint32_t *domid)
{
	struct job *job = new_job(drop_in, key);
	pid_t pid;

	if (!job)
		return;
	pid = fork();
	if (!pid) {
		unblock_signals();
		_exit(domid ? !!work_for_guest(*domid) :
			      !!device_give_back(key));
	}
	if (pid < 0 || sd_event_add_child(drop_in->event, &job->source, pid,
					  WEXITED, job_ended, job) < 0) {
		log_message(LOG_ERR, "cannot start a process for %s", key);
		free(job);
		return;
	}
	job->next = drop_in->jobs;
	drop_in->jobs = job;
}

/* ---- looking ---- */

static void look_at_guest(struct drop_in *drop_in, uint32_t domid)
{
	char key[16];

	switch (toolstack_look(drop_in->store, domid)) {
	case TOOLSTACK_SETTLE:
		snprintf(key, sizeof(key), "%u", domid);
		start(drop_in, key, &domid);
		break;
	case TOOLSTACK_REMOVE:
		toolstack_remove(drop_in->store, domid);
		break;
	case TOOLSTACK_NOTHING:
		break;
	}
}

static void look_at_device(void *data, const char *address, uint32_t domid)
{
	struct drop_in *drop_in = data;

	if (!toolstack_has_guest(drop_in->store, domid))
		start(drop_in, address, NULL);
}

static void look(struct drop_in *drop_in)
{
	unsigned int nr;
	char **names = xenstore_list(drop_in->store, &nr, TOOLSTACK_BACKENDS);

	for (unsigned int i = 0; names && i < nr; i++)
		look_at_guest(drop_in, (uint32_t)strtoul(names[i], NULL, 10));
	free(names);
	device_foreach(look_at_device, drop_in);
}

static void changed(void *data, const char *path)
{
	(void)path;
	look(data);
}

static int watch(struct drop_in *drop_in)
{
	int err = xenstore_open(&drop_in->store, drop_in->event);

	if (err)
		return err;
	xenstore_set_fn(drop_in->store, changed, drop_in);
	err = xenstore_watch(drop_in->store, TOOLSTACK_BACKENDS);
	return err ? err : xenstore_watch(drop_in->store, "@releaseDomain");
}

static int run(struct drop_in *drop_in)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	err = device_init();
	if (!err)
		err = sd_event_new(&drop_in->event);
	if (err >= 0)
		err = watch(drop_in);
	if (!err)
		err = sd_event_loop(drop_in->event);
	log_message(LOG_ERR, "cannot watch xenstore: %s", strerror(-err));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct drop_in drop_in = { 0 };

	if (argc > 1) {
		fprintf(stderr, "usage: %s\n", argv[0]);
		return 2;
	}
	if (!device_has_drop_in()) {
		fprintf(stderr, PROGRAM ": vfio-xen-pci is not loaded with "
					"pciback=1\n");
		return EXIT_FAILURE;
	}
	log_open(PROGRAM, false);
	return run(&drop_in);
}
