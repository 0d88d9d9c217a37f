/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of Xen's log, as far as it is about faults of devices.
 */
#ifndef FAULT_LINE_H
#define FAULT_LINE_H

#include "vfio-xen.h"

enum fault_line_kind {
	FAULT_LINE_OTHER, /* about something else */
	FAULT_LINE_FAULT,
	FAULT_LINE_REASON, /* the second line of a fault of VT-d */
	FAULT_LINE_SUPPRESSED,
};

/* What a line tells of a fault. Reasons are short; a longer one is cut. */
#define FAULT_REASON_SIZE 80
struct fault {
	uint32_t sbdf;
	enum vfio_xen_fault_kind kind;
	enum vfio_xen_fault_access access;
	uint64_t address;
	bool expects_reason; /* a line with it follows, unless Xen suppresses that */
	char reason[FAULT_REASON_SIZE]; /* "": not known */
};

struct fault_line {
	enum fault_line_kind kind;
	struct fault fault; /* of a fault; of a reason, only that and the kind */
	uint64_t nr_suppressed;
};

/*
 * The message in one of Xen's own lines, which begin with "(XEN) ". NULL for other lines:
 * what guests print has their domids there.
 */
const char *xen_line_message(const char *line);
/*
 * Only Xen's own lines count. A line that is cut short or garbled is about something else.
 */
void fault_line_parse(const char *text, struct fault_line *line);

#endif
