// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: the order of requests, and what a guest keeps when it reboots.
 * Xen, VFIO, the worker and the guest's kind are played here.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-log.h"
#include "clock.h"
#include "control.h"
#include "group.h"
#include "helper.h"
#include "host.h"
#include "hvm/supervisor.h"
#include "link.h"
#include "lock.h"
#include "log.h"
#include "pv/backend.h"
#include "record.h"
#include "supervisor.h"
#include "vfio.h"
#include "wanted.h"
#include "worker_process.h"
#include "xenstore.h"

#define NR_CLIENTS 10

struct control_client {
	bool answered;
	int err; /* of the answer */
	char text[1024];
};

static struct control_client clients[NR_CLIENTS];

/* The guest, and what its kind waits for */
static struct guest guest;
static enum guest_life life;
static struct device *plugging; /* its last step is in progress */
static unsigned int nr_plugged;
static bool plug_at_once;
static bool keeps_device; /* its driver in the guest hangs */
static bool refuses; /* the guest cannot be told to let go */
static unsigned int nr_refused;
static int find_err, intx_err;

/* What the supervisor has given to those below */
static struct {
	control_fn request;
	control_gone_fn gone;
	void *data;
} control;
static struct {
	xenstore_fn changed;
	void *data;
} xenstore;
static struct worker_process_options worker;
static bool adding[STATE_MAX_DEVICES], removing[STATE_MAX_DEVICES];
static sd_event *event;
static void (*scenario)(void);

/* ---- in place of what is below ---- */

int lock_take(const char *run_dir, const char *name)
{
	(void)run_dir, (void)name;
	return 0;
}

void lock_remove(const char *run_dir, const char *name)
{
	(void)run_dir, (void)name;
}

static uint64_t recorded_return_s;
static unsigned int nr_in_record;

void record_write(struct devices *all)
{
	recorded_return_s = all->returns_by_s;
	nr_in_record = all->wanted->nr;
}

static struct device_request recorded[2];
static unsigned int nr_recorded;

unsigned int record_recover(struct devices *all,
			    const struct devices_kind *kind,
			    struct device_request requests[STATE_MAX_DEVICES])
{
	assert_int_equal(all->guest.domid, guest.domid);
	assert_ptr_equal(kind, guest.kind == GUEST_HVM ? &hvm_supervisor_kind :
							 &pv_backend_kind);
	memcpy(requests, recorded, sizeof(recorded));
	return nr_recorded;
}

static unsigned int returns_in_s; /* of a guest that reboots, says the record */

bool record_finds_reboot(struct devices *all)
{
	if (!returns_in_s)
		return false;
	all->guest = guest;
	all->returns_by_s = clock_usec() / USEC_PER_S + returns_in_s;
	return true;
}

static bool all_in_one_group;

int host_check_device(const char *address, struct problem *problem)
{
	if (find_err)
		return problem_note(problem, find_err, "find the device", NULL,
				    NULL);
	return all_in_one_group ? 1 : atoi(address + 8); /* the slot */
}

struct group {
	int number;
	bool rdm_strict;
	struct group_files files;
};

int group_new(struct group **group, const struct group_request *request)
{
	assert_int_equal(request->domid, guest.domid);
	*group = calloc(1, sizeof(**group));
	assert_non_null(*group);
	(*group)->number = request->number;
	(*group)->rdm_strict = request->rdm_strict;
	(*group)->files = (struct group_files){ -1, -1, 0 };
	return 0;
}

bool group_is_rdm_strict(const struct group *group)
{
	return group->rdm_strict;
}

int group_number(const struct group *group)
{
	return group->number;
}

enum vfio_xen_iommu group_iommu(const struct group *group)
{
	(void)group;
	return VFIO_XEN_IOMMU_TYPE1;
}

static int open_err;
/* In a helper, whose memory is not the supervisor's */
static struct group *opened_group;
static int opened_device = -1;

int group_open_device(struct group *group, const char *address,
		      struct problem *problem)
{
	(void)address;
	if (open_err)
		return problem_note(problem, open_err, "open it", "no", NULL);
	if (group->files.container < 0) {
		group->files.container = open("/dev/null", O_RDWR);
		opened_group = group;
	}
	opened_device = open("/dev/zero", O_RDWR);
	return opened_device;
}

struct group_files group_get_files(const struct group *group)
{
	return group->files;
}

void group_set_files(struct group *group, const struct group_files *files)
{
	group->files = *files;
}

void group_free(struct group *group)
{
	assert_int_equal(group->files.container, -1);
	free(group);
}

/* ---- helpers: they end when the test says so, and not while they hang ---- */

struct helper {
	struct helper *next;
	struct helper_work work;
	bool closes, hangs;
	int link, other;
	helper_fn ended;
	void *data;
};

static struct helper *helpers;
static bool helpers_hang; /* those that are started now */
static unsigned int nr_closed;

/* A device is /dev/zero here. */
static bool has_device(const struct helper_work *work)
{
	struct stat now, zero;

	if (!work->nr_fds)
		return false;
	assert_int_equal(fstat(work->fds[0], &now), 0);
	assert_int_equal(stat("/dev/zero", &zero), 0);
	return now.st_rdev == zero.st_rdev;
}

static void run_helper(const struct helper *helper)
{
	opened_group = NULL;
	opened_device = -1;
	helper->work.run(helper->other, helper->work.data);
	if (opened_device >= 0)
		close(opened_device);
	if (!opened_group)
		return;
	close(opened_group->files.container);
	opened_group->files.container = -1;
}

int helper_start(struct helper **helper, sd_event *of,
		 const struct helper_work *work, helper_fn ended, void *data)
{
	int fds[2];

	(void)of;
	*helper = calloc(1, sizeof(**helper));
	assert_non_null(*helper);
	assert_int_equal(link_pair(fds), 0);
	**helper = (struct helper){
		.next = helpers,
		.work = *work,
		.closes = has_device(work),
		.hangs = helpers_hang,
		.link = fds[0],
		.other = fds[1],
		.ended = ended,
		.data = data,
	};
	helpers = *helper;
	if (!(*helper)->closes)
		run_helper(*helper);
	return 0;
}

