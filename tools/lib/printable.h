/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text of a guest's processes or of Xen's log, which may have commands for a terminal
 */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <ctype.h>

/* Replaces what is not printable, in place. */
static inline void make_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

#endif
