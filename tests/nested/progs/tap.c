// SPDX-License-Identifier: GPL-2.0
/* See tap.h. Safe for several threads: each result is one write under a lock. */
#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int nr_ok, nr_not_ok;

static void result(bool cond, const char *tail, const char *fmt, va_list ap)
{
	pthread_mutex_lock(&lock);
	if (cond)
		nr_ok++;
	else
		nr_not_ok++;
	printf("%s - ", cond ? "ok" : "not ok");
	vprintf(fmt, ap);
	printf("%s\n", tail);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

bool ok(bool cond, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	result(cond, "", fmt, ap);
	va_end(ap);
	return cond;
}

bool ok0(int ret, const char *fmt, ...)
{
	char tail[96] = "";
	va_list ap;

	if (ret)
		snprintf(tail, sizeof(tail), ": %s (%d)", ret < 0 ? strerror(-ret) : "not zero", ret);
	va_start(ap, fmt);
	result(!ret, tail, fmt, ap);
	va_end(ap);
	return !ret;
}

void skip(const char *why, const char *fmt, ...)
{
	char tail[256];
	va_list ap;

	snprintf(tail, sizeof(tail), " # SKIP %s", why);
	va_start(ap, fmt);
	result(true, tail, fmt, ap);
	va_end(ap);
}

void comment(const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&lock);
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

int tap_status(void)
{
	return nr_ok && !nr_not_ok ? 0 : 1;
}