void helper_set_fn(struct helper *helper, helper_fn ended, void *data)
{
	helper->ended = ended;
	helper->data = data;
}

int helper_link(const struct helper *helper)
{
	return helper->link;
}

void helper_close_link(struct helper *helper)
{
	assert_true(helper->closes);
	close(helper->link);
	helper->link = -1;
}

void helper_free(struct helper *helper)
{
	struct helper **place = &helpers;

	if (!helper)
		return;
	while (*place != helper)
		place = &(*place)->next;
	*place = helper->next;
	if (helper->link >= 0)
		close(helper->link);
	close(helper->other);
	free(helper);
}

static void end_helper(struct helper *helper)
{
	char byte;

	if (helper->closes) {
		/* The supervisor has closed its copies, and says so. */
		assert_int_equal(recv(helper->other, &byte, 1, 0), 0);
		nr_closed++;
	}
	helper->ended(helper->data);
}

static bool end_one_helper(void)
{
	for (struct helper *helper = helpers; helper; helper = helper->next) {
		if (helper->hangs)
			continue;
		end_helper(helper);
		return true;
	}
	return false;
}

int worker_process_stuck(struct worker_process *process)
{
	(void)process;
	return -1;
}

static bool is_open(const struct vfio_device *dev)
{
	struct stat now;

	return fstat(dev->fd, &now) == 0 && S_ISCHR(now.st_mode);
}

int vfio_device_init(struct vfio_device *dev, int fd)
{
	dev->fd = fd;
	dev->nr_irqs[VFIO_PCI_REQ_IRQ_INDEX] = 1;
	dev->nr_irqs[VFIO_PCI_ERR_IRQ_INDEX] = 1;
	return 0;
}

/* By index, of the devices in the order in which they were opened */
static int notified[VFIO_PCI_NUM_IRQS][4];
static unsigned int nr_notified[VFIO_PCI_NUM_IRQS];

int vfio_notify(const struct vfio_device *dev, unsigned int index, int fd)
{
	assert_true(is_open(dev));
	notified[index][nr_notified[index]++ % 4] = fd;
	return 0;
}

void vfio_device_close(struct vfio_device *dev)
{
	dev->fd = -1;
}

int vfio_intx_prepare(const struct vfio_device *dev)
{
	assert_true(is_open(dev));
	return intx_err;
}

static unsigned int nr_refusals; /* of xenstored's */

int xenstore_open(struct xenstore **store, sd_event *sup_event)
{
	if (nr_refusals) {
		nr_refusals--;
		return -ECONNREFUSED;
	}
	event = sup_event;
	*store = NULL;
	return 0;
}

void xenstore_close(struct xenstore *store)
{
	(void)store;
}

void xenstore_set_fn(struct xenstore *store, xenstore_fn fn, void *data)
{
	(void)store;
	xenstore.changed = fn;
	xenstore.data = data;
}

int xenstore_watch(struct xenstore *store, const char *path)
{
	(void)store, (void)path;
	return 0;
}

int guests_open(struct guests **guests)
{
	*guests = NULL;
	return 0;
}

void guests_close(struct guests *guests)
{
	(void)guests;
}

int guest_by_uuid(struct guests *guests, const uint8_t uuid[GUEST_UUID_SIZE],
		  struct guest *found)
{
	(void)guests, (void)uuid;
	if (life != GUEST_ALIVE)
		return -ESRCH;
	*found = guest;
	return 0;
}

enum guest_life guest_life(struct guests *guests, const struct guest *of)
{
	(void)guests;
	return of->domid == guest.domid ? life : GUEST_DEAD;
}

const char *guest_kind_name(enum guest_kind kind)
{
	(void)kind;
	return "pv";
}

int control_open(struct control **new, sd_event *sup_event, const char *path,
		 control_fn fn, void *data)
{
	(void)sup_event, (void)path;
	*new = NULL;
	control.request = fn;
	control.data = data;
	return 0;
}

void control_set_gone_fn(struct control *of, control_gone_fn fn)
{
	(void)of;
	control.gone = fn;
}

void control_close(struct control *of)
{
	(void)of;
}

void control_reply(struct control_client *client, struct json_object *reply)
{
	assert_false(client->answered);
	client->answered = true;
	snprintf(client->text, sizeof(client->text), "%s",
		 json_object_to_json_string(reply));
	json_object_put(reply);
}

void control_fail(struct control_client *client, const struct problem *problem)
{
	assert_false(client->answered);
	client->answered = true;
	client->err = problem->err;
	snprintf(client->text, sizeof(client->text), "%s: %s", problem->step,
		 problem->text);
}

int worker_process_new(struct worker_process **process,
		       const struct worker_process_options *options)
{
	*process = NULL;
	worker = *options;
	return 0;
}

void worker_process_free(struct worker_process *process)
{
	(void)process;
}

pid_t worker_process_pid(const struct worker_process *process)
{
	(void)process;
	return 0;
}

unsigned int worker_process_restarts(const struct worker_process *process)
{
	(void)process;
	return 0;
}

void worker_process_stop(struct worker_process *process)
{
	(void)process;
	memset(adding, 0, sizeof(adding));
	memset(removing, 0, sizeof(removing));
}

static unsigned int nr_killed;

void worker_process_kill(struct worker_process *process)
{
	(void)process;
	nr_killed++;
}

int worker_process_add(struct worker_process *process, unsigned int index)
{
	(void)process;
	adding[index] = true;
	return 0;
}

int worker_process_remove(struct worker_process *process, unsigned int index)
{
	(void)process;
	if (life != GUEST_ALIVE)
		return -ESRCH;
	removing[index] = true;
	return 0;
}

/* ---- the kind: only its last step takes time ---- */

static int kind_open(struct devices *all, struct problem *problem)
{
	(void)problem;
	all->kind_data = &guest;
	return 0;
}

static void kind_close(struct devices *all)
{
	all->kind_data = NULL;
}

