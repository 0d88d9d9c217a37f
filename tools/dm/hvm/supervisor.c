// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor's part of devices in an HVM guest: its ioreq server, slots of the
 * guest's bus, and hot-plug.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include <xendevicemodel.h>

#include "../log.h"
#include "../record.h"
#include "ioreq_server.h"
#include "qmp.h"
#include "supervisor.h"

#define NR_SLOTS 32
#define USEC_PER_S 1000000ULL
/* The time limit of what continues after the steps, whose own limit is shorter */
#define CONVERSATION_S 60
#define CONVERSATION_SPARE_S 5
#define FORCED_USEC (1 * USEC_PER_S)
#define DUMMY_USEC (5 * USEC_PER_S)

struct hvm_supervisor;

/* A slot of the guest's bus */
struct hvm_slot {
	struct hvm_supervisor *hvm;
	bool taken; /* our server has it */
	bool plugged; /* QEMU has, or may have, a dummy in it */
	struct qmp *forced; /* removes the dummy while no step waits for it */
};

struct hvm_supervisor {
	struct xendevicemodel_handle *dmod;
	struct ioreq_server server;
	bool has_server;
	struct hvm_slot slots[NR_SLOTS];
	char qmp_path[QMP_PATH_SIZE];
};

static struct hvm_supervisor *hvm_of(const struct device *dev)
{
	return dev->all->kind_data;
}

static struct hvm_slot *slot_of(const struct device *dev)
{
	return &hvm_of(dev)->slots[dev->request.slot];
}

static unsigned int slot_number(const struct hvm_slot *slot)
{
	return (unsigned int)(slot - slot->hvm->slots);
}

/* ---- all devices ---- */

static void on_dummy_removed(void *data, int err, const char *why,
			     struct json_object *answer)
{
	json_object_put(answer);
	if (err)
		log_message(LOG_WARNING,
			    "the dummy device stays in the guest: %s", why);
	sd_event_exit(data, 0);
}

/* This blocks, so use it only at the start and at the end, when nothing else waits. */
static void remove_dummy(const char *path, unsigned int slot)
{
	struct qmp *qmp = NULL;
	sd_event *event;

	if (sd_event_new(&event) < 0)
		return;
	if (!qmp_open(&qmp, event, path, DUMMY_USEC) &&
	    !qmp_unplug(qmp, slot, on_dummy_removed, event))
		sd_event_loop(event);
	qmp_close(qmp);
	sd_event_unref(event);
}

/*
 * From here on QEMU answers the guest, with its dummies in place of the devices. Ask a
 * live guest to release them.
 */
static void hvm_close(struct devices *all)
{
	struct hvm_supervisor *hvm = all->kind_data;

	if (!hvm)
		return;
	for (int i = 0; i < NR_SLOTS; i++)
		qmp_close(hvm->slots[i].forced);
	if (hvm->has_server)
		ioreq_server_destroy(&hvm->server);
	if (hvm->dmod)
		xendevicemodel_close(hvm->dmod);
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		if (hvm->slots[i].plugged &&
		    guest_life(all->guests, &all->guest) == GUEST_ALIVE)
			remove_dummy(hvm->qmp_path, i);
	free(hvm);
	all->kind_data = NULL;
}

static int hvm_open(struct devices *all, struct problem *problem)
{
	struct hvm_supervisor *hvm = calloc(1, sizeof(*hvm));
	int err;

	if (!hvm)
		return problem_note(problem, -ENOMEM, "start", NULL, NULL);
	all->kind_data = hvm;
	for (int i = 0; i < NR_SLOTS; i++)
		hvm->slots[i].hvm = hvm;
	qmp_path(hvm->qmp_path, all->guest.domid);
	hvm->dmod = xendevicemodel_open(NULL, 0);
	if (hvm->dmod)
		return 0;
	err = -errno;
	hvm_close(all);
	return problem_note(problem, err, "open Xen's devicemodel interface",
			    NULL, "is the driver xen-privcmd loaded?");
}

