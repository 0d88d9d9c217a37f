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

#endif