static int plug(struct device *dev)
{
	assert_ptr_equal(dev->all->kind_data, &guest);
	if (plug_at_once) {
		nr_plugged++;
		return 0;
	}
	/* One at a time: QEMU and a frontend can do no more. */
	assert_null(plugging);
	plugging = dev;
	return -EINPROGRESS;
}

static int unplug(struct device *dev)
{
	if (keeps_device && !dev->steps.force)
		return -EINPROGRESS;
	if (refuses && !dev->steps.force) {
		nr_refused++;
		return -EBUSY;
	}
	nr_plugged--;
	return 0;
}

static void abandon_plug(struct device *dev)
{
	assert_true(keeps_device || dev == plugging);
	plugging = NULL;
}

static const struct step after_worker[] = {
	{ .name = "plug it in",
	  .apply = plug,
	  .undo_name = "unplug it",
	  .undo = unplug,
	  .abandon = abandon_plug },
};

const struct devices_kind hvm_supervisor_kind = {
	.open = kind_open,
	.close = kind_close,
	.after_worker = STEP_LIST(after_worker),
};

/* A PV guest that has not started: its first device waits, and others for that. */
static int wait_for_start(struct device *dev)
{
	steps_hold(&dev->steps);
	return -EINPROGRESS;
}

static const struct step before_worker[] = {
	{ .name = "reach it", .apply = wait_for_start },
};

const struct devices_kind pv_backend_kind = {
	.open = kind_open,
	.close = kind_close,
	.before_worker = STEP_LIST(before_worker),
};

/* ---- the test's side ---- */

int __wrap_sd_event_loop(sd_event *of);
int __wrap_sd_event_loop(sd_event *of)
{
	assert_ptr_equal(of, event);
	scenario();
	return 0;
}

static bool exited(void)
{
	return sd_event_get_exit_code(event, &(int){ 0 }) >= 0;
}

static void run_for(unsigned int ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (sd_event_run(event, 10000) < 0) {
			assert_true(exited());
			return;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 +
			 (now.tv_nsec - start.tv_nsec) / 1000000 <
		 ms);
}

static bool is_silent; /* the worker */

static bool answer_one(void)
{
	if (is_silent)
		return false;
	for (unsigned int i = 0; i < STATE_MAX_DEVICES; i++) {
		if (adding[i]) {
			adding[i] = false;
			worker.ops.added(worker.data, i, 0);
			return true;
		}
		if (removing[i]) {
			removing[i] = false;
			worker.ops.removed(worker.data, i);
			return true;
		}
	}
	return end_one_helper();
}

/* The worker answers all that it has been asked. */
static void settle(void)
{
	while (answer_one())
		;
}

static void plugged(void)
{
	struct device *dev = plugging;

	assert_non_null(dev);
	plugging = NULL;
	nr_plugged++;
	steps_resume(&dev->steps, 0);
	settle();
}

static bool at_boot, rdm_strict;
static unsigned int function;

static struct control_client *ask(enum control_command command,
				  unsigned int slot, unsigned int timeout_s)
{
	static unsigned int next;
	struct control_client *client = &clients[next++ % NR_CLIENTS];
	struct control_request request = {
		.command = command,
		.sbdf = slot << 3 | function,
		.slot = -1,
		.rdm_strict = rdm_strict,
		.at_boot = at_boot,
		.timeout_s = timeout_s,
	};

	*client = (struct control_client){ 0 };
	vfio_xen_sbdf_format(request.sbdf, request.address);
	control.request(control.data, client, &request);
	settle();
	return client;
}

static void assert_answer(const struct control_client *client, int err)
{
	assert_true(client->answered);
	assert_int_equal(client->err, err);
}

static void guest_dies(enum guest_life how)
{
	life = how;
	xenstore.changed(xenstore.data, "@releaseDomain");
	settle();
}

static void guest_is_back(void)
{
	guest.domid++;
	life = GUEST_ALIVE;
	xenstore.changed(xenstore.data, "@introduceDomain");
	settle();
}

static enum guest_kind guest_kind = GUEST_HVM;
static enum guest_life first_life = GUEST_ALIVE;

static void run(void (*fn)(void))
{
	const struct supervisor_options options = {
		.guest = { .domid = 1 },
		.run_dir = "/nowhere",
		.first_uid = 1,
		.restart_timeout_s = 1,
		.removal_timeout_s = 1,
		.ready_fd = -1,
	};

	guest = (struct guest){ .domid = 1, .kind = GUEST_HVM };
	life = first_life;
	guest.kind = guest_kind;
	plugging = NULL;
	nr_plugged = 0;
	plug_at_once = false;
	keeps_device = refuses = is_silent = false;
	nr_refused = 0;
	find_err = intx_err = open_err = 0;
	helpers_hang = false;
	nr_closed = 0;
	memset(nr_notified, 0, sizeof(nr_notified));
	scenario = fn;
	memset(adding, 0, sizeof(adding));
	memset(removing, 0, sizeof(removing));
	assert_int_equal(supervisor_main(&options), 0);
}

/* ---- requests ---- */

