// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-xen-dm: the devices of one guest. Usually vfio-xen-ctl starts it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "log.h"
#include "supervisor.h"
#include "worker.h"

#define PROGRAM "vfio-xen-dm"
#define EXIT_USAGE 2
#define WORKER_LINK 3
#define RUN_DIR "/run/vfio-xen"
#define DEFAULT_FIRST_UID 0x7ff00000 /* see --first-uid in the manual page */
#define MAX_DOMIDS 0x7ff0
#define IOMMU_VARIABLE "VFIO_XEN_IOMMU"
#define RESTART_TIMEOUT_VARIABLE "VFIO_XEN_RESTART_TIMEOUT"
#define DEFAULT_RESTART_TIMEOUT_S 300
#define REMOVAL_TIMEOUT_VARIABLE "VFIO_XEN_REMOVAL_TIMEOUT"
#define DEFAULT_REMOVAL_TIMEOUT_S 30
#define MAX_TIMEOUT_S 86400

enum {
	OPT_DOMID = 0x100,
	OPT_UUID,
	OPT_DAEMON,
	OPT_IOMMU,
	OPT_RESTART_TIMEOUT,
	OPT_REMOVAL_TIMEOUT,
	OPT_FIRST_UID,
	OPT_RUN_DIR,
	OPT_WORKER,
};

