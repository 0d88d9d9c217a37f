// SPDX-License-Identifier: GPL-2.0
/*
 * Runs: split pfn ranges by mfn, and loop over Xen's partial answers.
 */
#include "runs.h"

u64 vxi_run_length(u64 pfn, u64 nr, frame_fn *lookup, u64 *frame)
{
	u64 first = lookup(pfn);
	u64 i;

	*frame = first;
	for (i = 1; i < nr; i++) {
		u64 want = first == FRAME_INVALID ? first : first + i;

		if (lookup(pfn + i) != want)
			break;
	}
	return i;
}

int vxi_run_issue(mapping_fn *call, void *ctx, u64 dfn, u64 mfn, u64 nr,
		  u64 *done)
{
	*done = 0;
	while (*done < nr) {
		u64 left = nr - *done;
		long ret = call(ctx, dfn + *done, mfn + *done, left);

		if (ret < 0)
			return ret;
		/*
		 * Xen reports a complete call as 0, so a count is always
		 * smaller.
		 */
		if ((u64)ret >= left)
			return -EIO;
		*done += ret ? (u64)ret : left;
		/* A large BAR at an odd address needs half a million calls. */
		cond_resched();
	}
	return 0;
}