static void three_at_once(void)
{
	struct control_client *first = ask(CONTROL_ATTACH, 1, 10);
	struct control_client *second = ask(CONTROL_ATTACH, 2, 10);
	struct control_client *third = ask(CONTROL_ATTACH, 3, 10);
	struct control_client *back = ask(CONTROL_DETACH, 1, 10);

	assert_false(first->answered || second->answered || third->answered);
	plugged();
	assert_answer(first, 0);
	assert_false(second->answered);
	plugged();
	assert_answer(second, 0);
	plugged();
	assert_answer(third, 0);
	settle();
	assert_answer(back, 0);
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_three_at_once(void **state)
{
	(void)state;
	run(three_at_once);
}

static void deadline(void)
{
	struct control_client *first = ask(CONTROL_ATTACH, 1, 10);
	struct control_client *second = ask(CONTROL_ATTACH, 2, 1);

	assert_non_null(
		strstr(ask(CONTROL_STATUS, 0, 0)->text, "\"queued\": 1"));
	run_for(1100);
	assert_false(first->answered);
	assert_answer(second, -ETIMEDOUT);
	assert_non_null(strstr(second->text, "1 s waiting for 0000:00:01.0"));
	plugged();
	assert_answer(first, 0);
	assert_non_null(strstr(last_event, "attached 0000:00:01.0 "));
	assert_non_null(
		strstr(ask(CONTROL_STATUS, 0, 0)->text, "\"queued\": 0"));
	assert_null(plugging);
	guest_dies(GUEST_DEAD);
}

static void test_deadline(void **state)
{
	(void)state;
	run(deadline);
}

static void hang_up(void)
{
	struct control_client *first = ask(CONTROL_ATTACH, 1, 10);
	struct control_client *second = ask(CONTROL_ATTACH, 2, 10);
	struct control_client *third = ask(CONTROL_ATTACH, 3, 10);

	control.gone(control.data, second);
	assert_answer(second, -ECANCELED);
	control.gone(control.data, first);
	settle();
	assert_answer(first, -ECANCELED);
	plugged();
	assert_answer(third, 0);
	assert_int_equal(nr_plugged, 1);
	guest_dies(GUEST_DEAD);
}

static void test_hang_up(void **state)
{
	(void)state;
	run(hang_up);
}

static void guest_goes(void)
{
	struct control_client *first = ask(CONTROL_ATTACH, 1, 10);
	struct control_client *second = ask(CONTROL_ATTACH, 2, 10);

	guest_dies(GUEST_DEAD);
	assert_answer(first, -ESRCH);
	assert_answer(second, -ESRCH);
}

static void test_guest_goes(void **state)
{
	(void)state;
	run(guest_goes);
}

static void twice(void)
{
	struct control_client *first = ask(CONTROL_ATTACH, 1, 10);
	struct control_client *detach, *again;

	assert_answer(ask(CONTROL_ATTACH, 1, 10), -EEXIST);
	detach = ask(CONTROL_DETACH, 1, 10);
	again = ask(CONTROL_ATTACH, 1, 10);
	assert_false(again->answered);
	plugged();
	settle();
	settle();
	assert_answer(first, 0);
	assert_answer(detach, 0);
	plugged();
	assert_answer(again, 0);
	guest_dies(GUEST_DEAD);
}

static void test_twice(void **state)
{
	(void)state;
	run(twice);
}

/* A device of which the guest would hear nothing is not attached. */
static void no_line(void)
{
	struct control_client *attach;

	plug_at_once = true;
	intx_err = -EBUSY;
	attach = ask(CONTROL_ATTACH, 1, 10);
	assert_answer(attach, -EBUSY);
	assert_string_equal(
		attach->text,
		"connect the device's interrupt line: a driver of the host has the line and does not share it");
	intx_err = 0;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	guest_dies(GUEST_DEAD);
}

static void test_no_line(void **state)
{
	(void)state;
	run(no_line);
}

/* What fails is named, and not what was done once. */
static void hanging_driver(void)
{
	struct control_client *detach, *next;

	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	keeps_device = true;
	detach = ask(CONTROL_DETACH, 1, 1);
	next = ask(CONTROL_ATTACH, 2, 5);
	assert_false(next->answered);
	run_for(1100);
	assert_answer(detach, -ETIMEDOUT);
	assert_string_equal(
		detach->text,
		"unplug it: the guest's driver did not release it within 1 s");
	settle();
	assert_answer(next, 0);
	guest_dies(GUEST_DEAD);
}

static void test_hanging_driver(void **state)
{
	(void)state;
	run(hanging_driver);
}

/* What a guest that has not started would get can be taken back. */
static void held(void)
{
	const struct control_client *client;

	at_boot = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	assert_int_equal(nr_in_record, 1);
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	assert_int_equal(nr_in_record, 2);
	at_boot = false;
	assert_answer(ask(CONTROL_DETACH, 1, 10), 0);
	client = ask(CONTROL_STATUS, 0, 0);
	assert_null(strstr(client->text, "0000:00:01.0"));
	assert_non_null(strstr(client->text, "0000:00:02.0"));
	assert_answer(ask(CONTROL_DETACH, 2, 10), 0);
	guest_dies(GUEST_DEAD);
}

static void test_held(void **state)
{
	(void)state;
	guest_kind = GUEST_PV;
	run(held);
	guest_kind = GUEST_HVM;
}

/* Once it has started, a guest that does not take the device is late like any other. */
static void held_and_late(void)
{
	const struct devices *all = worker.data;

	at_boot = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 1), 0);
	at_boot = false;
	run_for(1200);
	assert_non_null(
		strstr(ask(CONTROL_STATUS, 0, 0)->text, "\"attaching\""));
	is_silent = true;
	steps_resume(&all->devices[0]->steps, 0);
	run_for(500);
	assert_non_null(
		strstr(ask(CONTROL_STATUS, 0, 0)->text, "\"attaching\""));
	find_err = -ENODEV;
	run_for(700);
	is_silent = false;
	settle();
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			       "the guest did not take it within 1 s"));
	guest_dies(GUEST_DEAD);
}

static void test_held_and_late(void **state)
{
	(void)state;
	guest_kind = GUEST_PV;
	run(held_and_late);
	guest_kind = GUEST_HVM;
}

/* The first device of a group decides for all. */
static void rdm_policies(void)
{
	const struct control_client *client;

	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	function = 1;
	rdm_strict = true;
	client = ask(CONTROL_ATTACH, 1, 10);
	assert_answer(client, -EBUSY);
	assert_non_null(strstr(client->text, "relaxed policy"));
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	rdm_strict = false;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	function = 0;
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	guest_dies(GUEST_DEAD);
}

static void test_rdm_policies(void **state)
{
	(void)state;
	run(rdm_policies);
}

/* ---- reboots ---- */

static void attach_two(void)
{
	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	plug_at_once = false;
	assert_int_equal(nr_plugged, 2);
}

