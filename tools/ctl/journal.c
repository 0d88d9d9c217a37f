// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal of systemd; see journal.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>

#include <systemd/sd-journal.h>

#include "event-fields.h"
#include "journal.h"

/* The longest time without a look at the journal, for file systems without inotify */
#define PERIOD_MS 1000

#define MAX_FIELDS 32

static sd_journal *to_sd(struct journal *journal)
{
	return (sd_journal *)journal;
}

static int add_match(sd_journal *journal, const char *match)
{
	return sd_journal_add_match(journal, match, 0);
}

static int match_this_boot(sd_journal *journal)
{
	char match[sizeof("_BOOT_ID=") + SD_ID128_STRING_MAX] = "_BOOT_ID=";
	sd_id128_t boot;
	int err = sd_id128_get_boot(&boot);

	if (err < 0)
		return err;
	sd_id128_to_string(boot, match + strlen(match));
	err = sd_journal_add_conjunction(journal);
	return err < 0 ? err : add_match(journal, match);
}

/* Everybody can write to the journal, but only root with _UID=0. */
static int match_events(sd_journal *journal)
{
	int err = add_match(journal, "MESSAGE_ID=" EVENT_MESSAGE_ID);

	if (err >= 0)
		err = add_match(journal, "_UID=0");
	if (err >= 0)
		err = sd_journal_add_disjunction(journal);
	if (err >= 0)
		err = add_match(journal, "_TRANSPORT=kernel");
	if (err >= 0)
		err = add_match(journal, "_KERNEL_SUBSYSTEM=pci");
	return err;
}

/* The entry at the cursor has been seen. It may be gone. */
static int seek_after(sd_journal *journal, const char *cursor)
{
	int err = sd_journal_seek_cursor(journal, cursor);

	if (err >= 0)
		err = sd_journal_next(journal);
	if (err <= 0)
		return err;
	if (sd_journal_test_cursor(journal, cursor) > 0)
		return 0;
	err = sd_journal_previous(journal);
	/* Nothing before it: start from the head. */
	return err ? err : sd_journal_seek_head(journal);
}

static int prepare(sd_journal *journal, const char *cursor)
{
	int err;

	if (sd_journal_has_runtime_files(journal) <= 0 &&
	    sd_journal_has_persistent_files(journal) <= 0)
		return -ENOENT;
	/* From here on new entries wake journal_wait(). */
	err = sd_journal_get_fd(journal);
	if (err >= 0)
		err = match_events(journal);
	if (err >= 0 && !cursor)
		err = match_this_boot(journal);
	if (err >= 0)
		err = cursor ? seek_after(journal, cursor) :
			       sd_journal_seek_head(journal);
	return err < 0 ? err : 0;
}

int journal_open(struct journal **journal, const char *cursor)
{
	sd_journal *new;
	int err = sd_journal_open(&new, SD_JOURNAL_LOCAL_ONLY);

	if (err < 0)
		return err;
	err = prepare(new, cursor);
	if (err) {
		sd_journal_close(new);
		return err;
	}
	*journal = (struct journal *)new;
	return 0;
}

void journal_close(struct journal *journal)
{
	sd_journal_close(to_sd(journal));
}

int journal_next(struct journal *journal)
{
	return sd_journal_next(to_sd(journal));
}

bool journal_get(struct journal *journal, const char *field,
		 char text[JOURNAL_TEXT_SIZE])
{
	size_t name = strlen(field) + 1, len;
	const void *data;

	*text = '\0';
	if (sd_journal_get_data(to_sd(journal), field, &data, &len) < 0 ||
	    len < name)
		return false;
	len -= name;
	if (len >= JOURNAL_TEXT_SIZE)
		len = JOURNAL_TEXT_SIZE - 1;
	memcpy(text, (const char *)data + name, len);
	text[len] = '\0';
	return true;
}

int journal_get_times(struct journal *journal, struct journal_times *times)
{
	sd_id128_t boot;
	int err = sd_journal_get_realtime_usec(to_sd(journal),
					       &times->realtime_us);

	if (err >= 0)
		err = sd_journal_get_monotonic_usec(
			to_sd(journal), &times->monotonic_us, &boot);
	if (err < 0)
		return err;
	sd_id128_to_string(boot, times->boot_id);
	return 0;
}

char *journal_get_cursor(struct journal *journal)
{
	char *cursor;

	return sd_journal_get_cursor(to_sd(journal), &cursor) < 0 ? NULL :
								    cursor;
}

int journal_wait(struct journal *journal, int signals)
{
	struct pollfd fds[] = {
		{ .fd = sd_journal_get_fd(to_sd(journal)) },
		{ .fd = signals, .events = POLLIN },
	};
	int err;

	fds[0].events = (short)sd_journal_get_events(to_sd(journal));
	if (poll(fds, 2, PERIOD_MS) < 0 && errno != EINTR)
		return -errno;
	if (fds[1].revents)
		return 0;
	err = sd_journal_process(to_sd(journal));
	return err < 0 ? err : 1;
}

void journal_send_fields(const char *const *fields)
{
	static char id[] = "MESSAGE_ID=" EVENT_MESSAGE_ID;
	struct iovec vector[MAX_FIELDS] = { { id, strlen(id) } };
	int nr = 1;

	for (; *fields && nr < MAX_FIELDS; fields++)
		vector[nr++] = (struct iovec){ (void *)(uintptr_t)*fields,
					       strlen(*fields) };
	sd_journal_sendv(vector, nr);
}

void journal_send(const char *event, const char *device, const char *message)
{
	sd_journal_send("MESSAGE=%s", message, "PRIORITY=%d", LOG_NOTICE,
			"MESSAGE_ID=" EVENT_MESSAGE_ID, EVENT_FIELD_NAME "=%s",
			event, EVENT_FIELD_DEVICE "=%s", device, NULL);
}
