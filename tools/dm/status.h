/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The status of a guest and its devices, in JSON: see vfio-xen-dm(8).
 */
#ifndef DM_STATUS_H
#define DM_STATUS_H

#include <json-c/json.h>

#include "devices.h"

/* Adds the guest, its worker and its devices to @object. */
void status_describe(const struct devices *all, struct json_object *object);

#endif
