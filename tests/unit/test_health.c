// SPDX-License-Identifier: GPL-2.0-only
/*
 * What check says of hosts that are right, and wrong in one thing each.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run-ctl.h"

#define NIC "0000:05:00.0"
#define GPU "0000:06:00.0"
#define SOUND "0000:06:00.1"
#define REMAPPING \
	"(XEN) Xen version 4.20.5\n(XEN) Interrupt remapping enabled\n"

static struct fake_host host;

/* The Xen that the plugin is for, if there is one */
static unsigned int xen_minor(void)
{
	unsigned int minor = 20;

	sscanf(XENLIGHT_SONAME, "libxenlight.so.4.%u", &minor);
	return minor;
}

/* A host on which nothing is wrong */
static int setup(void **state)
{
	static const struct fake_device nic = { NIC, 0x0200, 14, "e1000e",
						"e1000e" };

	(void)state;
	fake_host_init(&host);
	fake_device(&host, &nic);
	fake_xen(&host, xen_minor(), ".5");
	fake_file(&host, "6.12.1\n", "/proc/sys/kernel/osrelease");
	fake_file(&host, "updates/dkms/vfio-xen-iommu.ko.xz:\n",
		  "/lib/modules/6.12.1/modules.dep");
	fake_dir(&host, "/sys/module/vfio_xen_iommu/parameters");
	fake_file(&host, "Y\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	fake_file(&host, "DMA\n", "/sys/kernel/iommu_groups/14/name");
	fake_file(&host, "#!/bin/sh\nplugin=/x/libxl-vfio-xen.so\n",
		  "/usr/sbin/xl");
	fake_dir(&host, "/etc");
	fake_xen_log = REMAPPING "(XEN) d0 has maximum 208 PIRQs\n";
	fake_xen_command_line = "dom0_mem=1G";
	fake_xen_iommu = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	discard_output();
	return 0;
}

static int remove_file(const char *path)
{
	char full[FAKE_PATH_SIZE];

	snprintf(full, sizeof(full), "%s%s", host.root, path);
	return unlink(full);
}

/* The line about a check has this result and these words. */
static void assert_checked(int code, const char *line, const char *words)
{
	assert_int_equal(run_ctl(&host, "check"), code);
	assert_says(out, line);
	assert_says(out, words);
}

static void all_is_right(void **state)
{
	(void)state;
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_null(strstr(out, "WARN"));
	assert_null(strstr(out, "FAIL"));
	assert_says(out, "OK    remapping");
	assert_says(out, "dom0 uses 0 of its 208 interrupts");
}

static void json_is_complete(void **state)
{
	struct json_object *root, *checks, *first;
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "Xen 4.%u.5", xen_minor());
	fake_xen_log = NULL;
	assert_int_equal(run_ctl(&host, "check --json"), EXIT_OK);
	root = parse_out();
	assert_true(json_object_object_get_ex(root, "checks", &checks));
	first = json_object_array_get_idx(checks, 0);
	assert_string_equal(string_of(first, "check"), "xen");
	assert_string_equal(string_of(first, "result"), "OK");
	assert_string_equal(string_of(first, "text"), text);
	assert_null(string_of(first, "advice"));
	json_object_put(root);
}

static void other_xens(void **state)
{
	(void)state;
	fake_file(&host, "16\n", "/sys/hypervisor/version/minor");
	assert_checked(EXIT_OK, "WARN  xen", "4.17 to 4.22");
	if (*XENLIGHT_SONAME)
		assert_checked(EXIT_OK, "WARN  xl", XENLIGHT_SONAME);
	fake_file(&host, "PVH\n", "/sys/hypervisor/guest_type");
	assert_checked(EXIT_FAILED, "FAIL  dom0", "dom0=pvh");
	fake_file(&host, "\n", "/proc/xen/capabilities");
	assert_checked(EXIT_FAILED, "FAIL  dom0", "this is not dom0");
	fake_file(&host, "kvm\n", "/sys/hypervisor/type");
	assert_checked(EXIT_FAILED, "FAIL  xen", "this is not Xen");
}

static void iommu(void **state)
{
	(void)state;
	assert_checked(EXIT_OK, "OK    iommu", "Xen uses the IOMMU");
	fake_xen_iommu = 0;
	assert_checked(EXIT_FAILED, "FAIL  iommu", "in the firmware");
	fake_xen_iommu = -EPERM;
	assert_checked(EXIT_OK, "WARN  iommu", "run this as root");
}

