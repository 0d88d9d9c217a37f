// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach and detach as their user sees them, with a fake vfio-xen-dm; and what
 * list and status say of guests.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-dm.h"
#include "run-ctl.h"

#define NVME "0000:06:00.0"
#define REFUSAL                                                      \
	"{\"ok\":false,\"step\":\"assign the device to the guest\"," \
	"\"error\":\"Operation not supported\",\"errno\":95,"        \
	"\"hint\":\"create the guest with passthrough=\\\"enabled\\\"\"}"
#define REFUSAL_SAID                                                       \
	"cannot assign the device to the guest: Operation not supported; " \
	"create the guest with passthrough=\"enabled\"\n"

static struct fake_host host;
static int nr_runs;

static const struct fake_guest guests[] = {
	{ 3, VFIO_XEN_GUEST_PV, false, FAKE_UUID, "web" },
	{ 4, VFIO_XEN_GUEST_PVH, false, "00000000-0000-0000-0000-00000000000c",
	  "light" },
	{ 0 },
};

static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ "0000:05:00.0", 0x0200, 14, "e1000e", "e1000e" },
		{ "0000:05:00.1", 0x0200, 14, "igb", "igb" },
		{ NVME, 0x0108, 15, "nvme", "nvme" },
		{ "0000:07:00.0", 0x0280, 16, NULL, NULL },
		{ "0000:08:00.0", 0x0200, -1, "e1000e", "e1000e" },
		{ "0000:00:1c.0", 0x0604, 17, "pcieport", "pcieport" },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		fake_device(&host, &devices[i]);
	host.module = "vfio-xen-pci";
	fake_guests = guests;
	nr_runs = 0;
	return 0;
}

/* attach leaves the signals that end it blocked, as it runs once a process. */
static void take_signals(void)
{
	static const struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int teardown(void **state)
{
	(void)state;
	fake_dm_stop();
	take_signals();
	discard_output();
	fake_host_release(&host);
	return 0;
}

static int run(const char *line)
{
	return run_ctl(&host, line);
}

static void answer(const char *reply)
{
	const char *const replies[] = { reply, NULL };

	fake_dm_stop();
	fake_dm_start(&host, FAKE_UUID, replies);
}

static void wrong_usage(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} cases[] = {
		{ "attach", "attach takes a guest and devices" },
		{ "attach web", "attach takes a guest and devices" },
		{ "attach web 6:0.0 06:00.0", NVME " is given twice" },
		{ "attach --slot 3 web 6:0.0 7:0.0",
		  "--slot takes one device only" },
		{ "attach web eth0", "eth0 is neither a PCI address" },
		{ "attach --slot 32 web 6:0.0",
		  "--slot takes a number from 0 to 31, not 32" },
		{ "attach --slot five web 6:0.0", "not five" },
		{ "attach web 6:0.0 --slot", "--slot needs N" },
		{ "attach --timeout 0 web 6:0.0",
		  "--timeout takes a number from 1 to 600, not 0" },
		{ "attach --force web 6:0.0", "unknown option --force" },
		{ "detach", "detach takes a guest and a device" },
		{ "detach a b c", "detach takes a guest and a device" },
		{ "detach web", "web is neither a PCI address" },
		{ "attach --iommu vtd web 6:0.0",
		  "--iommu takes auto, iommufd or type1, not vtd" },
		{ "attach web 6:0.0 --iommu", "--iommu needs KIND" },
		{ "detach --iommu type1 6:0.0", "unknown option --iommu" },
		{ "detach --timeout 601 6:0.0", "not 601" },
		{ "detach --slot 3 6:0.0", "unknown option --slot" },
		{ "atach web 6:0.0", "did you mean attach?" },
	};

	(void)state;
	answer("{\"ok\":true,\"slot\":0}");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].line), EXIT_USAGE);
		assert_says(err, cases[i].says);
		assert_string_equal(out, "");
	}
	assert_string_equal(fake_dm_requests(&host), "");
	assert_int_equal(host.nr_writes, 0);
}