static void reboot(void)
{
	attach_two();
	guest_dies(GUEST_REBOOTS);
	assert_int_equal(nr_plugged, 0);
	guest_is_back();
	plugged();
	plugged();
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_reboot(void **state)
{
	(void)state;
	run(reboot);
}

/* While one is being given back, and the other waits for that. */
static void second_reboot(void)
{
	attach_two();
	for (int i = 0; i < 3; i++) {
		guest_dies(GUEST_REBOOTS);
		assert_int_equal(nr_plugged, 0);
		assert_null(plugging);
		guest_is_back();
		if (i == 1)
			plugged();
		assert_non_null(plugging);
	}
	plugged();
	plugged();
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_second_reboot(void **state)
{
	(void)state;
	run(second_reboot);
}

/* The configuration has one that is being given back, and another one. */
static void attach_after_reboot(void)
{
	struct control_client *other;

	attach_two();
	guest_dies(GUEST_REBOOTS);
	assert_answer(ask(CONTROL_ATTACH, 1, 10), -EEXIST);
	other = ask(CONTROL_ATTACH, 3, 10);
	assert_false(other->answered);
	guest_is_back();
	assert_answer(ask(CONTROL_ATTACH, 2, 10), -EEXIST);
	plugged();
	plugged();
	assert_false(other->answered);
	plugged();
	assert_answer(other, 0);
	assert_int_equal(nr_plugged, 3);
	guest_dies(GUEST_DEAD);
}

static void test_attach_after_reboot(void **state)
{
	(void)state;
	run(attach_after_reboot);
}

/* What cannot be given back now is wanted at the next reboot, but not for ever. */
static void failed_reattachment(void)
{
	attach_two();
	find_err = -ENODEV;
	guest_dies(GUEST_REBOOTS);
	guest_is_back();
	assert_null(plugging);
	assert_answer(ask(CONTROL_DETACH, 2, 10), 0);
	assert_answer(ask(CONTROL_DETACH, 2, 10), -ENOENT);
	find_err = 0;
	guest_dies(GUEST_REBOOTS);
	guest_is_back();
	plugged();
	assert_null(plugging);
	assert_int_equal(nr_plugged, 1);
	guest_dies(GUEST_DEAD);
}

static void test_failed_reattachment(void **state)
{
	(void)state;
	run(failed_reattachment);
}

/* The toolstack sees what the guest had, and starts it again by that. */
static void crash(void)
{
	struct control_client *client;

	attach_two();
	guest_dies(GUEST_IS_DOWN);
	assert_int_equal(nr_plugged, 0);
	client = ask(CONTROL_STATUS, 0, 0);
	assert_answer(client, 0);
	assert_non_null(strstr(client->text, "0000:00:01.0"));
	assert_non_null(strstr(client->text, "0000:00:02.0"));
	assert_non_null(strstr(client->text, "wanted"));
	assert_answer(ask(CONTROL_DETACH, 2, 10), 0);
	assert_false(exited());
	guest_dies(GUEST_DEAD);
	assert_true(exited());
}

static void test_crash(void **state)
{
	(void)state;
	run(crash);
}

/* The domain is the same one then. */
static void soft_reset(void)
{
	attach_two();
	guest_dies(GUEST_IS_DOWN);
	life = GUEST_ALIVE;
	xenstore.changed(xenstore.data, "@introduceDomain");
	settle();
	plugged();
	plugged();
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_soft_reset(void **state)
{
	(void)state;
	run(soft_reset);
}

static void shut_down_without_devices(void)
{
	guest_dies(GUEST_IS_DOWN);
	assert_true(exited());
}

static void test_shut_down_without_devices(void **state)
{
	(void)state;
	run(shut_down_without_devices);
}

/* Those of a supervisor that has died are given back, in their slots. */
static void recovered(void)
{
	const struct control_client *client;

	settle();
	plugged();
	plugged();
	assert_int_equal(nr_plugged, 2);
	client = ask(CONTROL_STATUS, 0, 0);
	assert_non_null(strstr(client->text, "\"slot\": 7"));
	guest_dies(GUEST_DEAD);
}

static void record_two(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		recorded[i].sbdf = (i + 1) << 3;
		recorded[i].slot = 7 + (int)i;
		vfio_xen_sbdf_format(recorded[i].sbdf, recorded[i].address);
	}
	nr_recorded = 2;
}

static void test_recovered(void **state)
{
	(void)state;
	record_two();
	run(recovered);
	nr_recorded = 0;
}

/* The last supervisor has died between the guest's two domains. */
static void recovered_in_reboot(void)
{
	settle();
	assert_null(plugging);
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "wanted"));
	guest_is_back();
	recovered();
}

static void test_recovered_in_reboot(void **state)
{
	(void)state;
	record_two();
	first_life = GUEST_REBOOTS;
	returns_in_s = 5;
	run(recovered_in_reboot);
	nr_recorded = 0;
}

static void no_return_in_reboot(void)
{
	fake_log_clear();
	run_for(3500);
	assert_true(exited());
	assert_non_null(strstr(last_error, "did not start again"));
}

static void test_no_return_in_reboot(void **state)
{
	(void)state;
	record_two();
	returns_in_s = 2;
	run(no_return_in_reboot);
	returns_in_s = 0;
	nr_recorded = 0;
	first_life = GUEST_ALIVE;
}

/* What fails is tried again, without anybody's asking. */
static void retried(void)
{
	attach_two();
	find_err = -ENODEV;
	guest_dies(GUEST_REBOOTS);
	guest_is_back();
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "reason"));
	run_for(1200);
	assert_null(plugging);
	find_err = 0;
	plug_at_once = true;
	run_for(2500);
	settle();
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_retried(void **state)
{
	(void)state;
	run(retried);
}

/* It takes too long to come back. */
static void no_return(void)
{
	attach_two();
	fake_log_clear();
	guest_dies(GUEST_REBOOTS);
	run_for(800);
	assert_false(exited());
	run_for(2000);
	assert_true(exited());
	assert_non_null(strstr(last_error, "did not start again within 1 s"));
}

static void test_no_return(void **state)
{
	(void)state;
	run(no_return);
}

