// SPDX-License-Identifier: GPL-2.0-only
/*
 * libxl's own functions, and whether this is the libxl that we know.
 *
 * libxl promises to keep its interface from release to release, but not the layout
 * of structures. So this is built for one release, and steps aside for any other.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define SWITCH "VFIO_XEN_PLUGIN"

struct real real;
static bool active;

bool plugin_is_active(void)
{
	return active;
}

bool is_in_libxl(const void *address)
{
	void *function = (void *)(uintptr_t)real.libxl_ctx_alloc;
	Dl_info caller, libxl;

	return dladdr(address, &caller) && dladdr(function, &libxl) &&
	       caller.dli_fbase == libxl.dli_fbase;
}

/* Those that come after ours, or those of one library. */
static bool find_functions(void *where)
{
	bool complete = true;

#define FIND(name)                                                          \
	do {                                                                \
		real.name =                                                 \
			(__typeof__(name) *)(uintptr_t)dlsym(where, #name); \
		complete &= real.name != NULL;                              \
	} while (0)
	REAL_FUNCTIONS(FIND);
#undef FIND
	return complete;
}

/* By its soname, which changes with every release. NULL: it is not loaded. */
static void *find_known_libxl(void)
{
	void *handle = dlopen(XENLIGHT_SONAME, RTLD_LAZY | RTLD_NOLOAD);

	/* Whoever has loaded it keeps it. */
	if (handle)
		dlclose(handle);
	return handle;
}

static const char *libxl_path(void)
{
	Dl_info info;

	return dladdr((void *)(uintptr_t)real.libxl_ctx_alloc, &info) ?
		       info.dli_fname :
		       "its libxl";
}

static bool is_switched_off(void)
{
	const char *value = getenv(SWITCH);

	return value && strcmp(value, "off") == 0;
}

/* From here on nobody inherits us: QEMU least of all. */
static void start(bool usable)
{
	unsetenv("LD_PRELOAD");
	if (is_switched_off())
		return;
	active = usable;
	if (!active)
		fprintf(stderr,
			"vfio-xen: %s is not " XENLIGHT_SONAME
			", for which the plugin was built; going on without "
			"devices of " DRIVER "\n",
			libxl_path());
}

/* xl may be started by a shell, which is left alone. */
__attribute__((constructor)) static void load(void)
{
	bool complete = find_functions(RTLD_NEXT);

	if (real.libxl_ctx_alloc)
		start(complete && find_known_libxl());
}

bool real_is_there(void)
{
	void *libxl = real.libxl_ctx_alloc ? NULL : find_known_libxl();

	if (libxl)
		start(find_functions(libxl));
	return real.libxl_ctx_alloc != NULL;
}