static int hvm_hello(struct devices *all, struct link_hello *hello)
{
	const struct hvm_supervisor *hvm = all->kind_data;

	hello->ioreq_id = hvm->server.id;
	return 0;
}

/* ---- after a supervisor that has died ---- */

static void hvm_record(struct devices *all, struct json_object *record)
{
	const struct hvm_supervisor *hvm = all->kind_data;
	struct json_object *slots = json_object_new_array();

	if (hvm->has_server)
		json_object_object_add(record, "ioreq_server",
				       json_object_new_int(hvm->server.id));
	for (int i = 0; i < NR_SLOTS; i++)
		if (hvm->slots[i].taken)
			json_object_array_add(slots, json_object_new_int(i));
	json_object_object_add(record, "slots", slots);
}

static void destroy_server_of(struct devices *all,
			      const struct json_object *record)
{
	struct ioreq_server server = { .domid = (uint16_t)all->guest.domid };
	struct json_object *id;

	if (!json_object_object_get_ex(record, "ioreq_server", &id))
		return;
	server.id = (uint16_t)json_object_get_int(id);
	server.dmod = xendevicemodel_open(NULL, 0);
	if (!server.dmod)
		return;
	ioreq_server_destroy(&server);
	xendevicemodel_close(server.dmod);
}

