/* SPDX-License-Identifier: GPL-2.0 */
/* Who owns a device, as vfio-xen-iommu says in debugfs. */
#ifndef OWNER_H
#define OWNER_H

#include <stdbool.h>
#include <stddef.h>

/* Its owner: "dom0", "quarantine", "shell", "guest"; "nobody" if it is not there. */
void owner_of(const char *sbdf, char *owner, size_t size);
bool owner_is(const char *sbdf, const char *owner);

/* Whether its line has a word that begins like this, such as "return_pending=". */
bool owner_has(const char *sbdf, const char *beginning);

#endif
