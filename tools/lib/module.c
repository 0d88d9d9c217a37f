// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load kernel modules as modprobe does: with dependencies, soft dependencies
 * and the options of modprobe.d.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "internal.h"

/* libkmod would print to stderr; its return value says enough. */
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

static const char *const option_dirs[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d",
};

/* Reads a bool parameter as the kernel does: without a value it is true. */
static bool is_true(const char *value)
{
	return !*value || strchr("1yYtT", *value) || !strcasecmp(value, "on");
}

/* The last occurrence counts: "name=1 name=0" is false. */
static void options_apply(const char *options, const char *name, bool *is_set)
{
	autofree char *copy = strdup(options ? options : "");
	size_t len = strlen(name);
	char *rest;

	if (!copy)
		return;
	for (char *word = strtok_r(copy, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest))
		if (!strncmp(word, name, len) &&
		    (!word[len] || word[len] == '='))
			*is_set = is_true(word + len + (word[len] == '='));
}

static bool options_have(struct kmod_ctx *kmod, const char *module,
			 const char *name)
{
	struct kmod_config_iter *iter = kmod_config_get_options(kmod);
	bool is_set = false;

	while (iter && kmod_config_iter_next(iter))
		if (!strcmp(kmod_config_iter_get_key(iter), module))
			options_apply(kmod_config_iter_get_value(iter), name,
				      &is_set);
	kmod_config_iter_free_iter(iter);
	return is_set;
}

bool module_option_is_set(struct vfio_xen_ctx *ctx, const char *module,
			  const char *option)
{
	char *dirs[ARRAY_SIZE(option_dirs) + 1] = { 0 };
	struct kmod_ctx *kmod;
	bool is_set = false;
	size_t nr = 0;

	while (nr < ARRAY_SIZE(option_dirs) &&
	       (dirs[nr] = file_path(ctx, "%s", option_dirs[nr])))
		nr++;
	kmod = kmod_new(NULL, (const char *const *)dirs);
	if (kmod) {
		kmod_set_log_fn(kmod, discard_log, NULL);
		is_set = options_have(kmod, module, option);
		kmod_unref(kmod);
	}
	while (nr)
		free(dirs[--nr]);
	return is_set;
}

/* ---- vfio-xen-iommu ---- */

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
