/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open devices by their group and a type1 container.
 */
#ifndef DM_TYPE1_H
#define DM_TYPE1_H

#include "group_interface.h"

extern const struct group_interface type1_interface;

#endif