/* A successor knows for how long the guest can have rebooted unnoticed. */
static void recorded_life(void)
{
	uint64_t begin_s = clock_usec() / USEC_PER_S;

	attach_two();
	run_for(2500);
	assert_in_range(recorded_return_s, begin_s + 3, begin_s + 5);
	/* It does not come back by itself. */
	guest_dies(GUEST_IS_DOWN);
	assert_int_equal(recorded_return_s, 0);
	guest_is_back();
	assert_int_not_equal(recorded_return_s, 0);
	guest_dies(GUEST_DEAD);
}

static void test_recorded_life(void **state)
{
	(void)state;
	run(recorded_life);
}

/* xenstored has died, and tells of nothing. */
static void silent_death(void)
{
	attach_two();
	life = GUEST_DEAD;
	run_for(3500);
	settle();
	assert_true(exited());
}

static void test_silent_death(void **state)
{
	(void)state;
	run(silent_death);
}

/*
 * The worker is stopped while a device is being taken from it: a PV guest's frontend has
 * left, and nobody is told of the worker's end.
 */
static void worker_stopped(void)
{
	struct control_client *detach;

	attach_two();
	is_silent = true;
	detach = ask(CONTROL_DETACH, 1, 1);
	worker_process_stop(NULL);
	assert_false(detach->answered);
	run_for(1100);
	is_silent = false;
	settle();
	assert_answer(detach, 0);
	assert_int_equal(nr_plugged, 1);
	assert_answer(ask(CONTROL_DETACH, 2, 10), 0);
	guest_dies(GUEST_DEAD);
}

static void test_worker_stopped(void **state)
{
	(void)state;
	run(worker_stopped);
}

/* A successor that cannot open a device is replaced, and so is one that only says so. */
static void lost_by_successor(void)
{
	attach_two();
	nr_killed = 0;
	fake_log_clear();
	worker.ops.added(worker.data, 0, 0);
	assert_int_equal(nr_killed, 0);
	for (unsigned int i = 0; i < 100; i++)
		worker.ops.added(worker.data, 1, -EBUSY);
	assert_int_equal(nr_killed, 100);
	assert_in_range(nr_messages, 1, 10);
	worker.ops.added(worker.data, STATE_MAX_DEVICES, -EBUSY);
	assert_int_equal(nr_killed, 100);
	guest_dies(GUEST_DEAD);
}

static void test_lost_by_successor(void **state)
{
	(void)state;
	run(lost_by_successor);
}

/* ---- xenstored ---- */

static void nothing_asked(void)
{
	guest_dies(GUEST_DEAD);
}

static void test_xenstored_late(void **state)
{
	(void)state;
	nr_refusals = 2;
	run(nothing_asked);
	assert_int_equal(nr_refusals, 0);
}

static int run_without_xenstored(int ready_fd)
{
	const struct supervisor_options options = {
		.guest = { .domid = 1 },
		.run_dir = "/nowhere",
		.ready_fd = ready_fd,
	};

	nr_refusals = 100;
	fake_log_clear();
	return supervisor_main(&options);
}

/* A command waits for it to be ready, and can say what is wrong. */
static void test_no_xenstored(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(run_without_xenstored(fd), EXIT_FAILURE);
	assert_int_equal(nr_refusals, 99);
	assert_non_null(strstr(last_error, "xenstored does not run"));
	close(fd);
	nr_refusals = 0;
}

static void test_stopped_without_xenstored(void **state)
{
	sigset_t mask;

	(void)state;
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	raise(SIGTERM);
	assert_int_equal(run_without_xenstored(-1), 0);
	assert_int_equal(nr_refusals, 99);
	assert_string_equal(last_error, "");
	nr_refusals = 0;
}

/* ---- what the host says of devices ---- */

/* @number: of the device, in the order in which they were opened */
static void host_wants_back(unsigned int number)
{
	assert_int_equal(
		eventfd_write(notified[VFIO_PCI_REQ_IRQ_INDEX][number], 1), 0);
	run_for(50);
	settle();
}

/* The guest lets go; its other device stays, and the first comes back. */
static void removed(void)
{
	const struct control_client *client;

	attach_two();
	find_err = -ENODEV;
	host_wants_back(0);
	assert_int_equal(nr_plugged, 1);
	client = ask(CONTROL_STATUS, 0, 0);
	assert_non_null(strstr(client->text, "wanted"));
	assert_non_null(strstr(client->text, "the host has taken it back"));
	assert_non_null(strstr(client->text, "attached"));
	find_err = 0;
	plug_at_once = true;
	run_for(1200);
	settle();
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void test_removed(void **state)
{
	(void)state;
	run(removed);
}

/* It is taken from a guest that does not let go. */
static void removed_by_force(void)
{
	const struct control_client *client;

	attach_two();
	find_err = -ENODEV;
	keeps_device = true;
	host_wants_back(0);
	client = ask(CONTROL_STATUS, 0, 0);
	assert_non_null(strstr(client->text, "detaching"));
	assert_non_null(strstr(client->text, "the host wants it back"));
	assert_int_equal(nr_plugged, 2);
	run_for(1100);
	settle();
	assert_int_equal(nr_plugged, 1);
	assert_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "detaching"));
	guest_dies(GUEST_DEAD);
}

static void test_removed_by_force(void **state)
{
	(void)state;
	run(removed_by_force);
}

/* An unplug that fails at once is tried again when the host asks again, then forced. */
static void removal_fails(void)
{
	attach_two();
	find_err = -ENODEV;
	refuses = true;
	host_wants_back(0);
	assert_int_equal(nr_refused, 1);
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			       "the host wants it back"));
	host_wants_back(0);
	assert_int_equal(nr_refused, 2);
	assert_int_equal(nr_plugged, 2);
	run_for(1100);
	settle();
	assert_int_equal(nr_refused, 2);
	assert_int_equal(nr_plugged, 1);
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			       "the host has taken it back"));
	guest_dies(GUEST_DEAD);
}

static void test_removal_fails(void **state)
{
	(void)state;
	run(removal_fails);
}

