// SPDX-License-Identifier: GPL-2.0-only
/*
 * One call of a libxl function: the context of libvfio-xen for it, its
 * messages, and its end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static void vlog(const struct call *call, xentoollog_level level,
		 const char *fmt, va_list args) check_format(3, 0);

/* The format of libxl's own messages, except the name in front */
static void vlog(const struct call *call, xentoollog_level level,
		 const char *fmt, va_list args)
{
	xentoollog_logger *logger = log_of(call->ctx);
	char *text;

	if (!logger || vasprintf(&text, fmt, args) < 0)
		return;
	if (call->domid == NO_DOMID)
		xtl_log(logger, level, -1, "vfio-xen", "%s", text);
	else
		xtl_log(logger, level, -1, "vfio-xen", "Domain %d:%s",
			call->domid, text);
	free(text);
}

void call_log(const struct call *call, xentoollog_level level, const char *fmt,
	      ...)
{
	va_list args;

	va_start(args, fmt);
	vlog(call, level, fmt, args);
	va_end(args);
}

int call_fail(const struct call *call, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vlog(call, XTL_ERROR, fmt, args);
	va_end(args);
	return ERROR_FAIL;
}

int call_explain(const struct call *call, int err)
{
	char *text = vfio_xen_explain(call->lib, err, true);
	int rc = call_fail(call, "%s", text ? text : strerror(-err));

	free(text);
	return rc;
}

enum vfio_xen_problem_kind call_problem(const struct call *call)
{
	return vfio_xen_problem_get_kind(vfio_xen_get_problem(call->lib));
}

/* Messages that xl -v shows */
static void log_step(void *data, enum vfio_xen_log_kind kind,
		     const char *message)
{
	(void)kind;
	call_log(data, XTL_DETAIL, "%s", message);
}

int call_begin(struct call *call, libxl_ctx *ctx, int domid)
{
	*call = (struct call){ .ctx = ctx, .domid = domid };
	if (vfio_xen_new(&call->lib))
		return ERROR_NOMEM;
	vfio_xen_set_log_fn(call->lib, log_step, call);
	return 0;
}

void call_end(struct call *call)
{
	vfio_xen_free(call->lib);
}

int call_complete(const struct call *call, const libxl_asyncop_how *ao_how,
		  int rc)
{
	if (!ao_how)
		return rc;
	if (!ao_how->callback)
		return call_fail(call, "events are not supported for devices "
				       "of " DRIVER);
	ao_how->callback(call->ctx, rc, ao_how->u.for_callback);
	return 0;
}
