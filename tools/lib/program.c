// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run other programs.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

extern char **environ;

/* The standard output is the caller's: a script may read it. */
static int spawn_quiet(pid_t *pid, char *const argv[],
		       const posix_spawnattr_t *attr)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
					       STDOUT_FILENO);
	if (!err)
		err = posix_spawnp(pid, argv[0], &actions, attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/*
 * The caller may block signals to read them from a signalfd; the program must
 * not.
 */
static int spawn(pid_t *pid, char *const argv[])
{
	posix_spawnattr_t attr;
	sigset_t none;
	int err = posix_spawnattr_init(&attr);

	if (err)
		return -err;
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	err = spawn_quiet(pid, argv, &attr);
	posix_spawnattr_destroy(&attr);
	return -err;
}

static int run(char *const argv[])
{
	pid_t pid = -1;
	int status, err = spawn(&pid, argv);

	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int program_run(struct vfio_xen_ctx *ctx, char *const argv[])
{
	autofree char *line = NULL;

	for (size_t i = 0; argv[i]; i++) {
		autofree char *before = line;

		if (asprintf(&line, "%s%s%s", before ? before : "",
			     before ? " " : "", argv[i]) < 0) {
			line = NULL;
			return -ENOMEM;
		}
	}
	ctx_step(ctx, "run %s", line);
	if (ctx->dry_run)
		return 0;
	return ctx->ops ? ctx->ops->run(ctx->ops_data, argv) : run(argv);
}
