// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open a device in a helper.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "link.h"
#include "opening.h"

struct opening {
	struct device *dev;
	struct helper *helper;
	opening_fn done;
};

/* From the helper; beside it: the device, the container and perhaps the group */
struct answer {
	int err;
	uint32_t page_table;
	struct problem problem;
};

/* ---- in the helper ---- */

static void open_device(int link, void *data)
{
	struct device *dev = ((struct opening *)data)->dev;
	struct answer answer = { 0 };
	struct group_files files;
	int fds[3];
	size_t nr = 0;

	fds[0] = group_open_device(dev->group, dev->request.address,
				   &answer.problem);
	files = group_get_files(dev->group);
	if (fds[0] < 0) {
		answer.err = fds[0];
	} else {
		answer.page_table = files.page_table;
		fds[1] = files.container;
		fds[2] = files.fd;
		nr = files.fd < 0 ? 2 : 3;
	}
	link_send_data(link, &answer, sizeof(answer), fds, nr);
}

/* ---- in the supervisor ---- */

void opening_receive(const struct helper *helper, struct opened *opened)
{
	struct answer answer = { 0 };
	int fds[3] = { -1, -1, -1 };
	size_t nr = 3;
	int err = link_receive_data(helper_link(helper), &answer,
				    sizeof(answer), fds, &nr);

	*opened = (struct opened){
		.err = err ? err : answer.err,
		.device = fds[0],
		.files = { fds[1], fds[2], answer.page_table },
		.problem = answer.problem,
	};
	if (err)
		problem_note(&opened->problem, err, "open the device with VFIO",
			     "the process that opens it has ended",
			     "try again");
}

static void close_copy(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void adopt_group(struct group *group, const struct group_files *files)
{
	if (group_get_files(group).container < 0) {
		group_set_files(group, files);
		return;
	}
	close_copy(files->container);
	close_copy(files->fd);
}

static void has_ended(void *data)
{
	struct opening *opening = data;
	struct device *dev = opening->dev;
	opening_fn done = opening->done;
	struct opened opened;

	opening_receive(opening->helper, &opened);
	dev->vfio.fd = opened.device;
	if (!opened.err)
		adopt_group(dev->group, &opened.files);
	else if (opened.problem.err)
		dev->steps.problem = opened.problem;
	helper_free(opening_leave(dev));
	done(dev, opened.err);
}

int opening_start(struct device *dev, opening_fn done)
{
	struct opening *opening = malloc(sizeof(*opening));
	struct group_files files = group_get_files(dev->group);
	struct helper_work work = { .run = open_device, .data = opening };
	int err;

	if (!opening)
		return -ENOMEM;
	if (files.container >= 0)
		work.fds[work.nr_fds++] = files.container;
	if (files.fd >= 0)
		work.fds[work.nr_fds++] = files.fd;
	*opening = (struct opening){ .dev = dev, .done = done };
	err = helper_start(&opening->helper, dev->all->event, &work, has_ended,
			   opening);
	if (err) {
		free(opening);
		return err;
	}
	dev->opening = opening;
	return -EINPROGRESS;
}

struct helper *opening_leave(struct device *dev)
{
	struct helper *helper = dev->opening->helper;

	free(dev->opening);
	dev->opening = NULL;
	return helper;
}
