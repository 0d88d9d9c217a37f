/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls that fail on demand, and where devices may be after that. */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>

/* The nth hypercall from now fails; 0 takes that back. */
void inject_nth(int nth);
/* With which errno. */
void inject_errno(int value);
/* Whether it has failed. */
bool inject_fired(void);

/*
 * Whether a device is in legal hands: quarantine; a shell domain while open;
 * dom0 with bus mastering off. Others are printed.
 */
bool inject_legal(const char *sbdf, bool open);

#endif