static void remapping(void **state)
{
	(void)state;
	fake_file(&host, "N\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	assert_checked(EXIT_OK, "WARN  remapping", "check --fix");
	fake_xen_log = "(XEN) Xen version 4.20.5\n";
	assert_checked(EXIT_OK, "WARN  remapping", "iommu=intremap");
	fake_file(&host, "Y\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	assert_checked(EXIT_FAILED, "FAIL  remapping", "can forge interrupts");
	fake_xen_log = "(XEN) something later\n";
	assert_checked(EXIT_OK, "WARN  remapping", "lost its beginning");
	fake_xen_log = NULL;
	assert_checked(EXIT_OK, "WARN  remapping", "run this as root");
}

/* What is not a message of Xen's own does not tell. */
static void guests_are_not_believed(void **state)
{
	static const char *const logs[] = {
		"(XEN) Intel VT-d Interrupt Remapping not supported.\n"
		"(d3) Interrupt remapping enabled\n",
		"(d3) (XEN) Interrupt remapping enabled\n",
		"(XEN) d3: Interrupt remapping enabled\n",
		"Interrupt remapping enabled\n",
		"(XEN) Interrupt remapping disabled\n"
		"(XEN) Interrupt remapping enabled\n",
		"(XEN) [2026-01-31 12:00:00] Intel VT-d Interrupt Remapping "
		"not enabled.\n(XEN) Interrupt remapping enabled\n",
	};
	char text[256];

	(void)state;
	fake_file(&host, "N\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		snprintf(text, sizeof(text), "(XEN) Xen version 4.20.5\n%s",
			 logs[i]);
		fake_xen_log = text;
		assert_checked(EXIT_OK, "WARN  remapping", "iommu=intremap");
		assert_int_equal(run_ctl(&host, "check --fix"), EXIT_OK);
		assert_false(fake_exists(
			&host, "/etc/modprobe.d/vfio-xen-isolated-msi.conf"));
	}
	fake_xen_log = "(d3) Xen version 4.20.5\n"
		       "(d3) d0 has maximum 20 PIRQs\n";
	assert_checked(EXIT_OK, "WARN  remapping", "lost its beginning");
	assert_checked(EXIT_OK, "WARN  interrupts", "lost its beginning");
	fake_xen_log = "(XEN) [    0.000000] Xen version 4.20.5\n"
		       "(XEN) [    1.250000] Interrupt remapping enabled\n";
	assert_checked(EXIT_OK, "WARN  remapping", "check --fix");
}

static void few_interrupts(void **state)
{
	(void)state;
	fake_xen_log = REMAPPING "(XEN) d0 has maximum 20 PIRQs\n";
	assert_checked(EXIT_OK, "WARN  interrupts", "extra_guest_irqs");
}

static void log_level(void **state)
{
	(void)state;
	fake_xen_command_line = "loglvl=all guest_loglvl=all";
	assert_checked(EXIT_OK, "WARN  log-level", "guest_loglvl=all");
}

/* Another user than root has neither Xen's log nor its command line. */
static void not_root(void **state)
{
	(void)state;
	fake_xen_log = NULL;
	fake_xen_command_line = NULL;
	fake_xen_iommu = -EPERM;
	assert_checked(EXIT_OK, "WARN  interrupts",
		       "how many interrupts dom0 may have is not known");
	assert_says(out, "WARN  log-level");
	assert_says(out, "whether it logs each mapping is not known");
	fake_xen_log = "(XEN) something later\n";
	assert_checked(EXIT_OK, "WARN  interrupts", "lost its beginning");
}

static void modules(void **state)
{
	(void)state;
	fake_file(&host, "kernel/a.ko:\n", "/lib/modules/6.13.0/modules.dep");
	assert_checked(EXIT_OK, "WARN  kernels", "Linux 6.13.0 is installed");
	fake_file(&host, "", "/lib/modules/6.12.1/modules.dep");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	fake_file(&host, "6.14.0\n", "/proc/sys/kernel/osrelease");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_says(out, "WARN  kernels     Linux 6.12.1 is installed");
}

static void not_loaded(void **state)
{
	struct fake_host *bare = &host;

	(void)state;
	fake_host_release(bare);
	fake_host_init(bare);
	fake_file(bare, "xen\n", "/sys/hypervisor/type");
	fake_file(bare, "6.12.1\n", "/proc/sys/kernel/osrelease");
	assert_checked(EXIT_FAILED, "FAIL  module",
		       "Linux 6.12.1 has no module vfio-xen-iommu");
	fake_file(bare, "extra/vfio-xen-iommu.ko:\n",
		  "/lib/modules/6.12.1/modules.dep");
	assert_checked(EXIT_FAILED, "FAIL  module",
		       "vfio-xen-iommu is not loaded");
}

static void neighbours(void **state)
{
	(void)state;
	fake_dir(&host, "/sys/module/xen_pciback");
	assert_checked(EXIT_OK, "WARN  pciback", "unload xen-pciback");
	fake_dir(&host, "/sys/class/iommu/vfio-xen-iommu");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_null(strstr(out, "another IOMMU driver"));
	fake_dir(&host, "/sys/class/iommu/dmar0");
	assert_checked(EXIT_FAILED, "FAIL  iommu", "dmar0");
	fake_file(&host, "#!/bin/sh\n", "/usr/sbin/xl");
	assert_checked(EXIT_FAILED, "WARN  xl", "no plugin");
}

static void remember(const char *address, const char *more)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "[Device]\nAddress=%s\nDriver=vfio-pci\nId=8086:10d3\n%s",
		 address, more);
	fake_file(&host, text, "/etc/vfio-xen/devices.d/nic.conf");
}

