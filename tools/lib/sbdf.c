// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parse and format PCI addresses.
 */
#include <ctype.h>
#include <errno.h>

#include "internal.h"

/* Parses a hexadecimal number of at most @last, and the character after it. */
static int parse_part(const char **text, char after, unsigned long last,
		      uint32_t *part)
{
	unsigned long value;
	char *end;

	/* strtoul() also accepts blanks, signs and 0x. */
	if (!isxdigit((unsigned char)(*text)[0]) || (*text)[1] == 'x')
		return -EINVAL;
	value = strtoul(*text, &end, 16);
	if (*end != after || value > last)
		return -EINVAL;
	*text = end + (after != '\0');
	*part = (uint32_t)value;
	return 0;
}

int vfio_xen_sbdf_parse(const char *text, uint32_t *sbdf)
{
	uint32_t seg = 0, bus, dev, fn;
	const char *first = text;

	/* An address with a segment has two colons. */
	if (parse_part(&first, ':', 0xffff, &seg) ||
	    parse_part(&first, ':', 0xff, &bus)) {
		seg = 0;
		first = text;
		if (parse_part(&first, ':', 0xff, &bus))
			return -EINVAL;
	}
	if (parse_part(&first, '.', 0x1f, &dev) ||
	    parse_part(&first, '\0', 7, &fn))
		return -EINVAL;
	*sbdf = seg << 16 | bus << 8 | dev << 3 | fn;
	return 0;
}

void vfio_xen_sbdf_format(uint32_t sbdf, char text[VFIO_XEN_SBDF_SIZE])
{
	snprintf(text, VFIO_XEN_SBDF_SIZE, "%04x:%02x:%02x.%x",
		 sbdf >> 16 & 0xffff, sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f,
		 sbdf & 7);
}
