// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of journal.c, where libsystemd is missing.
 */
#include <errno.h>

#include "journal.h"

int journal_open(struct journal **journal, const char *cursor)
{
	(void)journal, (void)cursor;
	return -EOPNOTSUPP;
}

void journal_close(struct journal *journal)
{
	(void)journal;
}

int journal_next(struct journal *journal)
{
	(void)journal;
	return 0;
}

bool journal_get(struct journal *journal, const char *field,
		 char text[JOURNAL_TEXT_SIZE])
{
	(void)journal, (void)field;
	*text = '\0';
	return false;
}

int journal_get_times(struct journal *journal, struct journal_times *times)
{
	(void)journal, (void)times;
	return -EOPNOTSUPP;
}

char *journal_get_cursor(struct journal *journal)
{
	(void)journal;
	return NULL;
}

int journal_wait(struct journal *journal, int signals)
{
	(void)journal, (void)signals;
	return -EOPNOTSUPP;
}

void journal_send_fields(const char *const *fields)
{
	(void)fields;
}

void journal_send(const char *event, const char *device, const char *message)
{
	(void)event, (void)device, (void)message;
}