/* Refused before anybody is asked, and nothing has changed. */
static void refused(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} cases[] = {
		{ "attach mail 6:0.0", "no guest mail; see xl list" },
		{ "attach light 6:0.0",
		  "the guest light is PVH, and Xen on x86 has no PCI "
		  "passthrough" },
		{ "attach web 6:0.1", "no PCI device 0000:06:00.1" },
		{ "attach web 8:0.0", "0000:08:00.0 has no IOMMU group" },
		{ "attach web 0:1c.0", "0000:00:1c.0 is a bridge" },
		{ "attach web 5:0.0",
		  "0000:05:00.1 of the same group is bound to igb, and all of "
		  "a group go together: vfio-xen-ctl bind --group --driver "
		  "vfio-xen-pci 0000:05:00.0" },
		{ "attach --no-bind web 6:0.0",
		  "0000:06:00.0 is bound to nvme and not to vfio-xen-pci; bind "
		  "it first (vfio-xen-ctl bind --driver vfio-xen-pci "
		  "0000:06:00.0)" },
		{ "attach --no-bind web 7:0.0", "bound to no driver" },
		{ "detach mail 6:0.0", "no guest mail" },
		{ "detach light 6:0.0",
		  "0000:06:00.0 is not attached to guest light" },
	};

	(void)state;
	answer("{\"ok\":true,\"slot\":0}");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].line), EXIT_FAILED);
		assert_says(err, cases[i].says);
		assert_string_equal(out, "");
	}
	assert_string_equal(fake_dm_requests(&host), "");
	assert_int_equal(host.nr_writes, 0);
}

static void busy_device(void **state)
{
	(void)state;
	fake_link(&host, "../../devices/pci0000:00/" NVME "/nvme/nvme0/nvme0n1",
		  "/sys/class/block/nvme0n1");
	fake_dir(&host, "/sys/devices/pci0000:00/" NVME "/nvme/nvme0/nvme0n1");
	fake_file(&host, "259:0\n", "/sys/class/block/nvme0n1/dev");
	fake_file(&host, "1 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n",
		  "/proc/self/mountinfo");
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_says(err, "nvme0n1 is mounted; release it first or use bind "
			 "--force");
	assert_driver(&host, NVME, "nvme");
}

static void attached(void **state)
{
	struct json_object *root;

	(void)state;
	answer("{\"ok\":true,\"slot\":5}");
	assert_int_equal(run("attach web 6:0.0"), EXIT_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "");
	assert_driver(&host, NVME, "vfio-xen-pci");
	assert_int_equal(run("attach --json --slot 5 --permissive "
			     "--iommu iommufd --timeout 20 3 06:00.0"),
			 EXIT_OK);
	assert_string_equal(fake_dm_requests(&host),
			    "{\"command\":\"attach\",\"device\":\"" NVME "\"}\n"
			    "{\"command\":\"attach\",\"device\":\"" NVME "\","
			    "\"slot\":5,\"timeout\":20,"
			    "\"iommu\":\"iommufd\",\"permissive\":true}\n");
	root = parse_out();
	assert_string_equal(string_of(root, "device"), NVME);
	assert_string_equal(string_of(root, "domid"), "3");
	assert_string_equal(string_of(root, "name"), "web");
	assert_string_equal(string_of(root, "uuid"), FAKE_UUID);
	assert_string_equal(string_of(root, "slot"), "5");
	json_object_put(root);
	assert_int_equal(run("attach -v --no-bind " FAKE_UUID " 06:00.0"),
			 EXIT_OK);
	assert_says(err, NVME " is in slot 5 of domain 3 (web)");
}

static void without_reset(void **state)
{
	(void)state;
	answer("{\"ok\":true,\"slot\":5}");
	fake_file(&host, "\n", "/sys/bus/pci/devices/" NVME "/reset_method");
	assert_int_equal(run("attach web 6:0.0"), EXIT_OK);
	assert_says(err, "vfio-xen-ctl: warning: " NVME " has no reset");
	assert_string_equal(out, "");
	assert_int_equal(run("attach -q web 6:0.0"), EXIT_OK);
	assert_string_equal(err, "");
	assert_int_equal(run("list --json 6:0.0"), EXIT_OK);
	assert_says(out, "\"reset_method\":null");
}

static void failure_is_undone(void **state)
{
	struct json_object *root;

	(void)state;
	answer(REFUSAL);
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_string_equal(err, "vfio-xen-ctl: " REFUSAL_SAID);
	assert_driver(&host, NVME, "nvme");
	assert_override(&host, NVME, "");
	assert_false(fake_exists(&host, "/run/vfio-xen/devices/" NVME));

	assert_int_equal(run("attach --json web 6:0.0"), EXIT_FAILED);
	root = parse_out();
	assert_says(string_of(root, "error"), "cannot assign the device");
	assert_string_equal(string_of(root, "step"),
			    "assign the device to the guest");
	assert_string_equal(string_of(root, "cause"),
			    "Operation not supported");
	assert_says(string_of(root, "hint"), "create the guest");
	assert_string_equal(err, "");
	json_object_put(root);

	assert_int_equal(run("attach web 7:0.0"), EXIT_FAILED);
	assert_driver(&host, "0000:07:00.0", NULL);
	assert_override(&host, "0000:07:00.0", "");
}

