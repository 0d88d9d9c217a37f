/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A journal for tests, in place of tools/ctl/journal.c.
 */
#ifndef FAKE_JOURNAL_H
#define FAKE_JOURNAL_H

#include <stdint.h>

struct fake_entry {
	uint64_t realtime_us;
	const char *fields[8]; /* "NAME=value"; NULL ends them */
};

/* NULL: there is no journal. The cursor of an entry is "c" and its index. */
extern const struct fake_entry *fake_journal;
extern int fake_journal_nr;
/* What journal_open() returns, if not 0 */
extern int fake_journal_error;
/* How many more entries each wait brings; with none left a signal ends it. */
extern int fake_journal_later;
/* The events that were sent, "name device;" each */
extern char fake_journal_sent[256];

/* The fields of the events with more than these two, one a line, "." after each event */
extern char fake_journal_fields[8192];

#endif
