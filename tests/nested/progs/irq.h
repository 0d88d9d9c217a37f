/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts of a VFIO device, as eventfds.
 */
#ifndef TEST_IRQ_H
#define TEST_IRQ_H

#include <stdint.h>

#include "vfio.h"

/* How many vectors an index (VFIO_PCI_*_IRQ_INDEX) has, or -errno. */
int irq_count(struct device *d, unsigned int index, uint32_t *flags);

/* New eventfds for vectors @start to @start + @count - 1, signalled by them. */
int irq_enable(struct device *d, unsigned int index, unsigned int start, unsigned int count,
	       int *fds);

/* One vector's eventfd alone; -1 frees the vector. */
int irq_set_fd(struct device *d, unsigned int index, unsigned int vector, int fd);

/* Let the kernel signal a vector's eventfd as if the device had. */
int irq_loopback(struct device *d, unsigned int index, unsigned int vector);

/* The same for those of @count vectors whose @which is not 0. */
int irq_loopback_some(struct device *d, unsigned int index, unsigned int count,
		      const uint8_t *which);

int irq_mask(struct device *d, unsigned int index, unsigned int vector);
int irq_unmask(struct device *d, unsigned int index, unsigned int vector);

/* From now on a write to the eventfd unmasks vector 0; -1 ends that. */
int irq_unmask_fd(struct device *d, unsigned int index, int fd);

/* Free all vectors of an index. */
int irq_disable(struct device *d, unsigned int index);

/* Close the eventfds. */
void irq_close(int *fds, unsigned int count);

/* How often it has been signalled since the last call; waits @ms for the first. */
uint64_t irq_wait(int fd, int ms);

#endif
