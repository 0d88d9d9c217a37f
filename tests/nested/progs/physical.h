/* SPDX-License-Identifier: GPL-2.0 */
/* A device's registers of configuration space as they are, past VFIO. */
#ifndef PHYSICAL_H
#define PHYSICAL_H

#include <stdint.h>

uint16_t physical_word(const char *sbdf, unsigned int offset);

/* Where the capability begins, or 0 */
uint8_t physical_capability(const char *sbdf, uint8_t id);

#endif
