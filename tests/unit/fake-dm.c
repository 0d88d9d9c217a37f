// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vfio-xen-dm for tests; see fake-dm.h.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-dm.h"

static pid_t server;

static void note(const char *log, const char *line)
{
	FILE *file = fopen(log, "a");

	if (!file)
		_exit(1);
	fputs(line, file);
	fclose(file);
}

/* Return: whether there was a request; a peer may just look who is there. */
static bool serve_one(int peer, const char *log, const char *reply)
{
	FILE *in = fdopen(peer, "r");
	char line[1024];

	if (!in)
		_exit(1);
	if (!fgets(line, sizeof(line), in)) {
		fclose(in);
		return false;
	}
	note(log, line);
	if (!strncmp(reply, FAKE_WAITS_FOR_HANGUP,
		     strlen(FAKE_WAITS_FOR_HANGUP))) {
		reply += strlen(FAKE_WAITS_FOR_HANGUP);
		while (fgetc(in) != EOF)
			;
		note(log, "hangup\n");
	}
	if (*reply)
		dprintf(peer, "%s\n", reply);
	fclose(in);
	return true;
}

static void serve(int fd, const char *log, const char *const *replies)
{
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			_exit(1);
		if (serve_one(peer, log, *replies) && replies[1])
			replies++;
	}
}

void fake_dm_start(struct fake_host *host, const char *uuid,
		   const char *const *replies)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char log[FAKE_PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fake_dir(host, "/run/vfio-xen");
	snprintf(log, sizeof(log), "%s/requests", host->root);
	assert_in_range(snprintf(address.sun_path, sizeof(address.sun_path),
				 "%s/run/vfio-xen/%s.sock", host->root, uuid),
			1, sizeof(address.sun_path) - 1);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(server, 0);
	server = fork();
	assert_true(server >= 0);
	if (!server)
		serve(fd, log, replies);
	close(fd);
}

void fake_dm_stop(void)
{
	if (!server)
		return;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
}

const char *fake_dm_requests(struct fake_host *host)
{
	static char text[4096];
	char path[FAKE_PATH_SIZE];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/requests", host->root);
	file = fopen(path, "r");
	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	return text;
}
