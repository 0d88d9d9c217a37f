// SPDX-License-Identifier: GPL-2.0
/*
 * BARs as dma-bufs. With "refused" the kernel has no such thing. Else pages of a BAR are
 * exported, and what makes no sense is not; nor are the MSI-X table and its pending bits, if
 * the driver keeps these to itself.  These are in the page behind the table.
 *
 * usage: dmabuf SBDF refused|table-refused|table-exported
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "open.h"
#include "tap.h"
#include "util.h"

static struct opened o;
static unsigned int bar;		/* with the MSI-X table */
static uint64_t table, bar_size;	/* the page of the table; bytes */

static void find_table(struct device *d)
{
	struct vfio_region_info info = { .argsz = sizeof(info) };

	if (!device_find_table(d, &bar, &table))
		die("no MSI-X capability");
	info.index = bar;
	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("no region for the table");
	bar_size = info.size;
	table &= ~(PAGE - 1);
	if (table < 2 * PAGE || bar_size <= table + PAGE)
		die("not two pages before the table and one after it");
}

/* A descriptor or -errno */
static int export(unsigned int index, struct bar_range first, struct bar_range second)
{
	const struct bar_range ranges[] = { first, second };

	return device_export_bar(&o.device, index, ranges, !!first.length + !!second.length);
}

static void refused(const char *what, int ret, int want)
{
	ok(ret == -want, "%s: %s", what, ret < 0 ? strerror(-ret) : "exported");
	if (ret >= 0)
		close(ret);
}

static void table_pages(const char *mode)
{
	const struct bar_range before = { 0, PAGE }, none = { 0 };
	const struct bar_range all = { 0, bar_size }, page = { table, PAGE };
	const struct bar_range pending = { table + PAGE, PAGE };
	int want = !strcmp(mode, "table-refused") ? EINVAL : 0, ret;

	if (want) {
		refused("the table's page", export(bar, page, none), want);
		refused("that of the pending bits", export(bar, pending, none), want);
		refused("the table's page beside another", export(bar, before, page), want);
		refused("the whole BAR", export(bar, all, none), want);
		return;
	}
	ret = export(bar, all, none);
	ok(ret >= 0, "the whole BAR, with the table: %s", ret < 0 ? strerror(-ret) : "exported");
	close(ret);
}

static void nonsense(void)
{
	const struct bar_range none = { 0 };

	refused("no range", export(bar, none, none), EINVAL);
	refused("half a page", export(bar, (struct bar_range){ 0, PAGE / 2 }, none), EINVAL);
	refused("from within a page", export(bar, (struct bar_range){ 512, PAGE }, none), EINVAL);
	refused("beyond the BAR", export(bar, (struct bar_range){ bar_size, PAGE }, none), EINVAL);
	refused("a range that wraps around",
		export(bar, (struct bar_range){ ~(PAGE - 1), 2 * PAGE }, none), EOVERFLOW);
	refused("configuration space",
		export(VFIO_PCI_CONFIG_REGION_INDEX, (struct bar_range){ 0, PAGE }, none), ENODEV);
}

int main(int argc, char **argv)
{
	struct bar_range first, second;
	int one, both;
	off_t size;

	if (argc != 3)
		die("usage: dmabuf SBDF refused|table-refused|table-exported");
	opened_must_open(&o, argv[1]);
	find_table(&o.device);
	if (!strcmp(argv[2], "table-refused")) {
		first = (struct bar_range){ 0, PAGE };
		second = (struct bar_range){ PAGE, table - PAGE };
	} else {
		first = (struct bar_range){ 0, table };
		second = (struct bar_range){ table + PAGE, bar_size - table - PAGE };
	}
	size = (off_t)(first.length + second.length);
	one = export(bar, (struct bar_range){ 0, table }, (struct bar_range){ 0 });
	if (!strcmp(argv[2], "refused")) {
		refused("pages before the table", one, ENOTTY);
		opened_close(&o);
		return tap_status();
	}
	both = export(bar, first, second);
	ok(one >= 0 && lseek(one, 0, SEEK_END) == (off_t)table,
	   "the pages before the table are exported");
	ok(both >= 0 && lseek(both, 0, SEEK_END) == size,
	   "two runs of pages are, as one");
	table_pages(argv[2]);
	nonsense();
	close(one);
	opened_close(&o);
	ok(lseek(both, 0, SEEK_END) == size,
	   "an export outlives the device's descriptor");
	ok0(close(both), "and can be closed after it");
	return tap_status();
}