static void late_devices(void **state)
{
	(void)state;
	fake_file(&host, "prebound\n", "/sys/kernel/iommu_groups/14/name");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_says(out, "1 devices have drivers that are built");
	/* as of a built-in driver that has parameters */
	fake_dir(&host, "/sys/bus/pci/drivers/e1000e/module");
	assert_checked(EXIT_OK, "OK    early", "1 devices have drivers");
	fake_file(&host, "live\n",
		  "/sys/bus/pci/drivers/e1000e/module/initstate");
	assert_checked(EXIT_OK, "WARN  early", NIC " had its driver e1000e");
	assert_says(out, "rebuild the initramfs, so that");
	fake_file(&host, "", "/usr/bin/dracut");
	assert_checked(EXIT_OK, "WARN  early",
		       "run dracut --regenerate-all --force, so that");
}

/* The initramfs has a copy of the file. */
static void advice_has_the_initramfs(void **state)
{
	(void)state;
	fake_file(&host, "", "/usr/sbin/update-initramfs");
	remember(GPU, "");
	assert_checked(EXIT_OK, "WARN  persistent",
		       "remove the file and run update-initramfs -u -k all; "
		       "bind");
	remember(NIC, "Colour=red\n");
	assert_checked(EXIT_FAILED, "FAIL  persistent",
		       "remove it, and run update-initramfs -u -k all");
	remember(NIC, "");
	fake_file(&host, "0x1003\n",
		  "/sys/bus/pci/devices/" NIC "/net/eth0/flags");
	fake_link(&host, "../../bus/pci/devices/" NIC "/net/eth0",
		  "/sys/class/net/eth0");
	assert_checked(EXIT_OK, "WARN  persistent",
		       "remove the file and run update-initramfs -u -k all");
}

static void service(void **state)
{
	(void)state;
	fake_dir(&host, "/run/systemd/system");
	assert_checked(EXIT_OK, "WARN  service", "vfio-xen-dm@.service");
	fake_file(&host, "", "/usr/lib/systemd/system/vfio-xen-dm@.service");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_null(strstr(out, "  service "));
}

/* A device of VFIO's without a reset, and a host driver beside it */
static void devices(void **state)
{
	static const struct fake_device gpu = { GPU, 0x0300, 3, NULL,
						"vfio-pci" };
	static const struct fake_device sound = { SOUND, 0x0403, 3, NULL,
						  "snd_hda_intel" };

	(void)state;
	fake_device(&host, &gpu);
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_null(strstr(out, "  reset "));
	assert_null(strstr(out, "  groups "));
	assert_int_equal(
		remove_file("/sys/bus/pci/devices/" GPU "/reset_method"), 0);
	fake_device(&host, &sound);
	assert_int_equal(
		remove_file("/sys/bus/pci/devices/" SOUND "/reset_method"), 0);
	assert_checked(EXIT_OK, "WARN  reset", GPU " has no reset");
	assert_null(strstr(out, SOUND " has no reset"));
	assert_checked(EXIT_OK, "WARN  groups", "group 3");
}

static void persistent(void **state)
{
	(void)state;
	remember(NIC, "");
	assert_checked(EXIT_OK, "WARN  persistent",
		       NIC " is not bound to vfio-pci");
	remember(GPU, "");
	assert_checked(EXIT_OK, "WARN  persistent", GPU " is not in its place");
	remember(NIC, "Colour=red\n");
	assert_checked(EXIT_FAILED, "FAIL  persistent", "nic.conf:5");
	remember(NIC, "");
	assert_int_equal(run_ctl(&host, "check --fix"), EXIT_OK);
	assert_says(out, "OK    persistent");
	assert_driver(&host, NIC, "vfio-pci");
}

