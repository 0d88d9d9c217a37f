// SPDX-License-Identifier: GPL-2.0
/*
 * A device's registers of configuration space, by dom0's sysfs.
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <unistd.h>

#include "physical.h"
#include "util.h"

uint16_t physical_word(const char *sbdf, unsigned int offset)
{
	uint16_t word = 0;
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", sbdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &word, sizeof(word), offset) != sizeof(word))
		die("%s cannot be read", path);
	close(fd);
	return word;
}

uint8_t physical_capability(const char *sbdf, uint8_t id)
{
	uint8_t at = physical_word(sbdf, PCI_CAPABILITY_LIST) & 0xff;

	while (at && (physical_word(sbdf, at) & 0xff) != id)
		at = (uint8_t)(physical_word(sbdf, at) >> 8);
	return at;
}
