// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the plugin tells of a guest's configuration. libxl, and the plugin's other files
 * are played here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libxl-plugin/plugin.h"

static int status_err; /* of the guest's vfio-xen-dm */
static unsigned int nr_explained, nr_appended, nr_ended;

struct real real;

bool plugin_is_active(void)
{
	return true;
}

int call_begin(struct call *call, libxl_ctx *ctx, int domid)
{
	*call = (struct call){ .ctx = ctx, .domid = domid };
	return 0;
}

void call_end(struct call *call)
{
	(void)call;
	nr_ended++;
}

void call_log(const struct call *call, xentoollog_level level, const char *fmt,
	      ...)
{
	(void)call, (void)level, (void)fmt;
}

int call_fail(const struct call *call, const char *fmt, ...)
{
	(void)call, (void)fmt;
	return ERROR_FAIL;
}

int call_explain(const struct call *call, int err)
{
	assert_int_equal(call->domid, 7);
	assert_int_equal(err, status_err);
	nr_explained++;
	return ERROR_FAIL;
}

int call_complete(const struct call *call, const libxl_asyncop_how *ao_how,
		  int rc)
{
	(void)call, (void)ao_how;
	return rc;
}

uint32_t pci_sbdf(const libxl_device_pci *pci)
{
	(void)pci;
	return 0;
}

bool pci_resolve(const libxl_device_pci *pci, libxl_device_pci *copy)
{
	*copy = *pci;
	return true;
}

bool sbdf_has_reserved_memory(uint32_t sbdf)
{
	(void)sbdf;
	return false;
}

bool sbdf_is_for_us(uint32_t sbdf)
{
	(void)sbdf;
	return true;
}

int guest_get_status(const struct call *call, const char *uuid,
		     struct vfio_xen_status **status)
{
	(void)call, (void)uuid;
	*status = NULL;
	return status_err;
}

int domain_get_status(const struct call *call, struct vfio_xen_status **status)
{
	return guest_get_status(call, NULL, status);
}

bool status_has(const struct vfio_xen_status *status, uint32_t sbdf)
{
	(void)status, (void)sbdf;
	return false;
}

int attach(const struct call *call, const libxl_device_pci *pci, bool at_boot,
	   struct attached *attached)
{
	(void)call, (void)pci, (void)at_boot, (void)attached;
	return 0;
}

void undo_attach(const struct call *call, const struct attached *attached)
{
	(void)call, (void)attached;
}

int append_devices(const struct vfio_xen_status *status,
		   libxl_device_pci **pcis, int *num)
{
	(void)status, (void)pcis, (void)num;
	nr_appended++;
	return 0;
}

static int retrieve(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config,
		    const libxl_asyncop_how *ao_how)
{
	(void)ctx, (void)domid, (void)config, (void)ao_how;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	real.libxl_retrieve_domain_configuration = retrieve;
	nr_explained = nr_appended = nr_ended = 0;
	status_err = 0;
	return 0;
}

static void test_retrieved(void **state)
{
	libxl_domain_config config = { 0 };

	(void)state;
	assert_int_equal(
		libxl_retrieve_domain_configuration(NULL, 7, &config, NULL), 0);
	assert_int_equal(nr_appended, 1);
	assert_int_equal(nr_ended, 1);
}

/* A configuration without the devices would cost a guest that xl restarts all of them. */
static void test_silent(void **state)
{
	libxl_domain_config config = { 0 };

	(void)state;
	status_err = -ETIMEDOUT;
	assert_int_equal(libxl_retrieve_domain_configuration(NULL, 7, &config,
							     NULL),
			 ERROR_FAIL);
	assert_int_equal(nr_explained, 1);
	assert_int_equal(nr_appended, 0);
	assert_int_equal(nr_ended, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_retrieved, setup),
		cmocka_unit_test_setup(test_silent, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
