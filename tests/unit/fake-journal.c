// SPDX-License-Identifier: GPL-2.0-only
/*
 * A journal for tests; see fake-journal.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-journal.h"
#include "journal.h"

const struct fake_entry *fake_journal;
int fake_journal_nr;
int fake_journal_error;
int fake_journal_later;
char fake_journal_sent[256];
char fake_journal_fields[8192];

struct journal {
	int at;
};

int journal_open(struct journal **journal, const char *cursor)
{
	if (fake_journal_error)
		return fake_journal_error;
	if (!fake_journal)
		return -ENOENT;
	if (cursor && *cursor != 'c')
		return -EINVAL;
	*journal = calloc(1, sizeof(**journal));
	if (!*journal)
		return -ENOMEM;
	(*journal)->at = cursor ? atoi(cursor + 1) : -1;
	return 0;
}

void journal_close(struct journal *journal)
{
	free(journal);
}

int journal_next(struct journal *journal)
{
	if (journal->at + 1 >= fake_journal_nr)
		return 0;
	journal->at++;
	return 1;
}

bool journal_get(struct journal *journal, const char *field,
		 char text[JOURNAL_TEXT_SIZE])
{
	const char *const *entry = fake_journal[journal->at].fields;
	size_t len = strlen(field);

	*text = '\0';
	for (; *entry; entry++) {
		if (strncmp(*entry, field, len) || (*entry)[len] != '=')
			continue;
		snprintf(text, JOURNAL_TEXT_SIZE, "%s", *entry + len + 1);
		return true;
	}
	return false;
}

int journal_get_times(struct journal *journal, struct journal_times *times)
{
	*times = (struct journal_times){
		.realtime_us = fake_journal[journal->at].realtime_us,
		.monotonic_us = 1000 + (uint64_t)journal->at,
		.boot_id = "0123456789abcdef0123456789abcdef",
	};
	return 0;
}

char *journal_get_cursor(struct journal *journal)
{
	char *cursor;

	return asprintf(&cursor, "c%d", journal->at) < 0 ? NULL : cursor;
}

int journal_wait(struct journal *journal, int signals)
{
	(void)journal, (void)signals;
	if (!fake_journal_later)
		return 0;
	fake_journal_nr += fake_journal_later;
	fake_journal_later = 0;
	return 1;
}

void journal_send(const char *event, const char *device, const char *message)
{
	size_t len = strlen(fake_journal_sent);

	(void)message;
	snprintf(fake_journal_sent + len, sizeof(fake_journal_sent) - len,
		 "%s %s;", event, device);
}

void journal_send_fields(const char *const *fields)
{
	size_t size = sizeof(fake_journal_fields);
	size_t len = strlen(fake_journal_fields);

	for (; *fields && len < size; fields++)
		len += (size_t)snprintf(fake_journal_fields + len, size - len,
					"%s\n", *fields);
	if (len < size)
		snprintf(fake_journal_fields + len, size - len, ".\n");
}
