/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of events in the journal: a contract with programs that read them, which
 * vfio-xen-ctl(8) documents under "events".
 */
#ifndef EVENT_FIELDS_H
#define EVENT_FIELDS_H

#define EVENT_MESSAGE_ID "7dfc6c77c9e0434a8da3c85237237300"
#define EVENT_FIELD_NAME "VFIO_XEN_EVENT"
#define EVENT_FIELD_DEVICE "VFIO_XEN_DEVICE"
#define EVENT_FIELD_DOMID "VFIO_XEN_DOMID"

/* Of faults */
#define EVENT_FIELD_USER "VFIO_XEN_USER"
#define EVENT_FIELD_KIND "VFIO_XEN_KIND"
#define EVENT_FIELD_ACCESS "VFIO_XEN_ACCESS"
#define EVENT_FIELD_LOWEST "VFIO_XEN_LOWEST"
#define EVENT_FIELD_HIGHEST "VFIO_XEN_HIGHEST"
#define EVENT_FIELD_COUNT "VFIO_XEN_COUNT"
#define EVENT_FIELD_REASON "VFIO_XEN_REASON"
#define EVENT_FIELD_POSITION "VFIO_XEN_LOG_POSITION"

#endif
