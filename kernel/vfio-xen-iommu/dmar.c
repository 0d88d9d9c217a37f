// SPDX-License-Identifier: GPL-2.0
/*
 * The ACPI DMAR table.
 */
#include <linux/acpi.h>
#include <linux/kernel.h>

#include "dmar.h"

bool vxi_dmar_read(unsigned int *host_bits)
{
	/* Xen renames the table, and its releases differ in the new name. */
	static char names[][ACPI_NAMESEG_SIZE + 1] = {
		"RMAD", "XMAR", ACPI_SIG_DMAR
	};
	struct acpi_table_header *header;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (ACPI_FAILURE(acpi_get_table(names[i], 0, &header)))
			continue;
		*host_bits = 0;
		if (header->length >= sizeof(struct acpi_table_dmar))
			*host_bits = ((struct acpi_table_dmar *)header)->width + 1;
		acpi_put_table(header);
		return true;
	}
	return false;
}
