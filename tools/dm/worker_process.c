// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a worker, as its parent sees it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log_limited.h"
#include "printable.h"
#include "state.h"
#include "worker_process.h"

/* After this many deaths within this many seconds, the guest loses its devices. */
#define MAX_DEATHS 5
#define DEATHS_PERIOD_S 10
/* A killed process needs no time to end unless the kernel keeps it. */
#define END_TIMEOUT_MS 1000
/* A worker sends a few messages for each device, and its log is limited. */
#define MAX_MESSAGES 1000 /* in a second */
#define RETRY_USEC 1000000ULL
#define WORKER_LINK 3 /* descriptor number in the worker */

/* A process, and the supervisor's end of its link */
struct child {
	pid_t pid; /* 0: none */
	int link;
	sd_event_source *on_exit;
};

struct worker_process {
	struct worker_process_options options;
	uint32_t domid; /* for messages; from the last hello */
	struct child worker, spare;
	int stuck; /* pidfd of a worker that was stopped, and has not ended; or -1 */
	sd_event_source *on_message; /* of the worker */
	unsigned int nr_messages; /* within a second of ... */
	uint64_t messages_ms;
	uint64_t deaths_ms[MAX_DEATHS]; /* a ring */
	unsigned int nr_deaths;
	unsigned int restarts;
	sd_event_source *retry; /* to start a successor */
	uint64_t died_ms; /* the worker whose successor is not ready yet; 0: none */
};

static void forget(struct child *child)
{
	child->on_exit = sd_event_source_disable_unref(child->on_exit);
	if (child->link >= 0)
		close(child->link);
	child->link = -1;
	child->pid = 0;
}

static bool has_ended(int pidfd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) != 0;
}

/* The event loop frees a floating source after its only call. */
static int reap(sd_event_source *source, const siginfo_t *info, void *data)
{
	(void)source, (void)info, (void)data;
	return 0;
}

/* A process in the middle of a device's reset ends only after that. */
static void let_end(struct worker_process *process, pid_t pid, int pidfd)
{
	log_message(LOG_WARNING,
		    "domain %u: worker %d does not end: a device's reset hangs",
		    process->domid, pid);
	if (process->stuck >= 0)
		close(process->stuck);
	process->stuck = pidfd;
	sd_event_add_child(process->options.event, NULL, pid, WEXITED, reap,
			   NULL);
}

static void end_child(struct worker_process *process, struct child *child)
{
	pid_t pid = child->pid;
	int pidfd;

	if (!pid)
		return;
	pidfd = pidfd_open(pid, 0);
	kill(pid, SIGKILL);
	forget(child);
	if (pidfd >= 0 && !has_ended(pidfd, END_TIMEOUT_MS)) {
		let_end(process, pid, pidfd);
		return;
	}
	waitpid(pid, NULL, 0);
	if (pidfd >= 0)
		close(pidfd);
}

int worker_process_stuck(struct worker_process *process)
{
	if (process->stuck >= 0 && has_ended(process->stuck, 0)) {
		close(process->stuck);
		process->stuck = -1;
	}
	return process->stuck;
}

static uint64_t monotonic_ms(void)
{
	return clock_usec() / USEC_PER_MS;
}

/* ---- birth ---- */

/* Close the output, too: a reader of the supervisor's output waits for its end. */
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
 * When this returns, the worker has its end of the link and no other descriptor: a copy
 * would keep open a device that supervisor and worker have closed.
 */
