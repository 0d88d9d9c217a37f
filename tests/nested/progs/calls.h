/* SPDX-License-Identifier: GPL-2.0 */
/* vfio-xen-iommu's hypercalls by name, as its trace event has them. */
#ifndef CALLS_H
#define CALLS_H

/* Forgets what has been traced, and goes on. Ends the program if nothing can be. */
void calls_start(void);
/* How many of this name there were since. */
unsigned int calls_of(const char *name);

#endif