static void persistent_vfs(void **state)
{
	(void)state;
	fake_file(&host,
		  "[Device]\nAddress=" NIC
		  "\nDriver=host\nId=8086:10d3\nVFs=2\n",
		  "/etc/vfio-xen/devices.d/nic.conf");
	assert_checked(EXIT_OK, "WARN  persistent", "has 0 virtual functions");
	fake_file(&host, "8\n", "/sys/bus/pci/devices/" NIC "/sriov_totalvfs");
	fake_file(&host, "1\n", "/sys/bus/pci/devices/" NIC "/sriov_numvfs");
	assert_checked(EXIT_OK, "WARN  persistent",
		       "1 virtual functions, not 2; vfio-xen-ctl vfs");
	fake_file(&host, "2\n", "/sys/bus/pci/devices/" NIC "/sriov_numvfs");
	assert_checked(EXIT_OK, "OK    persistent", "as they should be: 1");
}

static void reserved_memory(void **state)
{
	(void)state;
	fake_file(&host, "0x0 0x1 direct-relaxable\n0x2 0x3 msi\n",
		  "/sys/kernel/iommu_groups/14/reserved_regions");
	assert_int_equal(run_ctl(&host, "check"), EXIT_OK);
	assert_null(strstr(out, "reserved"));
	fake_file(&host, "0x0 0x1 direct\n",
		  "/sys/kernel/iommu_groups/14/reserved_regions");
	assert_checked(EXIT_OK, "WARN  reserved", "group 14");
}

static void fixes(void **state)
{
	(void)state;
	fake_file(&host, "N\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	assert_int_equal(run_ctl(&host, "check --fix"), EXIT_OK);
	assert_says(out, "fixed: vfio-xen-iommu gets isolated_msi=1");
	assert_true(fake_exists(&host,
				"/etc/modprobe.d/vfio-xen-isolated-msi.conf"));
	assert_checked(EXIT_OK, "WARN  remapping", "from the next boot on");
	assert_int_equal(run_ctl(&host, "check --fix"), EXIT_OK);
	assert_null(strstr(out, "fixed:"));
}

/* An administrator may have written it by hand: as modprobe reads it, the last one counts. */
static void option_is_pending(void **state)
{
	static const struct {
		const char *file;
		const char *words;
	} cases[] = {
		{ "options vfio-xen-iommu isolated_msi=1\n", "next boot on" },
		{ "options vfio_xen_iommu x=2 isolated_msi\n", "next boot on" },
		{ "options vfio-xen-iommu isolated_msi=on x=0\n",
		  "next boot on" },
		{ "options vfio-xen-iommu isolated_msi=0\n", "check --fix" },
		{ "options vfio-xen-iommu isolated_msi=1 isolated_msi=N\n",
		  "check --fix" },
		{ "options vfio-xen-iommu isolated_msi_x=1\n", "check --fix" },
		{ "options vfio-xen-pci isolated_msi=1\n", "check --fix" },
		{ "# options vfio-xen-iommu isolated_msi=1\n", "check --fix" },
	};

	(void)state;
	fake_file(&host, "N\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	fake_dir(&host, "/etc/modprobe.d");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_file(&host, cases[i].file, "/etc/modprobe.d/local.conf");
		assert_checked(EXIT_OK, "WARN  remapping", cases[i].words);
	}
}

/* Not where it is only likely that interrupts are remapped */
static void does_not_guess(void **state)
{
	(void)state;
	fake_file(&host, "N\n",
		  "/sys/module/vfio_xen_iommu/parameters/isolated_msi");
	fake_xen_log = "(XEN) something later\n";
	assert_int_equal(run_ctl(&host, "check --fix"), EXIT_OK);
	assert_false(fake_exists(&host,
				 "/etc/modprobe.d/vfio-xen-isolated-msi.conf"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_is_right),
		TEST(json_is_complete),
		TEST(other_xens),
		TEST(remapping),
		TEST(few_interrupts),
		TEST(log_level),
		TEST(not_root),
		TEST(modules),
		TEST(not_loaded),
		TEST(neighbours),
		TEST(late_devices),
		TEST(reserved_memory),
		TEST(fixes),
		TEST(does_not_guess),
		TEST(iommu),
		TEST(service),
		TEST(devices),
		TEST(persistent),
		TEST(persistent_vfs),
		TEST(option_is_pending),
		TEST(guests_are_not_believed),
		TEST(advice_has_the_initramfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