/* What had it before was not the host. */
static void vfio_devices_are_undone(void **state)
{
	(void)state;
	answer(REFUSAL);
	assert_int_equal(run("bind 6:0.0"), EXIT_OK);
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_driver(&host, NVME, "vfio-pci");
	assert_int_equal(run("unbind 6:0.0"), EXIT_OK);
	assert_driver(&host, NVME, "nvme");

	assert_int_equal(run("bind --driver vfio-xen-pci 6:0.0"), EXIT_OK);
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_driver(&host, NVME, "vfio-xen-pci");
}

static int start_nothing(struct fake_host *fake, const char *line)
{
	(void)fake, (void)line;
	nr_runs++;
	return 1;
}

static void no_dm(void **state)
{
	(void)state;
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_says(err, "cannot start " SBINDIR "/vfio-xen-dm: No such file");
	assert_driver(&host, NVME, "nvme");
	host.run = start_nothing;
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_says(err, "vfio-xen-dm did not start; see journalctl");
	assert_driver(&host, NVME, "nvme");
	assert_int_equal(nr_runs, 1);
	assert_int_equal(run("detach web 6:0.0"), EXIT_FAILED);
	assert_says(err, "is not attached to guest web");
	assert_int_equal(nr_runs, 1);
}

/* It was about to end when it was asked. */
static void asked_again(void **state)
{
	static const char *const replies[] = { "", "", "{\"ok\":true}", NULL };
	static const char *const silent[] = { "", NULL };

	(void)state;
	fake_dm_start(&host, FAKE_UUID, replies);
	assert_int_equal(run("attach web 6:0.0"), EXIT_OK);
	fake_dm_stop();
	fake_dm_start(&host, FAKE_UUID, silent);
	assert_int_equal(run("attach web 7:0.0"), EXIT_FAILED);
	assert_says(err, "does not answer");
	assert_driver(&host, "0000:07:00.0", NULL);
}

static int start_and_interrupt(struct fake_host *fake, const char *line)
{
	static const char *const replies[] = {
		FAKE_WAITS_FOR_HANGUP
		"{\"ok\":false,\"step\":\"wait\",\"error\":\"given up\"}",
		NULL
	};

	(void)line;
	fake_dm_start(fake, FAKE_UUID, replies);
	kill(getpid(), SIGTERM);
	return 0;
}

/* A signal gives it up: the reply still comes, and then the rest is undone. */
static void interrupted(void **state)
{
	(void)state;
	host.run = start_and_interrupt;
	assert_int_equal(run("attach --timeout 100 web 6:0.0"), EXIT_FAILED);
	assert_says(err, "cannot wait: given up");
	assert_says(fake_dm_requests(&host), "hangup\n");
	assert_driver(&host, NVME, "nvme");
}

#define STATUS                                                                             \
	"{\"ok\":true,\"domid\":3,\"uuid\":\"" FAKE_UUID "\",\"type\":"                    \
	"\"pv\",\"worker_pid\":42,\"restarts\":0,\"devices\":[{\"device\":"                \
	"\"" NVME "\",\"slot\":5,\"state\":\"attached\",\"permissive\":"                   \
	"false,\"iommu\":\"iommufd\"},{\"device\":\"0000:07:00.0\",\"slot\":-1,\"state\":" \
	"\"attaching\",\"permissive\":false,\"reason\":\"3 vectors\"}]}"

/* All or none */
static void several(void **state)
{
	static const char *const good[] = { "{\"ok\":true,\"slot\":5}",
					    "{\"ok\":true,\"slot\":6}", NULL };
	static const char *const bad[] = { "{\"ok\":true,\"slot\":5}",
					   "{\"ok\":false,\"error\":\"no room\","
					   "\"step\":\"find a slot\","
					   "\"errno\":28}",
					   "{\"ok\":true}", NULL };
	struct json_object *root;

	(void)state;
	fake_dm_start(&host, FAKE_UUID, bad);
	assert_int_equal(run("attach web 6:0.0 7:0.0"), EXIT_FAILED);
	assert_says(err, "cannot find a slot: no room");
	assert_string_equal(fake_dm_requests(&host),
			    "{\"command\":\"attach\",\"device\":\"" NVME "\"}\n"
			    "{\"command\":\"attach\",\"device\":"
			    "\"0000:07:00.0\"}\n"
			    "{\"command\":\"detach\",\"device\":\"" NVME
			    "\"}\n");
	assert_driver(&host, NVME, "nvme");
	assert_driver(&host, "0000:07:00.0", NULL);
	fake_dm_stop();
	fake_dm_start(&host, FAKE_UUID, good);
	assert_int_equal(run("attach --json web 6:0.0 7:0.0"), EXIT_OK);
	root = parse_out();
	assert_int_equal(json_object_array_length(root), 2);
	assert_string_equal(string_of(json_object_array_get_idx(root, 1),
				      "device"),
			    "0000:07:00.0");
	json_object_put(root);
}

