// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake host with cards behind ports; see fake-cards.h.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake-cards.h"

#define ROOT_BUS "/sys/devices/pci0000:00"

static void put_u32(uint8_t *config, size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		config[at + i] = (uint8_t)(value >> 8 * i);
}

/* PCI Express's capability, and behind 256 bytes a serial number */
static void fake_config_space(struct fake_host *host,
			      const struct fake_card *card)
{
	uint64_t serial = card->serial == FAKE_SERIAL_BLANK ? 0 : card->serial;
	uint8_t config[4096] = { 0x86, 0x80 };

	config[0x06] = 0x10; /* status: there are capabilities */
	config[0x34] = 0x40;
	config[0x40] = 0x10; /* PCI Express */
	config[0x42] = 0x02;
	put_u32(config, 0x100, 0x00010003);
	put_u32(config, 0x104, (uint32_t)serial);
	put_u32(config, 0x108, (uint32_t)(serial >> 32));
	if (!card->serial)
		put_u32(config, 0x100, 0);
	fake_bytes(host, config, sizeof(config), ROOT_BUS "/%s/config",
		   card->sbdf);
}

static void fake_unlink(struct fake_host *host, const char *dir,
			const char *name)
{
	char path[FAKE_PATH_SIZE];

	snprintf(path, sizeof(path), "%s%s/%s", host->root, dir, name);
	assert_int_equal(unlink(path), 0);
}

void fake_card(struct fake_host *host, const struct fake_card *card)
{
	struct fake_device device = { card->sbdf, 0x0200, card->group,
				      card->native, card->driver };
	char target[FAKE_PATH_SIZE], text[16];

	fake_device(host, &device);
	snprintf(text, sizeof(text), "0x%s\n", card->id);
	fake_file(host, text, ROOT_BUS "/%s/device", card->sbdf);
	fake_file(host, "0x8086\n", ROOT_BUS "/%s/subsystem_vendor",
		  card->sbdf);
	fake_file(host, "0xa01f\n", ROOT_BUS "/%s/subsystem_device",
		  card->sbdf);
	fake_config_space(host, card);
	fake_dir(host, ROOT_BUS "/0000:00:%s", card->port);
	snprintf(target, sizeof(target), "../%s", card->sbdf);
	fake_link(host, target, ROOT_BUS "/0000:00:%s/%s", card->port,
		  card->sbdf);
	fake_unlink(host, "/sys/bus/pci/devices", card->sbdf);
	snprintf(target, sizeof(target),
		 "../../../devices/pci0000:00/0000:00:%s/%s", card->port,
		 card->sbdf);
	fake_link(host, target, "/sys/bus/pci/devices/%s", card->sbdf);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void fake_card_remove(struct fake_host *host, const char *sbdf)
{
	char path[FAKE_PATH_SIZE], target[FAKE_PATH_SIZE];
	const char *port;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s", host->root,
		 sbdf);
	len = readlink(path, target, sizeof(target) - 1);
	assert_true(len > 0);
	target[len] = '\0';
	port = strstr(target, "/devices/");
	assert_non_null(port);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys%s", host->root, port);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s" ROOT_BUS "/%s", host->root, sbdf);
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void fake_config(struct fake_host *host, const char *file, const char *text)
{
	fake_file(host, text, "/etc/vfio-xen/devices.d/%s", file);
}
