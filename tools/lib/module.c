// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading kernel modules, as modprobe does: with dependencies, soft
 * dependencies and the options of modprobe.d.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>

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
