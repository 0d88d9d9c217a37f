/* SPDX-License-Identifier: GPL-2.0 */
/* An edu opened through a container: what most of the tests start from. */
#ifndef SESSION_H
#define SESSION_H

#include "edu.h"
#include "vfio.h"

/* One device in its group, bus mastering on once it is opened. */
struct member {
	struct group group;
	struct device device;
	struct edu edu;
};

struct session {
	struct container container;
	struct member m;
};

/* Joins an open container; type 0 means that the container has its type already. */
int member_open(struct member *m, struct container *c, const char *sbdf, unsigned int type);
void member_close(struct member *m);

int session_open(struct session *s, const char *sbdf, unsigned int type);
void session_close(struct session *s);

/* The same, ending the program if it fails. */
void member_must_open(struct member *m, struct container *c, const char *sbdf, unsigned int type);
void session_must_open(struct session *s, const char *sbdf);

/* One page each way through a fresh mapping at iova: the shortest proof that a session works. */
int session_check(struct session *s, uint64_t iova);

/* One whole use of a device: open, check, close. */
int session_once(const char *sbdf);

/*
 * How much to ask for where the IOMMU has to stop it. Xen takes bus mastering from a
 * device with ten faults in a burst, and an IOMMU can have one for each 4 bytes.
 */
#define STOPPED_SIZE 16u

/*
 * Tells the scenario that the IOMMU has to have stopped an access: it compares
 * these lines with the hypervisor's or the kernel's log.
 */
void expect_fault(struct edu *e, uint64_t iova, bool store);

#endif
