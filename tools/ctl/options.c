// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of all commands, and their parser.
 */
#include <getopt.h>
#include <string.h>

#include "ctl.h"

#define TEXT_OF_TOKEN(token) #token
#define TEXT_OF(macro) TEXT_OF_TOKEN(macro)

const struct option_info options[] = {
	{ "help", 'h', OPT_HELP, NULL, "show this" },
	{ "version", 'V', OPT_VERSION, NULL, "show the version" },
	{ "verbose", 'v', OPT_VERBOSE, NULL, "trace each step, give advice" },
	{ "quiet", 'q', OPT_QUIET, NULL, "print no messages" },
	{ "json", '\0', OPT_JSON, NULL, "print JSON, errors too" },
	{ "bridges", '\0', OPT_BRIDGES, NULL, "show bridges too" },
	{ "group", '\0', OPT_GROUP, NULL,
	  "take all devices of the IOMMU group" },
	{ "driver", '\0', OPT_DRIVER, "DRIVER",
	  "bind to DRIVER, such as vfio-xen-pci, rather than vfio-pci" },
	{ "force", '\0', OPT_FORCE, NULL,
	  "bind although the host uses it, detach without asking the guest" },
	{ "dry-run", '\0', OPT_DRY_RUN, NULL,
	  "check, show what would be done, and do nothing" },
	{ "wait", '\0', OPT_WAIT, NULL,
	  "wait for the process that has the device open" },
	{ "slot", '\0', OPT_SLOT, "N", "where on the guest's bus, 0 to 31" },
	{ "permissive", '\0', OPT_PERMISSIVE, NULL,
	  "let the guest write to registers that no standard defines" },
	{ "timeout", '\0', OPT_TIMEOUT, "SECONDS",
	  "how long the guest may take, " TEXT_OF(
		  VFIO_XEN_TIMEOUT_DEFAULT_S) " if not given" },
	{ "no-bind", '\0', OPT_NO_BIND, NULL,
	  "take only a device that is bound to vfio-xen-pci" },
	{ "iommu", '\0', OPT_IOMMU, "KIND",
	  "how to open it: iommufd, type1, or auto" },
	{ "persistent", '\0', OPT_PERSISTENT, NULL,
	  "bind at each boot, before host drivers, too" },
	{ "name", '\0', OPT_NAME, "NAME",
	  "what to call the persistent device" },
	{ "fix", '\0', OPT_FIX, NULL, "mend what is safe to mend" },
	{ "no-initramfs", '\0', OPT_NO_INITRAMFS, NULL,
	  "leave the initramfs as it is" },
	{ "follow", '\0', OPT_FOLLOW, NULL, "go on as more come" },
	{ "cursor", '\0', OPT_CURSOR, "CURSOR",
	  "begin after the event that has this cursor" },
	{ "journal", '\0', OPT_JOURNAL, NULL,
	  "write to the journal, those that are not in it" },
	{ "keep", '\0', OPT_KEEP, NULL, "bind it again at the next boot" },
};
const size_t nr_options = ARRAY_SIZE(options);

/* getopt_long() returns a long option without a letter as this + its index. */
#define LONG_BASE 256

static void make_getopt(unsigned int allowed, bool stop_at_operand,
			struct option *longs, char *letters)
{
	/* "+": the first operand ends the options; ":": distinguish a missing argument */
	if (stop_at_operand)
		*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < nr_options; i++) {
		if (!(options[i].bit & allowed))
			continue;
		*longs++ = (struct option){
			.name = options[i].name,
			.has_arg = options[i].argument ? required_argument :
							 no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (options[i].letter)
			*letters++ = options[i].letter;
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static const struct option_info *find_option(int value)
{
	if (value >= LONG_BASE)
		return &options[value - LONG_BASE];
	for (size_t i = 0; i < nr_options; i++)
		if (options[i].letter == value)
			return &options[i];
	return NULL;
}

/* Reports a bad option by getopt's return value, optopt, and the word. */
struct complaint {
	int value;
	int opt;
	const char *word;
};

static void set_argument(struct args *args, enum option_bit bit,
			 const char *value)
{
	if (bit == OPT_DRIVER)
		args->driver = value;
	else if (bit == OPT_SLOT)
		args->slot = value;
	else if (bit == OPT_TIMEOUT)
		args->timeout = value;
	else if (bit == OPT_IOMMU)
		args->iommu = value;
	else if (bit == OPT_NAME)
		args->name = value;
	else if (bit == OPT_CURSOR)
		args->cursor = value;
}

static int complain(struct ctl *ctl, const struct complaint *complaint)
{
	const struct option_info *info = find_option(complaint->opt);

	if (complaint->value == ':' && info)
		return ctl_fail(ctl, EXIT_USAGE, "--%s needs %s", info->name,
				info->argument);
	if (info && complaint->opt >= LONG_BASE)
		return ctl_fail(ctl, EXIT_USAGE, "--%s takes no argument",
				info->name);
	if (complaint->opt)
		return ctl_fail(ctl, EXIT_USAGE, "unknown option -%c",
				complaint->opt);
	return ctl_fail(ctl, EXIT_USAGE, "unknown option %s", complaint->word);
}

int options_parse(struct ctl *ctl, unsigned int allowed, bool stop_at_operand,
		  int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(options) + 1];
	char letters[ARRAY_SIZE(options) + 3];
	struct complaint first = { 0 };
	int value;

	make_getopt(allowed, stop_at_operand, longs, letters);
	optind = 0; /* makes glibc start over */
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		const struct option_info *info = find_option(value);

		/* Read on, because --json decides the form of the message. */
		if (!info && !first.value)
			first = (struct complaint){ value, optopt,
						    argv[optind - 1] };
		if (!info)
			continue;
		ctl->args.options |= info->bit;
		set_argument(&ctl->args, info->bit, optarg);
	}
	if (first.value)
		return complain(ctl, &first);
	ctl->args.nr_operands = argc - optind;
	ctl->args.operands = argv + optind;
	return EXIT_OK;
}
