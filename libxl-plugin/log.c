// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages go to the logger that the program gave to libxl, with its level (xl
 * -v) and its destination.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

struct entry {
	const libxl_ctx *ctx;
	xentoollog_logger *logger;
	struct entry *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;
static xentoollog_logger *fallback;

static void add(const libxl_ctx *ctx, xentoollog_logger *logger)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry)
		return;
	pthread_mutex_lock(&lock);
	*entry = (struct entry){ ctx, logger, entries };
	entries = entry;
	pthread_mutex_unlock(&lock);
}

static void forget(const libxl_ctx *ctx)
{
	struct entry **link = &entries, *entry;

	pthread_mutex_lock(&lock);
	while (*link && (*link)->ctx != ctx)
		link = &(*link)->next;
	entry = *link;
	if (entry)
		*link = entry->next;
	pthread_mutex_unlock(&lock);
	free(entry);
}

xentoollog_logger *log_of(const libxl_ctx *ctx)
{
	xentoollog_logger *logger;
	const struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = entries;
	while (entry && entry->ctx != ctx)
		entry = entry->next;
	if (!entry && !fallback)
		fallback = (xentoollog_logger *)xtl_createlogger_stdiostream(
			stderr, XTL_PROGRESS, 0);
	logger = entry ? entry->logger : fallback;
	pthread_mutex_unlock(&lock);
	return logger;
}

INTERPOSED int libxl_ctx_alloc(libxl_ctx **pctx, int version, unsigned flags,
			       xentoollog_logger *lg)
{
	int rc = real_is_there() ?
			 real.libxl_ctx_alloc(pctx, version, flags, lg) :
			 ERROR_VERSION;

	if (!rc && plugin_is_active())
		add(*pctx, lg);
	return rc;
}

INTERPOSED int libxl_ctx_free(libxl_ctx *ctx)
{
	forget(ctx);
	return real.libxl_ctx_free(ctx);
}