/* One that the guest is still asked for does not hold up one that is overdue. */
static void overdue_first(void)
{
	attach_two();
	find_err = -ENODEV;
	refuses = true;
	host_wants_back(1);
	run_for(500);
	keeps_device = true;
	host_wants_back(0);
	run_for(700);
	settle();
	assert_int_equal(nr_plugged, 1);
	assert_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			   "\"state\": \"attached\""));
	guest_dies(GUEST_DEAD);
}

static void test_overdue_first(void **state)
{
	(void)state;
	run(overdue_first);
}

/* Another device's attachment does not hold it up for ever; the next one may start. */
static void removed_in_its_turn(void)
{
	struct control_client *third, *fourth;

	attach_two();
	third = ask(CONTROL_ATTACH, 3, 10);
	fourth = ask(CONTROL_ATTACH, 4, 10);
	assert_non_null(plugging);
	host_wants_back(0);
	assert_int_equal(nr_plugged, 2);
	assert_false(third->answered);
	run_for(1100);
	settle();
	settle();
	assert_answer(third, -ECANCELED);
	assert_non_null(strstr(third->text, "the host wants a device back"));
	assert_false(fourth->answered);
	plugged();
	assert_answer(fourth, 0);
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			       "the host has taken it back"));
	guest_dies(GUEST_DEAD);
}

static void test_removed_in_its_turn(void **state)
{
	(void)state;
	run(removed_in_its_turn);
}

/* Who attaches it, or waits for its detachment, is told. */
static void removed_on_its_way(void)
{
	struct control_client *client = ask(CONTROL_ATTACH, 1, 10);

	assert_non_null(plugging);
	host_wants_back(0);
	assert_answer(client, -ECANCELED);
	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	keeps_device = true;
	client = ask(CONTROL_DETACH, 2, 10);
	host_wants_back(1);
	assert_false(client->answered);
	run_for(1100);
	settle();
	assert_answer(client, 0);
	assert_int_equal(nr_plugged, 0);
	guest_dies(GUEST_DEAD);
}

static void test_removed_on_its_way(void **state)
{
	(void)state;
	run(removed_on_its_way);
}

static void host_error(void)
{
	attach_two();
	assert_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "errors"));
	assert_int_equal(eventfd_write(notified[VFIO_PCI_ERR_IRQ_INDEX][1], 1),
			 0);
	run_for(50);
	assert_non_null(strstr(last_error, "0000:00:02.0: the host reports"));
	assert_non_null(
		strstr(ask(CONTROL_STATUS, 0, 0)->text, "\"errors\": 1"));
	assert_int_equal(nr_plugged, 2);
	guest_dies(GUEST_DEAD);
}

static void vectors_refused(void)
{
	struct state *seen;

	attach_two();
	seen = state_map(worker.state_fd);
	assert_non_null(seen);
	assert_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "reason"));
	seen->devices[1].hvm.refused = 3;
	assert_non_null(strstr(ask(CONTROL_STATUS, 0, 0)->text,
			       "3 vectors are not connected: "
			       "the guest has no free interrupt; "
			       "raise extra_guest_irqs="));
	seen->devices[1].hvm.refused = 0;
	state_unmap(seen);
	assert_null(strstr(ask(CONTROL_STATUS, 0, 0)->text, "reason"));
	guest_dies(GUEST_DEAD);
}

static void test_vectors_refused(void **state)
{
	(void)state;
	run(vectors_refused);
}

static void test_host_error(void **state)
{
	(void)state;
	run(host_error);
}

/* ---- devices whose reset hangs ---- */

static void resets_end(void)
{
	for (struct helper *helper = helpers; helper; helper = helper->next)
		helper->hangs = false;
	helpers_hang = false;
	settle();
}

static bool status_has(const char *text)
{
	return strstr(ask(CONTROL_STATUS, 0, 0)->text, text);
}

static void slow_closing(void)
{
	struct control_client *detach, *attach;

	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	helpers_hang = true;
	detach = ask(CONTROL_DETACH, 1, 60);
	helpers_hang = false;
	run_for(4000);
	assert_false(detach->answered);
	run_for(1500);
	assert_answer(detach, -ETIMEDOUT);
	assert_string_equal(
		detach->text,
		"close the device: 0000:00:01.0 has not finished its reset for 5 s");
	assert_int_equal(nr_plugged, 1);
	assert_true(status_has("hung"));
	assert_answer(ask(CONTROL_DETACH, 1, 10), -EBUSY);
	/* The others do not notice. */
	assert_answer(ask(CONTROL_ATTACH, 3, 10), 0);
	assert_answer(ask(CONTROL_DETACH, 2, 10), 0);
	assert_int_equal(nr_plugged, 1);
	/* It waits. */
	attach = ask(CONTROL_ATTACH, 1, 1);
	assert_true(status_has("has not finished its reset"));
	run_for(1100);
	assert_answer(attach, -ETIMEDOUT);
	assert_string_equal(
		attach->text,
		"open the device with VFIO: its last reset, or that of a device in its group, has not finished within 1 s");
	attach = ask(CONTROL_ATTACH, 1, 10);
	assert_false(attach->answered);
	resets_end();
	assert_answer(attach, 0);
	assert_false(status_has("hung"));
	guest_dies(GUEST_DEAD);
	assert_true(exited());
}

static void test_slow_closing(void **state)
{
	(void)state;
	run(slow_closing);
}

static void slow_opening(void)
{
	struct control_client *first, *second;
	unsigned int closed;

	plug_at_once = true;
	helpers_hang = true;
	first = ask(CONTROL_ATTACH, 1, 10);
	helpers_hang = false;
	second = ask(CONTROL_ATTACH, 2, 10);
	assert_false(second->answered);
	run_for(5200);
	settle();
	assert_answer(second, 0);
	assert_false(first->answered);
	assert_true(status_has("the kernel has not finished its reset"));
	resets_end();
	assert_answer(first, 0);
	/* An interrupted request has not failed of the reset. */
	helpers_hang = true;
	first = ask(CONTROL_ATTACH, 4, 10);
	run_for(5200);
	control.gone(control.data, first);
	assert_answer(first, -ECANCELED);
	resets_end();
	/* Given up, and opened after all */
	helpers_hang = true;
	first = ask(CONTROL_ATTACH, 3, 6);
	helpers_hang = false;
	run_for(6200);
	assert_answer(first, -ETIMEDOUT);
	assert_string_equal(
		first->text,
		"open the device with VFIO: the kernel has not finished its reset within 6 s");
	assert_true(status_has("hung"));
	closed = nr_closed;
	resets_end();
	assert_int_equal(nr_closed, closed + 1);
	assert_false(status_has("hung"));
	guest_dies(GUEST_DEAD);
}

