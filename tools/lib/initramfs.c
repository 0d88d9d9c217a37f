// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rebuild the initramfs, which binds persistent devices and contains a copy of
 * their list.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

#define RUN "run "

static const struct tool {
	const char *path;
	const char *advice; /* "run", and the command line */
	const char *argv[5];
} tools[] = {
	{ "/usr/sbin/update-initramfs",
	  RUN "update-initramfs -u -k all",
	  { "update-initramfs", "-u", "-k", "all" } },
	{ "/usr/bin/dracut",
	  RUN "dracut --regenerate-all --force",
	  { "dracut", "--regenerate-all", "--force" } },
};

static const struct tool *find_tool(struct vfio_xen_ctx *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (file_exists(ctx, "%s", tools[i].path))
			return &tools[i];
	return NULL;
}

const char *vfio_xen_initramfs_command(struct vfio_xen_ctx *ctx)
{
	const struct tool *tool = find_tool(ctx);

	return tool ? tool->advice + strlen(RUN) : NULL;
}

const char *initramfs_advice(struct vfio_xen_ctx *ctx)
{
	const struct tool *tool = find_tool(ctx);

	return tool ? tool->advice : "rebuild the initramfs";
}

static int run(struct vfio_xen_ctx *ctx, const struct tool *tool,
	       unsigned int flags)
{
	char *argv[ARRAY_SIZE(tool->argv)];
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(tool->argv); i++)
		argv[i] = (char *)(uintptr_t)tool->argv[i];
	ctx->dry_run = flags & VFIO_XEN_DRY_RUN;
	status = program_run(ctx, argv);
	ctx->dry_run = false;
	if (!status)
		return 0;
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -EIO, 0, tool->path);
}

int vfio_xen_update_initramfs(struct vfio_xen_ctx *ctx, unsigned int flags)
{
	const struct tool *tool = find_tool(ctx);

	problem_clear(ctx);
	return tool ? run(ctx, tool, flags) : -ENOENT;
}
