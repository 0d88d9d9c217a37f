/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal of systemd: events that are written to it, and read from it. no-journal.c
 * takes the place of journal.c in a build without libsystemd.
 */
#ifndef VFIO_XEN_CTL_JOURNAL_H
#define VFIO_XEN_CTL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

/* The fields of an entry are cut at this length. */
#define JOURNAL_TEXT_SIZE 512

/* The times of an entry, in microseconds */
struct journal_times {
	uint64_t realtime_us;
	uint64_t monotonic_us;
	char boot_id[33];
};

/*
 * Opens the journal of this host for events of vfio-xen and for the kernel's messages
 * about PCI devices. With a cursor, these begin after it; without, with this boot.
 *
 * Return: 0; -ENOENT if there is no journal that can be read; -EINVAL if @cursor is none;
 * -EOPNOTSUPP in a build without libsystemd; or -errno.
 */
int journal_open(struct journal **journal, const char *cursor);
void journal_close(struct journal *journal);
/* Goes to the next entry. Returns 1, 0 if there is none yet, or -errno. */
int journal_next(struct journal *journal);
/* Of this entry: a field without its name. Returns false, and "", if there is none. */
bool journal_get(struct journal *journal, const char *field,
		 char text[JOURNAL_TEXT_SIZE]);
int journal_get_times(struct journal *journal, struct journal_times *times);
/* The position of this entry, which the caller frees; NULL: unknown */
char *journal_get_cursor(struct journal *journal);
/*
 * Waits for more entries. Returns 1; 0 if @signals, a descriptor, is readable; or
 * -errno.
 */
int journal_wait(struct journal *journal, int signals);
/*
 * Writes an event, if there is a journal. @fields: "NAME=value"; NULL ends them.
 */
void journal_send_fields(const char *const *fields);
/* Writes an event about a device, if there is a journal. */
void journal_send(const char *event, const char *device, const char *message);

#endif
