/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages that a guest can provoke, limited in number and time.
 */
#ifndef DM_LOG_LIMITED_H
#define DM_LOG_LIMITED_H

#include "log.h"

void log_limited(int level, const char *fmt, ...) print_format(2, 3);

#endif