/* The worker ended with its supervisor: the guest got no answers until here. */
static void hvm_recover(struct devices *all, const struct json_object *record)
{
	char path[QMP_PATH_SIZE];
	struct json_object *slots;
	int slot;

	destroy_server_of(all, record);
	qmp_path(path, all->guest.domid);
	if (!json_object_object_get_ex(record, "slots", &slots) ||
	    !json_object_is_type(slots, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(slots); i++) {
		slot = json_object_get_int(json_object_array_get_idx(slots, i));
		if (slot >= 0 && slot < NR_SLOTS)
			remove_dummy(path, (unsigned int)slot);
	}
}

/* ---- a slot ---- */

static void leave_slot(struct hvm_slot *slot)
{
	if (slot->taken)
		ioreq_server_leave_slot(&slot->hvm->server, slot_number(slot));
	slot->taken = false;
}

static uint32_t taken_slots(const struct hvm_supervisor *hvm)
{
	uint32_t taken = 0;

	for (int i = 0; i < NR_SLOTS; i++)
		if (hvm->slots[i].taken)
			taken |= 1U << i;
	return taken;
}

static int note_slot(struct device *dev, int err, const char *text)
{
	return problem_note(&dev->steps.problem, err,
			    "find a slot on the guest's bus", text,
			    "choose another one with --slot, or none");
}

static int choose_slot(struct device *dev, uint32_t used)
{
	if (dev->request.slot != DEVICES_ANY_SLOT) {
		if (dev->request.slot < 0 || dev->request.slot >= NR_SLOTS)
			return note_slot(dev, -ERANGE, "slots are 0 to 31");
		if (used & 1U << dev->request.slot)
			return note_slot(dev, -EBUSY, "the slot is in use");
		return 0;
	}
	for (int slot = 0; slot < NR_SLOTS; slot++) {
		if (used & 1U << slot)
			continue;
		dev->request.slot = slot;
		return 0;
	}
	return note_slot(dev, -ENOSPC, "there is no free slot");
}

static int note_qmp(struct device *dev, int err, const char *step,
		    const char *why)
{
	return problem_note(&dev->steps.problem, err, step, *why ? why : NULL,
			    err == -ENOENT || err == -ECONNREFUSED ?
				    "is the guest's QEMU alive?" :
				    NULL);
}

/*
 * The conversation with QEMU about a device that is plugged or unplugged: its kind_data
 */
struct conversation {
	struct qmp *qmp;
	/* The free slots, which may be known before they are needed */
	bool answered;
	bool awaited;
	int err;
	uint32_t used_slots;
	char why[128];
};

static void end_conversation(struct device *dev)
{
	struct conversation *conversation = dev->kind_data;

	if (!conversation)
		return;
	qmp_close(conversation->qmp);
	free(conversation);
	dev->kind_data = NULL;
}

static int open_conversation(struct device *dev)
{
	struct conversation *conversation = calloc(1, sizeof(*conversation));
	unsigned int seconds = dev->steps.timeout_s + CONVERSATION_SPARE_S;
	int err;

	if (!conversation)
		return -ENOMEM;
	dev->kind_data = conversation;
	if (seconds < CONVERSATION_S)
		seconds = CONVERSATION_S;
	err = qmp_open(&conversation->qmp, dev->all->event,
		       hvm_of(dev)->qmp_path, seconds * USEC_PER_S);
	if (!err)
		return 0;
	end_conversation(dev);
	return note_qmp(dev, err, "reach the guest's QEMU", "");
}

static struct qmp *qmp_of(const struct device *dev)
{
	return ((struct conversation *)dev->kind_data)->qmp;
}

static int take_answer(struct device *dev)
{
	const struct conversation *conversation = dev->kind_data;

	if (conversation->err)
		return note_qmp(dev, conversation->err,
				"ask QEMU for a free slot", conversation->why);
	return choose_slot(dev,
			   conversation->used_slots | taken_slots(hvm_of(dev)));
}

static void on_slots(void *data, int err, const char *why,
		     struct json_object *answer)
{
	struct device *dev = data;
	struct conversation *conversation = dev->kind_data;

	conversation->answered = true;
	conversation->err = err;
	snprintf(conversation->why, sizeof(conversation->why), "%s", why);
	if (!err)
		conversation->used_slots = qmp_used_slots(answer);
	json_object_put(answer);
	if (conversation->awaited)
		steps_resume(&dev->steps, take_answer(dev));
}

/* QEMU works on it while the device is being opened. */
static int ask_qemu(struct device *dev)
{
	int err = open_conversation(dev);

	if (err)
		return err;
	err = qmp_query_pci(qmp_of(dev), on_slots, dev);
	if (err)
		end_conversation(dev);
	return err;
}

static int leave_qemu(struct device *dev)
{
	end_conversation(dev);
	return 0;
}

static const struct step before_open[] = {
	{ .name = "ask the guest's QEMU",
	  .apply = ask_qemu,
	  .undo = leave_qemu },
};

static int find_slot(struct device *dev)
{
	struct conversation *conversation = dev->kind_data;

	if (conversation->answered)
		return take_answer(dev);
	conversation->awaited = true;
	return -EINPROGRESS;
}

/*
 * Xen asks the newest server first. This one must be newer than QEMU's, which exists
 * since QEMU has reported its slots.
 */
static int make_server(struct device *dev)
{
	struct hvm_supervisor *hvm = hvm_of(dev);
	int err;

	if (hvm->has_server)
		return 0;
	err = ioreq_server_create(&hvm->server, hvm->dmod,
				  (uint16_t)dev->all->guest.domid);
	hvm->has_server = !err;
	record_write(dev->all);
	return err;
}

static int take_slot(struct device *dev)
{
	struct hvm_slot *slot = slot_of(dev);
	int err = ioreq_server_take_slot(&slot->hvm->server, slot_number(slot));

	slot->taken = !err;
	record_write(dev->all);
	return err;
}

/*
 * While QEMU has a dummy, keep the slot, which reads as empty: the guest must not see
 * another device in it.
 */
static int untake_slot(struct device *dev)
{
	if (!slot_of(dev)->plugged)
		leave_slot(slot_of(dev));
	return 0;
}

static const struct step before_worker[] = {
	/* Nothing to undo: the server is destroyed after the last device. */
	{ .name = "find a slot on the guest's bus", .apply = find_slot },
	{ .name = "make an ioreq server for the guest", .apply = make_server },
	{ .name = "take the slot", .apply = take_slot, .undo = untake_slot },
};

/* ---- hot-plug ---- */

static void on_forced(void *data, int err, const char *why,
		      struct json_object *answer)
{
	struct hvm_slot *slot = data;

	json_object_put(answer);
	qmp_close(slot->forced);
	slot->forced = NULL;
	slot->plugged = err != 0;
	if (err)
		log_message(LOG_NOTICE, "slot %u of the guest stays in use: %s",
			    slot_number(slot), why);
	else
		leave_slot(slot);
}

/* Continues without the device, which is freed; QEMU's dummy may go later. */
static void unplug_forced(struct device *dev)
{
	struct hvm_slot *slot = slot_of(dev);
	struct qmp *qmp;

	if (qmp_open(&qmp, dev->all->event, slot->hvm->qmp_path, FORCED_USEC))
		return;
	if (qmp_unplug(qmp, slot_number(slot), on_forced, slot))
		qmp_close(qmp);
	else
		slot->forced = qmp;
}

static void on_plugged(void *data, int err, const char *why,
		       struct json_object *answer)
{
	struct device *dev = data;

	json_object_put(answer);
	end_conversation(dev);
	if (err) {
		slot_of(dev)->plugged = false;
		note_qmp(dev, err, "plug the device into the guest", why);
	}
	steps_resume(&dev->steps, err);
}

static int plug(struct device *dev)
{
	int err = qmp_plug(qmp_of(dev), (unsigned int)dev->request.slot,
			   on_plugged, dev);

	if (err)
		return note_qmp(dev, err, "plug the device into the guest", "");
	slot_of(dev)->plugged = true;
	return -EINPROGRESS;
}

/* See hvm/device.c for the consequences. */
static void set_leaving(const struct device *dev, bool leaving)
{
	dev->all->state->devices[dev->index].hvm.leaving = leaving;
}

/* Immediately, so that a guest that scans again does not find the device. */
static void on_unplugged(void *data, int err, const char *why,
			 struct json_object *answer)
{
	struct device *dev = data;

	json_object_put(answer);
	end_conversation(dev);
	if (err) {
		set_leaving(dev, false);
		note_qmp(dev, err, "unplug the device from the guest", why);
	} else {
		slot_of(dev)->plugged = false;
		leave_slot(slot_of(dev));
	}
	steps_resume(&dev->steps, err);
}

static int unplug(struct device *dev)
{
	int err;

	if (dev->steps.force) {
		unplug_forced(dev);
		return 0;
	}
	err = open_conversation(dev);
	if (err)
		return err;
	err = qmp_unplug(qmp_of(dev), (unsigned int)dev->request.slot,
			 on_unplugged, dev);
	if (err) {
		end_conversation(dev);
		return note_qmp(dev, err, "unplug the device from the guest",
				"");
	}
	set_leaving(dev, true);
	return -EINPROGRESS;
}

/* QEMU may still complete a cancelled command. */
static void abandon_plug(struct device *dev)
{
	end_conversation(dev);
	set_leaving(dev, false);
	if (dev->steps.phase == STEPS_APPLYING)
		unplug_forced(dev);
}

static const struct step after_worker[] = {
	{ .name = "plug the device into the guest",
	  .apply = plug,
	  .undo_name = "unplug the device from the guest",
	  .undo = unplug,
	  .abandon = abandon_plug },
};

const struct devices_kind hvm_supervisor_kind = {
	.open = hvm_open,
	.close = hvm_close,
	.hello = hvm_hello,
	.record = hvm_record,
	.recover = hvm_recover,
	.before_open = STEP_LIST(before_open),
	.before_worker = STEP_LIST(before_worker),
	.after_worker = STEP_LIST(after_worker),
};
