/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Borrowing: a device is dom0's for a moment, with bus mastering off. Xen maps other
 * vectors for the owner of a device only.
 */
#ifndef VXI_BORROW_H
#define VXI_BORROW_H

struct xen_dev;

/**
 * vxi_borrow() - assign a device to dom0 while @fn runs
 *
 * Bus mastering is off from before the device leaves its owner until it is back.
 *
 * Return: the result of @fn if the device is with its owner again, or has not left
 * it; otherwise an error, and the device is quarantined with bus mastering off.
 */
int vxi_borrow(struct xen_dev *xdev, int (*fn)(struct xen_dev *xdev));

#endif
