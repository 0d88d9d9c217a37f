// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults as events in the journal, with the position in Xen's log from which the next
 * reader goes on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "event-fields.h"
#include "journal.h"

#define EVENT_NAME "fault"
#define MAX_FIELDS 16
#define FIELD_SIZE (JOURNAL_TEXT_SIZE + 32)

struct fields {
	const char *list[MAX_FIELDS];
	char texts[MAX_FIELDS][FIELD_SIZE];
	size_t nr;
};

/* Leaves out a field without a value. The last one is kept NULL. */
static void add(struct fields *fields, const char *name, const char *value)
{
	char *text = fields->texts[fields->nr];

	if (!value || fields->nr + 1 == MAX_FIELDS)
		return;
	snprintf(text, FIELD_SIZE, "%s=%s", name, value);
	fields->list[fields->nr++] = text;
}

static void add_number(struct fields *fields, const char *name,
		       const char *format, uint64_t value)
{
	char text[32];

	if (*format == 'x')
		snprintf(text, sizeof(text), "0x%" PRIx64, value);
	else
		snprintf(text, sizeof(text), "%" PRIu64, value);
	add(fields, name, text);
}

static void add_message(struct fields *fields, const struct fault_event *event)
{
	const char *reason = vfio_xen_fault_get_reason(event->fault);
	char *user = user_format(event->user);
	char text[JOURNAL_TEXT_SIZE];

	snprintf(text, sizeof(text),
		 "%s: %" PRIu64 " refused: %s %s at 0x%" PRIx64 " to 0x%" PRIx64
		 "%s%s; user: %s",
		 event->address, vfio_xen_fault_get_count(event->fault),
		 fault_kind_name(event->fault),
		 fault_access_name(event->fault) ?
			 fault_access_name(event->fault) :
			 "access",
		 vfio_xen_fault_get_lowest(event->fault),
		 vfio_xen_fault_get_highest(event->fault), reason ? ", " : "",
		 reason ? reason : "", user ? user : "unknown");
	add(fields, "MESSAGE", text);
	add(fields, EVENT_FIELD_USER, user);
	free(user);
}

void fault_event_send(const struct fault_event *event)
{
	const struct vfio_xen_fault *fault = event->fault;
	struct fields fields = { .nr = 0 };

	add_message(&fields, event);
	add(&fields, EVENT_FIELD_NAME, EVENT_NAME);
	add(&fields, EVENT_FIELD_DEVICE, event->address);
	if (event->user->kind == USER_GUEST)
		add_number(&fields, EVENT_FIELD_DOMID, "d",
			   (uint64_t)event->user->id);
	add(&fields, EVENT_FIELD_KIND, fault_kind_name(fault));
	add(&fields, EVENT_FIELD_ACCESS, fault_access_name(fault));
	add_number(&fields, EVENT_FIELD_LOWEST, "x",
		   vfio_xen_fault_get_lowest(fault));
	add_number(&fields, EVENT_FIELD_HIGHEST, "x",
		   vfio_xen_fault_get_highest(fault));
	add_number(&fields, EVENT_FIELD_COUNT, "d",
		   vfio_xen_fault_get_count(fault));
	add(&fields, EVENT_FIELD_REASON, vfio_xen_fault_get_reason(fault));
	if (event->is_last)
		add_number(&fields, EVENT_FIELD_POSITION, "d", event->position);
	journal_send_fields(fields.list);
}

void fault_event_send_gap(uint64_t lost, uint64_t suppressed)
{
	struct fields fields = { .nr = 0 };
	char text[JOURNAL_TEXT_SIZE];

	snprintf(text, sizeof(text),
		 "%" PRIu64 " characters of Xen's log are lost and %" PRIu64
		 " lines suppressed, and faults may be among them",
		 lost, suppressed);
	add(&fields, "MESSAGE", text);
	add(&fields, EVENT_FIELD_NAME, "faults-lost");
	journal_send_fields(fields.list);
}

int fault_event_find_position(uint32_t *position)
{
	char text[JOURNAL_TEXT_SIZE];
	struct journal *journal;
	int more, err = journal_open(&journal, NULL);

	if (err)
		return err;
	*position = 0;
	while ((more = journal_next(journal)) > 0)
		if (journal_get(journal, EVENT_FIELD_POSITION, text) && *text)
			*position = (uint32_t)strtoul(text, NULL, 10);
	journal_close(journal);
	return more;
}
