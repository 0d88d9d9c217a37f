// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parse the lines in which Xen 4.17 to 4.22 reports faults; see fault_line.h.
 *
 * VT-d, two lines, of which the second has the reason:
 *
 *	[VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 100000
 *	[VT-D]DMAR: reason 05 - PTE Write access is not set
 *	[VT-D]INTR-REMAP: Request device [0000:00:05.0] fault index 1f
 *	[VT-D]INTR-REMAP: reason 22 - Present field in the IRTE entry is clear
 *
 * AMD-Vi, one line; that of other events has the words of the event log, the first with
 * the device, the last two with the address:
 *
 *	AMD-Vi: IO_PAGE_FAULT: 0000:00:05.0 d0 addr 0000000000100000 flags 0x10 PR
 *	INVALID_DEV_REQUEST 00000028 50000000 00100000 00000000
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fault_line.h"
#include "printable.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The rest of the line after a text; NULL if the line does not begin with it. */
static const char *after(const char *line, const char *text)
{
	size_t len = strlen(text);

	return line && !strncmp(line, text, len) ? line + len : NULL;
}

/* Parses a number that ends at a blank or with the line. */
static bool parse_number(const char *text, int base, uint64_t *value,
			 const char **end)
{
	char *stop;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &stop, base);
	if (errno || stop == text || (*stop && *stop != ' '))
		return false;
	if (end)
		*end = stop;
	return true;
}

/* Parses an address of a device that ends at a character, and skips that. */
static bool parse_device(const char *text, char ends_at, uint32_t *sbdf,
			 const char **end)
{
	char address[VFIO_XEN_SBDF_SIZE];
	const char *stop = strchr(text, ends_at);
	size_t len = stop ? (size_t)(stop - text) : sizeof(address);

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	*end = stop + 1;
	return !vfio_xen_sbdf_parse(address, sbdf);
}

static void set_reason(struct fault *fault, const char *text, size_t len)
{
	if (len >= sizeof(fault->reason))
		len = sizeof(fault->reason) - 1;
	memcpy(fault->reason, text, len);
	fault->reason[len] = '\0';
	make_printable(fault->reason);
}

/* ---- VT-d ---- */

/* Only a hexadecimal number follows "fault addr" and "fault index". */
static bool parse_vtd_request(const char *text, const char *what,
			      struct fault *fault)
{
	const char *rest = after(text, " Request device [");

	if (!rest || !parse_device(rest, ']', &fault->sbdf, &rest))
		return false;
	rest = after(after(rest, " fault "), what);
	if (!rest || !parse_number(rest, 16, &fault->address, &rest) || *rest)
		return false;
	fault->expects_reason = true;
	return true;
}

static bool parse_vtd_reason(const char *text, struct fault *fault)
{
	const char *rest = after(text, " reason ");
	uint64_t number;

	if (!rest || !parse_number(rest, 16, &number, &rest))
		return false;
	rest = after(rest, " - ");
	if (!rest || !*rest)
		return false;
	set_reason(fault, rest, strlen(rest));
	return true;
}

static enum fault_line_kind parse_vtd(const char *text, struct fault *fault)
{
	static const struct {
		const char *name;
		const char *what;
		enum vfio_xen_fault_kind kind;
		enum vfio_xen_fault_access access;
	} kinds[] = {
		{ "DMAR:[DMA Read]", "addr ", VFIO_XEN_FAULT_DMA,
		  VFIO_XEN_FAULT_READ },
		{ "DMAR:[DMA Write]", "addr ", VFIO_XEN_FAULT_DMA,
		  VFIO_XEN_FAULT_WRITE },
		{ "DMAR:", NULL, VFIO_XEN_FAULT_DMA, 0 },
		{ "INTR-REMAP:", "index ", VFIO_XEN_FAULT_INTERRUPT, 0 },
		{ "UNKNOWN:", "addr ", VFIO_XEN_FAULT_OTHER, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *rest = after(text, kinds[i].name);

		if (!rest)
			continue;
		fault->kind = kinds[i].kind;
		fault->access = kinds[i].access;
		if (kinds[i].what &&
		    parse_vtd_request(rest, kinds[i].what, fault))
			return FAULT_LINE_FAULT;
		if (parse_vtd_reason(rest, fault))
			return FAULT_LINE_REASON;
	}
	return FAULT_LINE_OTHER;
}

/* ---- AMD-Vi ---- */

/*
 * Flags of an event: AMD I/O Virtualization Technology (IOMMU) Specification,
 * IO_PAGE_FAULT
 */
#define FLAG_INTERRUPT 0x008
#define FLAG_PRESENT 0x010
#define FLAG_WRITE 0x020
#define FLAG_TRANSLATION 0x100

/* The address range of interrupts, in MiB */
#define MSI_MIB 0xfee

/*
 * The interrupt flag alone does not suffice: QEMU sets it for DMA. The write flag is
 * defined only if the page is present.
 */
static void set_amd_access(struct fault *fault, uint64_t flags)
{
	if (flags & FLAG_INTERRUPT) {
		if (fault->address >> 20 == MSI_MIB)
			fault->kind = VFIO_XEN_FAULT_INTERRUPT;
		return;
	}
	if (flags & FLAG_PRESENT && !(flags & FLAG_TRANSLATION))
		fault->access = flags & FLAG_WRITE ? VFIO_XEN_FAULT_WRITE :
						     VFIO_XEN_FAULT_READ;
}

static enum fault_line_kind parse_amd_page_fault(const char *text,
						 struct fault *fault)
{
	uint64_t domid, flags;
	const char *rest, *reason;

