// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker's life, as its parent sees it.
 *
 * A worker that dies has a successor at once. The guest notices a pause at most,
 * since all that matters is in VFIO's descriptors, in the state and in the kind's
 * part of the supervisor. Starting a program would be most of that pause, so there
 * is a spare worker, which waits for its first message and has nothing yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "supervisor.h"

/* So many deaths within so many seconds, and the devices are taken away. */
#define MAX_DEATHS 5
#define DEATHS_PERIOD_S 10
#define WORKER_LINK 3 /* descriptor number in the worker */

/* A process and our end of its link */
struct process {
	pid_t pid; /* 0: none */
	int link;
	sd_event_source *on_exit;
};

struct child {
	uint32_t uid, gid;
	struct process worker, spare;
	sd_event_source *on_message; /* of the worker */
	uint64_t deaths_ms[MAX_DEATHS]; /* a ring */
	unsigned int nr_deaths;
	uint64_t died_ms; /* the one whose successor is not ready yet; 0: none */
};

static void forget(struct process *process)
{
	process->on_exit = sd_event_source_disable_unref(process->on_exit);
	if (process->link >= 0)
		close(process->link);
	process->link = -1;
	process->pid = 0;
}

static void end_process(struct process *process)
{
	if (!process->pid)
		return;
	kill(process->pid, SIGKILL);
	waitpid(process->pid, NULL, 0);
	forget(process);
}

void child_release(struct supervisor *sup)
{
	if (!sup->child)
		return;
	supervisor_stop_worker(sup);
	end_process(&sup->child->spare);
	free(sup->child);
	sup->child = NULL;
}

pid_t child_pid(const struct supervisor *sup)
{
	return sup->child->worker.pid;
}

static uint64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- birth ---- */

/* No output either: who reads ours, when we go to the background, waits for its end. */
static int add_files(posix_spawn_file_actions_t *actions, int link)
{
	int err = posix_spawn_file_actions_adddup2(actions, link, WORKER_LINK);

	for (int i = STDIN_FILENO; i <= STDERR_FILENO && !err; i++)
		err = posix_spawn_file_actions_addopen(actions, i, "/dev/null",
						       O_RDWR, 0);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions,
							       WORKER_LINK + 1);
	return err;
}

/*
 * It has its end of the link and none of our descriptors, from the moment that this
 * returns: a copy would keep a device that we and the worker have closed.
 */
