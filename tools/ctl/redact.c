// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines without what identifies hardware or tells of data: addresses of network cards,
 * serial numbers, and files of /dev.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* A MAC has six pairs of digits; serial numbers of PCI devices and GUIDs have more. */
#define MIN_PAIRS 6

static bool is_pair(const char *text)
{
	return isxdigit((unsigned char)text[0]) &&
	       isxdigit((unsigned char)text[1]);
}

/* The length of pairs of hexadecimal digits, or 0 if there are too few. */
static size_t match_pairs(const char *text)
{
	char between = '\0';
	size_t nr = 0, len = 0;

	while (is_pair(text + len)) {
		len += 2;
		nr++;
		if ((text[len] != ':' && text[len] != '-') ||
		    (between && text[len] != between) ||
		    !is_pair(text + len + 1))
			break;
		between = text[len++];
	}
	return nr >= MIN_PAIRS && !isalnum((unsigned char)text[len]) ? len : 0;
}

static size_t skip(const char *text, const char *chars)
{
	return strspn(text, chars);
}

/* The length of "serial", a word that may follow, and "=" or ":"; 0: it is not there. */
static size_t match_serial(const char *text)
{
	static const char *const words[] = { "number", "num", "no", "nr" };
	size_t len = strlen("serial");

	if (strncasecmp(text, "serial", len))
		return 0;
	len += skip(text + len, " _-");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t word = strlen(words[i]);

		if (strncasecmp(text + len, words[i], word))
			continue;
		len += word;
		break;
	}
	len += skip(text + len, " \".");
	if (text[len] != ':' && text[len] != '=')
		return 0;
	return len + 1 + skip(text + len + 1, " \"");
}

/* The length of "/dev/", and false where what follows says nothing of data. */
static size_t match_dev(const char *text)
{
	static const char *const kept[] = { "vfio", "xen", "iommu", "kmsg" };
	size_t len = strlen("/dev/");

	if (strncmp(text, "/dev/", len))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (!strncmp(text + len, kept[i], strlen(kept[i])))
			return 0;
	return len;
}

/* Of what is replaced: up to a blank, a quotation mark or a comma */
static size_t word_length(const char *text)
{
	return strcspn(text, " \t\",;)]");
}

char *redact_line(const char *line)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	bool in_word = false;

	if (!out)
		return NULL;
	while (*line) {
		size_t pairs = in_word ? 0 : match_pairs(line);
		size_t serial = match_serial(line), dev = match_dev(line);

		if (pairs) {
			fputs("[mac]", out);
			line += pairs;
		} else if (serial && word_length(line + serial)) {
			fwrite(line, 1, serial, out);
			fputs("[serial]", out);
			line += serial + word_length(line + serial);
		} else if (dev) {
			fputs("/dev/[path]", out);
			line += dev + word_length(line + dev);
		} else {
			in_word = isalnum((unsigned char)*line) || *line == ':';
			fputc(*line++, out);
			continue;
		}
		in_word = false;
	}
	return fclose(out) ? NULL : text;
}