static const struct option long_options[] = {
	{ "domid", required_argument, NULL, OPT_DOMID },
	{ "uuid", required_argument, NULL, OPT_UUID },
	{ "daemon", no_argument, NULL, OPT_DAEMON },
	{ "iommu", required_argument, NULL, OPT_IOMMU },
	{ "restart-timeout", required_argument, NULL, OPT_RESTART_TIMEOUT },
	{ "removal-timeout", required_argument, NULL, OPT_REMOVAL_TIMEOUT },
	{ "first-uid", required_argument, NULL, OPT_FIRST_UID },
	{ "run-dir", required_argument, NULL, OPT_RUN_DIR },
	{ "worker", no_argument, NULL, OPT_WORKER },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

struct arguments {
	const char *domid, *uuid, *iommu, *restart_timeout, *removal_timeout;
	const char *first_uid, *run_dir;
	bool daemon, worker;
};

static void print_usage(FILE *out)
{
	fprintf(out,
		"usage: " PROGRAM " --domid=N|--uuid=UUID [OPTION]...\n"
		"Give PCI devices to a guest, as the control socket asks for them.\n"
		"\n"
		"  --domid=N       the guest\n"
		"  --uuid=UUID     the same, by its UUID\n"
		"  --daemon        go to the background once requests are taken\n"
		"  --iommu=KIND    how devices are opened, unless a request says it:\n"
		"                  iommufd, type1, or auto (default $" IOMMU_VARIABLE
		", else auto)\n"
		"  --restart-timeout=S  how long a guest that reboots may take to start\n"
		"                  again and get its devices back (default\n"
		"                  $" RESTART_TIMEOUT_VARIABLE ", else 300)\n"
		"  --removal-timeout=S  how long the guest may take to let go of a device\n"
		"                  that the host wants back (default\n"
		"                  $" REMOVAL_TIMEOUT_VARIABLE ", else 30)\n"
		"  --first-uid=N   the worker of domain D runs as user N + D (default\n"
		"                  2146435072)\n"
		"  --run-dir=DIR   where the socket is (default " RUN_DIR ")\n"
		"  --help, --version\n");
}

static int usage_error(const char *text)
{
	fprintf(stderr, PROGRAM ": %s; see " PROGRAM " --help\n", text);
	return EXIT_USAGE;
}

/* Returns -1 to go on, or the exit status. */
static int parse(int argc, char **argv, struct arguments *args)
{
	int option;

	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) !=
	       -1) {
		switch (option) {
		case OPT_DOMID:
			args->domid = optarg;
			break;
		case OPT_UUID:
			args->uuid = optarg;
			break;
		case OPT_DAEMON:
			args->daemon = true;
			break;
		case OPT_IOMMU:
			args->iommu = optarg;
			break;
		case OPT_RESTART_TIMEOUT:
			args->restart_timeout = optarg;
			break;
		case OPT_REMOVAL_TIMEOUT:
			args->removal_timeout = optarg;
			break;
		case OPT_FIRST_UID:
			args->first_uid = optarg;
			break;
		case OPT_RUN_DIR:
			args->run_dir = optarg;
			break;
		case OPT_WORKER:
			args->worker = true;
			break;
		case 'h':
			print_usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts(PROGRAM " " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return usage_error("too many arguments");
	if (!args->worker && !args->domid == !args->uuid)
		return usage_error("it takes either --domid or --uuid");
	return -1;
}

static int find_by_domid(const char *text, struct guest *guest)
{
	struct guests *guests;
	unsigned long domid;
	char *end;
	int err;

	errno = 0;
	domid = strtoul(text, &end, 10);
	if (errno || end == text || *end || domid >= MAX_DOMIDS)
		return -EINVAL;
	err = guests_open(&guests);
	if (err)
		return err;
	err = guest_by_domid(guests, (uint32_t)domid, guest);
	guests_close(guests);
	return err;
}

static int find_guest(const struct arguments *args, struct guest *guest)
{
	int err;

	if (args->domid) {
		err = find_by_domid(args->domid, guest);
		if (err)
			fprintf(stderr, PROGRAM ": domain %s: %s\n",
				args->domid,
				err == -ESRCH ? "there is no such guest" :
						strerror(-err));
		return err;
	}
	err = guest_uuid_parse(args->uuid, guest->uuid);
	if (err)
		fprintf(stderr, PROGRAM ": %s is not a UUID\n", args->uuid);
	else
		guest_uuid_print(guest->uuid, guest->uuid_text);
	return err;
}

static int find_first_uid(const char *text, struct supervisor_options *options)
{
	unsigned long uid;
	char *end;

	options->first_uid = DEFAULT_FIRST_UID;
	if (!text)
		return 0;
	errno = 0;
	uid = strtoul(text, &end, 10);
	/* The last one, -1, is no user. */
	if (errno || end == text || *end || !uid ||
	    uid > UINT32_MAX - MAX_DOMIDS) {
		fprintf(stderr, PROGRAM ": %s is not a user ID from 1 to %u\n",
			text, UINT32_MAX - MAX_DOMIDS);
		return -EINVAL;
	}
	options->first_uid = (uint32_t)uid;
	return 0;
}

static int find_iommu(const char *name, struct supervisor_options *options)
{
	if (!name)
		name = getenv(IOMMU_VARIABLE);
	if (!name || !vfio_xen_iommu_parse(name, &options->iommu))
		return 0;
	fprintf(stderr, PROGRAM ": %s is none of auto, iommufd and type1\n",
		name);
	return -EINVAL;
}

static int find_timeout(const char *text, const char *variable,
			unsigned int *timeout_s)
{
	unsigned long seconds;
	char *end;

	if (!text)
		text = getenv(variable);
	if (!text)
		return 0;
	seconds = strtoul(text, &end, 10);
	if (end == text || *end || !seconds || seconds > MAX_TIMEOUT_S) {
		fprintf(stderr,
			PROGRAM
			": %s is not a number of seconds from 1 to %d\n",
			text, MAX_TIMEOUT_S);
		return -EINVAL;
	}
	*timeout_s = (unsigned int)seconds;
	return 0;
}

static int find_timeouts(const struct arguments *args,
			 struct supervisor_options *options)
{
	options->restart_timeout_s = DEFAULT_RESTART_TIMEOUT_S;
	options->removal_timeout_s = DEFAULT_REMOVAL_TIMEOUT_S;
	if (find_timeout(args->restart_timeout, RESTART_TIMEOUT_VARIABLE,
			 &options->restart_timeout_s))
		return -EINVAL;
	return find_timeout(args->removal_timeout, REMOVAL_TIMEOUT_VARIABLE,
			    &options->removal_timeout_s);
}

/* Returns in the child. The parent exits when the child is ready. */
static int go_to_background(int *ready_fd)
{
	int fds[2], status;
	pid_t pid;
	char byte;

	/*
	 * Close inherited descriptors, such as a lock of the command that started this
	 * process.
	 */
	closefrom(STDERR_FILENO + 1);
	if (pipe(fds))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(fds[0]);
		setsid();
		*ready_fd = fds[1];
		return 0;
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) == 1)
		_exit(EXIT_SUCCESS);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	_exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	struct supervisor_options options = { .ready_fd = -1 };
	struct arguments args = { .run_dir = RUN_DIR };
	int status = parse(argc, argv, &args);

	if (status >= 0)
		return status;
	if (args.worker)
		return worker_main(WORKER_LINK);
	if (find_iommu(args.iommu, &options) ||
	    find_timeouts(&args, &options) ||
	    find_first_uid(args.first_uid, &options))
		return EXIT_USAGE;
	status = find_guest(&args, &options.guest);
	if (status)
		return status == -ESRCH ? EXIT_NO_GUEST : EXIT_FAILURE;
	if (args.daemon && go_to_background(&options.ready_fd))
		return EXIT_FAILURE;
	log_open(PROGRAM, args.daemon);
	options.run_dir = args.run_dir;
	return supervisor_main(&options);
}