static void detached(void **state)
{
	static const char *const replies[] = { STATUS, "{\"ok\":true}", NULL };
	struct json_object *root;

	(void)state;
	answer("{\"ok\":true}");
	assert_int_equal(run("detach web 6:0.0"), EXIT_OK);
	assert_string_equal(out, "");
	assert_int_equal(run("detach --force --timeout 3 --json web 6:0.0"),
			 EXIT_OK);
	root = parse_out();
	assert_string_equal(string_of(root, "device"), NVME);
	json_object_put(root);
	fake_dm_stop();
	fake_dm_start(&host, FAKE_UUID, replies);
	assert_int_equal(run("detach 6:0.0"), EXIT_OK);
	assert_string_equal(fake_dm_requests(&host),
			    "{\"command\":\"detach\",\"device\":\"" NVME "\"}\n"
			    "{\"command\":\"detach\",\"device\":\"" NVME "\","
			    "\"timeout\":3,\"force\":true}\n"
			    "{\"command\":\"status\"}\n"
			    "{\"command\":\"detach\",\"device\":\"" NVME
			    "\"}\n");
}

static void not_detached(void **state)
{
	(void)state;
	answer(STATUS);
	assert_int_equal(run("detach 5:0.0"), EXIT_FAILED);
	assert_says(err, "0000:05:00.0 is not attached to a guest");
	answer("{\"ok\":false,\"step\":\"detach the device\",\"error\":"
	       "\"the guest does not have it\",\"errno\":2}");
	assert_int_equal(run("detach web 5:0.0"), EXIT_FAILED);
	assert_says(err, "cannot detach the device: the guest does not have "
			 "it\n");
}

/* Configuration space with MSI-X enabled or not, and with INTx. */
static void fake_config(const char *sbdf, bool msix)
{
	uint8_t config[256] = { [0x06] = 0x10, [0x34] = 0x40, [0x3d] = 1 };

	config[0x40] = 0x11;
	config[0x43] = msix ? 0x80 : 0;
	fake_bytes(&host, config, sizeof(config),
		   "/sys/devices/pci0000:00/%s/config", sbdf);
}