	if (!parse_device(text, ' ', &fault->sbdf, &rest))
		return FAULT_LINE_OTHER;
	rest = after(rest, "d");
	if (!rest || !parse_number(rest, 10, &domid, &rest))
		return FAULT_LINE_OTHER;
	rest = after(rest, " addr ");
	if (!rest || !parse_number(rest, 16, &fault->address, &rest))
		return FAULT_LINE_OTHER;
	reason = after(rest, " ");
	rest = after(reason, "flags ");
	if (!rest || !parse_number(rest, 16, &flags, NULL))
		return FAULT_LINE_OTHER;
	fault->kind = VFIO_XEN_FAULT_DMA;
	set_amd_access(fault, flags);
	set_reason(fault, reason, strlen(reason));
	return FAULT_LINE_FAULT;
}

/* Xen does not print the segment of these. */
static enum fault_line_kind parse_amd_event(const char *text,
					    struct fault *fault)
{
	static const char *const names[] = {
		"ILLEGAL_DEV_TABLE_ENTRY",
		"DEV_TABLE_HW_ERROR",
		"PAGE_TABLE_HW_ERROR",
		"INVALID_DEV_REQUEST",
	};
	uint64_t words[4];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *rest = after(text, names[i]);
		size_t nr = 0;

		while (rest && *rest == ' ' && nr < ARRAY_SIZE(words) &&
		       parse_number(rest + 1, 16, &words[nr], &rest))
			nr++;
		if (nr < ARRAY_SIZE(words) || *rest)
			continue;
		fault->kind = VFIO_XEN_FAULT_OTHER;
		fault->sbdf = words[0] & 0xffff;
		fault->address = words[3] << 32 | (words[2] & UINT32_MAX);
		set_reason(fault, names[i], strlen(names[i]));
		return FAULT_LINE_FAULT;
	}
	return FAULT_LINE_OTHER;
}

/* ---- all ---- */

/* With console_timestamps=, Xen prints the time: "[2026-01-31 12:00:00] ". */
static const char *skip_time(const char *text)
{
	const char *end = strstr(text, "] ");

	if (*text != '[' || !end || !strpbrk(text, "0123456789") ||
	    strspn(text + 1, " 0123456789-:.") != (size_t)(end - text) - 1)
		return text;
	return end + 2;
}

const char *xen_line_message(const char *line)
{
	const char *rest = after(line, "(XEN) ");

	return rest ? skip_time(rest) : NULL;
}

static bool parse_suppressed(const char *text, uint64_t *nr)
{
	const char *rest = after(text, "printk: ");

	return rest && parse_number(rest, 10, nr, &rest) &&
	       !strcmp(rest, " messages suppressed.");
}

void fault_line_parse(const char *text, struct fault_line *line)
{
	const char *rest = xen_line_message(text), *part;

	memset(line, 0, sizeof(*line));
	if (!rest)
		return;
	part = after(rest, "[VT-D]");
	if (part) {
		line->kind = parse_vtd(part, &line->fault);
		return;
	}
	part = after(rest, "AMD-Vi: IO_PAGE_FAULT: ");
	if (part)
		line->kind = parse_amd_page_fault(part, &line->fault);
	else if (parse_suppressed(rest, &line->nr_suppressed))
		line->kind = FAULT_LINE_SUPPRESSED;
	else
		line->kind = parse_amd_event(rest, &line->fault);
}
