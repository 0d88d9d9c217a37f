// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of commands, and the parser that selects one of them.
 */
#include <string.h>

#include "ctl.h"

const struct command commands[] = {
	{ "list", "[SBDF...]", "show devices, their drivers and owners",
	  OPT_JSON | OPT_BRIDGES, run_list },
	{ "groups", "[GROUP...]", "show IOMMU groups and what drives them",
	  OPT_JSON, run_groups },
	{ "bind", "SBDF...", "give devices to VFIO",
	  OPT_GROUP | OPT_DRIVER | OPT_FORCE | OPT_DRY_RUN | OPT_PERSISTENT |
		  OPT_NAME | OPT_NO_INITRAMFS,
	  run_bind },
	{ "unbind", "SBDF...", "give devices back to their former drivers",
	  OPT_GROUP | OPT_DRY_RUN | OPT_WAIT | OPT_KEEP | OPT_NO_INITRAMFS,
	  run_unbind },
	{ "vfs", "SBDF [COUNT]",
	  "make virtual functions, and give them to VFIO",
	  OPT_DRIVER | OPT_DRY_RUN | OPT_PERSISTENT | OPT_NO_INITRAMFS |
		  OPT_JSON,
	  run_vfs },
	{ "attach", "DOMAIN SBDF...", "give devices to a guest",
	  OPT_SLOT | OPT_PERMISSIVE | OPT_TIMEOUT | OPT_NO_BIND | OPT_IOMMU |
		  OPT_JSON,
	  run_attach },
	{ "detach", "[DOMAIN] SBDF", "take a device from its guest",
	  OPT_FORCE | OPT_TIMEOUT | OPT_JSON, run_detach },
	{ "status", "",
	  "show Xen, vfio-xen-iommu, its shell domains, guests with devices",
	  OPT_JSON, run_status },
	{ "check", "", "check whether this host is right", OPT_JSON | OPT_FIX,
	  run_check },
	{ "faults", "", "show DMA and interrupts that the IOMMU refused",
	  OPT_JSON | OPT_FOLLOW | OPT_JOURNAL, run_faults },
	{ "events", "", "show what has happened to devices, from the journal",
	  OPT_JSON | OPT_FOLLOW | OPT_CURSOR, run_events },
	{ "metrics", "[FILE]",
	  "print figures as Prometheus's node exporter reads them", 0,
	  run_metrics },
	{ "report", "[FILE]", "write all of this to a file, for a bug report",
	  0, run_report },
	{ "help", "[COMMAND]", "explain a command", 0, run_help },
};
const size_t nr_commands = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < nr_commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int unknown_command(struct ctl *ctl, const char *name)
{
	const char *nearest = help_nearest_command(name);

	if (nearest)
		return ctl_fail(ctl, EXIT_USAGE,
				"unknown command %s; did you mean %s?", name,
				nearest);
	return ctl_fail(ctl, EXIT_USAGE,
			"unknown command %s; see " PROGRAM " help", name);
}

int run_help(struct ctl *ctl)
{
	const struct command *command;

	if (!ctl->args.nr_operands) {
		help_program(ctl);
		return EXIT_OK;
	}
	command = command_find(ctl->args.operands[0]);
	if (!command)
		return unknown_command(ctl, ctl->args.operands[0]);
	help_command(ctl, command);
	return EXIT_OK;
}

/* The steps of a dry run are its result, so they go to the output. */
static void print_log(void *data, enum vfio_xen_log_kind kind,
		      const char *message)
{
	struct ctl *ctl = data;

	if (kind == VFIO_XEN_LOG_STEP && has_option(ctl, OPT_DRY_RUN))
		fprintf(ctl->out, "would %s\n", message);
	else if (has_option(ctl, OPT_VERBOSE))
		fprintf(ctl->err, "%s\n", message);
}

static int run_command(struct ctl *ctl, const struct command *command, int argc,
		       char **argv)
{
	int code = options_parse(ctl, command->options | OPT_GLOBAL, false,
				 argc, argv);

	if (code)
		return code;
	if (has_option(ctl, OPT_HELP)) {
		help_command(ctl, command);
		return EXIT_OK;
	}
	if (!*command->operands && ctl->args.nr_operands)
		return ctl_fail(ctl, EXIT_USAGE, "%s takes no operands",
				command->name);
	ctl->command = command;
	vfio_xen_set_log_fn(ctl->lib, print_log, ctl);
	return command->run(ctl);
}

/* Options before the command, or alone: -h, -V. */
static int run_without_command(struct ctl *ctl)
{
	if (has_option(ctl, OPT_HELP)) {
		help_program(ctl);
		return EXIT_OK;
	}
	return ctl_fail(ctl, EXIT_USAGE,
			"no command given; see " PROGRAM " --help");
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	const struct command *command;
	int code;

	/* For tests that compare the commands with their documentation */
	if (argc == 2 && !strcmp(argv[1], "--list-commands")) {
		help_list_commands(ctl);
		return EXIT_OK;
	}
	code = options_parse(ctl, OPT_GLOBAL | OPT_JSON, true, argc, argv);
	if (code)
		return code;
	if (has_option(ctl, OPT_VERSION)) {
		fprintf(ctl->out, PROGRAM " %s\n", VERSION);
		return EXIT_OK;
	}
	if (has_option(ctl, OPT_HELP) || !ctl->args.nr_operands)
		return run_without_command(ctl);
	command = command_find(ctl->args.operands[0]);
	if (!command)
		return unknown_command(ctl, ctl->args.operands[0]);
	return run_command(ctl, command, ctl->args.nr_operands,
			   ctl->args.operands);
}

int ctl_main(struct vfio_xen_ctx *lib, FILE *out, FILE *err, int argc,
	     char **argv)
{
	struct ctl ctl = { .lib = lib, .out = out, .err = err };
	int code = run(&ctl, argc, argv);

	vfio_xen_set_log_fn(lib, NULL, NULL);
	return code;
}