static void fake_owners(void)
{
	fake_dir(&host, "/sys/module/vfio_xen_iommu");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/stats");
	fake_file(&host, "", "/sys/kernel/debug/vfio-xen-iommu/shells");
	fake_file(&host,
		  NVME " owner=guest domid=3\n"
		       "0000:07:00.0 owner=guest domid=8\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
}

static void guests_are_shown(void **state)
{
	struct json_object *root, *array, *guest;

	(void)state;
	assert_int_equal(run("bind --driver vfio-xen-pci 6:0.0 7:0.0"),
			 EXIT_OK);
	fake_dir(&host, "/sys/devices/pci0000:00/" NVME "/vfio-dev");
	fake_dir(&host, "/sys/devices/pci0000:00/0000:07:00.0/vfio-dev");
	fake_config(NVME, true);
	fake_config("0000:07:00.0", false);
	fake_owners();
	answer(STATUS);
	assert_int_equal(run("list"), EXIT_OK);
	assert_says(out, " GUEST SLOT PERSISTENT NAME");
	assert_says(out, " guest 3 msi-x -          web   5    ");
	assert_says(out, " guest 8 ?     -          web   -    ");
	assert_int_equal(run("list --json 6:0.0"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "devices");
	guest = json_object_object_get(json_object_array_get_idx(array, 0),
				       "guest");
	assert_string_equal(string_of(guest, "name"), "web");
	assert_string_equal(string_of(guest, "iommu"), "iommufd");
	assert_string_equal(string_of(guest, "slot"), "5");
	assert_string_equal(string_of(guest, "state"), "attached");
	assert_null(json_object_object_get(guest, "reason"));
	json_object_put(root);
	assert_int_equal(run("list --json 7:0.0"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "devices");
	guest = json_object_object_get(json_object_array_get_idx(array, 0),
				       "guest");
	assert_string_equal(string_of(guest, "reason"), "3 vectors");
	json_object_put(root);

	assert_int_equal(run("status"), EXIT_OK);
	assert_says(out, "Guests:          1\n");
	assert_says(out, NVME " 0000:07:00.0 (attaching)\n"
			      "0000:07:00.0: 3 vectors\n");
	assert_says(out,
		    "  guest                web\n"
		    "  slot                 5\n"
		    "  opened with          iommufd\n"
		    "  interrupts           msi-x, from Xen to the guest\n");
	assert_int_equal(run("status --json"), EXIT_OK);
	root = parse_out();
	array = json_object_object_get(root, "guests");
	assert_int_equal(json_object_array_length(array), 1);
	assert_string_equal(
		string_of(json_object_array_get_idx(array, 0), "name"), "web");
	json_object_put(root);
}

/* A guest's device is not given to another, nor back to the host. */
static void owned_by_a_guest(void **state)
{
	(void)state;
	assert_int_equal(run("bind --driver vfio-xen-pci 7:0.0"), EXIT_OK);
	fake_dir(&host, "/sys/devices/pci0000:00/0000:07:00.0/vfio-dev");
	fake_owners();
	answer("{\"ok\":true}");
	assert_int_equal(run("attach web 7:0.0"), EXIT_FAILED);
	assert_says(err, "is attached to the guest with domid 8; detach it "
			 "first (vfio-xen-ctl detach 8 0000:07:00.0)");
	assert_string_equal(fake_dm_requests(&host), "");
	assert_int_equal(run("unbind 7:0.0"), EXIT_FAILED);
	assert_says(err, "0000:07:00.0 is owned by the guest with domid 8; "
			 "detach it first (vfio-xen-ctl detach 8 "
			 "0000:07:00.0)");
	assert_driver(&host, "0000:07:00.0", "vfio-xen-pci");
}

/* A PV guest may have kept a mapping of the device that it had. */
static void bars_exposed(void **state)
{
	struct json_object *root, *dev;

	(void)state;
	assert_int_equal(run("bind --driver vfio-xen-pci 6:0.0"), EXIT_OK);
	fake_dir(&host, "/sys/devices/pci0000:00/" NVME "/vfio-dev");
	fake_owners();
	fake_file(&host,
		  NVME " owner=quarantine return_pending=1 bars_exposed=4\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	answer("{\"ok\":true,\"slot\":0}");
	assert_int_equal(run("list 6:0.0"), EXIT_OK);
	assert_says(out, " quarantine (until 4 ends) ");
	assert_int_equal(run("list --json 6:0.0"), EXIT_OK);
	root = parse_out();
	dev = json_object_array_get_idx(json_object_object_get(root, "devices"),
					0);
	assert_string_equal(string_of(dev, "bars_exposed_to"), "4");
	json_object_put(root);
	assert_int_equal(run("status"), EXIT_OK);
	assert_says(out, "and the guest with domid 4 has ended");
	assert_int_equal(run("unbind 6:0.0"), EXIT_FAILED);
	assert_says(err, NVME " is quarantined: the guest with domid 4 "
			      "may still have it mapped");
	assert_int_equal(run("attach web 6:0.0"), EXIT_FAILED);
	assert_says(err, "the guest with domid 4 may still have it mapped");
	assert_null(strstr(fake_dm_requests(&host), "attach"));

	/* It had the device before; or, it is gone. */
	fake_file(&host,
		  NVME " owner=quarantine return_pending=1 bars_exposed=3\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(run("attach web 6:0.0"), EXIT_OK);
	fake_file(&host,
		  NVME " owner=quarantine return_pending=1 bars_exposed=5\n",
		  "/sys/kernel/debug/vfio-xen-iommu/devices");
	assert_int_equal(run("list 6:0.0"), EXIT_OK);
	assert_says(out, " quarantine (return pending) ");
	assert_int_equal(run("attach web 6:0.0"), EXIT_OK);
	assert_int_equal(run("unbind 6:0.0"), EXIT_OK);
	assert_driver(&host, NVME, "nvme");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_usage),
		TEST(refused),
		TEST(busy_device),
		TEST(attached),
		TEST(without_reset),
		TEST(failure_is_undone),
		TEST(vfio_devices_are_undone),
		TEST(no_dm),
		TEST(asked_again),
		TEST(interrupted),
		TEST(several),
		TEST(detached),
		TEST(not_detached),
		TEST(guests_are_shown),
		TEST(owned_by_a_guest),
		TEST(bars_exposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
