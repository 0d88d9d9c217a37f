// SPDX-License-Identifier: GPL-2.0-only
/*
 * libpci with return values in place of its fatal errors.
 *
 * libpci reports fatal errors through a callback that has no context pointer
 * and must not return. Its default prints and exits. This one jumps back to the
 * call.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include "libpci.h"

struct libpci {
	struct pci_access *pci;
	char error[256];
	jmp_buf escape;
};

static _Thread_local struct libpci *called;

static void on_error(char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

static void on_error(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(called->error, sizeof(called->error), fmt, args);
	va_end(args);
	longjmp(called->escape, 1);
}

/* Warnings and debug messages */
static void on_warning(char *fmt, ...) check_format(1, 2);

static void on_warning(char *fmt, ...)
{
	(void)fmt;
}

int libpci_new(struct libpci **ret)
{
	struct libpci *libpci = calloc(1, sizeof(*libpci));

	if (!libpci)
		return -ENOMEM;
	libpci->pci = pci_alloc();
	if (!libpci->pci) {
		free(libpci);
		return -ENOMEM;
	}
	libpci->pci->error = on_error;
	libpci->pci->warning = on_warning;
	/* pci_init() would set it, but names do without pci_init(). */
	libpci->pci->debug = on_warning;
	*ret = libpci;
	return 0;
}

void libpci_free(struct libpci *libpci)
{
	if (!libpci)
		return;
	pci_cleanup(libpci->pci);
	free(libpci);
}

struct pci_access *libpci_get(struct libpci *libpci)
{
	return libpci->pci;
}

const char *libpci_get_error(const struct libpci *libpci)
{
	return libpci->error[0] ? libpci->error : NULL;
}

/*
 * Only this function contains the target of the jump. None of its variables
 * changes between setjmp() and the jump.
 */
int libpci_call(struct libpci *libpci,
		int (*fn)(struct pci_access *pci, void *data), void *data)
{
	int err;

	libpci->error[0] = '\0';
	called = libpci;
	if (setjmp(libpci->escape))
		err = -EIO;
	else
		err = fn(libpci->pci, data);
	called = NULL;
	return err;
}
