// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VFIO's interrupts are, from /proc/interrupts and a device's
 * configuration space.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake-host.h"

#define A "0000:05:00.0"
#define B "0000:05:00.1"
#define HEADER "            CPU0       CPU1       \n"
#define STATE "/sys/kernel/debug/vfio-xen-iommu"

static struct fake_host host;

static int setup(void **state)
{
	static const struct fake_device devices[] = {
		{ A, 0x0200, 14, "e1000e", "vfio-pci" },
		{ B, 0x0200, 14, "e1000e", "vfio-xen-pci" },
	};

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < 2; i++)
		fake_device(&host, &devices[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_host_release(&host);
	return 0;
}

static struct vfio_xen_device *scan(const char *sbdf)
{
	struct vfio_xen_device *dev;

	assert_int_equal(vfio_xen_scan(host.ctx), 0);
	dev = vfio_xen_device_get_by_sbdf(host.ctx, make_sbdf(sbdf));
	assert_non_null(dev);
	return dev;
}

static void assert_irq(const struct vfio_xen_device *dev,
		       enum vfio_xen_irq_kind kind,
		       enum vfio_xen_irq_notification notification, int vectors,
		       uint64_t count)
{
	assert_int_equal(vfio_xen_device_get_irq_kind(dev), kind);
	assert_int_equal(vfio_xen_device_get_irq_notification(dev),
			 notification);
	assert_int_equal(vfio_xen_device_get_vectors_used(dev), vectors);
	assert_true(vfio_xen_device_get_irq_count(dev) == count);
}

static void vectors_add_up(void **state)
{
	struct vfio_xen_device *dev;

	(void)state;
	fake_file(&host,
		  HEADER
		  "   0:         44          0   IO-APIC   2-edge      timer\n"
		  "  25:          1         20  xen-pirq    -msi-x     "
		  "vfio-msix[0](" A ")\n"
		  "  26:        300       4000  xen-pirq    -msi-x     "
		  "vfio-msix[12](" A ")\n"
		  "  27:          7          0  xen-pirq    -msi       "
		  "vfio-msi[0](" B ")\n"
		  " NMI:          0          0   Non-maskable interrupts\n"
		  " ERR:          0\n",
		  "/proc/interrupts");
	dev = scan(A);
	assert_irq(dev, VFIO_XEN_IRQ_MSIX, VFIO_XEN_IRQ_EVENTFD, 2, 4321);
	assert_false(vfio_xen_device_is_irq_shared(dev));
	assert_true(vfio_xen_device_is_in_use(dev));
	assert_int_equal(vfio_xen_device_get_nr_vectors(dev), 2);
	assert_int_equal(vfio_xen_device_get_vector_number(dev, 0), 0);
	assert_true(vfio_xen_device_get_vector_count(dev, 0) == 21);
	assert_int_equal(vfio_xen_device_get_vector_number(dev, 1), 12);
	assert_true(vfio_xen_device_get_vector_count(dev, 1) == 4300);
	assert_int_equal(vfio_xen_device_get_vectors_mapped(dev), -ENOENT);
	assert_irq(scan(B), VFIO_XEN_IRQ_MSI, VFIO_XEN_IRQ_EVENTFD, 1, 7);
}

static void a_shared_line(void **state)
{
	struct vfio_xen_device *dev;

	(void)state;
	fake_file(&host,
		  HEADER "  16:  5  6  xen-pirq  -ioapic-level  eth0, "
			 "vfio-intx(" A "), vfio-intx(" B ")\n",
		  "/proc/interrupts");
	dev = scan(A);
	assert_irq(dev, VFIO_XEN_IRQ_INTX, VFIO_XEN_IRQ_EVENTFD, 1, 11);
	assert_true(vfio_xen_device_is_irq_shared(dev));
	assert_irq(scan(B), VFIO_XEN_IRQ_INTX, VFIO_XEN_IRQ_EVENTFD, 1, 11);
}

static void xen_iommu_knows_better(void **state)
{
	struct vfio_xen_device *dev;

	(void)state;
	fake_file(&host, "", STATE "/stats");
	fake_file(&host, "", STATE "/shells");
	fake_file(&host,
		  A " owner=shell domid=5 msi=3/5\n" B
		    " owner=quarantine return_pending=1 msi=0/5\n",
		  STATE "/devices");
	fake_file(&host, HEADER "25: 1 2 chip vfio-msix[0](" A ")\n",
		  "/proc/interrupts");
	dev = scan(A);
	assert_irq(dev, VFIO_XEN_IRQ_MSIX, VFIO_XEN_IRQ_EVENTFD, 3, 3);
	assert_int_equal(vfio_xen_device_get_vectors_mapped(dev), 5);
	assert_false(vfio_xen_device_is_return_pending(dev));
	dev = scan(B);
	assert_irq(dev, VFIO_XEN_IRQ_NONE, VFIO_XEN_IRQ_NO_NOTIFICATION, 0, 0);
	assert_true(vfio_xen_device_is_return_pending(dev));
	assert_false(vfio_xen_device_is_in_use(dev));
	/* INTx is none of the vectors that it counts. */
	fake_file(&host, HEADER "16: 1 2 chip vfio-intx(" A ")\n",
		  "/proc/interrupts");
	assert_irq(scan(A), VFIO_XEN_IRQ_INTX, VFIO_XEN_IRQ_EVENTFD, 1, 3);
}

static void what_is_not_vfios(void **state)
{
	static const char *const lines[] = {
		"",
		"25: 1 2 chip\n",
		"25: 1 2\n",
		"25: 1 vfio-msi[0](" A ")\n",
		"25: 1 x vfio-msi[0](" A ")\n",
		"25: 1 -2 chip vfio-msi[0](" A ")\n",
		"25: 1 99999999999999999999 chip vfio-msi[0](" A ")\n",
		"25 1 2 chip vfio-msi[0](" A ")\n",
		"25: 1 2 chip vfio-msi[](" A ")\n",
		"25: 1 2 chip vfio-msi[0(" A ")\n",
		"25: 1 2 chip vfio-msi[0]" A "\n",
		"25: 1 2 chip vfio-msi[0](" A "\n",
		"25: 1 2 chip vfio-msi[0](" A ")x\n",
		"25: 1 2 chip vfio-msi[0]()\n",
		"25: 1 2 chip vfio-msi[0](eth0)\n",
		"25: 1 2 chip vfio-msi[0](10000:05:00.0)\n",
		"25: 1 2 chip vfio-msi[0](0000:06:00.0)\n",
		"25: 1 2 chip vfio-msi(" A ")\n",
		"25: 1 2 chip vfio-intx[0](" A ")\n",
		"25: 1 2 chip xvfio-intx(" A ")\n",
		"25: 1 2 chip vfio-moon[0](" A ")\n",
		"25: 1 2 chip vfio-",
		": vfio-msi[",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[256] = HEADER;
		struct vfio_xen_device *dev;

		strcat(text, lines[i]);
		fake_file(&host, text, "/proc/interrupts");
		dev = scan(A);
		if (vfio_xen_device_get_irq_kind(dev) != VFIO_XEN_IRQ_NONE)
			fail_msg("taken: %s", lines[i]);
		assert_false(vfio_xen_device_is_in_use(dev));
	}
}

static void without_a_usable_file(void **state)
{
	(void)state;
	assert_irq(scan(A), VFIO_XEN_IRQ_UNKNOWN, VFIO_XEN_IRQ_NO_NOTIFICATION,
		   0, 0);
	fake_file(&host, "", "/proc/interrupts");
	assert_irq(scan(A), VFIO_XEN_IRQ_UNKNOWN, VFIO_XEN_IRQ_NO_NOTIFICATION,
		   0, 0);
	fake_file(&host, "nonsense\n25: 1 vfio-msi[0](" A ")\n",
		  "/proc/interrupts");
	assert_irq(scan(A), VFIO_XEN_IRQ_UNKNOWN, VFIO_XEN_IRQ_NO_NOTIFICATION,
		   0, 0);
}

/* A configuration space with capabilities at 0x40 and 0x50. */
struct config {
	uint8_t bytes[256];
};

static void capability(struct config *config, uint8_t at, uint8_t id,
		       uint8_t next, uint16_t flags)
{
	config->bytes[at] = id;
	config->bytes[at + 1] = next;
	config->bytes[at + 2] = flags & 0xff;
	config->bytes[at + 3] = (uint8_t)(flags >> 8);
}

static struct config make_config(uint16_t msi, uint16_t msix)
{
	struct config config = { .bytes = { [6] = 0x10, [0x34] = 0x40 } };

	capability(&config, 0x40, 0x05, 0x50, msi);
	capability(&config, 0x50, 0x11, 0, msix);
	return config;
}

static void assert_kind(const struct config *config, size_t size,
			enum vfio_xen_irq_kind kind)
{
	fake_bytes(&host, config->bytes, size,
		   "/sys/bus/pci/devices/" B "/config");
	assert_irq(scan(B), kind, VFIO_XEN_IRQ_EVTCHN, 1, 9);
}

static void event_channels_take_the_kind_from_the_device(void **state)
{
	struct config config;

	(void)state;
	fake_file(&host, HEADER "25: 9 0 chip vfio-xen-evtchn[3](" B ")\n",
		  "/proc/interrupts");
	assert_irq(scan(B), VFIO_XEN_IRQ_UNKNOWN, VFIO_XEN_IRQ_EVTCHN, 1, 9);
	config = make_config(1, 0);
	assert_kind(&config, 256, VFIO_XEN_IRQ_MSI);
	assert_kind(&config, 64, VFIO_XEN_IRQ_UNKNOWN);
	config = make_config(0, 0x8000);
	assert_kind(&config, 256, VFIO_XEN_IRQ_MSIX);
	config = make_config(0, 0x0001);
	assert_kind(&config, 256, VFIO_XEN_IRQ_UNKNOWN);
	/* The status register says that there is no list. */
	config = make_config(1, 0);
	config.bytes[6] = 0;
	assert_kind(&config, 256, VFIO_XEN_IRQ_UNKNOWN);
	/* A loop, and a list that leads out of it. */
	config = make_config(0, 0);
	config.bytes[0x51] = 0x40;
	assert_kind(&config, 256, VFIO_XEN_IRQ_UNKNOWN);
	config.bytes[0x51] = 0xff;
	assert_kind(&config, 256, VFIO_XEN_IRQ_UNKNOWN);
	memset(&config, 0xff, sizeof(config));
	assert_kind(&config, 256, VFIO_XEN_IRQ_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vectors_add_up),
		TEST(a_shared_line),
		TEST(xen_iommu_knows_better),
		TEST(what_is_not_vfios),
		TEST(without_a_usable_file),
		TEST(event_channels_take_the_kind_from_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
