// SPDX-License-Identifier: GPL-2.0
/* See owner.h. */
#include "owner.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 256

/* What follows a device's name; empty if there is no such line. */
static void line_of(const char *sbdf, char *rest, size_t size)
{
	FILE *f = fopen("/sys/kernel/debug/vfio-xen-iommu/devices", "r");
	size_t n = strlen(sbdf);
	char line[LINE_SIZE];

	*rest = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, sbdf, n) && line[n] == ' ')
			snprintf(rest, size, "%.*s ", (int)strcspn(line + n, "\n"), line + n);
	if (f)
		fclose(f);
}

bool owner_has(const char *sbdf, const char *beginning)
{
	char line[LINE_SIZE], spaced[LINE_SIZE];

	line_of(sbdf, line, sizeof(line));
	snprintf(spaced, sizeof(spaced), " %s", beginning);
	return strstr(line, spaced);
}

void owner_of(const char *sbdf, char *owner, size_t size)
{
	static const char key[] = " owner=";
	char line[LINE_SIZE];
	const char *at;

	line_of(sbdf, line, sizeof(line));
	at = strstr(line, key);
	if (at)
		at += strlen(key);
	else
		at = "nobody";
	snprintf(owner, size, "%.*s", (int)strcspn(at, " "), at);
}

bool owner_is(const char *sbdf, const char *owner)
{
	char is[16];

	owner_of(sbdf, is, sizeof(is));
	return !strcmp(is, owner);
}