static int spawn(struct process *process, int link)
{
	static char program[] = "vfio-xen-dm", option[] = "--worker";
	static char *const argv[] = { program, option, NULL };
	static char *const envp[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	err = add_files(&actions, link);
	if (!err)
		err = posix_spawn(&process->pid, "/proc/self/exe", &actions,
				  &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int start_process(struct process *process)
{
	int fds[2];
	int err = link_pair(fds);

	if (err)
		return err;
	err = spawn(process, fds[1]);
	close(fds[1]);
	if (err) {
		process->pid = 0;
		close(fds[0]);
		return err;
	}
	process->link = fds[0];
	return 0;
}

/* The next start does without it. */
static int spare_died(sd_event_source *source, const siginfo_t *info,
		      void *data)
{
	struct child *child = data;

	(void)source, (void)info;
	forget(&child->spare);
	return 0;
}

/*
 * From the start, when it gets ready while the first device is being opened, and
 * again when a worker serves, so that that does not wait for this.
 */
static void keep_spare(struct supervisor *sup)
{
	struct process *spare = &sup->child->spare;
	int err;

	if (spare->pid)
		return;
	err = start_process(spare);
	if (err)
		return;
	err = sd_event_add_child(sup->event, &spare->on_exit, spare->pid,
				 WEXITED, spare_died, sup->child);
	if (err < 0)
		end_process(spare);
}

int child_init(struct supervisor *sup, uint32_t uid, uint32_t gid)
{
	struct child *child = calloc(1, sizeof(*child));

	if (!child)
		return -ENOMEM;
	child->uid = uid;
	child->gid = gid;
	child->worker.link = -1;
	child->spare.link = -1;
	sup->child = child;
	keep_spare(sup);
	return 0;
}

static int get_process(struct child *child)
{
	if (!child->spare.pid)
		return start_process(&child->worker);
	child->worker.pid = child->spare.pid;
	child->worker.link = child->spare.link;
	child->spare.link = -1;
	forget(&child->spare);
	return 0;
}

/* ---- messages ---- */

static int send_device(struct supervisor *sup, const struct attach_device *dev)
{
	struct link_message msg = { .type = LINK_ADD, .index = dev->index };

	return link_send(sup->child->worker.link, &msg, &dev->vfio.fd, 1);
}

/* All that a new worker has to know; LINK_READY ends it. */
static int introduce(struct supervisor *sup, const struct link_hello *hello)
{
	struct link_message msg = { .type = LINK_HELLO, .hello = *hello };
	int err = link_send(sup->child->worker.link, &msg, &sup->state_fd, 1);

	for (unsigned int i = 0; i < STATE_MAX_DEVICES && !err; i++) {
		if (sup->devices[i] && sup->devices[i]->in_worker)
			err = send_device(sup, sup->devices[i]);
	}
	msg.type = LINK_READY;
	return err ? err : link_send(sup->child->worker.link, &msg, NULL, 0);
}

/* Nothing in a message is believed: a device may not have been asked for. */
static void answered(struct supervisor *sup, const struct link_message *msg,
		     bool added)
{
	struct attach_device *dev = NULL;

	if (msg->index < STATE_MAX_DEVICES)
		dev = sup->devices[msg->index];
	if (!dev || dev->in_worker != added)
		return;
	if (dev->waits_for_worker) {
		dev->waits_for_worker = false;
		/* What cannot be removed is not there. */
		attach_resume(dev, added ? msg->err : 0);
	} else if (msg->err) {
		log_message(LOG_ERR, "%s: the new worker cannot take it: %s",
			    dev->address, strerror(-msg->err));
	}
}

/* The guest's requests waited for so long. */
static void log_succession(struct supervisor *sup)
{
	struct child *child = sup->child;

	if (!child->died_ms)
		return;
	log_message(LOG_NOTICE, "domain %u: worker %d has taken over in %u ms",
		    sup->guest.domid, child->worker.pid,
		    (unsigned int)(monotonic_ms() - child->died_ms));
	child->died_ms = 0;
}

static void handle(struct supervisor *sup, const struct link_message *msg)
{
	switch (msg->type) {
	case LINK_ADDED:
	case LINK_REMOVED:
		answered(sup, msg, msg->type == LINK_ADDED);
		break;
	case LINK_READY:
		log_succession(sup);
		keep_spare(sup);
		if (sup->kind->worker_ready)
			sup->kind->worker_ready(sup);
		break;
	case LINK_LOG:
		log_message(msg->value <= LOG_DEBUG ? (int)msg->value :
						      LOG_WARNING,
			    "domain %u: %s", sup->guest.domid, msg->text);
		break;
	default:
		log_message(LOG_ERR, "domain %u: odd message from the worker",
			    sup->guest.domid);
	}
}

static int message_arrived(sd_event_source *source, int fd, uint32_t events,
			   void *data)
{
	struct supervisor *sup = data;
	struct link_message msg;
	size_t nr_fds = 0;
	int err = link_receive(fd, &msg, NULL, &nr_fds);

	(void)events;
	if (!err)
		handle(sup, &msg);
	else if (err == -EPIPE) /* its death is told by SIGCHLD */
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	else if (err != -EAGAIN)
		supervisor_kill_worker(sup);
	return 0;
}

/* ---- death ---- */

static void forget_worker(struct child *child)
{
	child->on_message = sd_event_source_disable_unref(child->on_message);
	forget(&child->worker);
}

/* Whether this is one death too many. */
static bool count_death(struct child *child)
{
	uint64_t now = monotonic_ms();
	uint64_t *oldest = &child->deaths_ms[child->nr_deaths++ % MAX_DEATHS];
	bool many = *oldest && now - *oldest < DEATHS_PERIOD_S * 1000;

	*oldest = now;
	child->died_ms = now;
	return many;
}

/* The dead have let go of what was to be taken from them. */
static void resume_removals(struct supervisor *sup)
{
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		struct attach_device *dev = sup->devices[i];

		if (dev && dev->waits_for_worker && !dev->in_worker) {
			dev->waits_for_worker = false;
			attach_resume(dev, 0);
		}
	}
}

static int worker_died(sd_event_source *source, const siginfo_t *info,
		       void *data)
{
	struct supervisor *sup = data;
	int err;

	(void)source;
	log_message(LOG_ERR, "domain %u: worker %d has ended: %s %d",
		    sup->guest.domid, info->si_pid,
		    info->si_code == CLD_EXITED ? "status" : "signal",
		    info->si_status);
	forget_worker(sup->child);
	resume_removals(sup);
	if (count_death(sup->child)) {
		log_message(
			LOG_CRIT,
			"domain %u: %d workers have died in %d seconds: the guest loses its devices",
			sup->guest.domid, MAX_DEATHS + 1, DEATHS_PERIOD_S);
		supervisor_give_up(sup);
		return 0;
	}
	if (!sup->kind_is_open) /* that was the last device */
		return 0;
	sup->restarts++;
	err = supervisor_start_worker(sup);
	if (err)
		log_message(LOG_ERR, "domain %u: no new worker: %s",
			    sup->guest.domid, strerror(-err));
	return 0;
}

/* ---- start ---- */

int supervisor_start_worker(struct supervisor *sup)
{
	struct child *child = sup->child;
	struct link_hello hello = {
		.domid = sup->guest.domid,
		.kind = sup->guest.kind,
		.uid = child->uid,
		.gid = child->gid,
		.nr_vcpus = sup->guest.nr_vcpus,
	};
	int err;

	if (child->worker.pid)
		return 0;
	err = sup->kind->hello(sup, &hello);
	if (!err)
		err = get_process(child);
	if (err)
		return err;
	err = sd_event_add_child(sup->event, &child->worker.on_exit,
				 child->worker.pid, WEXITED, worker_died, sup);
	if (err >= 0)
		err = sd_event_add_io(sup->event, &child->on_message,
				      child->worker.link, EPOLLIN,
				      message_arrived, sup);
	/* What it has still said is heard before its death is. */
	if (err >= 0)
		err = sd_event_source_set_priority(child->on_message,
						   SD_EVENT_PRIORITY_IMPORTANT);
	if (err >= 0)
		err = introduce(sup, &hello);
	if (err < 0)
		supervisor_stop_worker(sup);
	return err < 0 ? err : 0;
}

void supervisor_stop_worker(struct supervisor *sup)
{
	struct child *child = sup->child;

	child->on_message = sd_event_source_disable_unref(child->on_message);
	end_process(&child->worker);
}

void supervisor_kill_worker(struct supervisor *sup)
{
	if (child_pid(sup))
		kill(child_pid(sup), SIGKILL);
}

/* ---- devices ---- */

int supervisor_give_to_worker(struct supervisor *sup, struct attach_device *dev)
{
	int err;

	dev->in_worker = true;
	err = child_pid(sup) ? send_device(sup, dev) :
			       supervisor_start_worker(sup);
	dev->waits_for_worker = !err;
	dev->in_worker = !err;
	return err;
}

int supervisor_take_from_worker(struct supervisor *sup,
				struct attach_device *dev)
{
	struct link_message msg = { .type = LINK_REMOVE, .index = dev->index };
	int err;

	dev->in_worker = false;
	dev->waits_for_worker = false;
	if (!child_pid(sup))
		return 0;
	err = link_send(sup->child->worker.link, &msg, NULL, 0);
	/* One that does not even listen is not worth keeping. */
	if (err)
		supervisor_kill_worker(sup);
	dev->waits_for_worker = true;
	return -EINPROGRESS;
}
