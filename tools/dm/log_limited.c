// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that a guest can provoke.
 */
#include <stdio.h>
#include <time.h>

#include "log_limited.h"

#define PERIOD_S 10
#define MESSAGES_PER_PERIOD 10

void log_limited(int level, const char *fmt, ...)
{
	static unsigned int nr, dropped;
	static time_t start;
	struct timespec now;
	char text[240];
	va_list args;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - start >= PERIOD_S) {
		if (dropped)
			log_message(LOG_NOTICE, "%u more messages like these",
				    dropped);
		nr = 0;
		dropped = 0;
		start = now.tv_sec;
	}
	if (nr == MESSAGES_PER_PERIOD) {
		dropped++;
		return;
	}
	nr++;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_message(level, "%s", text);
}
