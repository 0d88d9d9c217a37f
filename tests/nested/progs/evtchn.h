/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event channels of this process, and vectors of a device connected to them by
 * vfio-xen-pci.
 */
#ifndef EVTCHN_H
#define EVTCHN_H

#include <stdint.h>

#include "vfio.h"
#include "vfio_xen.h"

#define EVTCHN_MAX 16u

/* A new port that waits for dom0; ends the program if there is none. */
uint32_t evtchn_new_port(void);

/* The port that was notified, or 0 after @ms. */
uint32_t evtchn_wait(int ms);

/* struct vfio_irq_set, whose array can't be inside another structure */
struct evtchn_request {
	struct {
		uint32_t argsz, flags, index, start, count;
	} set;
	struct vfio_irq_xen_evtchn entry[EVTCHN_MAX];
};

/* To connect @count vectors of an index to these ports, or to edit into something wrong. */
struct evtchn_request evtchn_request(unsigned int index, unsigned int start, unsigned int count,
				     const uint32_t *ports);
int evtchn_issue(struct device *d, struct evtchn_request *r);

/* Connects them; a port of 0 disconnects. 0 or -errno. */
int evtchn_connect(struct device *d, unsigned int index, unsigned int start, unsigned int count,
		   const uint32_t *ports);

#endif