static int spawn(struct child *child, int link)
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
		err = posix_spawn(&child->pid, "/proc/self/exe", &actions,
				  &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/*
 * In a PID namespace of its own: one that its guest has taken over sees no other
 * process.
 */
static int spawn_alone(struct child *child, int link)
{
	int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int err;

	if (own < 0)
		return -errno;
	err = unshare(CLONE_NEWPID) ? -errno : spawn(child, link);
	/*
	 * Otherwise the next worker would be started in the namespace of the dead one,
	 * which fails.
	 */
	if (setns(own, CLONE_NEWPID))
		log_message(LOG_ERR, "cannot leave a PID namespace: %s",
			    strerror(errno));
	close(own);
	return err;
}

static int start_child(struct child *child)
{
	int fds[2];
	int err = link_pair(fds);

	if (err)
		return err;
	err = spawn_alone(child, fds[1]);
	close(fds[1]);
	if (err) {
		child->pid = 0;
		close(fds[0]);
		return err;
	}
	child->link = fds[0];
	return 0;
}

/* The next start does without a spare. */
static int spare_died(sd_event_source *source, const siginfo_t *info,
		      void *data)
{
	struct worker_process *process = data;

	(void)source, (void)info;
	forget(&process->spare);
	return 0;
}

/*
 * Start the spare first while the first device is being opened, and again once a worker
 * serves, so that the worker does not wait for it.
 */
static void keep_spare(struct worker_process *process)
{
	struct child *spare = &process->spare;
	int err;

	if (spare->pid)
		return;
	err = start_child(spare);
	if (err)
		return;
	err = sd_event_add_child(process->options.event, &spare->on_exit,
				 spare->pid, WEXITED, spare_died, process);
	if (err < 0)
		end_child(process, spare);
}

static int get_child(struct worker_process *process)
{
	if (!process->spare.pid)
		return start_child(&process->worker);
	process->worker.pid = process->spare.pid;
	process->worker.link = process->spare.link;
	process->spare.link = -1;
	forget(&process->spare);
	return 0;
}

/* ---- messages ---- */

static int send_device(struct worker_process *process, unsigned int index,
		       int fd)
{
	struct link_message msg = { .type = LINK_ADD, .index = index };

	return link_send(process->worker.link, &msg, &fd, 1);
}

/* Sends all that a new worker must know; LINK_READY ends it. */
static int introduce(struct worker_process *process,
		     const struct link_hello *hello)
{
	const struct worker_process_options *options = &process->options;
	struct link_message msg = { .type = LINK_HELLO, .hello = *hello };
	int err = link_send(process->worker.link, &msg, &options->state_fd, 1);

	for (unsigned int i = 0; i < STATE_MAX_DEVICES && !err; i++) {
		int fd = options->ops.device(options->data, i);

		if (fd >= 0)
			err = send_device(process, i, fd);
	}
	msg.type = LINK_READY;
	return err ? err : link_send(process->worker.link, &msg, NULL, 0);
}

/* How long the guest's requests waited */
static void log_succession(struct worker_process *process)
{
	const struct log_event event = {
		.name = "worker-replaced",
		.domid = process->domid,
	};

	if (!process->died_ms)
		return;
	log_event(&event, LOG_NOTICE,
		  "domain %u: worker %d has taken over in %u ms",
		  process->domid, process->worker.pid,
		  (unsigned int)(monotonic_ms() - process->died_ms));
	process->died_ms = 0;
}

/* A guest may have taken over the worker. */
static void log_of_worker(const struct worker_process *process,
			  const struct link_message *msg)
{
	char text[LINK_TEXT_SIZE];

	snprintf(text, sizeof(text), "%.*s", LINK_TEXT_SIZE - 1, msg->text);
	make_printable(text);
	log_limited(msg->value <= LOG_DEBUG ? (int)msg->value : LOG_WARNING,
		    "domain %u: %s", process->domid, text);
}

static void handle(struct worker_process *process,
		   const struct link_message *msg)
{
	const struct worker_process_options *options = &process->options;

	switch (msg->type) {
	case LINK_ADDED:
		options->ops.added(options->data, msg->index, msg->err);
		break;
	case LINK_REMOVED: /* if it cannot be removed, it does not exist */
		options->ops.removed(options->data, msg->index);
		break;
	case LINK_READY:
		log_succession(process);
		keep_spare(process);
		break;
	case LINK_LOG:
		log_of_worker(process, msg);
		break;
	default:
		log_limited(LOG_ERR,
			    "domain %u: invalid message from the worker",
			    process->domid);
	}
}

/* Whether a worker that a guest has taken over keeps the supervisor busy */
static bool count_message(struct worker_process *process)
{
	uint64_t now = monotonic_ms();

	if (now - process->messages_ms >= 1000) {
		process->messages_ms = now;
		process->nr_messages = 0;
	}
	return ++process->nr_messages > MAX_MESSAGES;
}

static void end_flood(struct worker_process *process)
{
	log_limited(
		LOG_ERR,
		"domain %u: more than %d messages from the worker in a second: it is replaced",
		process->domid, MAX_MESSAGES);
	sd_event_source_set_enabled(process->on_message, SD_EVENT_OFF);
	worker_process_kill(process);
}

static int message_arrived(sd_event_source *source, int fd, uint32_t events,
			   void *data)
{
	struct worker_process *process = data;
	struct link_message msg;
	size_t nr_fds = 0;
	int err = link_receive(fd, &msg, NULL, &nr_fds);

	(void)events;
	if (!err && count_message(process))
		end_flood(process);
	else if (!err)
		handle(process, &msg);
	else if (err == -EPIPE) /* SIGCHLD reports its death */
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	else if (err != -EAGAIN)
		worker_process_kill(process);
	return 0;
}

/* ---- death ---- */

static void forget_worker(struct worker_process *process)
{
	process->on_message =
		sd_event_source_disable_unref(process->on_message);
	forget(&process->worker);
}

/* Whether workers die too often */
static bool count_death(struct worker_process *process)
{
	uint64_t now = monotonic_ms();
	uint64_t *oldest =
		&process->deaths_ms[process->nr_deaths++ % MAX_DEATHS];
	bool many = *oldest && now - *oldest < DEATHS_PERIOD_S * 1000;

	*oldest = now;
	process->died_ms = now;
	return many;
}

static int retry(sd_event_source *source, uint64_t now, void *data);

/* Without a worker, a guest's virtual CPUs wait for ever: go on trying. */
static void start_successor(struct worker_process *process)
{
	struct link_hello hello = { 0 };
	int err = worker_process_start(process);

	if (!err)
		return;
	if (err == -EAGAIN &&
	    process->options.ops.hello(process->options.data, &hello) == err)
		return; /* a device that is attached starts it */
	log_limited(LOG_ERR, "domain %u: cannot start a worker: %s",
		    process->domid, strerror(-err));
	process->retry = sd_event_source_disable_unref(process->retry);
	err = sd_event_add_time_relative(process->options.event,
					 &process->retry, CLOCK_MONOTONIC,
					 RETRY_USEC, 0, retry, process);
	if (err < 0) /* systemd starts a supervisor that recovers the devices */
		sd_event_exit(process->options.event, err);
}

static int retry(sd_event_source *source, uint64_t now, void *data)
{
	struct worker_process *process = data;

	(void)source, (void)now;
	process->retry = sd_event_source_disable_unref(process->retry);
	start_successor(process);
	return 0;
}

static int worker_died(sd_event_source *source, const siginfo_t *info,
		       void *data)
{
	struct worker_process *process = data;
	const struct worker_process_options *options = &process->options;
	bool is_needed;

	(void)source;
	log_message(LOG_ERR, "domain %u: worker %d has ended: %s %d",
		    process->domid, info->si_pid,
		    info->si_code == CLD_EXITED ? "status" : "signal",
		    info->si_status);
	forget_worker(process);
	is_needed = options->ops.died(options->data);
	if (count_death(process)) {
		log_message(
			LOG_CRIT,
			"domain %u: %d workers have died in %d seconds: the guest loses its devices",
			process->domid, MAX_DEATHS + 1, DEATHS_PERIOD_S);
		options->ops.failed(options->data);
	} else if (is_needed) {
		process->restarts++;
		start_successor(process);
	}
	return 0;
}

/* ---- for the parent ---- */

int worker_process_new(struct worker_process **process,
		       const struct worker_process_options *options)
{
	struct worker_process *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->options = *options;
	new->worker.link = -1;
	new->spare.link = -1;
	new->stuck = -1;
	keep_spare(new);
	*process = new;
	return 0;
}

void worker_process_free(struct worker_process *process)
{
	if (!process)
		return;
	worker_process_stop(process);
	end_child(process, &process->spare);
	if (process->stuck >= 0)
		close(process->stuck);
	free(process);
}

pid_t worker_process_pid(const struct worker_process *process)
{
	return process->worker.pid;
}

unsigned int worker_process_restarts(const struct worker_process *process)
{
	return process->restarts;
}

static int watch_worker(struct worker_process *process)
{
	struct child *worker = &process->worker;
	sd_event *event = process->options.event;
	int err;

	err = sd_event_add_child(event, &worker->on_exit, worker->pid, WEXITED,
				 worker_died, process);
	if (err >= 0)
		err = sd_event_add_io(event, &process->on_message, worker->link,
				      EPOLLIN, message_arrived, process);
	/* Read its last messages before handling its death. */
	if (err >= 0)
		err = sd_event_source_set_priority(process->on_message,
						   SD_EVENT_PRIORITY_IMPORTANT);
	return err < 0 ? err : 0;
}

static int start_worker(struct worker_process *process,
			const struct link_hello *hello)
{
	int err = get_child(process);

	if (err)
		return err;
	err = watch_worker(process);
	if (!err)
		err = introduce(process, hello);
	if (err)
		worker_process_stop(process);
	return err;
}

int worker_process_start(struct worker_process *process)
{
	const struct worker_process_options *options = &process->options;
	bool has_spare = process->spare.pid;
	struct link_hello hello = { 0 };
	int err;

	if (process->worker.pid)
		return 0;
	err = options->ops.hello(options->data, &hello);
	if (err)
		return err;
	process->domid = hello.domid;
	/* A user for each guest: none can signal, trace or starve another's worker. */
	hello.uid = options->first_uid + hello.domid;
	err = start_worker(process, &hello);
	/* The spare may have died, too, and its death is not known yet. */
	if (err && has_spare)
		err = start_worker(process, &hello);
	return err;
}

void worker_process_stop(struct worker_process *process)
{
	process->retry = sd_event_source_disable_unref(process->retry);
	process->on_message =
		sd_event_source_disable_unref(process->on_message);
	end_child(process, &process->worker);
}

void worker_process_kill(struct worker_process *process)
{
	if (process->worker.pid)
		kill(process->worker.pid, SIGKILL);
}

int worker_process_add(struct worker_process *process, unsigned int index)
{
	const struct worker_process_options *options = &process->options;

	if (!process->worker.pid)
		return worker_process_start(process);
	return send_device(process, index,
			   options->ops.device(options->data, index));
}

int worker_process_remove(struct worker_process *process, unsigned int index)
{
	struct link_message msg = { .type = LINK_REMOVE, .index = index };

	if (!process->worker.pid)
		return -ESRCH;
	/* A worker that does not read its link is stuck. */
	if (link_send(process->worker.link, &msg, NULL, 0))
		worker_process_kill(process);
	return 0;
}
