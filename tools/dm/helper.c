// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that does what may hang in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "link.h"

#define START_TIMEOUT_MS 5000

struct helper {
	pid_t pid;
	int link;
	sd_event_source *on_exit;
	helper_fn ended;
	void *data;
};

/* ---- in the helper ---- */

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

/*
 * Copies of other devices' descriptors would keep these devices open. A reader of the
 * supervisor's output waits for its end, so that is closed as well.
 */
static void close_others(const struct helper_work *work, int link)
{
	int kept[HELPER_MAX_FDS + 1], null = open("/dev/null", O_RDWR);
	int first = STDERR_FILENO + 1;
	size_t nr = work->nr_fds;

	for (int i = STDIN_FILENO; i <= STDERR_FILENO && null >= 0; i++)
		dup2(null, i);
	memcpy(kept, work->fds, nr * sizeof(kept[0]));
	kept[nr++] = link;
	qsort(kept, nr, sizeof(kept[0]), compare);
	for (size_t i = 0; i < nr; i++) {
		if (kept[i] > first)
			close_range((unsigned int)first,
				    (unsigned int)kept[i] - 1, 0);
		if (kept[i] >= first)
			first = kept[i] + 1;
	}
	closefrom(first);
}

static void run(const struct helper_work *work, int link)
{
	prctl(PR_SET_NAME, "vfio-xen-helper");
	close_others(work, link);
	if (send(link, "", 1, MSG_NOSIGNAL) == 1)
		work->run(link, work->data);
	_exit(EXIT_SUCCESS);
}

/* ---- in the supervisor ---- */

static int has_ended(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct helper *helper = data;

	(void)source, (void)info;
	helper->pid = 0;
	helper->ended(helper->data);
	return 0;
}

static int wait_until_ready(const struct helper *helper)
{
	int err = link_wait(helper->link, START_TIMEOUT_MS);
	char byte;

	if (err)
		return err;
	return recv(helper->link, &byte, 1, 0) == 1 ? 0 : -ECHILD;
}

static int fork_helper(struct helper *helper, const struct helper_work *work)
{
	int fds[2];
	int err = link_pair(fds);

	if (err)
		return err;
	helper->pid = fork();
	if (helper->pid == 0)
		run(work, fds[1]);
	err = helper->pid < 0 ? -errno : 0;
	close(fds[1]);
	helper->link = fds[0];
	return err ? err : wait_until_ready(helper);
}

int helper_start(struct helper **helper, sd_event *event,
		 const struct helper_work *work, helper_fn ended, void *data)
{
	struct helper *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->link = -1;
	helper_set_fn(new, ended, data);
	err = fork_helper(new, work);
	if (!err)
		err = sd_event_add_child(event, &new->on_exit, new->pid,
					 WEXITED, has_ended, new);
	if (err < 0) {
		/* Not to be waited for: it may hang already. */
		if (new->pid > 0)
			kill(new->pid, SIGKILL);
		helper_free(new);
		return err;
	}
	*helper = new;
	return 0;
}

pid_t helper_pid(const struct helper *helper)
{
	return helper->pid;
}

void helper_set_fn(struct helper *helper, helper_fn ended, void *data)
{
	helper->ended = ended;
	helper->data = data;
}

int helper_link(const struct helper *helper)
{
	return helper->link;
}

void helper_close_link(struct helper *helper)
{
	if (helper->link >= 0)
		close(helper->link);
	helper->link = -1;
}

void helper_free(struct helper *helper)
{
	if (!helper)
		return;
	sd_event_source_disable_unref(helper->on_exit);
	helper_close_link(helper);
	free(helper);
}
