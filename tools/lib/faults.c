// SPDX-License-Identifier: GPL-2.0-only
/*
 * The faults of devices in Xen's log, counted by device, kind, access and reason.
 *
 * A read takes the new part of the log. An incomplete line stays in @line until its
 * rest arrives, and a fault of VT-d is held until its second line has arrived.
 */
#include <errno.h>
#include <string.h>

#include "fault_line.h"
#include "xen_log.h"

/* Xen's lines are shorter. A longer line is skipped. */
#define LINE_SIZE 1024

struct vfio_xen_fault {
	struct fault fault;
	uint64_t highest; /* fault.address is the lowest */
	uint64_t count;
};

struct vfio_xen_faults {
	struct vfio_xen_ctx *ctx;
	struct xen_log log;
	char line[LINE_SIZE];
	size_t len;
	bool skips; /* up to the end of the line */
	uint32_t line_at; /* where it begins in the log */
	struct fault held;
	uint32_t held_at;
	bool holds;
	bool is_new; /* the held fault arrived with this read */
	/* the result of the last read */
	struct vfio_xen_fault *list;
	size_t nr;
	uint64_t lost;
	uint64_t suppressed;
};

int vfio_xen_faults_new(struct vfio_xen_ctx *ctx,
			struct vfio_xen_faults **faults)
{
	problem_clear(ctx);
	*faults = calloc(1, sizeof(**faults));
	if (!*faults)
		return -ENOMEM;
	(*faults)->ctx = ctx;
	return 0;
}

void vfio_xen_faults_free(struct vfio_xen_faults *faults)
{
	if (!faults)
		return;
	free(faults->list);
	free(faults);
}

/* ---- counting ---- */

static bool is_alike(const struct fault *a, const struct fault *b)
{
	return a->sbdf == b->sbdf && a->kind == b->kind &&
	       a->access == b->access && !strcmp(a->reason, b->reason);
}

static int count(struct vfio_xen_faults *faults, const struct fault *fault)
{
	struct vfio_xen_fault *longer;

	for (size_t i = 0; i < faults->nr; i++) {
		struct vfio_xen_fault *known = &faults->list[i];

		if (!is_alike(&known->fault, fault))
			continue;
		known->count++;
		if (fault->address < known->fault.address)
			known->fault.address = fault->address;
		if (fault->address > known->highest)
			known->highest = fault->address;
		return 0;
	}
	longer = reallocarray(faults->list, faults->nr + 1, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	faults->list = longer;
	longer[faults->nr++] = (struct vfio_xen_fault){
		.fault = *fault,
		.highest = fault->address,
		.count = 1,
	};
	return 0;
}

/* The second line has arrived, or will not arrive. */
static int release(struct vfio_xen_faults *faults)
{
	if (!faults->holds)
		return 0;
	faults->holds = false;
	return count(faults, &faults->held);
}

/* ---- lines ---- */

static int take_reason(struct vfio_xen_faults *faults,
		       const struct fault *reason)
{
	if (!faults->holds || faults->held.kind != reason->kind)
		return 0;
	memcpy(faults->held.reason, reason->reason,
	       sizeof(faults->held.reason));
	return release(faults);
}

static int take_fault(struct vfio_xen_faults *faults, const struct fault *fault)
{
	int err = release(faults);

	if (err || !fault->expects_reason)
		return err ? err : count(faults, fault);
	faults->held = *fault;
	faults->held_at = faults->line_at;
	faults->holds = true;
	faults->is_new = true;
	return 0;
}

static int take_line(struct vfio_xen_faults *faults)
{
	struct fault_line line;

	faults->line[faults->len] = '\0';
	fault_line_parse(faults->line, &line);
	switch (line.kind) {
	case FAULT_LINE_FAULT:
		return take_fault(faults, &line.fault);
	case FAULT_LINE_REASON:
		return take_reason(faults, &line.fault);
	case FAULT_LINE_SUPPRESSED:
		faults->suppressed += line.nr_suppressed;
		break;
	case FAULT_LINE_OTHER:
		break;
	}
	return 0;
}

static int take_char(struct vfio_xen_faults *faults, char c)
{
	int err = 0;

	if (c != '\n') {
		if (faults->len < LINE_SIZE - 1)
			faults->line[faults->len++] = c;
		else
			faults->skips = true;
		return 0;
	}
	if (faults->len && faults->line[faults->len - 1] == '\r')
		faults->len--;
	if (!faults->skips)
		err = take_line(faults);
	faults->len = 0;
	faults->skips = false;
	return err;
}

/* The text after a gap may begin in the middle of a line. */
static int take_text(struct vfio_xen_faults *faults,
		     const struct xen_log_text *text)
{
	uint32_t at = faults->log.index - (uint32_t)text->len;
	int err = 0;

	if (text->lost) {
		err = release(faults);
		faults->len = 0;
		faults->skips = true;
		faults->lost = text->lost;
		faults->line_at = at;
	}
	for (size_t i = 0; !err && i < text->len; i++) {
		err = take_char(faults, text->text[i]);
		if (text->text[i] == '\n')
			faults->line_at = at + (uint32_t)i + 1;
	}
	return err;
}

int vfio_xen_faults_read(struct vfio_xen_faults *faults, bool last)
{
	struct xen_log_text text;
	int err;

	problem_clear(faults->ctx);
	faults->nr = 0;
	faults->lost = 0;
	faults->suppressed = 0;
	faults->is_new = false;
	err = xen_log_read(faults->ctx, &faults->log, &text);
	if (err)
		return err;
	err = take_text(faults, &text);
	free(text.text);
	if (!err && (last || !faults->is_new))
		err = release(faults);
	return err;
}

void vfio_xen_faults_set_position(struct vfio_xen_faults *faults,
				  uint32_t position)
{
	faults->log.index = position;
	faults->line_at = position;
	faults->len = 0;
	faults->skips = false;
	faults->holds = false;
}

uint32_t vfio_xen_faults_get_position(const struct vfio_xen_faults *faults)
{
	return faults->holds ? faults->held_at : faults->line_at;
}

/* ---- what it has found ---- */

size_t vfio_xen_faults_get_nr(const struct vfio_xen_faults *faults)
{
	return faults->nr;
}

const struct vfio_xen_fault *
vfio_xen_faults_get_fault(const struct vfio_xen_faults *faults, size_t index)
{
	return index < faults->nr ? &faults->list[index] : NULL;
}

uint64_t vfio_xen_faults_get_lost(const struct vfio_xen_faults *faults)
{
	return faults->lost;
}

uint64_t vfio_xen_faults_get_suppressed(const struct vfio_xen_faults *faults)
{
	return faults->suppressed;
}

uint32_t vfio_xen_fault_get_sbdf(const struct vfio_xen_fault *fault)
{
	return fault->fault.sbdf;
}

enum vfio_xen_fault_kind
vfio_xen_fault_get_kind(const struct vfio_xen_fault *fault)
{
	return fault->fault.kind;
}

enum vfio_xen_fault_access
vfio_xen_fault_get_access(const struct vfio_xen_fault *fault)
{
	return fault->fault.access;
}

uint64_t vfio_xen_fault_get_lowest(const struct vfio_xen_fault *fault)
{
	return fault->fault.address;
}

uint64_t vfio_xen_fault_get_highest(const struct vfio_xen_fault *fault)
{
	return fault->highest;
}

const char *vfio_xen_fault_get_reason(const struct vfio_xen_fault *fault)
{
	return *fault->fault.reason ? fault->fault.reason : NULL;
}

uint64_t vfio_xen_fault_get_count(const struct vfio_xen_fault *fault)
{
	return fault->count;
}
