// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read Xen's log; see xen_log.h.
 */
#include <errno.h>

#include "xen_log.h"

#define STEP 65536U
/*
 * More than the size of any ring, so that continuous logging does not keep a reader
 * here.
 */
#define MAX_STEPS 256

/*
 * Xen continues at an index, or at its oldest character if that index is overwritten.
 * It returns the end of the text, and thereby its start.
 */
int xen_log_read(struct vfio_xen_ctx *ctx, struct xen_log *log,
		 struct xen_log_text *text)
{
	autofree char *buffer = NULL;
	uint32_t index = log->index, lost = 0;
	unsigned int got = STEP;
	size_t len = 0;

	for (int i = 0; got == STEP && i < MAX_STEPS; i++) {
		char *grown = realloc(buffer, len + STEP + 1);
		uint32_t before = index;
		int err;

		if (!grown)
			return -ENOMEM;
		buffer = grown;
		err = xen_read_ring(ctx, buffer + len, &got, &index);
		if (err)
			return err;
		lost += index - got - before;
		len += got;
	}
	buffer[len] = '\0';
	log->index = index;
	*text = (struct xen_log_text){ buffer, len, lost };
	buffer = NULL;
	return 0;
}

/* Replaces NULs, so that the text after one is not lost. */
int xen_log_read_all(struct vfio_xen_ctx *ctx, char **text)
{
	struct xen_log log = { 0 };
	struct xen_log_text all;
	int err = xen_log_read(ctx, &log, &all);

	if (err)
		return err;
	for (size_t i = 0; i < all.len; i++)
		if (!all.text[i])
			all.text[i] = '?';
	*text = all.text;
	return 0;
}

int vfio_xen_read_xen_log(struct vfio_xen_ctx *ctx, char **text)
{
	problem_clear(ctx);
	return xen_log_read_all(ctx, text);
}
