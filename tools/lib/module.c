// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading kernel modules, as modprobe does: with dependencies, soft
 * dependencies and the options of modprobe.d.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

/* libkmod would print to stderr; the result says enough. */
static void discard_log(void *data, int priority, const char *file, int line,
			const char *fn, const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn;
	(void)format, (void)args;
}

static int insert_all(struct kmod_list *list)
{
	struct kmod_list *entry;
	int err;

	kmod_list_foreach(entry, list) {
		struct kmod_module *mod = kmod_module_get_module(entry);

		err = kmod_module_probe_insert_module(mod, 0, NULL, NULL, NULL,
						      NULL);
		kmod_module_unref(mod);
		if (err < 0)
			return err;
	}
	return 0;
}

static int load(const char *name)
{
	struct kmod_ctx *kmod = kmod_new(NULL, NULL);
	struct kmod_list *list = NULL;
	int err;

	if (!kmod)
		return -ENOMEM;
	kmod_set_log_fn(kmod, discard_log, NULL);
	err = kmod_module_new_from_lookup(kmod, name, &list);
	if (err >= 0)
		err = list ? insert_all(list) : -ENOENT;
	kmod_module_unref_list(list);
	kmod_unref(kmod);
	return err < 0 ? err : 0;
}

int module_load(struct vfio_xen_ctx *ctx, const char *name)
{
	ctx_step(ctx, "load module %s", name);
	if (ctx->dry_run)
		return 0;
	return ctx->ops ? ctx->ops->load_module(ctx->ops_data, name) :
			  load(name);
}

bool module_parameter_is_set(struct vfio_xen_ctx *ctx, const char *module,
			     const char *parameter)
{
	char text[8];

	return !file_read_line(ctx, text, sizeof(text),
			       "/sys/module/%s/parameters/%s", module,
			       parameter) &&
	       !strcmp(text, "Y");
}

/* ---- options of modprobe.d ---- */

#define PARAMETER "isolated_msi="

static bool sets_isolated_msi(const char *options)
{
	const char *option = options ? strstr(options, PARAMETER) : NULL;

	return option && strchr("1yY", option[strlen(PARAMETER)]);
}

static bool is_in_options(struct kmod_ctx *kmod)
{
	struct kmod_module *mod;
	bool set;

	if (kmod_module_new_from_name(kmod, "vfio_xen_iommu", &mod))
		return false;
	set = sets_isolated_msi(kmod_module_get_options(mod));
	kmod_module_unref(mod);
	return set;
}

bool module_will_isolate_msi(struct vfio_xen_ctx *ctx)
{
	autofree char *etc = file_path(ctx, "/etc/modprobe.d");
	autofree char *usr = file_path(ctx, "/usr/lib/modprobe.d");
	const char *paths[] = { etc, usr, NULL };
	struct kmod_ctx *kmod;
	bool set;

	if (!etc || !usr)
		return false;
	kmod = kmod_new(NULL, paths);
	if (!kmod)
		return false;
	kmod_set_log_fn(kmod, discard_log, NULL);
	set = is_in_options(kmod);
	kmod_unref(kmod);
	return set;
}

int vfio_xen_load(struct vfio_xen_ctx *ctx)
{
	int err;

	problem_clear(ctx);
	err = module_load(ctx, "vfio-xen-iommu");
	return err ? problem_set(ctx, VFIO_XEN_PROBLEM_MODULE, err, 0,
				 "vfio-xen-iommu") :
		     0;
}

#define OPTIONS_DIR "/etc/modprobe.d"
#define OPTIONS_FILE OPTIONS_DIR "/vfio-xen-isolated-msi.conf"

int vfio_xen_set_isolated_msi(struct vfio_xen_ctx *ctx)
{
	autofree char *path = file_path(ctx, OPTIONS_FILE);
	autofree char *dir = file_path(ctx, OPTIONS_DIR);
	FILE *file;
	bool bad;

	problem_clear(ctx);
	if (!path || !dir)
		return -ENOMEM;
	ctx_step(ctx, "write %s", path);
	if (mkdir(dir, 0755) && errno != EEXIST)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, dir);
	file = fopen(path, "we");
	if (!file)
		return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -errno, 0, path);
	fprintf(file, "# Xen remaps the interrupts of this host.\n"
		      "options vfio-xen-iommu isolated_msi=1\n");
	bad = ferror(file);
	if (!fclose(file) && !bad)
		return 0;
	return problem_set(ctx, VFIO_XEN_PROBLEM_IO, -EIO, 0, path);
}
