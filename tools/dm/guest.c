// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest. Domids are reused, so the UUID identifies a guest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include <xenctrl.h>

#include "guest.h"

#define MAX_DOMAINS 1024 /* a call */

struct guests {
	xc_interface *xc;
};

int guests_open(struct guests **guests)
{
	struct guests *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->xc = xc_interface_open(NULL, NULL, 0);
	if (!new->xc) {
		err = -errno;
		free(new);
		return err;
	}
	*guests = new;
	return 0;
}

void guests_close(struct guests *guests)
{
	if (!guests)
		return;
	xc_interface_close(guests->xc);
	free(guests);
}

const char *guest_kind_name(enum guest_kind kind)
{
	static const char *const names[] = {
		[GUEST_PV] = "pv",
		[GUEST_HVM] = "hvm",
		[GUEST_PVH] = "pvh",
	};

	return names[kind];
}

/* A PVH guest has no device model, and of a PC only the local APIC. */
static enum guest_kind kind_of(const xc_domaininfo_t *info)
{
	if (!(info->flags & XEN_DOMINF_hvm_guest))
		return GUEST_PV;
	return info->arch_config.emulation_flags & XEN_X86_EMU_IOAPIC ?
		       GUEST_HVM :
		       GUEST_PVH;
}

static void fill(struct guest *guest, const xc_domaininfo_t *info)
{
	guest->domid = info->domain;
	guest->kind = kind_of(info);
	guest->nr_vcpus = info->max_vcpu_id + 1;
	memcpy(guest->uuid, info->handle, sizeof(guest->uuid));
	guest_uuid_print(guest->uuid, guest->uuid_text);
}

static int get_info(struct guests *guests, uint32_t domid,
		    xc_domaininfo_t *info)
{
	int nr = xc_domain_getinfolist(guests->xc, domid, 1, info);

	if (nr < 0)
		return -errno;
	return nr == 1 && info->domain == domid ? 0 : -ESRCH;
}

static bool is_dead(const xc_domaininfo_t *info)
{
	return info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown);
}

static bool reboots(const xc_domaininfo_t *info)
{
	uint32_t reason = info->flags >> XEN_DOMINF_shutdownshift &
			  XEN_DOMINF_shutdownmask;

	return info->flags & XEN_DOMINF_shutdown && reason == SHUTDOWN_reboot;
}

int guest_by_domid(struct guests *guests, uint32_t domid, struct guest *guest)
{
	xc_domaininfo_t info;
	int err = get_info(guests, domid, &info);

	if (err)
		return err;
	if (is_dead(&info))
		return -ESRCH;
	fill(guest, &info);
	return 0;
}

int guest_by_uuid(struct guests *guests, const uint8_t uuid[GUEST_UUID_SIZE],
		  struct guest *guest)
{
	xc_domaininfo_t *infos = calloc(MAX_DOMAINS, sizeof(*infos));
	int nr, err = -ESRCH;

	if (!infos)
		return -ENOMEM;
	nr = xc_domain_getinfolist(guests->xc, 1, MAX_DOMAINS, infos);
	for (int i = 0; i < nr && err; i++) {
		if (memcmp(infos[i].handle, uuid, GUEST_UUID_SIZE) ||
		    is_dead(&infos[i]))
			continue;
		fill(guest, &infos[i]);
		err = 0;
	}
	free(infos);
	return err;
}

enum guest_life guest_life(struct guests *guests, const struct guest *guest)
{
	xc_domaininfo_t info;

	if (get_info(guests, guest->domid, &info) ||
	    memcmp(info.handle, guest->uuid, sizeof(guest->uuid)))
		return GUEST_DEAD;
	if (reboots(&info))
		return GUEST_REBOOTS;
	if (info.flags & XEN_DOMINF_dying)
		return GUEST_DEAD;
	return info.flags & XEN_DOMINF_shutdown ? GUEST_IS_DOWN : GUEST_ALIVE;
}

/* ---- UUIDs ---- */

/* sd_id128_from_string() also accepts a UUID without dashes, which libxl never writes. */
int guest_uuid_parse(const char *text, uint8_t uuid[GUEST_UUID_SIZE])
{
	sd_id128_t id;

	if (strlen(text) != GUEST_UUID_TEXT - 1 ||
	    sd_id128_from_string(text, &id) < 0)
		return -EINVAL;
	memcpy(uuid, id.bytes, GUEST_UUID_SIZE);
	return 0;
}

void guest_uuid_print(const uint8_t uuid[GUEST_UUID_SIZE],
		      char text[GUEST_UUID_TEXT])
{
	sd_id128_t id;

	memcpy(id.bytes, uuid, GUEST_UUID_SIZE);
	sd_id128_to_uuid_string(id, text);
}
