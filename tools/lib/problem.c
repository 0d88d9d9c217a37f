// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of a context, and the reason why its last call failed.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "internal.h"

static void ctx_vlog(struct vfio_xen_ctx *ctx, enum vfio_xen_log_kind kind,
		     const char *fmt, va_list args) check_format(3, 0);

static void ctx_vlog(struct vfio_xen_ctx *ctx, enum vfio_xen_log_kind kind,
		     const char *fmt, va_list args)
{
	char *message;

	if (!ctx->log_fn || vasprintf(&message, fmt, args) < 0)
		return;
	ctx->log_fn(ctx->log_data, kind, message);
	free(message);
}

void ctx_step(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctx_vlog(ctx, VFIO_XEN_LOG_STEP, fmt, args);
	va_end(args);
}

void ctx_note(struct vfio_xen_ctx *ctx, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctx_vlog(ctx, VFIO_XEN_LOG_NOTE, fmt, args);
	va_end(args);
}

void problem_clear(struct vfio_xen_ctx *ctx)
{
	free(ctx->problem.detail);
	free(ctx->problem.step);
	free(ctx->problem.hint);
	ctx->problem = (struct vfio_xen_problem){ 0 };
}

static int problem_record(struct vfio_xen_ctx *ctx,
			  const struct vfio_xen_problem *problem,
			  const char *detail)
{
	if (ctx->problem.kind != VFIO_XEN_PROBLEM_NONE) {
		ctx_note(ctx, "then also: %s: %s", detail ? detail : "",
			 strerror(-problem->err));
		return problem->err;
	}
	ctx->problem = *problem;
	/* If memory is out, the kind alone says enough. */
	ctx->problem.detail = detail ? strdup(detail) : NULL;
	return problem->err;
}

int problem_set(struct vfio_xen_ctx *ctx, enum vfio_xen_problem_kind kind,
		int err, uint32_t sbdf, const char *detail)
{
	struct vfio_xen_problem problem = {
		.kind = kind,
		.err = err,
		.sbdf = sbdf,
	};

	return problem_record(ctx, &problem, detail);
}

int problem_set_other(struct vfio_xen_ctx *ctx, uint32_t sbdf, uint32_t other,
		      const char *driver)
{
	struct vfio_xen_problem problem = {
		.kind = VFIO_XEN_PROBLEM_SIBLING_BOUND,
		.err = -EBUSY,
		.sbdf = sbdf,
		.other = other,
	};

	return problem_record(ctx, &problem, driver);
}

int problem_set_id(struct vfio_xen_ctx *ctx, enum vfio_xen_problem_kind kind,
		   int err, uint32_t sbdf, int id, const char *detail)
{
	struct vfio_xen_problem problem = {
		.kind = kind,
		.err = err,
		.sbdf = sbdf,
		.id = id,
	};

	return problem_record(ctx, &problem, detail);
}

int problem_set_refused(struct vfio_xen_ctx *ctx, int err, const char *step,
			const char *cause, const char *hint)
{
	problem_set(ctx, VFIO_XEN_PROBLEM_DM_REFUSED, err, 0, cause);
	if (ctx->problem.kind != VFIO_XEN_PROBLEM_DM_REFUSED)
		return err;
	ctx->problem.step = step ? strdup(step) : NULL;
	ctx->problem.hint = hint ? strdup(hint) : NULL;
	return err;
}

const struct vfio_xen_problem *
vfio_xen_get_problem(const struct vfio_xen_ctx *ctx)
{
	return &ctx->problem;
}

enum vfio_xen_problem_kind
vfio_xen_problem_get_kind(const struct vfio_xen_problem *problem)
{
	return problem->kind;
}

uint32_t vfio_xen_problem_get_sbdf(const struct vfio_xen_problem *problem)
{
	return problem->sbdf;
}

uint32_t vfio_xen_problem_get_other(const struct vfio_xen_problem *problem)
{
	return problem->other;
}

int vfio_xen_problem_get_id(const struct vfio_xen_problem *problem)
{
	return problem->id;
}

const char *vfio_xen_problem_get_detail(const struct vfio_xen_problem *problem)
{
	return problem->detail ? problem->detail : "";
}

const char *vfio_xen_problem_get_step(const struct vfio_xen_problem *problem)
{
	return problem->step;
}

const char *vfio_xen_problem_get_hint(const struct vfio_xen_problem *problem)
{
	return problem->hint;
}