static void test_slow_opening(void **state)
{
	(void)state;
	run(slow_opening);
}

static unsigned int count_helpers(void)
{
	unsigned int nr = 0;

	for (struct helper *helper = helpers; helper; helper = helper->next)
		nr++;
	return nr;
}

/* The kernel opens a group once: a second device waits for the first one. */
static void one_group(void)
{
	struct control_client *first, *second;

	all_in_one_group = true;
	at_boot = true;
	helpers_hang = true;
	first = ask(CONTROL_ATTACH, 1, 10);
	second = ask(CONTROL_ATTACH, 2, 10);
	assert_int_equal(count_helpers(), 1);
	assert_false(first->answered || second->answered);
	resets_end();
	assert_answer(first, 0);
	assert_answer(second, 0);
	/* If the first one fails, the second one is tried. */
	helpers_hang = true;
	open_err = -EIO;
	first = ask(CONTROL_ATTACH, 3, 10);
	open_err = 0;
	second = ask(CONTROL_ATTACH, 4, 10);
	resets_end();
	assert_answer(first, -EIO);
	assert_answer(second, 0);
	at_boot = false;
	guest_dies(GUEST_DEAD);
	assert_true(exited());
}

static void test_one_group(void **state)
{
	(void)state;
	guest_kind = GUEST_PV;
	run(one_group);
	guest_kind = GUEST_HVM;
	all_in_one_group = false;
}

static void opening_fails(void)
{
	struct control_client *client;

	open_err = -EBUSY;
	client = ask(CONTROL_ATTACH, 1, 10);
	assert_answer(client, -EBUSY);
	assert_string_equal(client->text, "open it: no");
	open_err = 0;
	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	guest_dies(GUEST_DEAD);
}

static void test_opening_fails(void **state)
{
	(void)state;
	run(opening_fails);
}

/* The supervisor tells of it until it is closed. */
static void guest_ends_slowly(void)
{
	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	helpers_hang = true;
	guest_dies(GUEST_DEAD);
	run_for(5200);
	assert_false(exited());
	assert_true(status_has("hung"));
	resets_end();
	assert_true(exited());
}

static void test_guest_ends_slowly(void **state)
{
	(void)state;
	run(guest_ends_slowly);
}

static void guest_reboots_slowly(void)
{
	plug_at_once = true;
	assert_answer(ask(CONTROL_ATTACH, 1, 10), 0);
	assert_answer(ask(CONTROL_ATTACH, 2, 10), 0);
	helpers_hang = true;
	guest_dies(GUEST_REBOOTS);
	helpers_hang = false;
	assert_int_equal(nr_plugged, 0);
	guest_is_back();
	assert_int_equal(nr_plugged, 0);
	assert_true(status_has("0000:00:01.0 has not finished its reset"));
	resets_end();
	assert_int_equal(nr_plugged, 2);
	/* Opened when the guest ends */
	helpers_hang = true;
	ask(CONTROL_ATTACH, 3, 10);
	guest_dies(GUEST_DEAD);
	assert_false(exited());
	resets_end();
	assert_true(exited());
}

static void test_guest_reboots_slowly(void **state)
{
	(void)state;
	run(guest_reboots_slowly);
}

/* A guest may have taken over its QEMU, whose text root sees. */
static void test_text_of_qemu(void **state)
{
	struct problem problem = { 0 };

	(void)state;
	problem_note(&problem, -EREMOTEIO, "plug it in",
		     "in use\033[2J\n\x9b\x7f", NULL);
	assert_string_equal(problem.text, "in use?[2J???");
	fake_log_clear();
	problem_note(&problem, -EREMOTEIO, "unplug it", "gone\033c", NULL);
	assert_non_null(strstr(last_message, "gone?c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_life),
		cmocka_unit_test(test_one_group),
		cmocka_unit_test(test_slow_closing),
		cmocka_unit_test(test_slow_opening),
		cmocka_unit_test(test_opening_fails),
		cmocka_unit_test(test_guest_ends_slowly),
		cmocka_unit_test(test_guest_reboots_slowly),
		cmocka_unit_test(test_three_at_once),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_guest_goes),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_no_line),
		cmocka_unit_test(test_hanging_driver),
		cmocka_unit_test(test_worker_stopped),
		cmocka_unit_test(test_lost_by_successor),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_held_and_late),
		cmocka_unit_test(test_rdm_policies),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_second_reboot),
		cmocka_unit_test(test_attach_after_reboot),
		cmocka_unit_test(test_failed_reattachment),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_recovered),
		cmocka_unit_test(test_recovered_in_reboot),
		cmocka_unit_test(test_no_return_in_reboot),
		cmocka_unit_test(test_retried),
		cmocka_unit_test(test_silent_death),
		cmocka_unit_test(test_xenstored_late),
		cmocka_unit_test(test_no_xenstored),
		cmocka_unit_test(test_stopped_without_xenstored),
		cmocka_unit_test(test_no_return),
		cmocka_unit_test(test_soft_reset),
		cmocka_unit_test(test_shut_down_without_devices),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_removed_by_force),
		cmocka_unit_test(test_removal_fails),
		cmocka_unit_test(test_overdue_first),
		cmocka_unit_test(test_removed_in_its_turn),
		cmocka_unit_test(test_removed_on_its_way),
		cmocka_unit_test(test_host_error),
		cmocka_unit_test(test_vectors_refused),
		cmocka_unit_test(test_text_of_qemu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
