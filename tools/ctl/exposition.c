// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures in the text format of Prometheus, version 0.0.4:
 *
 *	# HELP vfio_xen_devices PCI devices by their user
 *	# TYPE vfio_xen_devices gauge
 *	vfio_xen_devices{user="guest"} 2
 */
#include <inttypes.h>
#include <string.h>

#include "ctl.h"

#define NS_PER_S 1000000000U

/* U+FFFD, in place of a byte that is not UTF-8 */
#define REPLACEMENT "\xef\xbf\xbd"

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * The length of the character of UTF-8 at @text, or 0. The second byte tells overlong
 * forms, surrogates and numbers above U+10FFFF.
 */
static size_t character_length(const unsigned char *text)
{
	unsigned char lowest = 0x80, highest = 0xbf;
	size_t len;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	len = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		lowest = 0xa0;
	else if (text[0] == 0xed)
		highest = 0x9f;
	else if (text[0] == 0xf0)
		lowest = 0x90;
	else if (text[0] == 0xf4)
		highest = 0x8f;
	if (text[1] < lowest || text[1] > highest)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!is_continuation(text[i]))
			return 0;
	return len;
}

/* The node exporter rejects a whole file for one value that is not UTF-8. */
static void value_print(FILE *out, const char *value)
{
	while (value && *value) {
		size_t len = character_length((const unsigned char *)value);

		if (!len)
			fputs(REPLACEMENT, out);
		else if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fwrite(value, 1, len, out);
		value += len ? len : 1;
	}
}

static void begin(struct family *family)
{
	if (family->begun)
		return;
	family->begun = true;
	fprintf(family->out, "# HELP %s %s\n# TYPE %s %s\n", family->name,
		family->help, family->name,
		family->type == METRIC_COUNTER ? "counter" : "gauge");
}

static void series_print(struct family *family, const struct label *labels)
{
	const char *separator = "{";

	begin(family);
	fputs(family->name, family->out);
	for (; labels && labels->name; labels++) {
		fprintf(family->out, "%s%s=\"", separator, labels->name);
		value_print(family->out, labels->value);
		fputc('"', family->out);
		separator = ",";
	}
	fputs(*separator == ',' ? "} " : " ", family->out);
}

void sample_print(struct family *family, const struct label *labels,
		  uint64_t value)
{
	series_print(family, labels);
	fprintf(family->out, "%" PRIu64 "\n", value);
}

void sample_print_ns(struct family *family, const struct label *labels,
		     uint64_t ns)
{
	series_print(family, labels);
	fprintf(family->out, "%" PRIu64 ".%09u\n", ns / NS_PER_S,
		(unsigned int)(ns % NS_PER_S));
}
